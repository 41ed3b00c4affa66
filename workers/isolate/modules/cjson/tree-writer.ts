/**
 * The quick way from guest values to JSON text: a tree of JavaScript's, and JSON.stringify. It takes the values for which that
 * gives what upstream writes, once slashes and DEL are escaped, which occur in strings only. Numbers: whatever `%.14g` writes
 * without an exponent is the shortest text of the double nearest to it, and other texts are put in as they are.
 */
import type { GuestTable, GuestValue } from '../../engine.ts';
import { general } from '../../lua-text/number-text.ts';
import {
  type CjsonContext,
  type Form,
  keep,
  keepsEmptyLists,
  NULL_TYPE,
  NUMBER_ROOM,
  QUICK_DEPTH,
  stringRoom,
} from './settings.ts';

/** More values than this, or bytes of strings, are written piece by piece: nothing bounds a tree with shared branches. */
const MOST_VALUES = 20_000;
const MOST_BYTES = 256 * 1024;
/** The precision for which all this holds. */
const PRECISION = 14;
/** Numbers between these have no exponent in either text. */
const LEAST_PLAIN = 1e-4;
const PLAIN_INTEGERS = 1e14;
const NOT_HALF_WAY = 0.48;
/** Exact ones. */
const POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power);
/** Bytes of text for the price of one instruction. */
const BYTES_PER_CHARGE = 8;
/** Lists of so many entries are written as a whole. */
const SHORT_LIST = 16;
/** What a value takes in the tree. */
const VALUE_BYTES = 32;

type Tree = null | boolean | number | string | object;
type Members = { [key: string]: Tree };

/** Not in the types yet: a text that JSON.stringify puts in as it is. */
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON?: (text: string) => object };

/** The text of a table; undefined for one that must be written in the other way. */
export function writeTree(
  root: GuestTable,
  { parts, settings, forms }: CjsonContext,
): string | undefined {
  const { encodeDepth, precision, sparseRatio, sparseSafe } = settings;
  if (precision !== PRECISION) return undefined;
  const most = Math.min(QUICK_DEPTH, encodeDepth);
  let values = 0;
  let bytes = 0;
  let longest = 0;

  const count = (text: string): boolean => {
    const { length } = text;
    if (length > longest) longest = length;
    bytes += length;
    return bytes <= MOST_BYTES;
  };

  const list = (table: GuestTable, depth: number): Tree | undefined => {
    const length = table.length();
    values += length;
    if (values > MOST_VALUES) return undefined;
    // oxlint-disable-next-line unicorn/no-new-array -- an array that grows takes several times the room
    const trees = new Array<Tree>(length);
    let entries = 0;
    for (let i = 1; i <= length; i++) {
      const value = table.get(i);
      const tree = value === undefined ? null : treeOf(value, depth);
      if (tree === undefined) return undefined;
      trees[i - 1] = tree;
      if (value !== undefined) entries++;
    }
    const isSparse = sparseRatio > 0 && length > sparseSafe && length > entries * sparseRatio;
    return isSparse ? undefined : trees;
  };

  const record = (table: GuestTable, depth: number): Tree | undefined => {
    let object: Members = {};
    let form: Form | undefined;
    let members = 0;
    for (const walk = table.walk(); walk.advance(); members++) {
      const { key } = walk;
      if (typeof key !== 'string') return undefined;
      if (members === 0) {
        form = forms.get(key);
        if (form !== undefined) object = { ...form.object };
      }
      if (form !== undefined && form.names[members] !== key) {
        object = firstOf(object, form.names, members);
        form = undefined;
      }
      if ((form === undefined && isSpecialKey(key)) || !count(key)) return undefined;
      const tree = treeOf(walk.value, depth);
      if (tree === undefined) return undefined;
      object[key] = tree;
    }
    values += members;
    if (values > MOST_VALUES) return undefined;
    if (form === undefined) {
      const names = Object.keys(object);
      keep(forms, names, { names, object: firstOf({}, names, members) });
    } else if (members < form.names.length) object = firstOf(object, form.names, members);
    return object;
  };

  const emptyLists = keepsEmptyLists(parts);
  const treeOf = (value: GuestValue, depth: number): Tree | undefined => {
    switch (typeof value) {
      case 'string':
        return count(value) ? value : undefined;
      case 'number':
        return numberTree(value);
      case 'object':
        if (value.kind === 'object') return value.type === NULL_TYPE ? null : undefined;
        if (value.kind !== 'table' || depth >= most) return undefined;
        return value.isList && (emptyLists || value.length() > 0)
          ? list(value, depth + 1)
          : record(value, depth + 1);
      default:
        return value;
    }
  };

  /** A long list's entries, some at a time: their trees are gone before the heap has to be tidied up for them. */
  const longList = (length: number): string | undefined => {
    values += length;
    if (most < 1 || values > MOST_VALUES) return undefined;
    const texts: string[] = [];
    let trees: Tree[] = [];
    for (let i = 1; i <= length; i++) {
      // A hole is for the other way: it may make the list sparse.
      const value = root.get(i);
      const tree = value === undefined ? undefined : treeOf(value, 1);
      if (tree === undefined) return undefined;
      trees.push(tree);
      if (trees.length < SHORT_LIST && i < length) continue;
      texts.push(textOf(trees).slice(1, -1));
      trees = [];
    }
    return `[${texts.join(',')}]`;
  };

  const { memory, outputBytes } = parts;
  const length = root.isList ? root.length() : 0;
  const isLong = length > SHORT_LIST;
  const tree = isLong ? undefined : treeOf(root, 0);
  const text = isLong ? longList(length) : tree === undefined ? undefined : textOf(tree);
  memory.charge(values + bytes / BYTES_PER_CHARGE);
  if (text === undefined) return undefined;
  if (!memory.reserve(values * VALUE_BYTES + 2 * bytes)) return undefined;
  // Upstream reserves room before it knows how much it needs: only what is sure to pass there.
  const room = Math.max(stringRoom(longest), NUMBER_ROOM);
  return outputBytes > 0 && text.length + room >= outputBytes ? undefined : text;
}

function textOf(tree: Tree): string {
  let text = JSON.stringify(tree);
  if (text.includes('/')) text = text.replace(/\//g, '\\/');
  if (text.includes('\x7f')) text = text.replaceAll('\x7f', '\\u007f');
  return text;
}

/** The object with no more than its first members. */
function firstOf(object: Members, names: readonly string[], count: number): Members {
  const first: Members = {};
  for (const name of names.slice(0, count)) first[name] = object[name] ?? null;
  return first;
}

/** JavaScript would put integers first, and takes one name for something else. */
function isSpecialKey(key: string): boolean {
  const code = key.charCodeAt(0);
  return (code >= 48 && code <= 57) || key === '__proto__';
}

function numberTree(value: number): Tree | undefined {
  const magnitude = Math.abs(value);
  if (magnitude < PLAIN_INTEGERS) {
    if (Math.floor(value) === value) {
      if (value !== 0 || !Object.is(value, -0)) return value;
    } else if (magnitude >= LEAST_PLAIN) {
      // Its digits as an integer. Where that is not half-way between two, the product's error does not matter.
      let decimals = PRECISION;
      while ((POWERS[PRECISION - decimals] ?? 0) <= magnitude) decimals--;
      while (magnitude < 1 && (POWERS[decimals - PRECISION + 1] ?? 0) * magnitude < 1) decimals++;
      const power = POWERS[decimals] ?? 1;
      const digits = Math.round(value * power);
      const isSure = Math.abs(value * power - digits) < NOT_HALF_WAY;
      if (isSure && Math.abs(digits) < PLAIN_INTEGERS * power) return digits / power;
    }
  } else if (!Number.isFinite(value)) return undefined;
  const text = general(value, PRECISION, false);
  const nearest = Number(text);
  return /e/.test(text) || Object.is(nearest, -0) ? rawJSON?.(text) : nearest;
}
