/**
 * The entries of an expiring filter as bytes, the way scripts and preserved states have them: per bucket four
 * fingerprints, little-endian u32, then their four intervals, u8.
 */
import { BUCKET_ENTRIES } from '../cuckoo-filter/buckets.ts';
import { ExpiringTable } from './expiring-table.ts';

const FINGERPRINT_BYTES = 4;
const RECORD_BYTES = BUCKET_ENTRIES * (FINGERPRINT_BYTES + 1);
const INTERVALS_AT = BUCKET_ENTRIES * FINGERPRINT_BYTES;

export function writeRecords(table: ExpiringTable): Uint8Array {
  const { entries, intervals } = table;
  const bytes = new Uint8Array(ExpiringTable.bytes(table.power));
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < entries.length; at++) {
    const record = Math.floor(at / BUCKET_ENTRIES) * RECORD_BYTES;
    const place = at % BUCKET_ENTRIES;
    view.setUint32(record + place * FINGERPRINT_BYTES, entries[at] ?? 0, true);
    bytes[record + INTERVALS_AT + place] = intervals[at] ?? 0;
  }
  return bytes;
}

/** Fills the table from a text that has exactly its size. */
export function readRecords(table: ExpiringTable, text: string): void {
  const { entries, intervals } = table;
  for (let at = 0; at < entries.length; at++) {
    const record = Math.floor(at / BUCKET_ENTRIES) * RECORD_BYTES;
    const place = at % BUCKET_ENTRIES;
    let entry = 0;
    for (let byte = FINGERPRINT_BYTES - 1; byte >= 0; byte--) {
      entry = (entry << 8) | text.charCodeAt(record + place * FINGERPRINT_BYTES + byte);
    }
    entries[at] = entry;
    intervals[at] = text.charCodeAt(record + INTERVALS_AT + place);
  }
}
