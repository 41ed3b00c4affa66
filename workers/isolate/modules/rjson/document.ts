/**
 * A document as the guest holds it, and the handles that it gives out. A handle is good as long as its document knows it:
 * until the document is parsed again or the value is removed. The root's is good for ever.
 */
import { GuestError, type GuestValue, type HostFunction, type HostObject } from '../../engine.ts';
import { checkArgument, guestTypeName, typeError } from '../../host-api/guest-arguments.ts';
import type { ObjectMemory } from '../native-module.ts';
import { JsonValue, Members } from './json-value.ts';
import type { SchemaDocument } from './schema.ts';
import { jsonText } from './writer.ts';

export const DOCUMENT_TYPE = 'mozsvc.rjson';
export const SCHEMA_TYPE = 'mozsvc.rjson_schema';
/** Light userdata in upstream. */
const HANDLE_TYPE = 'rjson.value';
const NO_METHODS: Readonly<Record<string, HostFunction>> = {};
/** Instructions for a new handle: it stays until its document forgets it. */
const HANDLE_CHARGE = 8;

/** Handles to one value of a document are the same object. */
export class Handle implements HostObject {
  readonly kind = 'object';
  readonly type = HANDLE_TYPE;
  readonly methods = NO_METHODS;
  readonly externalBytes = 0;
  readonly document: RjsonDocument;
  readonly value: JsonValue;

  constructor(document: RjsonDocument, value: JsonValue) {
    this.document = document;
    this.value = value;
  }

  output(limitBytes: number): string {
    if (!this.document.knows(this)) throw new GuestError('invalid value');
    return jsonText(this.value, limitBytes);
  }
}

export class RjsonDocument implements HostObject {
  readonly kind = 'object';
  readonly type = DOCUMENT_TYPE;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly root = new JsonValue(null);
  readonly #memory: ObjectMemory;
  #handles = new Map<JsonValue, Handle>();
  #bytes = 0;
  /** Keeps the ledger's entry alive. */
  token: object | undefined;

  constructor(methods: Readonly<Record<string, HostFunction>>, memory: ObjectMemory) {
    this.methods = methods;
    this.#memory = memory;
  }

  get externalBytes(): number {
    return this.#bytes;
  }

  output(limitBytes: number): string {
    return jsonText(this.root, limitBytes);
  }

  /** Forgets all values and handles, but for the root's. */
  clear(): void {
    this.root.content = null;
    const handle = this.#handles.get(this.root);
    this.#handles = new Map(handle === undefined ? [] : [[this.root, handle]]);
    this.#bytes = 0;
    this.token = undefined;
  }

  /** Has these values from now on. They take so many bytes, which were reserved. */
  fill(value: JsonValue, bytes: number): void {
    this.root.content = value.content;
    this.#bytes = bytes;
    this.token = this.#memory.add(bytes);
  }

  handleOf(value: JsonValue): Handle {
    let handle = this.#handles.get(value);
    if (handle === undefined) {
      this.#memory.charge(HANDLE_CHARGE);
      handle = new Handle(this, value);
      this.#handles.set(value, handle);
    }
    return handle;
  }

  knows(handle: Handle): boolean {
    return this.#handles.get(handle.value) === handle;
  }

  /** Is a walk over this value's content still good? */
  holds(value: JsonValue, content: JsonValue['content']): boolean {
    if (value.content !== content) return false;
    return value === this.root || this.#handles.has(value);
  }

  /** The value that a method's second argument denotes; undefined for nil. None is the root. */
  argument(args: readonly GuestValue[]): JsonValue | undefined {
    checkArgument(args.length <= 2, 0, 'invalid number of arguments');
    const value = args[1];
    if (value === undefined) return args.length < 2 ? this.root : undefined;
    const denoted = this.handle(value);
    if (denoted === undefined) throw typeError(args, 2, 'userdata');
    return denoted;
  }

  /** The value of a handle; undefined for what is no userdata. Throws for handles that are not good here. */
  handle(value: GuestValue): JsonValue | undefined {
    if (guestTypeName(value) !== 'userdata') return undefined;
    if (value instanceof Handle && this.knows(value)) return value.value;
    throw new GuestError('invalid value');
  }

  /** Takes the value out that the keys lead to, as a value of its own; undefined if there is none. */
  remove(from: JsonValue, keys: readonly GuestValue[]): JsonValue | undefined {
    const last = keys.length - 1;
    const container = stepDown(from, keys.slice(0, last));
    const removed = container === undefined ? undefined : step(container, keys[last]);
    if (container === undefined || removed === undefined) return undefined;
    this.#memory.charge(sizeOf(container) >> 3);
    const { content } = container;
    if (Array.isArray(content)) content.splice(content.indexOf(removed), 1);
    else if (content instanceof Members) content.removeAt(content.values.indexOf(removed));
    this.#handles.delete(removed);
    return new JsonValue(removed.content);
  }
}

export class RjsonSchema implements HostObject {
  readonly kind = 'object';
  readonly type = SCHEMA_TYPE;
  readonly methods = NO_SCHEMA_METHODS;
  readonly externalBytes: number;
  readonly schema: SchemaDocument;
  readonly token: object;

  constructor(schema: SchemaDocument, externalBytes: number, token: object) {
    this.schema = schema;
    this.externalBytes = externalBytes;
    this.token = token;
  }
}

const NO_SCHEMA_METHODS: Readonly<Record<string, HostFunction>> = {};

export function sizeOf({ content }: JsonValue): number {
  if (Array.isArray(content)) return content.length;
  return content instanceof Members ? content.count : 0;
}

/** The value under a key: a name up to its first NUL, or an index from 0. */
function step({ content }: JsonValue, key: GuestValue): JsonValue | undefined {
  if (typeof key === 'string' && content instanceof Members) {
    const nul = key.indexOf('\0');
    return content.get(nul < 0 ? key : key.slice(0, nul));
  }
  // As C's conversion to an unsigned integer.
  return typeof key === 'number' && Array.isArray(content) ? content[key >>> 0] : undefined;
}

export function stepDown(from: JsonValue, keys: readonly GuestValue[]): JsonValue | undefined {
  let value: JsonValue | undefined = from;
  for (const key of keys) {
    if (value === undefined) return undefined;
    value = step(value, key);
  }
  return value;
}
