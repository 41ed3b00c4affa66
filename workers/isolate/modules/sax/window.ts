/**
 * The last n values of a series, with mean and squared deviations kept up to date value by value, as upstream does: the
 * rounding of the running sums shows in the letters. The word is computed when it is asked for.
 *
 *   values │ newest │ oldest │ … │        a new value takes the place of the oldest, at `start`
 *                     ▲ start
 */
import { type SaxWord, SMALL_DEVIATION, toSymbols } from './word.ts';

export class SaxWindow {
  readonly values: Float64Array;
  readonly frames: number;
  readonly cardinality: number;
  mean = 0;
  squares = 0;
  #start = 0;
  #finite = 0;
  #word: SaxWord | undefined;

  constructor(length: number, frames: number, cardinality: number) {
    this.values = new Float64Array(length).fill(Number.NaN);
    this.frames = frames;
    this.cardinality = cardinality;
  }

  get length(): number {
    return this.values.length;
  }

  /** Computed unless it is known. */
  get word(): SaxWord {
    this.#word ??= {
      values: this.length,
      cardinality: this.cardinality,
      symbols: toSymbols(this.values, this.#start, this.frames, this.cardinality, {
        mean: this.mean,
        deviation: this.#finite === 0 ? 0 : Math.sqrt(this.squares / this.#finite),
      }),
    };
    return this.#word;
  }

  get isKnown(): boolean {
    return this.#word !== undefined;
  }

  add(value: number): void {
    const old = this.values[this.#start] as number; // goes around below
    this.values[this.#start] = value;
    if (++this.#start === this.length) this.#start = 0;
    this.#word = undefined;
    this.#adjust(value, old);
  }

  #adjust(value: number, old: number): void {
    const before = this.#finite;
    const comes = Number.isFinite(value);
    const goes = Number.isFinite(old);
    const after = before + (comes ? 1 : 0) - (goes ? 1 : 0);
    this.#finite = after;
    if (comes && goes) {
      const change = value - old;
      this.mean += change / before;
      const a = value - this.mean;
      const b = old - this.mean;
      this.squares += (change * change) / after + a * a - b * b;
    } else if (comes) {
      const distance = value - this.mean;
      this.squares += (distance * distance * before) / after;
      this.mean += distance / after;
    } else if (goes && after === 0) {
      this.mean = 0;
      this.squares = 0;
    } else if (goes) {
      const oldDistance = this.mean - old;
      this.mean = (this.mean * before - old) / after;
      const newDistance = this.mean - old;
      this.squares +=
        (oldDistance * oldDistance * before) / (after * after) - newDistance * newDistance;
    }
    // What rounding leaves must not become the root of a negative number.
    if (this.squares < 0 && this.squares > -SMALL_DEVIATION) this.squares = 0;
  }

  clear(): void {
    this.values.fill(Number.NaN);
    this.mean = 0;
    this.squares = 0;
    this.#start = 0;
    this.#finite = 0;
    this.#word = undefined;
  }

  /** The values from the oldest on. */
  inOrder(): Float64Array {
    const values = new Float64Array(this.length);
    values.set(this.values.subarray(this.#start));
    values.set(this.values.subarray(0, this.#start), this.length - this.#start);
    return values;
  }

  /** Takes over values from the oldest on, with the running sums that belong to them. */
  fill(values: Float64Array, mean: number, squares: number): void {
    this.values.set(values);
    this.mean = mean;
    this.squares = squares;
    this.#start = 0;
    this.#finite = values.reduce((count, value) => (Number.isFinite(value) ? count + 1 : count), 0);
    this.#word = undefined;
  }
}
