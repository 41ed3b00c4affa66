/** Strings as JSON: quotes, backslashes, slashes, control characters and DEL are escaped, all other bytes stay. */
import { flatten, unslice } from '../../lua-text/flat-text.ts';

const ESCAPES: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  switch (code) {
    case 8:
      return '\\b';
    case 9:
      return '\\t';
    case 10:
      return '\\n';
    case 12:
      return '\\f';
    case 13:
      return '\\r';
    case 34:
    case 47:
    case 92:
      return `\\${String.fromCharCode(code)}`;
  }
  return code < 32 || code === 127 ? `\\u00${code < 16 ? '0' : ''}${code.toString(16)}` : undefined;
});

const ESCAPED = /["/\\\0-\x1f\x7f]/;
/** Longer texts are searched by a regular expression first. */
const SHORT = 32;

export function quoted(text: string): string {
  const { length } = text;
  if (length > SHORT && !ESCAPED.test(text)) return `"${text}"`;
  let out = '"';
  let from = 0;
  for (let at = 0; at < length; at++) {
    const written = ESCAPES[text.charCodeAt(at)];
    if (written === undefined) continue;
    out += text.slice(from, at) + written;
    from = at + 1;
  }
  return from === 0 ? `"${text}"` : `${out}${text.slice(from)}"`;
}

/** Keys that are longer, or more, are not kept. */
const LONGEST_KEY = 32;
const MOST_KEYS = 256;

/** Writes keys, and keeps the text of those that it wrote: documents repeat them. */
export class KeyWriter {
  readonly #first = new Map<string, string>();
  readonly #later = new Map<string, string>();

  /** The key with its colon; a later one has a comma in front. */
  text(key: string, isLater: boolean): string {
    const kept = isLater ? this.#later : this.#first;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const text = `${isLater ? ',' : ''}${quoted(key)}:`;
    if (key.length > LONGEST_KEY) return text;
    if (kept.size >= MOST_KEYS) kept.clear();
    kept.set(unslice(key), flatten(text));
    return text;
  }
}
