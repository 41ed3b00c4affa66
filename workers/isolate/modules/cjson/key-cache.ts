/**
 * Keys of objects that were read before: documents repeat them, and one that is found needs no new string. It holds short
 * keys only, a fixed number of them.
 */
import { unslice } from '../../lua-text/flat-text.ts';

const SLOTS = 256;
const LONGEST = 32;

export class KeyCache {
  readonly #slots: string[] = Array.from({ length: SLOTS }, () => '');

  /** The key that begins behind its quote; undefined for one that is long or has an escape. */
  read(text: string, start: number): string | undefined {
    let hash = 0;
    const most = start + LONGEST;
    for (let at = start; at <= most; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) return this.#find(text, start, at, hash & (SLOTS - 1));
      if (code === 92) return undefined;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    return undefined;
  }

  #find(text: string, start: number, end: number, slot: number): string {
    const known = this.#slots[slot] ?? '';
    if (known.length === end - start && text.startsWith(known, start)) return known;
    const key = unslice(text.slice(start, end));
    this.#slots[slot] = key;
    return key;
  }
}
