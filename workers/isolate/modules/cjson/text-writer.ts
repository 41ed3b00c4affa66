/**
 * Guest values to JSON text, as upstream writes it. Open containers are on a stack of our own, so that depth costs no stack
 * of JavaScript's. The text grows in pieces; each append is held against the output limit with the room that upstream
 * reserves for it, so that both refuse the same values. Most values are written by tree-writer.ts; this one takes the rest.
 */
import { GuestError, type GuestTable, type GuestValue, type TableWalk } from '../../engine.ts';
import { guestTypeName } from '../../host-api/guest-arguments.ts';
import { flatten } from '../../lua-text/flat-text.ts';
import { general } from '../../lua-text/number-text.ts';
import {
  type CjsonContext,
  keepsEmptyLists,
  NESTING_CAP,
  NULL_TYPE,
  NUMBER_ROOM,
  reserve,
  stringRoom,
} from './settings.ts';

/** Pieces are made one text when they are so long. */
const PIECE_BYTES = 4096;
/** Bytes of text for the price of one instruction; entries looked over. */
const BYTES_PER_CHARGE = 8;
const ENTRIES_PER_CHARGE = 8;
const ENTRIES_PER_LOOK = 1024;
const LARGEST_INT = 0x7fffffff;

/** What strings are escaped for; those that have a letter, and the letters. */
const ESCAPED = /["/\\\0-\x1f\x7f]/g;
const LETTERED = '"\\/\b\f\n\r\t';
const LETTERS = '"\\/bfnrt';

/** A container that is written. */
interface Open {
  readonly table: GuestTable;
  /** Of an object: at its first entry, or the one that was written last. */
  readonly walk: TableWalk | undefined;
  /** Of a list: entries in all. */
  readonly length: number;
  /** Entries written. */
  written: number;
}

export function writeText(root: GuestValue, context: CjsonContext): string {
  const { parts, settings } = context;
  const { encodeDepth, encodeInvalid, precision, sparseConvert, sparseRatio, sparseSafe } =
    settings;
  const { memory, outputBytes } = parts;
  // One byte is for the NUL at the end.
  const limit = outputBytes > 0 ? outputBytes - 1 : Number.POSITIVE_INFINITY;
  /** Finished pieces, and the bytes in them; then the one that grows. */
  const pieces: string[] = [];
  let before = 0;
  let piece = '';

  /** Is there room for so many bytes? */
  const check = (room: number): void => {
    if (before + piece.length + room > limit) throw new GuestError('strbuf output_limit exceeded');
  };

  /** Pays for so many bytes, and asks for memory: for what is written, these, and once more the sum. */
  const look = (bytes: number): void => {
    memory.charge(bytes / BYTES_PER_CHARGE);
    reserve(context, 2 * (before + piece.length + bytes));
  };

  const put = (text: string, room: number = text.length): void => {
    check(room);
    piece += text;
    if (piece.length < PIECE_BYTES) return;
    pieces.push(flatten(piece));
    look(0);
    memory.charge(piece.length / BYTES_PER_CHARGE);
    before += piece.length;
    piece = '';
  };

  const putString = (text: string): void => {
    const room = stringRoom(text.length);
    check(room);
    if (text.length > PIECE_BYTES) look(text.length);
    put(`"${text.replace(ESCAPED, escaped)}"`, room);
  };

  const putNumber = (value: number): void => {
    if (Number.isFinite(value)) put(general(value, precision, false), NUMBER_ROOM);
    else if (encodeInvalid === 'off') throw refused(value, 'must not be NaN or Infinity');
    else put(encodeInvalid === 'null' ? 'null' : String(value));
  };

  /** The largest index of a table with positive integers for keys only, or -1. The walk is at its first entry. */
  const listLength = (walk: TableWalk): number => {
    let largest = 0;
    let entries = 0;
    do {
      const { key } = walk;
      if (typeof key !== 'number' || key < 1 || !Number.isInteger(key)) return -1;
      if (key > largest) largest = key;
      entries++;
      if (entries % ENTRIES_PER_LOOK === 0) memory.charge(ENTRIES_PER_LOOK / ENTRIES_PER_CHARGE);
    } while (walk.advance());
    // Larger ones are more than upstream can count to.
    if (largest > LARGEST_INT) return -1;
    if (sparseRatio === 0 || largest <= entries * sparseRatio || largest <= sparseSafe) {
      return largest;
    }
    if (sparseConvert) return -1;
    throw new GuestError('Cannot serialise table: excessively sparse array');
  };

  /** Begins a container; one that is empty is written and done. */
  const begin = (table: GuestTable, depth: number): Open | undefined => {
    if (depth > encodeDepth || depth > NESTING_CAP) {
      throw new GuestError(`Cannot serialise, excessive nesting (${depth})`);
    }
    let walk = table.walk();
    if (!walk.advance()) {
      put(keepsEmptyLists(parts) && table.isList ? '[]' : '{}');
      return undefined;
    }
    let length = -1;
    if (typeof walk.key === 'number') {
      length = listLength(walk);
      if (length >= 0) {
        put('[');
        return { table, walk: undefined, length, written: 0 };
      }
      walk = table.walk();
      walk.advance();
    }
    put('{');
    return { table, walk, length, written: 0 };
  };

  const putKey = (key: GuestValue): void => {
    if (typeof key === 'string') putString(key);
    else if (typeof key === 'number') {
      put('"');
      putNumber(key);
      put('"');
    } else throw refused(key, 'table key must be a number or string');
    put(':');
  };

  const putScalar = (value: GuestValue): void => {
    if (typeof value === 'string') putString(value);
    else if (typeof value === 'number') putNumber(value);
    else if (typeof value === 'boolean') put(value ? 'true' : 'false');
    else if (value === undefined || (value.kind === 'object' && value.type === NULL_TYPE)) {
      put('null');
    } else throw refused(value, 'type not supported');
  };

  const outer: Open[] = [];
  let open: Open | undefined;
  let value = root;
  for (;;) {
    if (typeof value === 'object' && value.kind === 'table') {
      const begun = begin(value, outer.length + (open === undefined ? 1 : 2));
      if (begun !== undefined) {
        if (open !== undefined) outer.push(open);
        open = begun;
      }
    } else putScalar(value);
    // To the next value: as many containers as end here.
    while (open !== undefined) {
      const { walk, written } = open;
      if (walk === undefined ? written < open.length : written === 0 || walk.advance()) {
        if (written > 0) put(',');
        if (walk === undefined) value = open.table.get(written + 1);
        else {
          putKey(walk.key);
          ({ value } = walk);
        }
        open.written = written + 1;
        break;
      }
      put(walk === undefined ? ']' : '}');
      open = outer.pop();
    }
    if (open === undefined) break;
  }
  look(0);
  pieces.push(piece);
  return pieces.length === 1 ? flatten(piece) : pieces.join('');
}

function escaped(character: string): string {
  const at = LETTERED.indexOf(character);
  if (at >= 0) return `\\${LETTERS.charAt(at)}`;
  return `\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function refused(value: GuestValue, reason: string): GuestError {
  return new GuestError(`Cannot serialise ${guestTypeName(value)}: ${reason}`);
}
