/**
 * Guest values to JSON text, as upstream writes it. Open containers are on a stack of our own, so that depth costs no stack
 * of JavaScript's. The text grows in pieces; each append is held against the output limit with the room that upstream
 * reserves for it, so that both refuse the same values.
 */
import { GuestError, type GuestTable, type GuestValue, type TableWalk } from '../../engine.ts';
import { guestTypeName } from '../../host-api/guest-arguments.ts';
import { flatten } from '../../lua-text/flat-text.ts';
import { general } from '../../lua-text/number-text.ts';
import type { ModuleParts } from '../native-module.ts';
import { type CjsonSettings, NESTING_CAP } from './settings.ts';
import { quoted } from './string-writer.ts';

/** Room that upstream wants for a number, bytes. */
const NUMBER_ROOM = 32;
/** Room for a string's bytes when each may be escaped. */
const ESCAPE_ROOM = 6;
/** Pieces are made one text when they are so long. */
const PIECE_BYTES = 4096;
/** Bytes of text for the price of one instruction; entries looked over. */
const BYTES_PER_CHARGE = 8;
const ENTRIES_PER_CHARGE = 8;
const ENTRIES_PER_LOOK = 1024;
const LARGEST_INT = 0x7fffffff;
/** Integers below this are written in full by all precisions from 14 on. */
const PLAIN_INTEGERS = 1e14;
const PLAIN_PRECISION = 14;

/** Type name of the object that stands for null. */
export const NULL_TYPE = 'cjson.null';

/** A container that is written. */
interface Open {
  readonly table: GuestTable;
  /** Of an object. */
  readonly walk: TableWalk | undefined;
  /** Of a list: entries in all. */
  readonly length: number;
  /** Entries written. */
  written: number;
}

export class Encoder {
  readonly #parts: ModuleParts;
  readonly #settings: CjsonSettings;
  /** Finished pieces, and the bytes in them; then the one that grows. */
  #pieces: string[] = [];
  #before = 0;
  #piece = '';
  #limit = Number.POSITIVE_INFINITY;

  constructor(parts: ModuleParts, settings: CjsonSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  encode(value: GuestValue): string {
    const { outputBytes } = this.#parts;
    this.#limit = outputBytes > 0 ? outputBytes - 1 : Number.POSITIVE_INFINITY;
    try {
      this.#write(value);
      this.#parts.memory.charge(this.#piece.length / BYTES_PER_CHARGE);
      if (this.#pieces.length === 0) return flatten(this.#piece);
      this.#pieces.push(this.#piece);
      return this.#pieces.join('');
    } finally {
      this.#pieces = [];
      this.#before = 0;
      this.#piece = '';
    }
  }

  #write(root: GuestValue): void {
    const outer: Open[] = [];
    let open: Open | undefined;
    let value = root;
    for (;;) {
      if (typeof value === 'object' && value.kind === 'table') {
        if (open !== undefined) outer.push(open);
        open = this.#open(value, outer.length + 1);
      } else this.#scalar(value);
      // To the next value: as many containers as end here.
      for (;;) {
        if (open === undefined) return;
        const { walk } = open;
        if (walk === undefined) {
          if (open.written < open.length) {
            if (open.written > 0) this.#put(',', 1);
            value = open.table.get(++open.written);
            break;
          }
          this.#put(']', 1);
        } else {
          if (walk.advance()) {
            if (open.written++ > 0) this.#put(',', 1);
            this.#key(walk.key);
            ({ value } = walk);
            break;
          }
          this.#put('}', 1);
        }
        open = outer.pop();
      }
    }
  }

  #open(table: GuestTable, depth: number): Open {
    if (depth > this.#settings.encodeDepth || depth > NESTING_CAP) {
      throw new GuestError(`Cannot serialise, excessive nesting (${depth})`);
    }
    const length = this.#listLength(table);
    const isList = length > 0 || (length === 0 && table.isList);
    this.#put(isList ? '[' : '{', 1);
    return { table, walk: isList ? undefined : table.walk(), length, written: 0 };
  }

  /** The largest index of a table with positive integers for keys only; -1 for others. */
  #listLength(table: GuestTable): number {
    const { sparseRatio, sparseSafe, sparseConvert } = this.#settings;
    let largest = 0;
    let entries = 0;
    if (table.isList) {
      largest = table.length();
      if (largest <= sparseSafe || sparseRatio === 0) return largest;
    }
    largest = 0;
    for (const walk = table.walk(); walk.advance(); ) {
      const { key } = walk;
      if (typeof key !== 'number' || key < 1 || !Number.isInteger(key)) return -1;
      if (key > largest) largest = key;
      entries++;
      if (entries % ENTRIES_PER_LOOK === 0) {
        this.#parts.memory.charge(ENTRIES_PER_LOOK / ENTRIES_PER_CHARGE);
      }
    }
    // Larger indices are more than upstream can count to.
    if (largest > LARGEST_INT) return -1;
    if (sparseRatio === 0 || largest <= entries * sparseRatio || largest <= sparseSafe) {
      return largest;
    }
    if (sparseConvert) return -1;
    throw new GuestError('Cannot serialise table: excessively sparse array');
  }

  #key(key: GuestValue): void {
    if (typeof key === 'string') {
      this.#put(`${quoted(key)}:`, key.length * ESCAPE_ROOM + 2);
    } else if (typeof key === 'number') {
      this.#put('"', 1);
      this.#number(key);
      this.#put('":', 2);
    } else throw refused(key, 'table key must be a number or string');
  }

  #scalar(value: GuestValue): void {
    switch (typeof value) {
      case 'string':
        this.#put(quoted(value), value.length * ESCAPE_ROOM + 2);
        return;
      case 'number':
        this.#number(value);
        return;
      case 'boolean':
        this.#put(value ? 'true' : 'false', value ? 4 : 5);
        return;
      case 'undefined':
        this.#put('null', 4);
        return;
      default:
        if (value.kind !== 'object' || value.type !== NULL_TYPE) {
          throw refused(value, 'type not supported');
        }
        this.#put('null', 4);
    }
  }

  #number(value: number): void {
    const { precision } = this.#settings;
    if (Number.isInteger(value) && value < PLAIN_INTEGERS && value > -PLAIN_INTEGERS) {
      if (precision >= PLAIN_PRECISION && (value !== 0 || !Object.is(value, -0))) {
        this.#put(String(value), NUMBER_ROOM);
        return;
      }
    } else if (!Number.isFinite(value)) {
      this.#put(this.#invalidNumber(value), 0);
      return;
    }
    this.#put(general(value, precision, false), NUMBER_ROOM);
  }

  #invalidNumber(value: number): string {
    const { encodeInvalid } = this.#settings;
    if (encodeInvalid === 'off') throw refused(value, 'must not be NaN or Infinity');
    return encodeInvalid === 'null' ? 'null' : String(value);
  }

  /** Appends a text, if there is room for so many bytes. */
  #put(text: string, room: number): void {
    const length = this.#before + this.#piece.length;
    if (length + (room === 0 ? text.length : room) > this.#limit) {
      throw new GuestError('strbuf output_limit exceeded');
    }
    this.#piece += text;
    if (this.#piece.length >= PIECE_BYTES) this.#finishPiece();
  }

  #finishPiece(): void {
    const piece = flatten(this.#piece);
    this.#pieces.push(piece);
    this.#before += piece.length;
    this.#piece = '';
    const { memory } = this.#parts;
    memory.charge(piece.length / BYTES_PER_CHARGE);
    // The pieces, and once more their sum.
    if (!memory.reserve(2 * this.#before)) throw new GuestError('not enough memory');
  }
}

function refused(value: GuestValue, reason: string): GuestError {
  return new GuestError(`Cannot serialise ${guestTypeName(value)}: ${reason}`);
}
