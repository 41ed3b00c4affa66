/**
 * zlib streams that work at once: what goes in comes out in the same call, piece by piece, so that nobody holds more than a
 * piece of what a few bytes may expand to. Node has that for whole buffers only; this is zlib's own loop over pako's port of it.
 */
import {
  type Z_CallStatus,
  type Z_FlushMode,
  ZStream,
  zlibDeflate,
  zlibDeflateInit2,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
} from 'pako';

/** Longest piece, bytes. */
export const PIECE_BYTES = 64 * 1024;

export type Flush = 'none' | 'sync' | 'full' | 'finish';

const FLUSHES: Readonly<Record<Flush, Z_FlushMode>> = { none: 0, sync: 2, full: 3, finish: 4 };
const OK = 0;
const STREAM_END = 1;
const NEEDS_DICTIONARY = 2;
const DATA_ERROR = -3;
const BUFFER_ERROR = -5;
const DEFLATED = 8;
const MEMORY_LEVEL = 8;
const DEFAULT_STRATEGY = 0;
const NOTHING = new Uint8Array(0);
/** For all streams of the thread: each makes its piece in one go. */
const piece = new Uint8Array(PIECE_BYTES);

/** What is wrong with a stream. */
export type ZlibFault = 'data' | 'dictionary' | 'state';

export class ZlibError extends Error {
  readonly fault: ZlibFault;
  constructor(fault: ZlibFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** One of zlib's two directions. */
type Step = (stream: ZStream, flush: Z_FlushMode) => Z_CallStatus;

export class SyncZlib {
  readonly #stream: ZStream;
  readonly #step: Step;
  #flush: Z_FlushMode = 0;
  #ended = false;

  private constructor(stream: ZStream, step: Step) {
    this.#stream = stream;
    this.#step = step;
    stream.input = NOTHING;
  }

  /** Level −1 is zlib's own; windowBits as zlib takes them: negative is raw, 16 more is gzip. Throws ZlibError. */
  static deflate(level: number, windowBits: number): SyncZlib {
    const stream = new ZStream();
    checked(
      zlibDeflateInit2(stream, level, DEFLATED, windowBits, MEMORY_LEVEL, DEFAULT_STRATEGY, true),
      stream,
    );
    return new SyncZlib(stream, zlibDeflate);
  }

  /** 32 more than the bits finds out by itself whether it is zlib or gzip. Throws ZlibError. */
  static inflate(windowBits: number): SyncZlib {
    const stream = new ZStream();
    checked(zlibInflateInit2(stream, windowBits), stream);
    return new SyncZlib(stream, zlibInflate);
  }

  /** True once the stream's end was found, or written. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that went in and came out since the start. */
  get bytesIn(): number {
    return this.#stream.total_in;
  }

  get bytesOut(): number {
    return this.#stream.total_out;
  }

  /** Bytes of the input that were not taken: before `next` is through, or behind the stream's end. */
  get left(): number {
    return this.#stream.avail_in;
  }

  /** True when the last piece was as long as pieces may be: there may be more. */
  get full(): boolean {
    return this.#stream.avail_out === 0;
  }

  /** Gives it the next bytes. Those of before must have been taken. */
  feed(chunk: Uint8Array, flush: Flush): void {
    this.#stream.input = chunk;
    this.#stream.next_in = 0;
    this.#stream.avail_in = chunk.length;
    this.#flush = FLUSHES[flush];
  }

  /**
   * The next piece of what it makes of them, good until the next piece of any stream; shorter than PIECE_BYTES when that was all. Throws
   * ZlibError.
   */
  next(): Uint8Array {
    const stream = this.#stream;
    stream.output = piece;
    stream.next_out = 0;
    stream.avail_out = PIECE_BYTES;
    const status = this.#step(stream, this.#flush);
    // That there is nothing left to do is no fault.
    if (status !== BUFFER_ERROR) checked(status, stream);
    if (status === STREAM_END) this.#ended = true;
    return piece.subarray(0, stream.next_out);
  }

  /** An inflater starts over with what it has not taken, as if it were new. */
  restart(): void {
    checked(zlibInflateReset(this.#stream), this.#stream);
    this.#ended = false;
  }
}

function checked(status: Z_CallStatus, stream: ZStream): void {
  if (status === OK || status === STREAM_END) return;
  const text = stream.msg;
  if (status === DATA_ERROR) throw new ZlibError('data', text);
  if (status === NEEDS_DICTIONARY) throw new ZlibError('dictionary', text);
  throw new ZlibError('state', text);
}
