/**
 * The sfc32 generator behind math.random: three words of state and a counter. Each engine has its own.
 */
const bits = new DataView(new ArrayBuffer(8));

export class RandomGenerator {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** Begins at a place of V8's choice, which differs from isolate to isolate. */
  constructor() {
    // The first numbers of isolates that were made from one snapshot resemble each other.
    Math.random();
    this.#start(Math.random() * 2 ** 32, Math.random() * 2 ** 32, Math.random() * 2 ** 32);
  }

  seed(seed: number): void {
    bits.setFloat64(0, seed);
    this.#start(bits.getUint32(0), bits.getUint32(4), 0x9e3779b9);
  }

  #start(a: number, b: number, c: number): void {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = 1;
    for (let i = 0; i < 20; i++) this.next();
  }

  /** A number in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return Math.floor(this.next() * (high - low + 1)) + low;
  }
}
