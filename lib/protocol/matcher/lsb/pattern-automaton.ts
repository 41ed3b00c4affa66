/**
 * Runs a pattern of few items as an automaton whose states are the bits of one number: bit i is set while the first
 * i items can have matched what was read. Each byte of input takes a handful of operations, whatever the pattern.
 */
import type { ByteTest } from '../byte-test.ts';
import type { Pattern } from './pattern.ts';

/** States and their carry have to stay below 2^31. */
const MAX_ITEMS = 29;

/** Steps per byte of input. */
export const AUTOMATON_COST = 4;

export function fitsAutomaton(pattern: Pattern): boolean {
  return (
    pattern.items.length <= MAX_ITEMS &&
    pattern.items.every(({ kind }) => kind !== 'balance' && kind !== 'frontier')
  );
}

/**
 * The test of a pattern that fits. With `idle`, the items that may match nothing, a run of them passes a state on to its
 * end: adding the states in the run to it lets the carry do so.
 *
 *   idle          0 1 1 1 0
 *   states        0 0 1 0 0
 *   idle + states 1 0 0 1 0
 *   xor idle      1 1 1 0 0   the state, all behind it in the run, and the one behind the run
 */
export function automatonTest(pattern: Pattern): ByteTest {
  const { items, anchoredStart, anchoredEnd } = pattern;
  const advancing = new Int32Array(256);
  const staying = new Int32Array(256);
  let idle = 0;
  for (const [i, item] of items.entries()) {
    if (item.kind === 'balance') throw new RangeError('no automaton counts'); // fitsAutomaton has refused it
    const bit = 1 << i;
    const moves = item.kind === 'star' ? staying : advancing;
    for (let byte = 0; byte < 256; byte++) {
      if (item.set[byte] === 1) moves[byte] = (moves[byte] as number) | bit; // 256 entries
    }
    if (item.kind !== 'one') idle |= bit;
  }
  const accepting = 1 << items.length;
  const initial = 1 | ((idle + (1 & idle)) ^ idle);
  if (!anchoredEnd && (initial & accepting) !== 0) return () => true;
  const restart = anchoredStart ? 0 : initial;
  return (bytes, start, end) => {
    let states = initial;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number; // at < end <= bytes.length
      states = ((states & (advancing[byte] as number)) << 1) | (states & (staying[byte] as number));
      states |= ((idle + (states & idle)) ^ idle) | restart;
      if (states === 0) return false;
      if (!anchoredEnd && (states & accepting) !== 0) return true;
    }
    return (states & accepting) !== 0;
  };
}
