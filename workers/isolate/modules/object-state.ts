/**
 * The preserved bytes of native modules' objects, written and read in order. All numbers are little-endian. A state
 * begins with a version byte; whatever does not fit is refused before anything is taken over.
 */
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import { RestoreError } from './native-module.ts';

export class StateWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** `size` bytes are all that will be written. */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  u16(value: number): void {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  text(text: string): void {
    this.bytes(latin1Bytes(text));
  }

  doubles(values: Float64Array): void {
    for (const value of values) this.f64(value);
  }

  /** Everything, as a byte string. */
  take(): string {
    return latin1Text(this.#bytes, 0, this.#bytes.length);
  }
}

export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  /** `what` is the object's name in errors. Throws RestoreError for a state of another version. */
  constructor(data: string, what: string, version: number) {
    this.#what = what;
    this.#bytes = latin1Bytes(data);
    this.#view = new DataView(this.#bytes.buffer);
    const found = this.u8();
    if (found !== version) throw new RestoreError(`unsupported ${what} state ${found}`);
  }

  /** Bytes that were not read yet. */
  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  damaged(): RestoreError {
    return new RestoreError(`damaged ${this.#what} state`);
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.rest !== 0) throw this.damaged();
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.rest) throw this.damaged();
    this.#at = at + count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A whole number from 0 on that a double holds exactly. */
  count(): number {
    const value = this.f64();
    if (!(Number.isSafeInteger(value) && value >= 0)) throw this.damaged();
    return value;
  }

  text(length: number): string {
    const at = this.#take(length);
    return latin1Text(this.#bytes, at, at + length);
  }

  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  doubles(count: number): Float64Array {
    const at = this.#take(count * 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getFloat64(at + i * 8, true);
    return values;
  }
}
