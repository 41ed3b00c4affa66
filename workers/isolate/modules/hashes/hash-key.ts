/**
 * What the filters and hashes take as a key, as bytes: a byte string as it is, a number as its little-endian double, so
 * that 1 and "1" differ. One key at a time: the next one overwrites it.
 */
import { GuestArgumentError, GuestError, type GuestValue } from '../../engine.ts';
import type { ObjectMemory } from '../native-module.ts';

const DOUBLE_BYTES = 8;
/** Keys up to this length are written to an array that stays; longer ones get an array of their own. */
const KEPT_BYTES = 1024;
/** Bytes of a key that are copied and hashed once for the price of one instruction. */
const BYTES_PER_INSTRUCTION = 16;

export class HashKey {
  readonly #kept = new Uint8Array(KEPT_BYTES);
  readonly #keptView: DataView = new DataView(this.#kept.buffer);
  bytes: Uint8Array = this.#kept;
  view: DataView = this.#keptView;
  length = 0;

  number(value: number): void {
    this.bytes = this.#kept;
    this.view = this.#keptView;
    this.#keptView.setFloat64(0, value, true);
    this.length = DOUBLE_BYTES;
  }

  /** The lowest bytes of an integer, 1 … 4 of them, little-endian. */
  integer(value: number, length: number): void {
    this.bytes = this.#kept;
    this.view = this.#keptView;
    this.#keptView.setInt32(0, value, true);
    this.length = length;
  }

  text(text: string): void {
    const { length } = text;
    if (length <= KEPT_BYTES) {
      this.bytes = this.#kept;
      this.view = this.#keptView;
    } else {
      this.bytes = new Uint8Array(length);
      this.view = new DataView(this.bytes.buffer);
    }
    const { bytes } = this;
    for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
    this.length = length;
  }
}

/**
 * Reads argument 2 of a filter's method and pays for hashing it `times` times. An argument error for what is neither a
 * string nor a number.
 */
export function keyArgument(
  key: HashKey,
  value: GuestValue,
  memory: ObjectMemory,
  times: number,
): void {
  if (typeof value === 'number') {
    if (times > 1) memory.charge(times);
    key.number(value);
  } else if (typeof value === 'string') {
    payForText(value, memory, times);
    key.text(value);
  } else throw new GuestArgumentError(2, 'must be a string or number');
}

/** Charges for hashing a text; a long one needs room for its bytes too. */
export function payForText(text: string, memory: ObjectMemory, times: number): void {
  memory.charge(times * (1 + Math.floor(text.length / BYTES_PER_INSTRUCTION)));
  if (text.length > KEPT_BYTES && !memory.reserve(text.length)) {
    throw new GuestError('not enough memory');
  }
}
