/**
 * Compression for guests: streams by number, and whole gzip texts. A guest holds a bounded number of streams, and takes what
 * one makes piece by piece. Texts are byte strings.
 */
import { gunzipSync } from 'node:zlib';
import type { ServiceValue } from '../isolate/modules/native-module.ts';
import { type GuestService, ServiceError, type ServiceOperation } from './guest-service.ts';
import { type Flush, PIECE_BYTES, SyncZlib, ZlibError } from './sync-zlib.ts';

/** An inflater holds about 50 KiB, a deflater 400; both count as the memory of the sandbox, too. */
const STREAMS = 256;
/** Nobody has a use for more at once, and zlib would take its time. */
const MOST_WHOLE_BYTES = 256 * 1024 * 1024;
const FLUSHES: readonly Flush[] = ['none', 'sync', 'full', 'finish'];
/** What the guest is told; upstream's words without the place in its C source. */
const FAULTS = {
  data: 'InvalidInput: input string does not conform to zlib format or checksum failed',
  dictionary: 'RequiresDictionary: input stream requires a dictionary to be deflated',
  state: 'InternalError: inconsistent internal zlib stream',
} as const;

export function zlibService(): GuestService {
  const streams = new Map<number, SyncZlib>();
  let last = 0;
  const stream = (value: ServiceValue): SyncZlib => {
    const found = typeof value === 'number' ? streams.get(value) : undefined;
    if (found === undefined) throw new ServiceError('there is no such zlib stream');
    return found;
  };
  const opened = (make: () => SyncZlib): readonly ServiceValue[] => {
    if (streams.size >= STREAMS) return [];
    const made = faultsNamed(make);
    streams.set(++last, made);
    return [last];
  };
  /** A piece, whether there is more, and at the end whether the stream is over and how much went through it. */
  const piece = (id: ServiceValue, from: SyncZlib): readonly ServiceValue[] => {
    let output: Uint8Array;
    try {
      output = faultsNamed(() => from.next());
    } catch (error) {
      streams.delete(Number(id));
      throw error;
    }
    const text = latin1(output);
    if (output.length === PIECE_BYTES) return [text, true];
    if (from.ended) streams.delete(Number(id));
    return [text, false, from.ended, from.bytesIn, from.bytesOut];
  };
  const operations: Record<string, ServiceOperation> = {
    /** [level, windowBits] → [number], or [] when the guest has too many streams. */
    deflate: ([level, bits]) => opened(() => SyncZlib.deflate(integer(level), integer(bits))),
    inflate: ([bits]) => opened(() => SyncZlib.inflate(integer(bits))),
    /** [number, text, flush] → [piece, more, ended, bytes in, bytes out]. */
    push: ([id, text, flush]) => {
      const into = stream(id);
      const mode = FLUSHES.find((name) => name === flush) ?? 'none';
      into.feed(Buffer.from(typeof text === 'string' ? text : '', 'latin1'), mode);
      return piece(id, into);
    },
    more: ([id]) => piece(id, stream(id)),
    drop: ([id]) => {
      streams.delete(Number(id));
      return [];
    },
    /** [gzip text, most bytes] → [text], or [undefined] for damaged or longer data. */
    gunzip: ([text, most]) => {
      if (typeof text !== 'string' || typeof most !== 'number' || !(most >= 1)) {
        throw new ServiceError('zlib.gunzip takes a text and a number of bytes');
      }
      return [gunzip(text, Math.min(most, MOST_WHOLE_BYTES))];
    },
  };
  return { operations, close: () => streams.clear() };
}

function gunzip(text: string, maxOutputLength: number): string | undefined {
  try {
    return gunzipSync(Buffer.from(text, 'latin1'), { maxOutputLength }).toString('latin1');
  } catch {
    return undefined; // damaged, cut short or too long: the caller need not know which
  }
}

function faultsNamed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ZlibError) throw new ServiceError(FAULTS[error.fault]);
    throw error;
  }
}

function integer(value: ServiceValue): number {
  if (typeof value !== 'number') throw new ServiceError('a number is missing');
  return value;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
