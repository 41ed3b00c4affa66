/**
 * One match and the values of its captures. What is recorded is walked from the front, each capture giving as many values
 * as it has; the values of a capture's inner captures are what it works on. Guest code that is called on the way may
 * match again: it records behind `top` and leaves everything before it as it was.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import { stringOf } from '../../host-api/guest-arguments.ts';
import { cut } from '../../lua-text/flat-text.ts';
import type { Capture } from './capture.ts';
import * as CaptureKind from './capture-kind.ts';
import { CaptureText } from './capture-text.ts';
import { decimal } from './decimal.ts';
import { sameness } from './grammar.ts';
import type { Program } from './program.ts';
import {
  NEXT,
  OFFSET,
  RECORD_SIZE,
  type Recorder,
  STEPS_PER_INSTRUCTION,
  STOP,
} from './recorder.ts';
import { foldOf, pairsOf, tableOf } from './table-captures.ts';

/** Captures within captures: upstream's MAXRECLEVEL. */
const DEEPEST = 200;
/** Values at a time, such as arguments of a function or results: what Lua's stack holds. */
const MOST_VALUES = 7991;
/** What a capture costs, in instructions; more when it makes a table or calls a function, whose own come on top. */
const CAPTURE_CHARGE = 2;
export const TABLE_CHARGE = 4;
export const CALL_CHARGE = 4;
/** Instructions that are paid together. */
const PAYMENT = 512;

/** Stands for the first value of a capture that has none. */
export const NO_VALUE: unique symbol = Symbol('no value');
/** Stands for the value of a capture that need not have just one. */
const SEVERAL: unique symbol = Symbol('several values');

const NOTHING: readonly GuestValue[] = [];

export class Match {
  readonly recorder: Recorder;
  subject = '';
  /** Where its records begin. */
  base = 0;
  /** Values that wait for the capture that they are in: the first `used` of these. */
  readonly values: GuestValue[] = [];
  used = 0;
  #program: Program | undefined = undefined;
  #captures: readonly Capture[] = [];
  #extras: readonly GuestValue[] = NOTHING;
  /** The list as it was when the values were asked for: what guests do later is behind these records. */
  #list: Int32Array;
  #text: CaptureText | undefined = undefined;
  #depth = 0;
  #owed = 0;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
    this.#list = recorder.list;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error('no match is under way');
    return this.#program;
  }

  /** Makes it another match; `extras` are the values for argument captures. */
  begin(program: Program, subject: string, extras: readonly GuestValue[]): void {
    this.#program = program;
    this.#captures = program.captures;
    this.subject = subject;
    this.base = this.recorder.top;
    this.#extras = extras;
    this.#list = this.recorder.list;
    this.#depth = 0;
    this.used = 0;
  }

  /** Lets go of what it has of the guest's. */
  end(): void {
    this.subject = '';
    this.#extras = NOTHING;
    this.#text = undefined;
    if (this.values.length > 0) this.values.length = 0;
  }

  /** To be called before values are asked for, when anything was recorded since. */
  refresh(): void {
    this.#list = this.recorder.list;
  }

  /** The values of all captures that were recorded; `otherwise`, if there are none. */
  results(otherwise: number): GuestValue | readonly GuestValue[] {
    const { base } = this;
    const { top } = this.recorder;
    this.refresh();
    // Mostly it is one table, or one text.
    if (this.next(base) === top) {
      const capture = this.captureAt(base);
      const value = capture.name === undefined ? this.#single(base, capture) : SEVERAL;
      if (value !== SEVERAL) {
        this.#pay();
        return value;
      }
    }
    this.#pushAll(base, top);
    this.#pay();
    if (this.used === 0) return otherwise;
    return this.used === 1 ? this.values[0] : this.values.slice(0, this.used);
  }

  /** The values of what is recorded in one capture, behind those in `before`; the whole text if there are none. */
  innerValues(at: number, before: GuestValue[]): GuestValue[] {
    const mark = this.used;
    this.#pushInner(at);
    this.#pay();
    return this.take(mark, before);
  }

  /** The first value of a capture, all of which are evaluated. */
  firstValue(at: number): GuestValue | typeof NO_VALUE {
    const capture = this.captureAt(at);
    return capture.name === undefined ? this.#first(at, capture) : NO_VALUE;
  }

  /** As firstValue, as if the capture had no name. */
  #first(at: number, capture: Capture): GuestValue | typeof NO_VALUE {
    const value = this.#single(at, capture);
    if (value !== SEVERAL) return value;
    if (capture.kind === CaptureKind.call) {
      const results = this.#call(at, capture.value);
      return results.length === 0 ? NO_VALUE : results[0];
    }
    const mark = this.used;
    this.#pushSeveral(at, capture);
    if (this.used === mark) return NO_VALUE;
    this.used = mark;
    return this.values[mark];
  }

  /** The value of a capture that always has one; SEVERAL, without having done anything, for others. */
  #single(at: number, capture: Capture): GuestValue | typeof SEVERAL {
    this.count();
    const { kind, value } = capture;
    switch (kind) {
      case CaptureKind.simple:
        return this.#isBare(at) ? this.#whole(at) : SEVERAL;
      case CaptureKind.number: {
        const number = this.#isBare(at)
          ? decimal(this.subject, this.offset(at), this.stop(at))
          : undefined;
        return number ?? SEVERAL;
      }
      case CaptureKind.constant:
        return value;
      case CaptureKind.position:
        return this.offset(at) + 1;
      case CaptureKind.runtime:
        return this.recorder.values[at / RECORD_SIZE];
      case CaptureKind.argument:
        return this.#argument(value);
      default:
        return this.#gathered(at, kind, value);
    }
  }

  /** The value of a capture that makes one of those within. */
  #gathered(at: number, kind: number, value: GuestValue): GuestValue | typeof SEVERAL {
    if (this.#depth > DEEPEST) throw new GuestError('subcapture nesting too deep');
    let made: GuestValue | typeof SEVERAL = SEVERAL;
    this.#depth++;
    switch (kind) {
      case CaptureKind.table:
        made = tableOf(this, at);
        break;
      case CaptureKind.pairs:
        made = pairsOf(this, at, value);
        break;
      case CaptureKind.fold:
        made = foldOf(this, at, value);
        break;
      case CaptureKind.text:
      case CaptureKind.substitution:
        this.#text ??= new CaptureText(this);
        made = this.#text.of(at);
        break;
      default:
    }
    this.#depth--;
    return made;
  }

  captureAt(at: number): Capture {
    return this.#captures[this.integer(at)] as Capture; // records have numbers of captures
  }

  /** Where the captures within one end; where they begin, if it has none. */
  innerEnd(at: number): number {
    const next = this.integer(at + NEXT);
    return next === at + RECORD_SIZE ? next : next - RECORD_SIZE;
  }

  offset(at: number): number {
    return this.integer(at + OFFSET);
  }

  stop(at: number): number {
    return this.integer(at + STOP);
  }

  next(at: number): number {
    return this.integer(at + NEXT);
  }

  /** Has it no captures within? */
  #isBare(at: number): boolean {
    return this.next(at) === at + RECORD_SIZE;
  }

  /** Pays for a capture that is evaluated. */
  count(instructions: number = CAPTURE_CHARGE): void {
    this.#owed += instructions;
    if (this.#owed >= PAYMENT) this.#pay();
  }

  #pay(): void {
    this.recorder.pay(this.#owed * STEPS_PER_INSTRUCTION);
    this.#owed = 0;
  }

  integer(at: number): number {
    return this.#list[at] as number; // within the records
  }

  #whole(at: number): string {
    const { subject } = this;
    const list = this.#list;
    return cut(subject.substring(list[at + OFFSET] as number, list[at + STOP]), subject.length);
  }

  add(value: GuestValue): void {
    this.values[this.used++] = value;
  }

  /** Moves values from `mark` on behind those in `before`. */
  take(mark: number, before: GuestValue[]): GuestValue[] {
    const values = this.values;
    for (let i = mark; i < this.used; i++) before.push(values[i]);
    this.used = mark;
    return before;
  }

  /** The values of inner captures, or the whole text when there are none. */
  #pushInner(at: number): void {
    const mark = this.used;
    this.#pushAll(at + RECORD_SIZE, this.innerEnd(at));
    if (this.used === mark) this.add(this.#whole(at));
  }

  /** Adds the values of the captures between two records. */
  #pushAll(from: number, end: number): void {
    const list = this.#list;
    const captures = this.#captures;
    for (let at = from; at < end; at = list[at + NEXT] as number) {
      const capture = captures[list[at] as number] as Capture; // records have numbers of captures
      if (capture.name === undefined) this.#evaluate(at, capture);
    }
  }

  /** The first value of inner captures, or the whole text. */
  #innerValue(at: number): GuestValue {
    const inner = at + RECORD_SIZE;
    const end = this.innerEnd(at);
    if (inner === end) return this.#whole(at);
    if (this.next(inner) === end) {
      const value = this.firstValue(inner);
      return value === NO_VALUE ? this.#whole(at) : value;
    }
    const mark = this.used;
    this.#pushInner(at);
    this.used = mark;
    return this.values[mark];
  }

  /** The value of a named group. */
  namedValue(at: number, capture: Capture): GuestValue {
    if (capture.kind === CaptureKind.group) return this.#innerValue(at);
    const value = this.#first(at, capture);
    return value === NO_VALUE ? this.#whole(at) : value;
  }

  /** Adds all values of a capture, of which a named group has none; returns where the next one is. */
  push(at: number): number {
    const capture = this.captureAt(at);
    if (capture.name === undefined) this.#evaluate(at, capture);
    return this.next(at);
  }

  /** Adds all values of a capture, whether it has a name or not. */
  #evaluate(at: number, capture: Capture): void {
    if (this.used >= MOST_VALUES) throw new GuestError('stack overflow (too many captures)');
    const value = this.#single(at, capture);
    if (value === SEVERAL) this.#pushSeveral(at, capture);
    else this.add(value);
  }

  #pushSeveral(at: number, { kind, value }: Capture): void {
    if (this.#depth > DEEPEST) throw new GuestError('subcapture nesting too deep');
    this.#depth++;
    switch (kind) {
      case CaptureKind.simple: {
        this.add(this.#whole(at));
        this.#pushAll(at + RECORD_SIZE, this.innerEnd(at));
        break;
      }
      case CaptureKind.group:
        this.#pushInner(at);
        break;
      case CaptureKind.call:
      case CaptureKind.number: {
        const results = this.#call(at, value);
        for (let i = 0; i < results.length; i++) this.add(results[i]);
        break;
      }
      case CaptureKind.query: {
        const found = this.#query(value, this.#innerValue(at));
        if (found !== undefined) this.add(found);
        break;
      }
      case CaptureKind.select:
        if (value !== 0) this.#select(at, Number(value));
        break;
      case CaptureKind.reference:
        this.#reference(this.#find(at, value));
        break;
      default:
        throw new Error(`no capture has the kind ${kind}`);
    }
    this.#depth--;
  }

  /** The results of a function. */
  #call(at: number, callee: GuestValue): readonly GuestValue[] {
    let args: GuestValue[];
    if (this.#isBare(at)) args = [this.#whole(at)];
    else {
      const mark = this.used;
      this.#depth++;
      this.#pushInner(at);
      this.#depth--;
      args = this.take(mark, []);
    }
    this.count(CALL_CHARGE);
    return this.recorder.parts.call(callee, args);
  }

  #query(table: GuestValue, key: GuestValue): GuestValue {
    if (typeof table !== 'object' || table.kind !== 'table') throw new Error('no table to query');
    return table.get(key);
  }

  #select(at: number, number: number): void {
    const mark = this.used;
    this.#pushInner(at);
    const index = mark + number - 1;
    if (index >= this.used) throw new GuestError(`no capture '${number}'`);
    this.values[mark] = this.values[index];
    this.used = mark + 1;
  }

  #argument(number: GuestValue): GuestValue {
    const index = Number(number) - 1;
    if (index >= this.#extras.length) {
      throw new GuestError(`reference to absent extra argument #${index + 1}`);
    }
    return this.#extras[index];
  }

  /** Adds the values of a group that is referred to. */
  #reference(at: number): void {
    const capture = this.captureAt(at);
    const mark = this.used;
    if (capture.kind === CaptureKind.group) this.#pushInner(at);
    else this.#evaluate(at, capture);
    if (this.used === mark) this.add(this.#whole(at));
  }

  /** The last group of a name before a record, that is complete and not within another complete capture. */
  #find(at: number, name: GuestValue): number {
    const wanted = sameness(name);
    for (let before = at - RECORD_SIZE; before >= this.base; before -= RECORD_SIZE) {
      this.count();
      let capture = this.captureAt(before);
      if (capture.kind === CaptureKind.close) {
        before = this.offset(before);
        capture = this.captureAt(before);
      } else if (this.next(before) !== before + RECORD_SIZE) {
        continue; // it is around the record that asks
      }
      const group = capture.kind === CaptureKind.group || capture.name !== undefined;
      if (group && sameness(capture.name) === wanted) return before;
    }
    throw new GuestError(`back reference '${stringOf(name) ?? '(null)'}' not found`);
  }
}
