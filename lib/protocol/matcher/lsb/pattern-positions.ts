/**
 * Runs any pattern item by item on the list of all positions that the items before can have led to. Every list is
 * ascending without repeats, so an item takes time linear in the input and nothing is ever tried again. The lists
 * live in buffers that all patterns share.
 */
import type { ByteTest } from '../byte-test.ts';
import type { ByteSet } from './byte-set.ts';
import type { Pattern } from './pattern.ts';

/** Steps per byte of input beside one per item: the first list and the search for its ends. */
export const POSITIONS_BASE_COST = 4;

/** Entries of a buffer that is kept between tests. */
const KEPT_ENTRIES = 1 << 17;

let buffers = makeBuffers(256);

interface Buffers {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Of each open delimiter, whether it is a position of the list. */
  readonly opened: Uint8Array;
}

function makeBuffers(entries: number): Buffers {
  return {
    from: new Int32Array(entries),
    to: new Int32Array(entries),
    opened: new Uint8Array(entries),
  };
}

export function positionsTest(pattern: Pattern): ByteTest {
  return (bytes, start, end) => {
    const entries = end - start + 1;
    if (entries > buffers.from.length) buffers = makeBuffers(2 * entries);
    const verdict = search(pattern, bytes, start, end);
    if (buffers.from.length > KEPT_ENTRIES) buffers = makeBuffers(256);
    return verdict;
  };
}

function search(pattern: Pattern, bytes: Uint8Array, start: number, end: number): boolean {
  const { opened } = buffers;
  let { from, to } = buffers;
  let count = pattern.anchoredStart ? 1 : end - start + 1;
  for (let i = 0; i < count; i++) from[i] = start + i;
  for (const item of pattern.items) {
    switch (item.kind) {
      case 'one':
        count = afterOne(item.set, from, count, to, bytes, end);
        break;
      case 'option':
        count = afterOption(item.set, from, count, to, bytes, end);
        break;
      case 'star':
        count = afterStar(item.set, from, count, to, bytes, end);
        break;
      case 'frontier':
        count = atFrontier(item.set, from, count, to, bytes, start, end);
        break;
      case 'balance':
        count = afterBalance(item.open, item.close, from, count, to, bytes, end, opened);
        break;
      default:
        return item satisfies never;
    }
    if (count === 0) return false;
    const previous = from;
    from = to;
    to = previous;
  }
  return !pattern.anchoredEnd || from[count - 1] === end;
}

// Each of these reads `count` positions in `from`, writes those behind the item to `to` and returns how many they are.

function afterOne(
  set: ByteSet,
  from: Int32Array,
  count: number,
  to: Int32Array,
  bytes: Uint8Array,
  end: number,
): number {
  let written = 0;
  for (let i = 0; i < count; i++) {
    const at = from[i] as number; // i < count
    if (at < end && set[bytes[at] as number] === 1) to[written++] = at + 1;
  }
  return written;
}

function afterOption(
  set: ByteSet,
  from: Int32Array,
  count: number,
  to: Int32Array,
  bytes: Uint8Array,
  end: number,
): number {
  let written = 0;
  let last = -1;
  for (let i = 0; i < count; i++) {
    const at = from[i] as number; // i < count
    if (at > last) to[written++] = at;
    last = at;
    if (at < end && set[bytes[at] as number] === 1) {
      last = at + 1;
      to[written++] = last;
    }
  }
  return written;
}

function afterStar(
  set: ByteSet,
  from: Int32Array,
  count: number,
  to: Int32Array,
  bytes: Uint8Array,
  end: number,
): number {
  let written = 0;
  let last = -1;
  for (let i = 0; i < count; i++) {
    let at = from[i] as number; // i < count
    // A position that an earlier run reached has nothing to add.
    if (at <= last) continue;
    to[written++] = at;
    while (at < end && set[bytes[at] as number] === 1) to[written++] = ++at;
    last = at;
  }
  return written;
}

/** Before the first byte and behind the last one stands a zero. */
function atFrontier(
  set: ByteSet,
  from: Int32Array,
  count: number,
  to: Int32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let written = 0;
  for (let i = 0; i < count; i++) {
    const at = from[i] as number; // i < count
    const before = at === start ? 0 : (bytes[at - 1] as number);
    const behind = at === end ? 0 : (bytes[at] as number);
    if (set[before] === 0 && set[behind] === 1) to[written++] = at;
  }
  return written;
}

/**
 * One pass pairs the delimiters on a stack, which holds of each open one whether it is a position of the list. What
 * closes is looked at first, so that equal delimiters pair with the next one.
 */
function afterBalance(
  open: number,
  close: number,
  from: Int32Array,
  count: number,
  to: Int32Array,
  bytes: Uint8Array,
  end: number,
  opened: Uint8Array,
): number {
  let written = 0;
  let depth = 0;
  let next = 0;
  for (let at = from[0] as number; at < end; at++) {
    const listed = next < count && from[next] === at;
    if (listed) next++;
    const byte = bytes[at];
    if (byte === close && depth > 0) {
      depth--;
      if (opened[depth] === 1) to[written++] = at + 1;
      if (open !== close) continue;
    }
    if (byte === open) opened[depth++] = listed ? 1 : 0;
  }
  return written;
}
