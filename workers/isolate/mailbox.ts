/**
 * Memory that a shard shares with the isolate it is about to enter: events and message bytes in, injected
 * messages out. One mailbox per shard, because a shard enters one isolate at a time; the shard fills the inbound half
 * for one sandbox only, so a sandbox never holds bytes of a message that it did not match.
 *
 *   registers │ timer ns × n │ events: kind,start,end,loop × n │ answers: status,committed × n │ inbound bytes │ outbound bytes
 *
 * Outbound records are committed one by one: bytes first, then OUT_LENGTH and OUT_COUNT. Whatever ends the isolate,
 * all committed records are whole and stay readable.
 *
 *   outbound: │ length u32 LE │ loop u8 │ message … │ length │ loop │ …
 */

/** Indices into the registers (doubles). */
export const Register = {
  /** In: how many events are there. */
  eventCount: 0,
  /** In and out: the next event to run. */
  nextEvent: 1,
  /** Out: committed bytes and records of the outbound area. */
  outLength: 2,
  outCount: 3,
  /** Out, since the entry: process_message calls that returned, with a negative status, timer_event calls. */
  processed: 4,
  failed: 5,
  timers: 6,
  /** Out: instructions of the last and of the dearest call; bytes of output likewise. */
  instructionsUsed: 7,
  instructionsMaximum: 8,
  outputUsed: 9,
  outputMaximum: 10,
  /** Out: 1 when the guest read so much text that the next entry gets the inbound bytes as text too. */
  wantsText: 11,
  /** Out: bytes held by host objects (circular buffers), not on the V8 heap. */
  externalBytes: 12,
  /** Out: answers written since the entry, one per message that was processed. */
  answers: 13,
  /** How many registers there are. */
  count: 16,
} as const;

export const EventKind = { message: 0, timer: 1, shutdownTimer: 2 } as const;
/** Numbers per event in the events array. */
export const EVENT_WIDTH = 4;
/** Numbers per answer: status, and records committed since the entry began. */
export const ANSWER_WIDTH = 2;
/** Bytes of an outbound record beside the message. */
export const OUT_HEADER = 5;

export interface MailboxSizes {
  readonly events: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

export interface Mailbox {
  readonly shared: SharedArrayBuffer;
  readonly sizes: MailboxSizes;
  readonly registers: Float64Array;
  /** kind, start, end (offsets into `inbound`), loop count. */
  readonly events: Int32Array;
  /** Nanoseconds of timer events, by event index. */
  readonly timerNs: Float64Array;
  /** For kinds whose messages are answered one by one: ANSWER_WIDTH numbers for each. */
  readonly answers: Int32Array;
  readonly inbound: Uint8Array;
  readonly outbound: Uint8Array;
}

/** Bytes of shared memory for these sizes. */
export function mailboxBytes(sizes: MailboxSizes): number {
  return (
    Register.count * 8 +
    sizes.events * ((EVENT_WIDTH + ANSWER_WIDTH) * 4 + 8) +
    sizes.inBytes +
    sizes.outBytes
  );
}

/** Lays the arrays over shared memory; both sides call it with the same sizes. `sizes.events` is even. */
export function layMailbox(shared: SharedArrayBuffer, sizes: MailboxSizes): Mailbox {
  let at = 0;
  const registers = new Float64Array(shared, at, Register.count);
  at += Register.count * 8;
  const timerNs = new Float64Array(shared, at, sizes.events);
  at += sizes.events * 8;
  const events = new Int32Array(shared, at, sizes.events * EVENT_WIDTH);
  at += sizes.events * EVENT_WIDTH * 4;
  const answers = new Int32Array(shared, at, sizes.events * ANSWER_WIDTH);
  at += sizes.events * ANSWER_WIDTH * 4;
  const inbound = new Uint8Array(shared, at, sizes.inBytes);
  at += sizes.inBytes;
  const outbound = new Uint8Array(shared, at, sizes.outBytes);
  return { shared, sizes, registers, events, timerNs, answers, inbound, outbound };
}
