/**
 * Where injected messages leave the isolate: committed record by record into the mailbox's outbound area. What does
 * not fit waits in isolate memory, in order, and leaves first at the next entry. The bytes of a record are written
 * before the registers that make it visible, so whatever ends the isolate, every committed record is whole.
 */
import { type Mailbox, OUT_HEADER, Register } from '../mailbox.ts';

interface PendingRecord {
  readonly bytes: Uint8Array;
  readonly loopCount: number;
}

export class Outbox {
  /** Longest message that can ever leave. */
  readonly maximumBytes: number;
  readonly #mailbox: Mailbox;
  #pending: PendingRecord[] = [];
  /** Messages taken since the start, those that wait included; wraps like a 32-bit integer. */
  committed = 0;

  constructor(mailbox: Mailbox, messageBytes: number) {
    this.#mailbox = mailbox;
    this.maximumBytes = Math.min(messageBytes, mailbox.sizes.outBytes - OUT_HEADER);
  }

  get waiting(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes the first `length` bytes as one message. Never refuses: the caller keeps to `maximumBytes`. */
  commit(bytes: Uint8Array, length: number, loopCount: number): void {
    this.committed = (this.committed + 1) | 0;
    if (this.#pending.length === 0 && this.#write(bytes, length, loopCount)) return;
    this.#pending.push({ bytes: bytes.slice(0, length), loopCount });
  }

  /** Moves what waits into the area, as far as it fits. True when nothing waits any more. */
  flush(): boolean {
    const pending = this.#pending;
    if (pending.length === 0) return true;
    let done = 0;
    for (const record of pending) {
      if (!this.#write(record.bytes, record.bytes.length, record.loopCount)) break;
      done++;
    }
    this.#pending = pending.slice(done);
    return this.#pending.length === 0;
  }

  /**
   * True when the next call may start: its `records` largest messages fit, or the area is empty enough that
   * draining it first would gain little (then the rest waits in memory).
   */
  roomFor(records: number): boolean {
    const used = this.#mailbox.registers[Register.outLength] as number; // a register always exists
    const size = this.#mailbox.sizes.outBytes;
    const need = Math.min(records * (this.maximumBytes + OUT_HEADER), size / 2);
    return size - used >= need;
  }

  #write(bytes: Uint8Array, length: number, loopCount: number): boolean {
    const { registers, outbound } = this.#mailbox;
    let at = registers[Register.outLength] as number; // a register always exists
    if (at + OUT_HEADER + length > outbound.length) return false;
    outbound[at] = length;
    outbound[at + 1] = length >>> 8;
    outbound[at + 2] = length >>> 16;
    outbound[at + 3] = length >>> 24;
    outbound[at + 4] = loopCount;
    at += OUT_HEADER;
    outbound.set(bytes.subarray(0, length), at);
    registers[Register.outLength] = at + length;
    registers[Register.outCount] = (registers[Register.outCount] as number) + 1; // as above
    return true;
  }
}
