/**
 * Captures that gather values: tables, and folds. What a fold by the guest's `rawset` into a new table does is known, so its pairs
 * come all at once.
 */
import { GuestError, type GuestTable, type GuestValue } from '../../engine.ts';
import * as CaptureKind from './capture-kind.ts';
import { CALL_CHARGE, type Match, NO_VALUE, TABLE_CHARGE } from './match.ts';
import type { Shape } from './record-shapes.ts';
import { RECORD_SIZE } from './recorder.ts';

export function tableOf(match: Match, at: number): GuestTable {
  const { parts } = match.recorder;
  const end = match.innerEnd(at);
  let inner = at + RECORD_SIZE;
  if (inner === end) {
    match.count(TABLE_CHARGE);
    return parts.createTable();
  }
  // As long as there are groups with names only, and these are known, their values are all there is to remember.
  let shape = match.program.shapesOf(match.integer(at)).root;
  const named: GuestValue[] = [];
  for (; inner < end; inner = match.next(inner)) {
    const capture = match.captureAt(inner);
    if (capture.name === undefined) break;
    const next = shape.with(capture);
    if (next === undefined) break;
    shape = next;
    named.push(match.namedValue(inner, capture));
  }
  match.count(TABLE_CHARGE);
  return inner < end ? mixedTable(match, inner, end, shape, named) : shape.table(named, parts);
}

/** A value under a number, and how many values the list had before it. */
interface Numbered {
  readonly number: number;
  readonly value: GuestValue;
  readonly behind: number;
}

/** A table that begins with these values under the names of a shape, and goes on as it comes. */
function mixedTable(
  match: Match,
  from: number,
  end: number,
  { names }: Shape,
  named: GuestValue[],
): GuestTable {
  const { parts } = match.recorder;
  const mark = match.used;
  const list: GuestValue[] = [];
  let keys: GuestValue[] | undefined;
  let numbered: Numbered[] | undefined;
  for (let inner = from; inner < end; ) {
    const capture = match.captureAt(inner);
    const { name } = capture;
    if (name === undefined) {
      inner = match.push(inner);
      match.take(mark, list);
      continue;
    }
    const value = match.namedValue(inner, capture);
    inner = match.next(inner);
    if (typeof name === 'number') {
      numbered ??= [];
      numbered.push({ number: name, value, behind: list.length });
    } else {
      keys ??= [...names];
      keys.push(name);
      named.push(value);
    }
  }
  const table = list.length === 0 ? parts.createTable() : parts.createList(list);
  for (let i = 0; i < named.length; i++) table.set((keys ?? names)[i], named[i]);
  for (const { number, value, behind } of numbered ?? []) {
    // A value of the list that came later has taken its place.
    if (!(number > behind && number <= list.length)) table.set(number, value);
  }
  return table;
}

export function foldOf(match: Match, at: number, callee: GuestValue): GuestValue {
  const inner = at + RECORD_SIZE;
  const end = match.innerEnd(at);
  const first = inner < end ? match.firstValue(inner) : NO_VALUE;
  if (first === NO_VALUE) throw new GuestError('no initial value for fold capture');
  return foldFrom(match, match.next(inner), end, callee, first);
}

/** Folds the captures between two records into a value. */
function foldFrom(
  match: Match,
  from: number,
  end: number,
  callee: GuestValue,
  initial: GuestValue,
): GuestValue {
  const { parts } = match.recorder;
  let result = initial;
  for (let inner = from; inner < end; ) {
    const mark = match.used;
    inner = match.push(inner);
    match.count(CALL_CHARGE);
    result = parts.call(callee, match.take(mark, [result]))[0];
  }
  return result;
}

/** As foldOf, where the function is rawset. */
export function pairsOf(match: Match, at: number, callee: GuestValue): GuestValue {
  const first = at + RECORD_SIZE;
  const end = match.innerEnd(at);
  // Only a table that is empty and known to nobody else may come late.
  if (first >= end || !isEmptyTable(match, first)) return foldOf(match, at, callee);
  const names: string[] = [];
  const values: GuestValue[] = [];
  const mark = match.used;
  let inner = match.next(first);
  for (; inner < end; inner = match.next(inner)) {
    match.push(inner);
    const name = match.values[mark];
    if (typeof name !== 'string' || match.used < mark + 2) break;
    names.push(name);
    values.push(match.values[mark + 1]);
    match.used = mark;
    match.count(CALL_CHARGE);
  }
  const { parts } = match.recorder;
  const table = match.program.pairsOf(match.integer(at)).table(names, values, parts);
  if (inner >= end) return table;
  // What is no pair was evaluated already: the function says what is wrong, or makes do with it.
  const result = parts.call(callee, match.take(mark, [table]))[0];
  return foldFrom(match, match.next(inner), end, callee, result);
}

function isEmptyTable(match: Match, at: number): boolean {
  const { kind, name } = match.captureAt(at);
  return (
    kind === CaptureKind.table && name === undefined && match.innerEnd(at) === at + RECORD_SIZE
  );
}
