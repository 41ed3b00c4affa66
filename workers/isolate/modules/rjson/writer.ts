/** Values as compact JSON, in the forms of RapidJSON. The depth of documents is bounded, and so is that of this. */
import { GuestError } from '../../engine.ts';
import { flatten } from '../../lua-text/flat-text.ts';
import { Double, type JsonValue, Members } from './json-value.ts';

const ESCAPED = /["\\\0-\x1f]/g;
const LETTERED = '"\\\b\f\n\r\t';
const LETTERS = '"\\bfnrt';
const PIECE_BYTES = 8192;

/** The text of a value; a GuestError once it is longer than that. */
export function jsonText(value: JsonValue, limitBytes: number = Number.MAX_SAFE_INTEGER): string {
  const pieces: string[] = [];
  let before = 0;
  let piece = '';

  const put = (text: string): void => {
    piece += text;
    if (before + piece.length > limitBytes) throw new GuestError('output_limit exceeded');
    if (piece.length < PIECE_BYTES) return;
    pieces.push(flatten(piece));
    before += piece.length;
    piece = '';
  };

  const write = ({ content }: JsonValue): void => {
    if (typeof content === 'string') put(quoted(content));
    else if (content instanceof Double) put(doubleText(content.value));
    else if (Array.isArray(content)) {
      put('[');
      for (const [i, each] of content.entries()) {
        if (i > 0) put(',');
        write(each);
      }
      put(']');
    } else if (content instanceof Members) {
      put('{');
      for (const [i, each] of content.values.entries()) {
        put(`${i > 0 ? ',' : ''}${quoted(content.names[i] ?? '')}:`);
        write(each);
      }
      put('}');
    } else put(String(content));
  };

  write(value);
  pieces.push(piece);
  return pieces.join('');
}

/** JavaScript's shortest digits, with the fraction that tells it from an integer. */
export function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value).replace('e+', 'e');
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function quoted(text: string): string {
  return `"${text.replace(ESCAPED, escaped)}"`;
}

function escaped(character: string): string {
  const at = LETTERED.indexOf(character);
  if (at >= 0) return `\\${LETTERS.charAt(at)}`;
  return `\\u00${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
