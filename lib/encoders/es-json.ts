/**
 * JSON as Heka 0.11 writes it for Elasticsearch, by hand: quotes, backslashes and control characters are \u escapes,
 * bytes that are no UTF-8 become U+FFFD, and a field with one value is that value, with several an array.
 */
import { Buffer } from 'node:buffer';
import { type ExactField, type ExactValue, goFloat } from './exact-fields.ts';

/** A quoted string. */
export function jsonText(text: string): string {
  const escaped = text.replace(
    /[\u0000-\u001f"\\]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/**
 * The value of a field. A `raw` one is JSON already and goes out as it is, but only if it really is JSON: a line of its
 * own would be a command to the server.
 */
export function jsonFieldValue(field: ExactField, raw: boolean): string {
  const { values } = field;
  const [only] = values;
  if (values.length === 1 && only !== undefined) return oneValue(only, raw, true);
  if (values.length === 0) return 'null';
  return `[${values.map((value) => oneValue(value, raw, false)).join(',')}]`;
}

/** Upstream takes the bytes of a single value for text, and writes those of several in base64. */
function oneValue(value: ExactValue, raw: boolean, alone: boolean): string {
  if (typeof value === 'string') return (raw ? rawJson(value) : undefined) ?? jsonText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? goFloat(value) : 'null';
  if (!(value instanceof Uint8Array)) return String(value);
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = bytes.toString('utf8');
  const asJson = raw ? rawJson(text) : undefined;
  return asJson ?? jsonText(alone || raw ? text : bytes.toString('base64'));
}

function rawJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined; // no JSON: written as the text that it is
  }
  // Outside of strings, where JSON allows newlines, a blank means the same; inside there are none.
  return text.replace(/[\r\n]/g, ' ');
}
