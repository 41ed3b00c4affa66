/**
 * A 64-bit number as two 32-bit halves, changed in place, modulo 2^64: big integers would allocate for each step. Both
 * halves are kept as signed integers, which V8 holds without allocating.
 */
export class Word64 {
  high = 0;
  low = 0;

  set(high: number, low: number): void {
    this.high = high | 0;
    this.low = low | 0;
  }

  add(high: number, low: number): void {
    const sum = (this.low + low) | 0;
    const carry = sum >>> 0 < low >>> 0 ? 1 : 0;
    this.high = (this.high + high + carry) | 0;
    this.low = sum;
  }

  xor(high: number, low: number): void {
    this.high ^= high;
    this.low ^= low;
  }

  multiply(high: number, low: number): void {
    const mine = this.low;
    this.high = (Math.imul(this.high, low) + Math.imul(mine, high) + productHigh(mine, low)) | 0;
    this.low = Math.imul(mine, low);
  }

  /** By 1 … 31 bits. */
  rotateLeft(bits: number): void {
    const { high, low } = this;
    this.high = (high << bits) | (low >>> (32 - bits));
    this.low = (low << bits) | (high >>> (32 - bits));
  }

  /** this ^= this >> bits, for 1 … 63 bits. */
  xorShifted(bits: number): void {
    const { high } = this;
    if (bits < 32) {
      this.low ^= (this.low >>> bits) | (high << (32 - bits));
      this.high ^= high >>> bits;
    } else this.low ^= high >>> (bits - 32);
  }

  /** The nearest double of the unsigned number. */
  toNumber(): number {
    return (this.high >>> 0) * 0x100000000 + (this.low >>> 0);
  }
}

/** Upper 32 bits of the product of two unsigned 32-bit numbers, from products of their 16-bit halves. */
function productHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const outer = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) | 0;
  const inner = (Math.imul(a0, b1) + (outer & 0xffff)) | 0;
  return (Math.imul(a1, b1) + (outer >>> 16) + (inner >>> 16)) | 0;
}
