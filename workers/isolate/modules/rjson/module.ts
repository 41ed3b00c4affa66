/**
 * The `rjson` module, version 1.1.4: JSON documents that stay outside of the guest's tables, looked at and changed in place,
 * written without loss, and checked against JSON Schema draft 4.
 *
 * Of the host it asks two operations: "zlib.gunzip", [bytes, limit] → [text], or [undefined] for damaged or longer data;
 * and "regex.search", [expression, text] → [found], or [undefined] or an error for an expression that it cannot take.
 */
import { GuestError, type GuestValue, type HostFunction } from '../../engine.ts';
import { stringArgument, typeError } from '../../host-api/guest-arguments.ts';
import type { ModuleFactory, ModuleParts } from '../native-module.ts';
import {
  DOCUMENT_TYPE,
  RjsonDocument,
  RjsonSchema,
  SCHEMA_TYPE,
  sizeOf,
  stepDown,
} from './document.ts';
import { copyOf, type JsonValue, Members, numberOf } from './json-value.ts';
import { messageJson } from './message-source.ts';
import { parse } from './parser.ts';
import { SchemaDocument } from './schema.ts';
import { violationOf } from './validator.ts';

const NAME = 'rjson';
const VERSION = '1.1.4';
const VALUES_PER_CHARGE = 2;

export const createModule: ModuleFactory = (parts) => {
  const methods = documentMethods(parts);
  const made = (): RjsonDocument => new RjsonDocument(methods, parts.memory);
  return {
    name: NAME,
    open: () => ({
      name: NAME,
      functions: {
        version: () => VERSION,
        parse: (args) => parseInto(made(), parts, stringArgument(args, 1), isTrue(args[1])),
        parse_schema: (args) => {
          const text = stringArgument(args, 1);
          const options = { memory: parts.memory, validate: false, stopWhenDone: false };
          const { value, bytes } = parse(text, options);
          // The compiled form takes about as much.
          if (!parts.memory.reserve(2 * bytes)) throw new GuestError('memory allocation failed');
          return new RjsonSchema(new SchemaDocument(value), 2 * bytes, parts.memory.add(2 * bytes));
        },
        parse_message: (args) => {
          const { text, validate } = messageJson(parts, args, 1);
          return parseInto(made(), parts, text, validate, true);
        },
      },
    }),
  };
};

function parseInto(
  document: RjsonDocument,
  parts: ModuleParts,
  text: string,
  validate: boolean,
  stopWhenDone = false,
): RjsonDocument {
  const { memory } = parts;
  const { value, bytes } = parse(text, { memory, validate, stopWhenDone });
  if (!memory.reserve(bytes)) throw new GuestError('memory allocation failed');
  document.fill(value, bytes);
  return document;
}

function documentMethods(parts: ModuleParts): Record<string, HostFunction> {
  const { memory } = parts;
  const methods: Record<string, HostFunction> = {
    // A document is empty from here on, whatever comes of it.
    parse: (args) => {
      const document = self(args);
      document.clear();
      return parseInto(document, parts, stringArgument(args, 2), isTrue(args[2]));
    },
    parse_message: (args) => {
      const document = self(args);
      document.clear();
      const { text, validate } = messageJson(parts, args, 2);
      return parseInto(document, parts, text, validate, true);
    },
    validate: (args) => {
      const document = self(args);
      const schema = args[1];
      if (!(schema instanceof RjsonSchema)) throw typeError(args, 2, SCHEMA_TYPE);
      const violation = violationOf(document.root, schema.schema, parts);
      return violation === undefined
        ? [true, undefined]
        : [false, violation.text, violation.report];
    },
    find: (args) => {
      const document = self(args);
      const [from, keys] = start(document, args);
      const value = stepDown(from, keys);
      return value === undefined ? undefined : document.handleOf(value);
    },
    type: (args) => {
      const value = self(args).argument(args);
      return value === undefined ? undefined : typeOf(value);
    },
    size: (args) => {
      const value = self(args).argument(args);
      if (value === undefined) return undefined;
      const { content } = value;
      if (typeof content === 'string') return content.length;
      if (Array.isArray(content) || content instanceof Members) return sizeOf(value);
      const type = content === null ? 'NULL' : typeOf(value);
      throw new GuestError(`attempt to get length of a ${type}`);
    },
    value: (args) => {
      const value = self(args).argument(args);
      const content = value?.content;
      if (typeof content === 'string' || typeof content === 'boolean') return content;
      if (Array.isArray(content)) throw new GuestError('value() not allowed on an array');
      if (content instanceof Members) throw new GuestError('value() not allowed on an object');
      return content === undefined ? undefined : numberOf(content);
    },
    iter: (args) => {
      const document = self(args);
      const value = document.argument(args);
      return value === undefined ? undefined : parts.createFunction('iter', walk(document, value));
    },
    remove: (args) => {
      const document = self(args);
      const removed = remove(document, args);
      if (removed === undefined) return undefined;
      const [copy, bytes] = copyOf(removed);
      memory.charge(bytes / VALUES_PER_CHARGE / 64);
      if (!memory.reserve(bytes)) throw new GuestError('memory allocation failed');
      const made = new RjsonDocument(methods, memory);
      made.fill(copy, bytes);
      return made;
    },
    remove_shallow: (args) => {
      const document = self(args);
      const removed = remove(document, args);
      return removed === undefined ? undefined : document.handleOf(removed);
    },
    make_field: (args) => {
      const document = self(args);
      const value = document.argument(args);
      if (value === undefined) return undefined;
      const field = parts.createTable();
      field.set('value', document.handleOf(value));
      field.set('userdata', document);
      field.set('representation', 'json');
      return field;
    },
  };
  return methods;
}

function self(args: readonly GuestValue[]): RjsonDocument {
  const [document] = args;
  if (!(document instanceof RjsonDocument)) throw typeError(args, 1, DOCUMENT_TYPE);
  return document;
}

/** Where a search begins, and the keys that lead on. */
function start(
  document: RjsonDocument,
  args: readonly GuestValue[],
): readonly [JsonValue, readonly GuestValue[]] {
  const from = document.handle(args[1]);
  return from === undefined ? [document.root, args.slice(1)] : [from, args.slice(2)];
}

function remove(document: RjsonDocument, args: readonly GuestValue[]): JsonValue | undefined {
  const [from, keys] = start(document, args);
  if (keys.length === 0) throw new GuestError('cannot remove the root');
  return document.remove(from, keys);
}

/** The iterator over a list or object. It goes on from its place when members are taken out meanwhile. */
function walk(document: RjsonDocument, value: JsonValue): HostFunction {
  const { content } = value;
  if (!Array.isArray(content) && !(content instanceof Members)) {
    throw new GuestError('iter() not allowed on a primitive type');
  }
  let place = 0;
  return () => {
    if (!document.holds(value, content)) throw new GuestError('iterator has been invalidated');
    const isList = Array.isArray(content);
    const next = isList ? content[place] : content.values[place];
    if (next === undefined) return [undefined, undefined];
    const key = isList ? place : content.names[place];
    place++;
    return [key, document.handleOf(next)];
  };
}

function typeOf({ content }: JsonValue): string {
  if (content === null) return 'null';
  if (Array.isArray(content)) return 'array';
  if (content instanceof Members) return 'object';
  return typeof content === 'string' || typeof content === 'boolean' ? typeof content : 'number';
}

function isTrue(value: GuestValue): boolean {
  return value !== undefined && value !== false;
}
