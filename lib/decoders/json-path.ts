/**
 * The paths of PayloadJsonDecoder, a small part of JSONPath: `$.` and then names and subscripts, such as
 * "$.foo.bar[0].baz" or "$.[0]" (Heka 0.8). Numbers keep the text that they have in the document.
 */
import { errorText, HekateError } from '../protocol/errors.ts';

/** A key of an object, or an index of an array. */
export type JsonStep = string | number;
export type JsonPath = readonly JsonStep[];

/** A parsed document. A number is its text. */
type Json =
  | string
  | boolean
  | null
  | JsonNumber
  | readonly Json[]
  | { readonly [key: string]: Json };

class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Nested values; no path needs more, and the parser recurses. */
const DEEPEST = 500;
const TOKEN = /^([^0-9\s[][^\s[]*)?(?:\[([0-9]{1,9})\])?$/;

/** Throws an Error with what is wrong with the path. */
export function parseJsonPath(text: string): JsonPath {
  if (!text.startsWith('$.')) throw new Error('a path begins with "$."');
  const steps: JsonStep[] = [];
  for (const token of text.slice(2).split('.')) {
    const match = TOKEN.exec(token);
    if (match === null || token === '') throw new Error(`"${token}" is no part of a path`);
    if (match[1] !== undefined) steps.push(match[1]);
    if (match[2] !== undefined) steps.push(Number(match[2]));
  }
  return steps;
}

/** The document of a text. Throws HKT_DECODE_JSON and HKT_DECODE_BOUND. */
export class JsonDocument {
  readonly #root: Json;

  constructor(text: string) {
    checkDepth(text);
    try {
      this.#root = JSON.parse(text, revive);
    } catch (thrown) {
      throw new HekateError('HKT_DECODE_JSON', [errorText(thrown)], thrown);
    }
  }

  /** The value at a path as text, or undefined when there is none. Objects and arrays are JSON again. */
  find(path: JsonPath): string | undefined {
    let value: Json | undefined = this.#root;
    for (const step of path) {
      if (value === null || typeof value !== 'object' || value instanceof JsonNumber)
        return undefined;
      if (isList(value)) value = typeof step === 'number' ? value[step] : undefined;
      else value = Object.hasOwn(value, step) && typeof step === 'string' ? value[step] : undefined;
      if (value === undefined) return undefined;
    }
    if (value === null) return '';
    if (typeof value === 'string') return value;
    return escaped(jsonText(value));
  }
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** For JSON.parse: it gives the text of a number as `source`. */
function revive(_key: string, value: Json | number, context?: { readonly source?: string }): Json {
  return typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value;
}

/** Keys in order, as Go writes a map. */
function jsonText(value: Json): string {
  if (value instanceof JsonNumber) return value.text;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(',')}}`;
}

/** Go's encoder writes these as escapes; outside of texts they cannot stand. */
function escaped(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function checkDepth(text: string): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inText) {
      if (c === '\\') i++;
      else if (c === '"') inText = false;
    } else if (c === '"') inText = true;
    else if (c === '[' || c === '{') {
      if (++depth > DEEPEST) throw new HekateError('HKT_DECODE_BOUND', ['JSON', DEEPEST, 'levels']);
    } else if (c === ']' || c === '}') depth--;
  }
}
