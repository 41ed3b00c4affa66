/**
 * The instructions of the machine, which matches patterns that are not compiled to JavaScript (yet), and goes on where
 * JavaScript's stack would be too short. An instruction is a number and its operands, all integers.
 */

export const Operation = {
  /** The pattern has matched. */
  end: 0,
  /** Back to where the unit was called. */
  return: 1,
  fail: 2,
  /** `set`: a byte of it. */
  set: 3,
  /** `text`: these bytes. */
  text: 4,
  /** `count`: as many bytes. */
  any: 5,
  /** `set` `most`: bytes of it, as many as there are, -1: without a bound. */
  span: 6,
  /** `set` `target`: goes there unless a byte of it comes next. */
  test: 7,
  /** `target`: a failure comes back to here and goes on there. */
  choice: 8,
  /** `target`: forgets the last choice and goes there. */
  commit: 9,
  /** `target`: the last choice comes back to here from now on; goes there. */
  renew: 10,
  /** Back to where the last choice was made, and on from here. */
  rewind: 11,
  /** Forgets the last choice and fails. */
  failTwice: 12,
  /** `target` */
  jump: 13,
  /** `count`: goes back over as many bytes. */
  behind: 14,
  /** `unit` `entries`: calls it; entries of upstream's stack, 0 for a unit that is no rule. */
  call: 15,
  /** `unit`: goes there instead of returning. */
  tail: 16,
  /** `capture`: begins one that has others within. */
  open: 17,
  /** Ends the last one. */
  close: 18,
  /** `capture` `length`: one that has just these bytes. */
  record: 19,
  /** Ends a match-time capture and calls its function. */
  runtime: 20,
  /** `count`: begins a loop of so many turns, at least one. */
  count: 21,
  /** `target`: goes there if the loop has more turns. */
  loop: 22,
  /** Ends a loop before its time. */
  drop: 23,
} as const;

export interface Instructions {
  readonly code: Int32Array;
  /** Where each unit begins. */
  readonly units: readonly number[];
  readonly tables: readonly Uint8Array[];
  readonly texts: readonly string[];
}
