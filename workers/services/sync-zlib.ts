/**
 * zlib streams that work at once: what goes in comes out in the same call. Node has that for whole buffers only.
 */
import pako from 'pako';

/** Bytes that one call may expand to. */
const MOST_OUTPUT = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

export type Flush = 'none' | 'sync' | 'full' | 'finish';

const FLUSHES: Readonly<Record<Flush, pako.FlushValues>> = {
  none: 0,
  sync: 2,
  full: 3,
  finish: 4,
};
const STREAM_END = 1;
const OK = 0;
const BUFFER_ERROR = -5;

/** What zlib says of the input. */
export class ZlibError extends Error {}

/** What pako's streams have beside what their types say. */
interface Internals {
  readonly strm: { readonly avail_in: number; readonly total_in: number };
}

export class SyncZlib {
  readonly #stream: (pako.Deflate | pako.Inflate) & Internals;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #ended = false;
  bytesIn = 0;
  bytesOut = 0;

  private constructor(stream: pako.Deflate | pako.Inflate) {
    // Both kinds have it.
    this.#stream = stream as (pako.Deflate | pako.Inflate) & Internals;
    stream.onData = (chunk) => {
      this.#partBytes += chunk.length;
      if (this.#partBytes > MOST_OUTPUT) throw new ZlibError('the output is too long');
      this.#parts.push(Uint8Array.from(chunk as Uint8Array));
    };
    stream.onEnd = (status) => {
      if (status === OK) this.#ended = true;
    };
  }

  /** Level −1 is zlib's own; windowBits as zlib takes them: negative is raw, 16 more is gzip. */
  static deflate(level: number, windowBits: number): SyncZlib {
    const options = { level, windowBits, chunkSize: CHUNK_BYTES } as pako.DeflateFunctionOptions;
    return new SyncZlib(new pako.Deflate(options)); // pako checks what it is given
  }

  /** 32 more than the bits finds out by itself whether it is zlib or gzip. */
  static inflate(windowBits: number): SyncZlib {
    return new SyncZlib(new pako.Inflate({ windowBits, chunkSize: CHUNK_BYTES }));
  }

  /** True once the stream's end was found, or written. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes of the last chunk that lie behind the stream's end. */
  get left(): number {
    return this.#stream.strm.avail_in;
  }

  /** Throws ZlibError. */
  push(chunk: Uint8Array, flush: Flush): Buffer {
    this.#parts = [];
    this.#partBytes = 0;
    this.#stream.push(chunk, FLUSHES[flush]);
    const { err } = this.#stream;
    if (err !== OK && err !== STREAM_END && err !== BUFFER_ERROR) {
      throw new ZlibError(this.#stream.msg || 'invalid data');
    }
    const output = Buffer.concat(this.#parts);
    this.bytesIn += chunk.length - this.left;
    this.bytesOut += output.length;
    return output;
  }
}
