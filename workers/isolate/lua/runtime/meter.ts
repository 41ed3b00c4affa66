/**
 * The meter of the running guest. Compiled code counts `$left` down at the head of each basic block and comes here when it
 * is below zero; natives pay for their work with `charge`. Once a limit has struck, every further charge throws again, so
 * that nothing a guest wraps around itself gets to run on.
 */
import type { GuestBreach, Meter } from '../../engine.ts';

/** Instructions between two looks at memory at most: about 0.2 ms. */
const CHUNK = 20_000;
/** Bytes between two looks at memory at most. */
const POLL_BYTES = 256 * 1024;
/** What an instruction leaves behind on average: boxed numbers, arguments of calls. */
const BYTES_PER_INSTRUCTION = 4;
/** Bytes that a native copies or compares for the price of one instruction. */
const BYTES_PER_CHARGE = 64;

/** Thrown to end a guest. Private to the engine: whoever catches what a guest throws must throw this on. */
export class Breach {
  readonly outcome: GuestBreach;
  constructor(kind: GuestBreach['kind']) {
    this.outcome = { kind };
  }
}

const IDLE: Meter = {
  instructionLimit: Number.MAX_SAFE_INTEGER,
  stringLimit: Number.MAX_SAFE_INTEGER,
  pollMemory: () => false,
};

let meter = IDLE;
let chunk = CHUNK;
let granted = 0;
let allowed = 0;
let running = false;
let breach: Breach | undefined;
/** Longest string that may be made, bytes. */
let longest = Number.MAX_SAFE_INTEGER;

/** The meter state of one engine: an isolate has one engine, a test process may have many. */
export interface MeterState {
  meter: Meter;
  breach: Breach | undefined;
}

/** Longest string of all: V8 has none of 512 MiB, and a copy of one takes long enough. */
const STRING_CAP = 2 ** 28;

/** Starts a call with a full budget: as upstream, the instruction that reaches the limit is not executed. */
export function beginCall(state: MeterState): void {
  meter = state.meter;
  breach = state.breach;
  longest = Math.min(meter.stringLimit, STRING_CAP);
  running = true;
  allowed = meter.instructionLimit - 1;
  chunk = CHUNK;
  granted = Math.min(chunk, allowed);
  $left = granted;
}

/** Ends it; returns the instructions used. */
export function endCall(state: MeterState): number {
  const used = granted - $left;
  $bytes += used * BYTES_PER_INSTRUCTION;
  if ($bytes >= POLL_BYTES && breach === undefined) {
    const bytes = $bytes;
    $bytes = 0;
    if (meter.pollMemory(bytes)) breach = new Breach('memory');
  }
  running = false;
  state.breach = breach;
  return used;
}

export function isRunning(): boolean {
  return running;
}

/** Grants the next chunk of instructions or ends the guest. */
export function safepoint(): void {
  if (!running) {
    granted -= $left;
    $left = 0;
    return;
  }
  if (breach !== undefined) throw breach;
  const rest = allowed - granted;
  if (rest <= 0 || -$left > rest) fail('instructions');
  const grant = Math.min(rest, Math.max(chunk, -$left));
  granted += grant;
  $left += grant;
  $bytes += chunk * BYTES_PER_INSTRUCTION;
  poll();
}

/** Ends the guest. */
export function fail(kind: GuestBreach['kind']): never {
  breach ??= new Breach(kind);
  // No instruction is left, and none will be granted: whoever catches this fails again at once.
  const used = Math.min(granted - $left, meter.instructionLimit);
  granted = used;
  allowed = used;
  $left = 0;
  throw breach;
}

function poll(): void {
  if (!running) return;
  if (breach !== undefined) throw breach;
  const bytes = $bytes;
  $bytes = 0;
  if (meter.pollMemory(bytes)) fail('memory');
  if (meter.stopped?.() === true) fail('stopped');
}

/** More than this at once is charged as this: the register stays a small integer. */
const MOST = 2 ** 29;

/** Pays for work of a native, in instructions. Call before the work. */
export function charge(instructions: number): void {
  $left -= instructions > MOST ? MOST : instructions | 0;
  if ($left < 0) safepoint();
}

/** Pays for bytes that a native reads, compares or writes. */
export function chargeBytes(bytes: number): void {
  if (bytes >= BYTES_PER_CHARGE) {
    $left -= Math.min(MOST, Math.floor(bytes / BYTES_PER_CHARGE));
    if ($left < 0) safepoint();
  }
}

/** Counts bytes that were or will be allocated, estimated. */
export function allocate(bytes: number): void {
  $bytes += bytes > MOST ? MOST : bytes | 0;
  if ($bytes >= POLL_BYTES) poll();
}

/** Refuses a string before it is made: ends the guest when it would be longer than the limit. */
export function checkLength(length: number): void {
  if (length > longest && running) fail('memory');
}
