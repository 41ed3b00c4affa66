/**
 * Reads a preserved state back (the format is in preservation.ts). The whole file is checked before the first global
 * is set, and every count and reference in it is bounded by what is there, so a damaged or hostile file is an error and
 * never half a state.
 */
import { latin1Text } from '../../../lib/protocol/text.ts';
import type { GuestTable, GuestValue, HostObject } from '../engine.ts';
import { type NativeModule, RestoreError } from '../modules/native-module.ts';
import {
  crc32,
  NodeTag,
  preservationVersion,
  STATE_HEADER_BYTES,
  STATE_MAGIC,
  ValueTag,
  VERSION_GLOBAL,
} from './preservation.ts';

/** A value as it stands in the file: a scalar, or the number of a node. */
type StateValue = string | number | boolean | NodeReference;

interface NodeReference {
  readonly node: number;
}

type StateNode =
  | { readonly kind: 'table'; readonly entries: readonly (readonly [StateKey, StateValue])[] }
  | { readonly kind: 'object'; readonly module: string; readonly data: string };

type StateKey = string | number | boolean;

export interface RestoreTarget {
  readonly globals: GuestTable;
  createTable(): GuestTable;
  /** What rebuilds the objects of a module; undefined when the sandbox may not have it. */
  module(name: string): NativeModule | undefined;
}

/**
 * Sets the globals that `bytes` hold. Returns false, and changes nothing, when the script asks for another
 * preservation version. Throws RestoreError.
 */
export function restoreState(bytes: Uint8Array, target: RestoreTarget): boolean {
  const reader = openState(bytes);
  const version = reader.double();
  const nodes = readNodes(reader);
  const wanted = target.globals.get(VERSION_GLOBAL);
  if (wanted !== undefined && preservationVersion(wanted) !== version) return false;
  const root = nodes[0];
  if (root === undefined || root.kind !== 'table') throw damaged('no table of globals');
  const made = makeNodes(nodes, root.entries, target);
  for (let i = 1; i < nodes.length; i++) {
    const node = nodes[i];
    const table = made[i];
    if (node?.kind !== 'table' || table?.kind !== 'table') continue;
    for (const [key, value] of node.entries) table.set(key, materialize(value, made));
  }
  for (const [key, value] of root.entries) target.globals.set(key, materialize(value, made));
  return true;
}

function openState(bytes: Uint8Array): StateReader {
  const magic = latin1Text(bytes, 0, Math.min(bytes.length, STATE_MAGIC.length));
  if (magic !== STATE_MAGIC) {
    const lua = magic === 'if _';
    throw new RestoreError(lua ? 'state file was written by Heka' : 'not a state file');
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

/** Makes every table (empty) and object. Objects that are globals fill the script's own object of that name. */
function makeNodes(
  nodes: readonly StateNode[],
  globals: readonly (readonly [StateKey, StateValue])[],
  target: RestoreTarget,
): (GuestTable | HostObject)[] {
  const existing = new Map<number, HostObject>();
  const taken = new Set<HostObject>();
  for (const [key, value] of globals) {
    if (typeof value !== 'object' || existing.has(value.node)) continue;
    const current = target.globals.get(key);
    if (typeof current !== 'object' || current.kind !== 'object' || taken.has(current)) continue;
    existing.set(value.node, current);
    taken.add(current);
  }
  return nodes.map((node, i) => {
    if (node.kind === 'table') return i === 0 ? target.globals : target.createTable();
    const module = target.module(node.module);
    if (module?.restore === undefined)
      throw new RestoreError(`module '${node.module.slice(0, 64)}' not found`);
    return module.restore(node.data, existing.get(i));
  });
}

function materialize(value: StateValue, made: readonly (GuestTable | HostObject)[]): GuestValue {
  return typeof value === 'object' ? made[value.node] : value;
}

function damaged(what: string): RestoreError {
  return new RestoreError(`damaged state file: ${what}`);
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
