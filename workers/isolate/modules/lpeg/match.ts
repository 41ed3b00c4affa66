/**
 * One match and the values of its captures. What is recorded is walked from the front, each capture giving as many values
 * as it has; the values of a capture's inner captures are what it works on. Guest code that is called on the way may
 * match again: it records behind `top` and leaves everything before it as it was.
 */
import { GuestError, type GuestTable, type GuestValue } from '../../engine.ts';
import { stringOf } from '../../host-api/guest-arguments.ts';
import { cut } from '../../lua-text/flat-text.ts';
import { type Capture, CaptureKind } from './capture-kind.ts';
import { CaptureText } from './capture-text.ts';
import { sameness } from './grammar.ts';
import type { Recorder } from './recorder.ts';

/** Captures within captures: upstream's MAXRECLEVEL. */
const DEEPEST = 200;
/** Values at a time, such as arguments of a function or results: what Lua's stack holds. */
export const MOST_VALUES = 7991;
/** Captures that are evaluated for the price of one instruction. */
const CAPTURES_PER_INSTRUCTION = 2;
const CAPTURES_PER_PAYMENT = 256;

/** Integers of a record, and where they are in it. */
const SIZE = 4;
const OFFSET = 1;
const STOP = 2;
const NEXT = 3;

export class Match {
  readonly subject: string;
  readonly recorder: Recorder;
  readonly captures: readonly Capture[];
  /** Where its records begin. */
  readonly base: number;
  readonly #extras: readonly GuestValue[];
  /** Values that are waiting for the capture that they are in. */
  readonly #values: GuestValue[] = [];
  readonly #text: CaptureText;
  #depth = 0;
  #evaluated = 0;

  /** `extras` are the values for argument captures. */
  constructor(
    recorder: Recorder,
    captures: readonly Capture[],
    subject: string,
    extras: readonly GuestValue[],
  ) {
    this.recorder = recorder;
    this.captures = captures;
    this.subject = subject;
    this.base = recorder.top;
    this.#extras = extras;
    this.#text = new CaptureText(this);
  }

  /** The values of all captures that were recorded. */
  results(): GuestValue[] {
    const { top } = this.recorder;
    for (let at = this.base; at < top; ) at = this.#push(at);
    this.#pay();
    return this.#values;
  }

  /** The values of what is recorded in one capture; the whole text if there are none. */
  innerValues(at: number): GuestValue[] {
    const mark = this.#values.length;
    this.#pushInner(at);
    this.#pay();
    return this.#take(mark);
  }

  /** Adds the first value of a capture to `found`; returns whether it had one. */
  firstValue(at: number, found: GuestValue[]): boolean {
    const values = this.#values;
    const mark = values.length;
    this.#push(at);
    const has = values.length > mark;
    if (has) found.push(values[mark]);
    values.length = mark;
    return has;
  }

  kindAt(at: number): CaptureKind {
    return this.captureAt(at).kind;
  }

  captureAt(at: number): Capture {
    return this.captures[this.integer(at)] as Capture; // records have numbers of captures
  }

  integer(at: number): number {
    return this.recorder.list[at] ?? 0;
  }

  /** Where the captures within one end; where they begin, if it has none. */
  innerEnd(at: number): number {
    const next = this.integer(at + NEXT);
    return next === at + SIZE ? next : next - SIZE;
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

  textBetween(from: number, to: number): string {
    return cut(this.subject.substring(from, to), this.subject.length);
  }

  /** Counts a capture as evaluated. */
  count(): void {
    if (++this.#evaluated >= CAPTURES_PER_PAYMENT) this.#pay();
  }

  #pay(): void {
    this.recorder.parts.memory.charge(Math.ceil(this.#evaluated / CAPTURES_PER_INSTRUCTION));
    this.#evaluated = 0;
  }

  #whole(at: number): string {
    return this.textBetween(this.offset(at), this.stop(at));
  }

  #take(mark: number): GuestValue[] {
    const values = this.#values;
    return mark === 0 ? values.splice(0) : values.splice(mark);
  }

  /** The values of inner captures, or the whole text when there are none. */
  #pushInner(at: number): void {
    const values = this.#values;
    const mark = values.length;
    const end = this.innerEnd(at);
    for (let inner = at + SIZE; inner < end; ) inner = this.#push(inner);
    if (values.length === mark) values.push(this.#whole(at));
  }

  /** The first value of inner captures, or the whole text. */
  #innerValue(at: number): GuestValue {
    const values = this.#values;
    const mark = values.length;
    this.#pushInner(at);
    const value = values[mark];
    values.length = mark;
    return value;
  }

  /** Adds all values of a capture; returns where the next one is. */
  #push(at: number): number {
    const values = this.#values;
    if (values.length >= MOST_VALUES) throw new GuestError('stack overflow (too many captures)');
    if (this.#depth > DEEPEST) throw new GuestError('subcapture nesting too deep');
    this.count();
    this.#depth++;
    const { kind, value } = this.captureAt(at);
    switch (kind) {
      case CaptureKind.position:
        values.push(this.offset(at) + 1);
        break;
      case CaptureKind.constant:
        values.push(value);
        break;
      case CaptureKind.simple: {
        values.push(this.#whole(at));
        const end = this.innerEnd(at);
        for (let inner = at + SIZE; inner < end; ) inner = this.#push(inner);
        break;
      }
      case CaptureKind.group:
        if (value === undefined) this.#pushInner(at);
        break;
      case CaptureKind.table:
        values.push(this.#table(at));
        break;
      case CaptureKind.call: {
        const mark = values.length;
        this.#pushInner(at);
        const results = this.recorder.parts.call(value, this.#take(mark));
        for (const result of results) values.push(result);
        break;
      }
      case CaptureKind.query: {
        const found = this.#query(value, this.#innerValue(at));
        if (found !== undefined) values.push(found);
        break;
      }
      case CaptureKind.text:
      case CaptureKind.substitution:
        values.push(this.#text.of(at));
        break;
      case CaptureKind.select:
        this.#select(at, value);
        break;
      case CaptureKind.fold:
        values.push(this.#fold(at, value));
        break;
      case CaptureKind.argument:
        values.push(this.#argument(value));
        break;
      case CaptureKind.reference:
        this.#pushInner(this.#find(at, value));
        break;
      case CaptureKind.runtime:
        values.push(this.recorder.values[at / SIZE]);
        break;
      case CaptureKind.close:
        throw new Error('a capture that was not opened');
      default:
        kind satisfies never;
    }
    this.#depth--;
    return this.next(at);
  }

  #table(at: number): GuestTable {
    const { parts } = this.recorder;
    const values = this.#values;
    const mark = values.length;
    const list: GuestValue[] = [];
    const keys: GuestValue[] = [];
    const named: GuestValue[] = [];
    const end = this.innerEnd(at);
    for (let inner = at + SIZE; inner < end; ) {
      const { kind, value } = this.captureAt(inner);
      if (kind === CaptureKind.group && value !== undefined) {
        keys.push(value);
        named.push(this.#innerValue(inner));
        inner = this.next(inner);
      } else {
        inner = this.#push(inner);
        for (let i = mark; i < values.length; i++) list.push(values[i]);
        values.length = mark;
      }
    }
    const table = list.length === 0 ? parts.createTable() : parts.createList(list);
    keys.forEach((key, i) => table.set(key, named[i]));
    return table;
  }

  #query(table: GuestValue, key: GuestValue): GuestValue {
    if (typeof table !== 'object' || table.kind !== 'table') throw new Error('no table to query');
    return table.get(key);
  }

  #select(at: number, number: GuestValue): void {
    if (number === 0) return;
    const values = this.#values;
    const mark = values.length;
    this.#pushInner(at);
    const index = mark + Number(number) - 1;
    if (index >= values.length) throw new GuestError(`no capture '${String(number)}'`);
    const value = values[index];
    values.length = mark;
    values.push(value);
  }

  #fold(at: number, callee: GuestValue): GuestValue {
    const { parts } = this.recorder;
    const first: GuestValue[] = [];
    const end = this.innerEnd(at);
    let inner = at + SIZE;
    if (inner >= end || !this.firstValue(inner, first)) {
      throw new GuestError('no initial value for fold capture');
    }
    let result = first[0];
    for (inner = this.next(inner); inner < end; ) {
      const mark = this.#values.length;
      inner = this.#push(inner);
      [result] = parts.call(callee, [result, ...this.#take(mark)]);
    }
    return result;
  }

  #argument(number: GuestValue): GuestValue {
    const index = Number(number) - 1;
    if (index >= this.#extras.length) {
      throw new GuestError(`reference to absent extra argument #${index + 1}`);
    }
    return this.#extras[index];
  }

  /** The last group of a name before a record, that is complete and not within another complete capture. */
  #find(at: number, name: GuestValue): number {
    const wanted = sameness(name);
    for (let before = at - SIZE; before >= this.base; before -= SIZE) {
      this.count();
      let capture = this.captureAt(before);
      if (capture.kind === CaptureKind.close) {
        before = this.offset(before);
        capture = this.captureAt(before);
      } else if (this.next(before) !== before + SIZE) {
        continue; // it is around the record that asks
      }
      if (capture.kind === CaptureKind.group && sameness(capture.value) === wanted) return before;
    }
    throw new GuestError(`back reference '${stringOf(name) ?? '(null)'}' not found`);
  }
}
