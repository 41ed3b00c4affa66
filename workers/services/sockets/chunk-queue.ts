/** First in, first out, at the same cost for few and for very many. */

/** So many may lie in front of the first one. */
const GONE = 1024;

export class ChunkQueue<T = Buffer> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the first one away. */
  drop(): void {
    if (this.#head >= this.#items.length) return;
    this.#items[this.#head++] = undefined;
    if (this.#head < GONE || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
