/**
 * A text that comes from outside in pieces: it is paid for as it grows, and refused as soon as the sandbox has no room for it.
 */
import { GuestError } from '../engine.ts';
import type { ObjectMemory } from './native-module.ts';

/** Bytes that are copied for the price of one instruction. */
export const BYTES_PER_INSTRUCTION = 64;
/** Shorter texts need not be asked for. */
const SMALL_BYTES = 4096;

export class GatheredText {
  readonly #memory: ObjectMemory;
  #pieces: string[] = [];
  length = 0;

  constructor(memory: ObjectMemory) {
    this.#memory = memory;
  }

  /** Throws a GuestError when there is no room for it. */
  add(piece: string): void {
    this.#memory.charge(1 + piece.length / BYTES_PER_INSTRUCTION);
    this.length += piece.length;
    // The pieces and the text that is made of them.
    if (this.length > SMALL_BYTES && !this.#memory.reserve(2 * this.length)) {
      throw new GuestError('not enough memory');
    }
    if (piece !== '') this.#pieces.push(piece);
  }

  /** All of it; it is empty afterwards. */
  take(): string {
    const [first = ''] = this.#pieces;
    const text = this.#pieces.length > 1 ? this.#pieces.join('') : first;
    this.#pieces = [];
    this.length = 0;
    return text;
  }
}
