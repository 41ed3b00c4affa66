/**
 * A file as zlib's gzread gives it: expanded when it is gzip, one member after the other, and as it is when it is not. Its end
 * is where it ends now: what is appended later can be read later, also when that was in the middle of a member.
 *
 *   look ──gzip's mark──▶ gzip ──end of a member──▶ look again: another member, or rubbish, which is left out
 *     └───anything else──▶ copy
 */
import { SyncZlib, ZlibError } from './sync-zlib.ts';

/** Where the bytes come from. */
export interface GzipSource {
  /** At most so many; none at the end. Good until the next call. */
  read(bytes: number): Buffer;
  /** The next read begins there. */
  seek(position: number): void;
}

const READ_BYTES = 32 * 1024;
/** What one call may read and throw away: a file may consist of members without content, or be sought through from its start. */
const MOST_READ_BYTES = 256 * 1024;
const MOST_SKIPPED_BYTES = 4 * 1024 * 1024;
const MARK = [0x1f, 0x8b] as const;
const GZIP_BITS = 15 + 16;
const NOTHING = Buffer.alloc(0);

export class GzipReader {
  readonly #source: GzipSource;
  #mode: 'look' | 'copy' | 'gzip' | 'rubbish' = 'look';
  #zlib: SyncZlib | undefined;
  /** A member was read before. */
  #compressed = false;
  /** Read, not looked at. */
  #raw: Buffer = NOTHING;
  /** The last piece was a full one. */
  #more = false;
  /** Bytes of content up to where the next read begins, what is to be skipped included. */
  #position = 0;
  #skip = 0;

  constructor(source: GzipSource) {
    this.#source = source;
  }

  /** True in the middle of a member: the file was cut short, or is still being written. */
  get incomplete(): boolean {
    return this.#mode === 'gzip';
  }

  /**
   * The next bytes, good until the next call; none at the end, and undefined when there may be some but looking for them took
   * long enough for one call. Throws ZlibError.
   */
  read(): Uint8Array | undefined {
    let read = 0;
    let skipped = 0;
    while (read < MOST_READ_BYTES && skipped < MOST_SKIPPED_BYTES) {
      if (this.#raw.length === 0 && !this.#more) {
        // A copy: zlib goes on with it in the next call.
        this.#raw = Buffer.from(this.#source.read(READ_BYTES));
        if (this.#raw.length === 0) return this.#raw;
        read += this.#raw.length;
      }
      const content = this.#advance();
      if (content === undefined) return NOTHING;
      const part = content.subarray(Math.min(this.#skip, content.length));
      this.#skip -= content.length - part.length;
      skipped += content.length - part.length;
      if (part.length === 0) continue;
      this.#position += part.length;
      return part;
    }
    return undefined;
  }

  /** Content of what is at hand, which may be none; undefined when more must be at hand first. */
  #advance(): Uint8Array | undefined {
    switch (this.#mode) {
      case 'look':
        return this.#look() ? NOTHING : undefined;
      case 'copy': {
        const content = this.#raw;
        this.#raw = NOTHING;
        return content;
      }
      case 'gzip':
        return this.#expand();
      case 'rubbish':
        this.#raw = NOTHING;
        return undefined;
      default:
        return this.#mode satisfies never;
    }
  }

  /** False when it is too early to tell. */
  #look(): boolean {
    const raw = this.#raw;
    if (raw.length === 1 && raw[0] === MARK[0]) {
      const next = this.#source.read(READ_BYTES);
      if (next.length === 0) return false;
      this.#raw = Buffer.concat([raw, next]);
    }
    if (this.#raw[0] === MARK[0] && this.#raw[1] === MARK[1]) {
      this.#mode = 'gzip';
      this.#compressed = true;
      this.#zlib ??= SyncZlib.inflate(GZIP_BITS);
      this.#zlib.restart();
    } else if (this.#compressed) this.#mode = 'rubbish';
    else this.#becomeCopy();
    return true;
  }

  /** What was sought before anything was read can be gone to at once. */
  #becomeCopy(): void {
    this.#mode = 'copy';
    if (this.#skip === 0) return;
    this.#skip = 0;
    this.#raw = NOTHING;
    this.#source.seek(this.#position);
  }

  #expand(): Uint8Array {
    const zlib = this.#zlib;
    if (zlib === undefined) throw new ZlibError('state', 'no stream');
    if (!this.#more) zlib.feed(this.#raw, 'none');
    const content = zlib.next();
    this.#more = zlib.full;
    if (zlib.ended) {
      this.#mode = 'look';
      this.#more = false;
      this.#raw = this.#raw.subarray(this.#raw.length - zlib.left);
    } else if (!this.#more) this.#raw = NOTHING;
    return content;
  }

  /** Goes to a place in the content, which may lie behind its end; returns it, or −1 for one before its start. */
  seek(from: 'start' | 'here', offset: number): number {
    const target = from === 'start' ? offset : this.#position + offset;
    if (!(target >= 0) || !Number.isSafeInteger(target)) return -1;
    if (this.#mode === 'copy') {
      this.#raw = NOTHING;
      this.#source.seek(target);
    } else {
      if (target < this.#position - this.#skip) this.#rewind();
      const reached = this.#position - this.#skip;
      this.#skip = target - reached;
    }
    this.#position = target;
    return target;
  }

  #rewind(): void {
    this.#source.seek(0);
    this.#mode = 'look';
    this.#compressed = false;
    this.#raw = NOTHING;
    this.#more = false;
    this.#position = 0;
    this.#skip = 0;
  }
}
