/**
 * The preserved state of a sandbox: every global that is data, exactly. Nothing is lost or rounded (all doubles, byte
 * strings, shared and circular references), and damage is found before anything is restored.
 *
 * The format is in lib/protocol/state-file.ts.
 */

import { crc32, NodeTag, STATE_MAGIC, ValueTag } from '../../../lib/protocol/state-file.ts';
import { latin1Bytes } from '../../../lib/protocol/text.ts';
import type { GuestTable, GuestValue, HostObject, PreservedObject } from '../engine.ts';
import { guestTypeName } from './guest-arguments.ts';

const SMALL_INTEGER = 0x7fffffff;
export const VERSION_GLOBAL = '_PRESERVATION_VERSION';
/** Globals that the environment makes anew at every start. */
const ENVIRONMENT_GLOBALS: ReadonlySet<GuestValue> = new Set([VERSION_GLOBAL, '_G', '_VERSION']);

/** Why a state cannot be written: upstream's text. */
export class PreserveError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The version that a script asks for: its number without the fraction, 0 for anything else. */
export function preservationVersion(value: GuestValue): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : 0;
}

/**
 * The globals as bytes. `libraries` are the names of standard and native modules: a global of that name that holds
 * functions is the module, not data. Throws PreserveError.
 */
export function packState(globals: GuestTable, libraries: ReadonlySet<string>): Uint8Array {
  const body = new StateWriter();
  body.double(preservationVersion(globals.get(VERSION_GLOBAL)));
  const nodes = new NodeList(globals);
  const content = new StateWriter();
  for (let next = 0; next < nodes.list.length; next++) {
    const node = nodes.list[next];
    if (node === undefined) break;
    if ('module' in node) {
      content.byte(NodeTag.object);
      content.string(node.module);
      content.string(node.data);
    } else writeTable(content, node, nodes, next === 0 ? libraries : undefined);
  }
  body.varint(nodes.list.length);
  body.append(content);
  const file = new StateWriter();
  for (let i = 0; i < STATE_MAGIC.length; i++) file.byte(STATE_MAGIC.charCodeAt(i));
  file.u32(body.length);
  file.u32(crc32(body.bytes, 0, body.length));
  file.append(body);
  return file.bytes.slice(0, file.length);
}

function writeTable(
  w: StateWriter,
  table: GuestTable,
  nodes: NodeList,
  libraries: ReadonlySet<string> | undefined,
): void {
  const entries: (readonly [GuestValue, GuestValue])[] = [];
  for (const entry of table.entries()) {
    const [key, value] = entry;
    if (!nodes.isPreservable(value)) continue;
    if (libraries !== undefined) {
      if (ENVIRONMENT_GLOBALS.has(key)) continue;
      if (typeof key === 'string' && libraries.has(key) && holdsFunctions(value)) continue;
    }
    if (typeof key === 'object' || key === undefined) {
      throw new PreserveError(`serialize_data cannot preserve type '${guestTypeName(key)}'`);
    }
    entries.push(entry);
  }
  w.byte(NodeTag.table);
  w.varint(entries.length);
  for (const [key, value] of entries) {
    writeValue(w, key, nodes);
    writeValue(w, value, nodes);
  }
}

function writeValue(w: StateWriter, value: GuestValue, nodes: NodeList): void {
  if (typeof value === 'number') {
    const magnitude = Math.abs(value);
    if (magnitude > SMALL_INTEGER || !Number.isInteger(value) || Object.is(value, -0)) {
      w.byte(ValueTag.double);
      w.double(value);
    } else {
      w.byte(value < 0 ? ValueTag.negative : ValueTag.integer);
      w.varint(magnitude);
    }
  } else if (typeof value === 'string') {
    w.byte(ValueTag.string);
    w.string(value);
  } else if (typeof value === 'object') {
    w.byte(ValueTag.node);
    w.varint(nodes.numberOf(value));
  } else w.byte(value === true ? ValueTag.true : ValueTag.false);
}

function holdsFunctions(value: GuestValue): boolean {
  if (typeof value !== 'object' || value.kind !== 'table') return false;
  for (const [, element] of value.entries()) {
    if (typeof element === 'object' && element.kind === 'function') return true;
  }
  return false;
}

/** Tables and objects in the order in which they were met; the list grows while it is written. */
class NodeList {
  readonly list: (GuestTable | PreservedObject)[] = [];
  readonly #numbers = new Map<object, number>();
  readonly #globals: object;

  constructor(globals: GuestTable) {
    this.#globals = globals.identity;
    this.list.push(globals);
    this.#numbers.set(globals.identity, 0);
  }

  isPreservable(value: GuestValue): boolean {
    if (typeof value !== 'object') return value !== undefined;
    if (value.kind === 'table') return !value.hasMetatable && value.identity !== this.#globals;
    return value.kind === 'object' && value.preserve !== undefined;
  }

  numberOf(value: Exclude<GuestValue, undefined | boolean | number | string>): number {
    const identity = value.kind === 'object' ? value : value.identity;
    const known = this.#numbers.get(identity);
    if (known !== undefined) return known;
    const number = this.list.length;
    this.#numbers.set(identity, number);
    if (value.kind === 'table') this.list.push(value);
    else if (value.kind === 'object') this.list.push(preserved(value));
    return number;
  }
}

function preserved(object: HostObject): PreservedObject {
  const form = object.preserve?.();
  if (form === undefined) throw new PreserveError("serialize_data cannot preserve type 'userdata'");
  return form;
}

/** A growing byte array with the primitives of the format. */
class StateWriter {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;

  byte(value: number): void {
    this.#room(1);
    this.bytes[this.length++] = value;
  }

  varint(value: number): void {
    this.#room(5);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  u32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  double(value: number): void {
    doubleView.setFloat64(0, value, true);
    this.#room(8);
    this.bytes.set(doubleBytes, this.length);
    this.length += 8;
  }

  string(text: string): void {
    this.varint(text.length);
    this.#room(text.length);
    this.bytes.set(latin1Bytes(text), this.length);
    this.length += text.length;
  }

  append(other: StateWriter): void {
    this.#room(other.length);
    this.bytes.set(other.bytes.subarray(0, other.length), this.length);
    this.length += other.length;
  }

  #room(size: number): void {
    const need = this.length + size;
    if (need <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(need, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

const doubleBytes = new Uint8Array(8);
const doubleView = new DataView(doubleBytes.buffer);
