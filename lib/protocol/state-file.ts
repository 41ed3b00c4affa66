/**
 * A preserved state's bytes: every global of a sandbox that is data, exactly. Written inside isolates, read there and by
 * tools. Damage is found before anything is used: every count and reference is bounded by what is there.
 *
 *   file:  "HKS1" │ body length u32 │ CRC-32 of the body u32 │ body          all numbers little endian
 *   body:  preservation version f64 │ node count varint │ node 0 │ node 1 │ …
 *   node:  0x01 table:  entry count varint, then key and value per entry
 *          0x02 object: module name, data (both strings)
 *   value: 0x10 false │ 0x11 true │ 0x12 f64 │ 0x13 string: length varint, bytes │ 0x14 node number varint
 *          0x15 integer ≥ 0 below 2^31, varint │ 0x16 the same negated, from -1 on
 *
 * Node 0 is the table of globals; a table or object that is met twice is one node, so a cycle is just a number. Example,
 * `count = 5; t = {}; t[1] = t`:
 *
 *   48 4b 53 31  1f 00 00 00  42 d2 09 94            "HKS1", 31 bytes, checksum
 *   00 00 00 00 00 00 00 00  02                      version 0, two nodes
 *   01 02  13 05 63 6f 75 6e 74  15 05               node 0: two entries; "count" = 5
 *          13 01 74  14 01                           "t" = node 1
 *   01 01  15 01  14 01                              node 1: one entry; 1 = node 1
 *
 * Preserved are numbers, strings, booleans, tables without a metatable and host objects that can be; functions,
 * threads and tables with a metatable are skipped. A key of another type with a preservable value is an error, as upstream.
 */
import { latin1Text } from './text.ts';

export const STATE_MAGIC = 'HKS1';
export const STATE_HEADER_BYTES = 12;

export const NodeTag = { table: 1, object: 2 } as const;
export const ValueTag = {
  false: 0x10,
  true: 0x11,
  double: 0x12,
  string: 0x13,
  node: 0x14,
  integer: 0x15,
  negative: 0x16,
} as const;

/** A value as it stands in the file: a scalar, or the number of a node. */
export type StateValue = string | number | boolean | NodeReference;

export interface NodeReference {
  readonly node: number;
}

export type StateNode =
  | { readonly kind: 'table'; readonly entries: readonly (readonly [StateKey, StateValue])[] }
  | { readonly kind: 'object'; readonly module: string; readonly data: string };

export type StateKey = string | number | boolean;

/** What is wrong with the bytes. */
export class StateFileError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Reads the whole file; node 0 is the table of globals. Throws StateFileError. */
export function readStateFile(bytes: Uint8Array): {
  readonly version: number;
  readonly nodes: readonly StateNode[];
} {
  const reader = openState(bytes);
  const version = reader.double();
  return { version, nodes: readNodes(reader) };
}

function openState(bytes: Uint8Array): StateReader {
  const magic = latin1Text(bytes, 0, Math.min(bytes.length, STATE_MAGIC.length));
  if (magic !== STATE_MAGIC) {
    const lua = magic === 'if _';
    throw new StateFileError(lua ? 'state file was written by Heka' : 'not a state file');
  }
  if (bytes.length < STATE_HEADER_BYTES) throw damaged('truncated');
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (header.getUint32(4, true) !== bytes.length - STATE_HEADER_BYTES) throw damaged('truncated');
  if (header.getUint32(8, true) !== crc32(bytes, STATE_HEADER_BYTES, bytes.length)) {
    throw damaged('wrong checksum');
  }
  return new StateReader(bytes, header);
}

function readNodes(reader: StateReader): StateNode[] {
  // A node takes two bytes at least, so the count cannot ask for more memory than the file is long.
  const count = reader.varint();
  if (count > reader.rest / 2) throw damaged('node count');
  const nodes: StateNode[] = [];
  for (let i = 0; i < count; i++) {
    const tag = reader.byte();
    if (tag === NodeTag.object) {
      const module = reader.string();
      nodes.push({ kind: 'object', module, data: reader.string() });
    } else if (tag === NodeTag.table) {
      const size = reader.varint();
      if (size > reader.rest / 2) throw damaged('entry count');
      const entries: (readonly [StateKey, StateValue])[] = [];
      for (let k = 0; k < size; k++) {
        const key = reader.value(count);
        if (typeof key === 'object' || Number.isNaN(key)) throw damaged('key');
        entries.push([key, reader.value(count)]);
      }
      nodes.push({ kind: 'table', entries });
    } else throw damaged('node tag');
  }
  if (reader.rest !== 0) throw damaged('bytes after the last node');
  return nodes;
}

function damaged(what: string): StateFileError {
  return new StateFileError(`damaged state file: ${what}`);
}

class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = STATE_HEADER_BYTES;

  constructor(bytes: Uint8Array, view: DataView) {
    this.#bytes = bytes;
    this.#view = view;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  #take(count: number): number {
    if (count > this.rest) throw damaged('truncated');
    const at = this.#at;
    this.#at += count;
    return at;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Up to five bytes, below 2^32. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw damaged('number');
  }

  string(): string {
    const length = this.varint();
    const at = this.#take(length);
    return latin1Text(this.#bytes, at, at + length);
  }

  value(nodeCount: number): StateValue {
    switch (this.byte()) {
      case ValueTag.false:
        return false;
      case ValueTag.true:
        return true;
      case ValueTag.double:
        return this.double();
      case ValueTag.string:
        return this.string();
      case ValueTag.integer:
        return this.varint();
      case ValueTag.negative:
        return -this.varint();
      case ValueTag.node: {
        const node = this.varint();
        // Node 0 is the globals, which no value refers to.
        if (node < 1 || node >= nodeCount) throw damaged('reference');
        return { node };
      }
      default:
        throw damaged('value tag');
    }
  }
}

const CRC_POLYNOMIAL = 0xedb88320;
let crcTable: Uint32Array | undefined;

/** CRC-32 as zip and PNG have it. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, i) => {
    let value = i;
    for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ CRC_POLYNOMIAL : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (let i = start; i < end; i++) {
    crc = (crcTable[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8); // both are in range
  }
  return (crc ^ 0xffffffff) >>> 0;
}
