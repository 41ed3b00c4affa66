/**
 * The instructions of the machine (instructions.ts) with their operands, as constants that the bundler puts in place of their
 * names.
 */

/** The pattern has matched. */
export const end = 0;
/** Back to where the unit was called. */
export const leave = 1;
export const fail = 2;
/** `set`: a byte of it. */
export const set = 3;
/** `text`: these bytes. */
export const text = 4;
/** `count`: as many bytes. */
export const any = 5;
/** `set` `most`: bytes of it, as many as there are, -1: without a bound. */
export const span = 6;
/** `set` `target`: goes there unless a byte of it comes next. */
export const test = 7;
/** `target`: a failure comes back to here and goes on there. */
export const choice = 8;
/** `target`: forgets the last choice and goes there. */
export const commit = 9;
/** `target`: the last choice comes back to here from now on; goes there. */
export const renew = 10;
/** Back to where the last choice was made, and on from here. */
export const rewind = 11;
/** Forgets the last choice and fails. */
export const failTwice = 12;
/** `target` */
export const jump = 13;
/** `count`: goes back over as many bytes. */
export const behind = 14;
/** `unit` `entries`: calls it; entries of upstream's stack, 0 for a unit that is no rule. */
export const call = 15;
/** `unit`: goes there instead of returning. */
export const tail = 16;
/** `capture`: begins one that has others within. */
export const open = 17;
/** Ends the last one. */
export const close = 18;
/** `capture` `length`: one that has just these bytes. */
export const record = 19;
/** Ends a match-time capture and calls its function. */
export const runtime = 20;
/** `count`: begins a loop of so many turns, at least one. */
export const count = 21;
/** `target`: goes there if the loop has more turns. */
export const loop = 22;
/** Ends a loop before its time. */
export const drop = 23;
