/**
 * What matches share: the list of recorded captures, what they pay for their work, and how deep they may go. One per
 * module. A match that is made while another one is under way (by a function of that one's captures) records behind it and takes its
 * records away when it ends, whichever way it ends.
 *
 * A record is four integers:
 *
 *     capture  offset  end   next         a capture without others inside
 *     capture  offset  end   behind close     … with others: they follow,
 *       …
 *     close    open    end   next             and this record, which knows where that one is
 *
 * `next` of a capture that is still open is 0.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import type { ModuleParts } from '../native-module.ts';
import * as CaptureKind from './capture-kind.ts';
import { Machine } from './machine.ts';
import { Match } from './match.ts';
import { callMatchTime } from './match-time.ts';
import type { Generation, Program } from './program.ts';

/** Integers of a record, and where they are in it. */
export const RECORD_SIZE = 4;
export const OFFSET = 1;
export const STOP = 2;
export const NEXT = 3;

/** How much larger a list becomes that is too short. */
const GROWTH = 4;
/** Matches for which a long list is kept that they do not need. */
const MATCHES_KEPT = 16;
/** Integers of the list that is always kept. */
const KEPT_LENGTH = 4096;
const INTEGER_BYTES = 4;
/**
 * Steps for the price of one instruction. A step is a byte of the subject, a turn of a loop, a call of a rule: about 2 ns, where an
 * instruction of Lua takes about 10.
 */
export const STEPS_PER_INSTRUCTION = 8;
/** Steps that are not paid for before there are so many. */
const LEAST_PAYMENT = 256;
/** Steps that are paid together. */
const ADVANCE = 4096;
/** As upstream's MAXBACK: the stack never is smaller. */
const LEAST_STACK = 400;
/** Units that may be active at a time, in all matches that are under way: about 100 KiB of JavaScript's stack. */
export const MOST_FRAMES = 400;

export class Recorder {
  list = new Int32Array(KEPT_LENGTH);
  /** Where the next record goes. */
  top = 0;
  /** Values of match-time captures, by the number of their record. */
  values: GuestValue[] = [];
  /** What setmaxstack was given. */
  stackLimit = LEAST_STACK;
  readonly advance = ADVANCE;
  readonly parts: ModuleParts;
  readonly machine: Machine;
  generation: Generation;
  /** The innermost match. */
  #match: Match | undefined = undefined;
  /** The object of a match that is over. */
  #spare: Match | undefined = undefined;
  /** Units that the matches around the innermost one have active. */
  #outerFrames = 0;
  #owed = 0;
  #token: object | undefined = undefined;
  /** Matches in a row that did not need the list as long as it is. */
  #unused = 0;

  constructor(parts: ModuleParts, generation: Generation) {
    this.parts = parts;
    this.generation = generation;
    this.machine = new Machine(this);
  }

  /** Matches from an offset on; the values of the captures, or the position behind the match, or undefined. */
  match(
    program: Program,
    subject: string,
    at: number,
    extras: readonly GuestValue[],
  ): GuestValue | readonly GuestValue[] {
    const outer = this.#match;
    const base = this.top;
    const match = this.#spare ?? new Match(this);
    this.#spare = undefined;
    match.begin(program, subject, extras);
    this.#match = match;
    try {
      const end = program.run(subject, at);
      if (end < 0) return undefined;
      return this.top === base ? end + 1 : match.results(end + 1);
    } finally {
      const used = this.top;
      this.top = base;
      this.#match = outer;
      match.end();
      this.#spare = match;
      if (outer === undefined) this.#release(used);
    }
  }

  /** Calls a match-time function for the code of a unit, at a depth of `entries`. */
  runtime(open: number, at: number, entries: number): number {
    const match = this.#match;
    if (match === undefined) throw new Error('no match is under way');
    const frames = this.#outerFrames;
    this.#outerFrames = frames + entries * match.program.frames;
    try {
      return callMatchTime(match, open, at);
    } finally {
      this.#outerFrames = frames;
    }
  }

  /** Goes on with a unit on the machine, which takes no JavaScript's stack: `entries` are there already. */
  deep(unit: number, subject: string, at: number, entries: number): number {
    if (entries > this.stackDepth) this.overflow();
    if (this.#match === undefined) throw new Error('no match is under way');
    return this.machine.run(this.#match.program.instructions(), unit, subject, at, entries);
  }

  /** Pays for steps that were made. */
  pay(steps: number): void {
    this.#owed += steps;
    if (this.#owed < LEAST_PAYMENT) return;
    const instructions = Math.floor(this.#owed / STEPS_PER_INSTRUCTION);
    this.#owed -= instructions * STEPS_PER_INSTRUCTION;
    this.parts.memory.charge(instructions);
  }

  /** Entries of the stack up to which units may call units, of which `frames` are active for each. */
  frames(frames: number): number {
    const most = Math.floor((MOST_FRAMES - this.#outerFrames) / frames);
    return Math.max(0, Math.min(most, this.stackDepth));
  }

  /** Entries that the stack may have. */
  get stackDepth(): number {
    return Math.max(this.stackLimit, LEAST_STACK);
  }

  overflow(): never {
    throw new GuestError(`backtrack stack overflow (current limit is ${this.stackLimit})`);
  }

  /** Begins a capture; others may follow that are in it. */
  open(capture: number, offset: number): number {
    const at = this.record(capture, offset, 0);
    this.list[at + NEXT] = 0;
    return at;
  }

  /** Ends the capture that was begun at `open`. */
  close(open: number, offset: number): void {
    this.list[open + STOP] = offset;
    if (this.top > open + RECORD_SIZE) this.record(CaptureKind.close, open, offset);
    this.list[open + NEXT] = this.top;
  }

  record(capture: number, offset: number, stop: number): number {
    const at = this.top;
    if (at + RECORD_SIZE > this.list.length) this.grow();
    const { list } = this;
    list[at] = capture;
    list[at + OFFSET] = offset;
    list[at + STOP] = stop;
    this.top = at + RECORD_SIZE;
    list[at + NEXT] = this.top;
    return at;
  }

  /** Makes room for more records. */
  grow(): void {
    const length = this.list.length * GROWTH;
    this.reserve(length * INTEGER_BYTES);
    const list = new Int32Array(length);
    list.set(this.list.subarray(0, this.top));
    this.list = list;
    this.#token = this.parts.memory.add(length * INTEGER_BYTES);
  }

  /** Ends the sandbox when there is no room for that many bytes. */
  reserve(bytes: number): void {
    if (!this.parts.memory.reserve(bytes)) throw new GuestError('not enough memory');
    this.parts.memory.charge(bytes >> 8);
  }

  /** The outermost match is over, and recorded so much. */
  #release(used: number): void {
    if (this.values.length > 0) this.values = [];
    if (this.#token === undefined) return;
    // A list that was needed will be needed again; one that is not goes.
    this.#unused = used * GROWTH * 2 < this.list.length ? this.#unused + 1 : 0;
    if (this.#unused < MATCHES_KEPT) return;
    this.#unused = 0;
    this.list = new Int32Array(KEPT_LENGTH);
    this.#token = undefined;
  }
}
