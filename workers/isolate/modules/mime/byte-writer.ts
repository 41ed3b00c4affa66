/** Bytes that are written one by one, and read as a byte string at the end. */
import { latin1Text } from '../../../../lib/protocol/text.ts';

const FIRST_BYTES = 256;

export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  length = 0;

  byte(code: number): void {
    if (this.length === this.#bytes.length) this.#grow();
    this.#bytes[this.length++] = code;
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  toString(): string {
    return latin1Text(this.#bytes, 0, this.length);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
