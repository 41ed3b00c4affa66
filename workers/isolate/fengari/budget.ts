/**
 * The meter of one engine: instructions of the current call, bytes allocated since the last look at memory, and
 * the breach that ends the sandbox. Once breached it throws at every further charge, so that nothing a
 * guest wraps around itself (pcall, coroutines, error handlers) gets to run on.
 */
import type { GuestBreach, Meter } from '../engine.ts';

/** Instructions between two looks at memory, and between two returns to the slow path: about a millisecond. */
const CHUNK = 20_000;
/** Bytes between two looks at memory; a look costs about 3 µs, making 256 KiB of values about 500 µs. */
const POLL_BYTES = 256 * 1024;
/** What an instruction leaves behind on average: registers of calls and numbers that are no small integers. */
const BYTES_PER_INSTRUCTION = 8;
/** Bytes copied or compared for the price of one instruction. */
const BYTES_PER_CHARGE = 64;

/** Thrown to end a guest. Private to the engine: no guest code ever sees it. */
export class Breach {
  readonly outcome: GuestBreach;
  constructor(kind: GuestBreach['kind']) {
    this.outcome = { kind };
  }
}

export class Budget {
  /** Instructions left until the slow path; public because the hot loop counts it down. */
  left = 0;
  readonly meter: Meter;
  #granted = 0;
  #allowed = 0;
  #pendingBytes = 0;
  #running = false;
  #breach: Breach | undefined;

  constructor(meter: Meter) {
    this.meter = meter;
  }

  get breach(): Breach | undefined {
    return this.#breach;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Instructions since `begin`. */
  get used(): number {
    return this.#granted - this.left;
  }

  /** A new call with a full budget: as upstream, the instruction that reaches the limit is not executed. */
  begin(): void {
    this.#running = true;
    this.#allowed = this.meter.instructionLimit - 1;
    this.#granted = Math.min(CHUNK, this.#allowed);
    this.left = this.#granted;
    if (this.#pendingBytes >= POLL_BYTES) this.#poll();
  }

  /** The call is over; from here to the next `begin` nothing is charged to the guest. */
  end(): void {
    this.#pendingBytes += this.used * BYTES_PER_INSTRUCTION;
    this.#running = false;
  }

  /** Work done by a native function, in instructions. */
  charge(instructions: number): void {
    this.left -= instructions;
    if (this.left < 0) this.safepoint();
  }

  /** Bytes read or written by a native function. */
  chargeBytes(bytes: number): void {
    if (bytes >= BYTES_PER_CHARGE) this.charge(Math.floor(bytes / BYTES_PER_CHARGE));
  }

  allocate(bytes: number): void {
    this.#pendingBytes += bytes;
    if (this.#pendingBytes >= POLL_BYTES) this.#poll();
  }

  /** Refuses a string before it is made. */
  checkLength(length: number): void {
    if (length > this.meter.stringLimit && this.#running) this.fail('memory');
  }

  /** Grants the next chunk of instructions or ends the guest. */
  safepoint(): void {
    if (!this.#running) {
      this.left = 0;
      this.#granted = 0;
      return;
    }
    if (this.#breach !== undefined) throw this.#breach;
    const rest = this.#allowed - this.#granted;
    if (rest <= 0 || -this.left > rest) this.fail('instructions');
    const grant = Math.min(rest, Math.max(CHUNK, -this.left));
    this.#granted += grant;
    this.left += grant;
    this.#pendingBytes += CHUNK * BYTES_PER_INSTRUCTION;
    this.#poll();
  }

  fail(kind: GuestBreach['kind']): never {
    this.#breach ??= new Breach(kind);
    // No instruction is left, and none will be granted: whoever catches this fails again at once.
    this.#granted = Math.min(this.used, this.meter.instructionLimit);
    this.#allowed = this.#granted;
    this.left = 0;
    throw this.#breach;
  }

  #poll(): void {
    if (!this.#running) return;
    if (this.#breach !== undefined) throw this.#breach;
    const bytes = this.#pendingBytes;
    this.#pendingBytes = 0;
    if (this.meter.pollMemory(bytes)) this.fail('memory');
    if (this.meter.stopped?.() === true) this.fail('stopped');
  }
}

/** Texts longer than this pay for being compared or looked up. */
const LONG_TEXT = 1024;

/** Pays for a comparison that may read a text to its end. */
export function chargeLongText(text: string): void {
  if (text.length > LONG_TEXT) budget.chargeBytes(text.length >> 1);
}

const IDLE: Meter = {
  instructionLimit: Number.MAX_SAFE_INTEGER,
  stringLimit: Number.MAX_SAFE_INTEGER,
  pollMemory: () => false,
};

/** The budget of the engine that runs now; an isolate has one engine, a test process may have many. */
export let budget = new Budget(IDLE);

export function useBudget(next: Budget): void {
  budget = next;
}
