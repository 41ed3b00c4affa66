/**
 * Quoted-printable in parts: a byte is written when it is certain how, for which the two behind it may have to be seen. Those
 * that are not certain yet are given back, to be put in front of the next part.
 */
import type { Part } from './base64.ts';
import { ByteWriter } from './byte-writer.ts';

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const EQUALS = 61;
const HEX = '0123456789ABCDEF';
const SOFT_BREAK = '=\r\n';

/** May stand for itself anywhere. */
function isPlain(code: number): boolean {
  return code >= 33 && code <= 126 && code !== EQUALS;
}

/** May stand for itself, but not at the end of a line. */
function isBlank(code: number): boolean {
  return code === TAB || code === SPACE;
}

function quote(code: number, out: ByteWriter): void {
  out.byte(EQUALS);
  out.byte(HEX.charCodeAt(code >> 4));
  out.byte(HEX.charCodeAt(code & 15));
}

/** Encodes; line ends (CR LF) become `marker`. */
export function encode(text: string, marker: string): Part {
  const out = new ByteWriter();
  const { length } = text;
  const endsLine = (at: number) =>
    text.charCodeAt(at) === RETURN && text.charCodeAt(at + 1) === NEWLINE;
  let at = 0;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === RETURN) {
      if (at + 1 >= length) break;
      if (endsLine(at)) {
        out.text(marker);
        at++;
      } else quote(code, out);
    } else if (isBlank(code)) {
      if (at + 2 >= length) break;
      if (endsLine(at + 1)) quote(code, out);
      else out.byte(code);
    } else if (isPlain(code)) out.byte(code);
    else quote(code, out);
  }
  return { text: out.toString(), rest: text.slice(at) };
}

/** What is left at the end, and a soft line break behind it; nothing for nothing. */
export function encodeRest(rest: string): string {
  if (rest === '') return '';
  const out = new ByteWriter();
  for (let i = 0; i < rest.length; i++) {
    const code = rest.charCodeAt(i);
    if (isPlain(code)) out.byte(code);
    else quote(code, out);
  }
  out.text(SOFT_BREAK);
  return out.toString();
}

/** Decodes; what may not stand there is left out. */
export function decode(text: string): Part {
  const out = new ByteWriter();
  const { length } = text;
  let at = 0;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === EQUALS) {
      if (at + 2 >= length) break;
      decodeQuoted(text, at, out);
      at += 2;
    } else if (code === RETURN) {
      if (at + 1 >= length) break;
      if (text.charCodeAt(at + 1) === NEWLINE) out.text('\r\n');
      at++;
    } else if (code === TAB || (code > 31 && code < 127)) out.byte(code);
  }
  return { text: out.toString(), rest: text.slice(at) };
}

function decodeQuoted(text: string, at: number, out: ByteWriter): void {
  const digits = text.slice(at + 1, at + 3);
  if (digits === '\r\n') return; // a soft line break
  if (/^[0-9A-Fa-f]{2}$/.test(digits)) out.byte(Number.parseInt(digits, 16));
  else out.text(text.slice(at, at + 3));
}
