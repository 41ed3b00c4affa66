/**
 * UUIDs of messages: 16 bytes on the wire, 36 lower-case characters in text.
 * Random ones are version 4. Where the platform has no `crypto` (inside an isolate) the host seeds a generator.
 */
import { HekateError } from './errors.ts';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) =>
  i.toString(16).padStart(2, '0'),
);
const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The text of the 16 bytes at `at`. */
export function uuidText(bytes: Uint8Array, at = 0): string {
  let text = '';
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += HEX[bytes[at + i] as number] as string; // a byte is below 256
  }
  return text;
}

export function isUuidText(text: string): boolean {
  return FORM.test(text);
}

/** The 16 bytes of a 36-character UUID. Throws HKT_UUID_INVALID. */
export function parseUuid(text: string): Uint8Array {
  if (!isUuidText(text)) throw new HekateError('HKT_UUID_INVALID', [text.slice(0, 64)]);
  const digits = text.replaceAll('-', '');
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Marks 16 random bytes as a version 4 UUID. */
export function markVersion4(bytes: Uint8Array): Uint8Array {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes;
}

const POOL_UUIDS = 256;
let pool = new Uint8Array(0);
let poolAt = 0;

/** 16 fresh random bytes as a version 4 UUID. Drawn from the platform's `crypto` in blocks. */
export function randomUuid(): Uint8Array {
  if (poolAt === pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(16 * POOL_UUIDS));
    poolAt = 0;
  }
  const bytes = pool.slice(poolAt, poolAt + 16);
  poolAt += 16;
  return markVersion4(bytes);
}
