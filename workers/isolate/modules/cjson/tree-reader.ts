/**
 * The quick way from JSON text to guest values: JSON.parse, and a walk over what it gives. It takes the texts for which that is
 * what upstream does: JSON.parse accepts less than upstream and means the same by it, strings are bytes on both
 * sides once escapes beyond ASCII are, and of equal keys the last one counts. Keys that are integers come first.
 */
import type { GuestTable, GuestValue } from '../../engine.ts';
import type { ModuleParts } from '../native-module.ts';
import { utf8Bytes } from '../utf8-bytes.ts';
import { type CjsonContext, keep, QUICK_DEPTH, reserve } from './settings.ts';

/** What JSON.parse may take for a container, and for each byte; and the most that it may take. Other texts are read slower. */
const BYTES_PER_CONTAINER = 128;
const BYTES_PER_CHARACTER = 8;
const MOST_BYTES = 4 * 1024 * 1024;
const ESCAPES = /\\(?:u([\da-f]{4})(?:\\u(d[c-f][\da-f]{2}))?|[\s\S])/gi;

const NO_KEYS: string[] = [];

/** What JSON.parse gives. */
type Tree = null | boolean | number | string | Branch;
type Branch = Tree[] | { readonly [key: string]: Tree };

/** The value in a list, since it may be nil; undefined for a text that must be read in the other way. */
export function readTree(text: string, context: CjsonContext): readonly [GuestValue] | undefined {
  const { parts, settings, nullObject, shapes } = context;
  const bytes = bytesFor(text);
  if (bytes > MOST_BYTES) return undefined;
  reserve(context, bytes);
  const nullValue = settings.decodeNull ? nullObject : undefined;
  const most = Math.min(QUICK_DEPTH, settings.decodeDepth);

  /** undefined if it is too deep. */
  const tableOf = (tree: Branch, depth: number): GuestTable | undefined => {
    if (depth > most) return undefined;
    if (!Array.isArray(tree)) return record(tree, depth);
    const values: (GuestValue | Tree)[] = tree;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as Tree; // this one was not replaced yet
      if (typeof value !== 'object') continue;
      const own = value === null ? nullValue : tableOf(value, depth + 1);
      if (own === undefined && value !== null) return undefined;
      values[i] = own;
    }
    return listOf(parts, values as GuestValue[]); // the loop replaced what was none
  };

  const record = (
    tree: { readonly [key: string]: Tree },
    depth: number,
  ): GuestTable | undefined => {
    let keys = NO_KEYS;
    let isOwn = false;
    let values: GuestValue[] = [];
    let count = 0;
    for (const key in tree) {
      const value = tree[key];
      let own: GuestValue;
      if (typeof value !== 'object') own = value;
      else if (value !== null) {
        own = tableOf(value, depth + 1);
        if (own === undefined) return undefined;
      } else if (nullValue === undefined) continue;
      else own = nullValue;
      if (count === 0) {
        keys = shapes.get(key) ?? NO_KEYS;
        // oxlint-disable-next-line unicorn/no-new-array -- an array that grows takes several times the room
        if (keys.length > 0) values = new Array<GuestValue>(keys.length);
      }
      if (isOwn) keys.push(key);
      else if (keys[count] !== key) {
        keys = keys.slice(0, count);
        keys.push(key);
        isOwn = true;
      }
      values[count++] = own;
    }
    if (count < values.length) values.length = count;
    if (isOwn || count < keys.length) {
      keys = keys.slice(0, count);
      keep(shapes, keys, keys);
    }
    return recordOf(parts, keys, values, true);
  };

  const tree = parsed(text.includes('\\u') ? withBytes(text) : text);
  if (tree === undefined) return undefined;
  if (typeof tree !== 'object') return [tree];
  if (tree === null) return [nullValue];
  const table = tableOf(tree, 1);
  return table === undefined ? undefined : [table];
}

/** A list ends, for `#`, before its first nil; what comes after it keeps its index. */
export function listOf(parts: ModuleParts, values: readonly GuestValue[]): GuestTable {
  const hole = values.indexOf(undefined);
  if (hole < 0) return parts.createList(values);
  const table = parts.createList(values.slice(0, hole));
  for (let i = hole; i < values.length; i++) {
    const value = values[i];
    if (value !== undefined) table.set(i + 1, value);
  }
  return table;
}

export function recordOf(
  parts: ModuleParts,
  keys: string[],
  values: GuestValue[],
  plain: boolean,
): GuestTable {
  const table = parts.createTable();
  if (keys.length > 0) table.fill(keys, values, plain);
  return table;
}

/** Counts the containers, until there are too many. */
function bytesFor(text: string): number {
  let bytes = text.length * BYTES_PER_CHARACTER;
  for (const bracket of '[{') {
    let at = text.indexOf(bracket);
    while (at >= 0 && bytes <= MOST_BYTES) {
      bytes += BYTES_PER_CONTAINER;
      at = text.indexOf(bracket, at + 1);
    }
  }
  return bytes;
}

function parsed(text: string): Tree | undefined {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The other reader says what is wrong, if anything is.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Escapes that are no ASCII become the bytes of their characters. Surrogates alone become what is malformed. */
function withBytes(text: string): string {
  return text.replace(ESCAPES, (whole: string, unit?: string, low?: string) => {
    if (unit === undefined) return whole;
    const point = codePoint(unit, low);
    if (point < 0 || (low !== undefined && point < 0x10000)) return '\\?';
    return point < 0x80 ? whole : utf8Bytes(point);
  });
}

/** Of a unit in hexadecimal digits, and the low surrogate after it; -1 for a surrogate alone. */
export function codePoint(unit: string, low: string | undefined): number {
  const code = Number.parseInt(unit, 16);
  if (code < 0xd800 || code > 0xdfff) return code;
  if (code > 0xdbff || low === undefined) return -1;
  return 0x10000 + ((code - 0xd800) << 10) + (Number.parseInt(low, 16) - 0xdc00);
}
