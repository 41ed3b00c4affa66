/**
 * What the last successful search found, in one array that interpreted and compiled patterns fill in the same way. It is
 * overwritten by the next search: read it before anything of the guest is called.
 *
 *     found = [end, count, start 0, length 0, start 1, length 1, …]
 *
 * Offsets count from 0. A length can be one of the two marks below.
 */
import { cut } from '../../../lua-text/flat-text.ts';
import { raise } from '../../runtime/errors.ts';
import type { LuaValue } from '../../runtime/values.ts';

/** Captures of one pattern, as Lua 5.1's LUA_MAXCAPTURES. */
export const MAX_CAPTURES = 32;

/** The length of a capture that has not been closed. */
export const OPEN = -1;
/** The length of a capture that is a position. */
export const POSITION = -2;

/** Index of the first capture's start. */
export const FIRST = 2;

export const found = new Int32Array(FIRST + 2 * MAX_CAPTURES);

/** A search from `init` on: the offset where the match begins, or -1; the rest is in `found`. */
export type Search = (source: string, init: number) => number;

/** A capture's text or position; without captures, the first is the whole match, which begins at `start`. */
export function capture(source: string, index: number, start: number): string | number {
  if (index >= (found[1] as number)) {
    if (index !== 0) return raise('invalid capture index');
    return cut(source.substring(start, found[0]), source.length);
  }
  const from = found[FIRST + 2 * index] as number;
  const length = found[FIRST + 1 + 2 * index] as number;
  if (length < 0) return length === POSITION ? from + 1 : raise('unfinished capture');
  return cut(source.substring(from, from + length), source.length);
}

/** All captures. */
export function captures(source: string, start: number): LuaValue[] {
  const values: LuaValue[] = [];
  const count = found[1] as number;
  for (let i = 0; i < count; i++) values.push(capture(source, i, start));
  return values;
}
