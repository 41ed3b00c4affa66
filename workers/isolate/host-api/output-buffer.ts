/**
 * The sandbox's one output buffer: what `add_to_payload`, `output` and the arguments of `inject_payload` append to.
 * It outlives a call. One byte of `output_limit` is reserved, as upstream's terminator took it.
 */
import { GuestArgumentError, GuestError, type GuestValue } from '../engine.ts';
import { outputNumber } from './number-text.ts';

export const OUTPUT_LIMIT_TEXT = 'output_limit exceeded';

export class OutputBuffer {
  /** Bytes that fit. */
  readonly capacity: number;
  /** Position after the last write, and the highest one. */
  used = 0;
  maximum = 0;
  #text = '';

  constructor(limitBytes: number) {
    this.capacity = limitBytes - 1;
  }

  get length(): number {
    return this.#text.length;
  }

  /** Appends all of `text`, or nothing and throws. */
  append(text: string): void {
    if (this.#text.length + text.length > this.capacity) throw new GuestError(OUTPUT_LIMIT_TEXT);
    this.#text += text;
  }

  clear(): void {
    this.#text = '';
  }

  /** The content; the buffer is empty afterwards. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /** Notes a write's size for the usage report. */
  record(bytes: number): void {
    this.used = bytes;
    if (bytes > this.maximum) this.maximum = bytes;
  }

  /**
   * Appends the arguments from index `from` on, as Heka 0.11 formats them. `table` writes tables (the 0.5-era
   * `output`); without it they are an argument error. What was written before a failing argument stays.
   */
  appendValues(
    args: readonly GuestValue[],
    from: number,
    table?: (value: GuestValue, roomBytes: number) => string | undefined,
  ): void {
    try {
      for (let i = from; i < args.length; i++) {
        const value = args[i];
        switch (typeof value) {
          case 'string':
            this.append(value);
            break;
          case 'number':
            this.append(outputNumber(value));
            break;
          case 'boolean':
            this.append(value ? 'true' : 'false');
            break;
          case 'undefined':
            this.append('nil');
            break;
          default: {
            const room = this.capacity - this.length;
            const text = value.kind === 'object' ? value.output?.(room) : table?.(value, room);
            if (text === undefined) {
              throw new GuestArgumentError(
                i + 1,
                value.kind === 'object' ? 'unknown userdata type' : 'unsupported type',
              );
            }
            this.append(text);
          }
        }
      }
    } finally {
      this.record(this.length);
    }
  }
}
