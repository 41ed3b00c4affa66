/**
 * Keys of objects that were read before: documents repeat them, and one that is found needs no new string. It holds short
 * keys only, a fixed number of them, each under a number.
 */
import { unslice } from '../../lua-text/flat-text.ts';

const SLOTS = 256;
const LONGEST = 32;

export class KeyCache {
  readonly #keys: string[] = Array.from({ length: SLOTS }, () => '');
  /** Per key the last look that saw it. */
  readonly #seen = new Int32Array(SLOTS);
  #look = 0;

  /** The number of the key that begins behind its quote; -1 for one that is long or has an escape. */
  read(text: string, start: number): number {
    let hash = 0;
    const most = start + LONGEST;
    for (let at = start; at <= most; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) return this.#find(text, start, at, hash & (SLOTS - 1));
      if (code === 92) return -1;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    return -1;
  }

  key(number: number): string {
    return this.#keys[number] ?? '';
  }

  /** False if two keys may be the same: of those whose numbers, in the order of their reading, begin at `from`. */
  areDistinct(numbers: readonly number[], from: number): boolean {
    const seen = this.#seen;
    const look = ++this.#look | 0;
    for (let i = from; i < numbers.length; i++) {
      const number = numbers[i] ?? -1;
      if (number < 0 || seen[number] === look) return false;
      seen[number] = look;
    }
    return true;
  }

  #find(text: string, start: number, end: number, number: number): number {
    const known = this.#keys[number] ?? '';
    if (known.length !== end - start || !text.startsWith(known, start)) {
      this.#keys[number] = unslice(text.slice(start, end));
    }
    return number;
  }
}
