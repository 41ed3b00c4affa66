/**
 * Compiled code that a shard keeps in memory, bounded in bytes: what was not asked for the longest goes first. The texts lie
 * outside of all heaps and are the same memory for every isolate.
 */
import { SharedText } from '../native-limits/guest-isolate.ts';

/** Bytes that an entry costs beside its text. */
const ENTRY_BYTES = 200;

export class CompiledTexts {
  readonly #limitBytes: number;
  /** In the order of use, oldest first. */
  readonly #texts = new Map<string, SharedText>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get byteLength(): number {
    return this.#bytes;
  }

  get(key: string): SharedText | undefined {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return text;
  }

  /** Keeps a text, if it is not longer than all texts may be together. */
  put(key: string, code: string): SharedText {
    const text = new SharedText(code);
    const size = code.length + ENTRY_BYTES;
    if (size > this.#limitBytes || this.#texts.has(key)) return text;
    this.#texts.set(key, text);
    this.#bytes += size;
    for (const [oldest, { length }] of this.#texts) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#texts.delete(oldest);
      this.#bytes -= length + ENTRY_BYTES;
    }
    return text;
  }
}
