/**
 * Guest values to JSON text, as upstream writes it. Open containers are on a stack of our own, so that depth costs no stack
 * of JavaScript's. The text grows in pieces; each append is held against the output limit with the room that upstream
 * reserves for it, so that both refuse the same values.
 */
import { GuestError, type GuestTable, type GuestValue, type TableWalk } from '../../engine.ts';
import { guestTypeName } from '../../host-api/guest-arguments.ts';
import { flatten } from '../../lua-text/flat-text.ts';
import type { ModuleParts } from '../native-module.ts';
import { numberText } from './number-writer.ts';
import { type CjsonSettings, NESTING_CAP } from './settings.ts';
import { KeyWriter, quoted } from './string-writer.ts';

/** Room that upstream wants for a number, bytes. */
const NUMBER_ROOM = 32;
/** Pieces are made one text when they are so long. */
const PIECE_BYTES = 4096;
/** Bytes of text for the price of one instruction; entries looked over. */
const BYTES_PER_CHARGE = 8;
const ENTRIES_PER_CHARGE = 8;
const ENTRIES_PER_LOOK = 1024;
const LARGEST_INT = 0x7fffffff;

/** Longer than any string of V8's can be. */
const NO_LIMIT = 2 ** 30 - 1;

/** Type name of the object that stands for null. */
export const NULL_TYPE = 'cjson.null';

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

export class Encoder {
  readonly #parts: ModuleParts;
  readonly #settings: CjsonSettings;
  readonly #keys = new KeyWriter();
  /** Finished pieces, and the bytes in them; then the one that grows. */
  #pieces: string[] = [];
  #before = 0;
  #piece = '';
  #limit = NO_LIMIT;

  constructor(parts: ModuleParts, settings: CjsonSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  encode(value: GuestValue): string {
    const { outputBytes } = this.#parts;
    // One byte is for the NUL at the end.
    this.#limit = outputBytes > 0 ? outputBytes - 1 : NO_LIMIT;
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
        const begun = this.#open(value, outer.length + (open === undefined ? 1 : 2));
        if (begun !== undefined) {
          if (open !== undefined) outer.push(open);
          open = begun;
        }
      } else this.#scalar(value);
      // To the next value: as many containers as end here.
      for (;;) {
        if (open === undefined) return;
        const { walk, written } = open;
        if (walk === undefined) {
          if (written < open.length) {
            if (written > 0) this.#put(',', 1);
            open.written = written + 1;
            value = open.table.get(written + 1);
            break;
          }
          this.#put(']', 1);
        } else {
          if (written === 0 || walk.advance()) {
            this.#key(walk.key, written > 0);
            open.written = 1;
            ({ value } = walk);
            break;
          }
          this.#put('}', 1);
        }
        open = outer.pop();
      }
    }
  }

  /** Begins a container; one that is empty is written and done. */
  #open(table: GuestTable, depth: number): Open | undefined {
    const { encodeDepth, sparseRatio, sparseSafe } = this.#settings;
    if (depth > encodeDepth || depth > NESTING_CAP) {
      throw new GuestError(`Cannot serialise, excessive nesting (${depth})`);
    }
    const { isList } = table;
    let length = isList ? table.length() : -1;
    let walk: TableWalk | undefined;
    if (!isList || (sparseRatio > 0 && length > sparseSafe)) {
      walk = table.walk();
      if (!walk.advance()) length = isList ? 0 : -1;
      else if (typeof walk.key === 'number') {
        length = this.#listLength(walk);
        if (length < 0) {
          walk = table.walk();
          walk.advance();
        }
      } else length = -1;
      if (length < 0 && walk.value === undefined) {
        this.#put('{}', 2);
        return undefined;
      }
    }
    if (length === 0) {
      this.#put('[]', 2);
      return undefined;
    }
    this.#put(length < 0 ? '{' : '[', 1);
    return { table, walk: length < 0 ? walk : undefined, length, written: 0 };
  }

  /** The largest index of a table with positive integers for keys only, or -1. The walk is at its first entry. */
  #listLength(walk: TableWalk): number {
    const { sparseRatio, sparseSafe, sparseConvert } = this.#settings;
    let largest = 0;
    let entries = 0;
    do {
      const { key } = walk;
      if (typeof key !== 'number' || key < 1 || !Number.isInteger(key)) return -1;
      if (key > largest) largest = key;
      entries++;
      if (entries % ENTRIES_PER_LOOK === 0) {
        this.#parts.memory.charge(ENTRIES_PER_LOOK / ENTRIES_PER_CHARGE);
      }
    } while (walk.advance());
    // Larger ones are more than upstream can count to.
    if (largest > LARGEST_INT) return -1;
    if (sparseRatio === 0 || largest <= entries * sparseRatio || largest <= sparseSafe) {
      return largest;
    }
    if (sparseConvert) return -1;
    throw new GuestError('Cannot serialise table: excessively sparse array');
  }

  #key(key: GuestValue, isLater: boolean): void {
    if (typeof key === 'string') {
      if (key.length >= PIECE_BYTES) this.#prepare(key.length);
      const text = this.#keys.text(key, isLater);
      const comma = isLater ? 1 : 0;
      // The colon wants more room than was reserved if all bytes were escaped.
      this.#put(text, Math.max(stringRoom(key) + comma, text.length));
      return;
    }
    if (isLater) this.#put(',', 1);
    if (typeof key !== 'number') throw refused(key, 'table key must be a number or string');
    this.#put('"', 1);
    this.#number(key);
    this.#put('":', 2);
  }

  #scalar(value: GuestValue): void {
    switch (typeof value) {
      case 'string':
        if (value.length >= PIECE_BYTES) this.#prepare(value.length);
        this.#put(quoted(value), stringRoom(value));
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
    if (Number.isFinite(value)) {
      this.#put(numberText(value, this.#settings.precision), NUMBER_ROOM);
      return;
    }
    const { encodeInvalid } = this.#settings;
    if (encodeInvalid === 'off') throw refused(value, 'must not be NaN or Infinity');
    const text = encodeInvalid === 'null' ? 'null' : String(value);
    this.#put(text, text.length);
  }

  /** Before a long string is looked through. */
  #prepare(length: number): void {
    if (this.#length + length * 6 + 2 > this.#limit) throw limitExceeded();
    this.#look(length);
  }

  get #length(): number {
    return this.#before + this.#piece.length;
  }

  /** Appends a text, if there is room for so many bytes. */
  #put(text: string, room: number): void {
    if (this.#length + room > this.#limit) throw limitExceeded();
    this.#piece += text;
    if (this.#piece.length >= PIECE_BYTES) this.#finishPiece();
  }

  #finishPiece(): void {
    const piece = flatten(this.#piece);
    this.#pieces.push(piece);
    this.#before += piece.length;
    this.#piece = '';
    this.#look(piece.length);
  }

  /** Pays for so many bytes, and asks for memory: for what is written, these, and once more the sum. */
  #look(bytes: number): void {
    const { memory } = this.#parts;
    memory.charge(bytes / BYTES_PER_CHARGE);
    if (!memory.reserve(2 * (this.#length + bytes))) throw new GuestError('not enough memory');
  }
}

/** Upstream reserves room for a string all of whose bytes are escaped. */
function stringRoom(text: string): number {
  return text.length * 6 + 2;
}

function limitExceeded(): GuestError {
  return new GuestError('strbuf output_limit exceeded');
}

function refused(value: GuestValue, reason: string): GuestError {
  return new GuestError(`Cannot serialise ${guestTypeName(value)}: ${reason}`);
}
