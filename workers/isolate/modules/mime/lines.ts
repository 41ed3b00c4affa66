/** Lines: breaking them at a length, one convention for their ends, and the dots of SMTP. */
import { ByteWriter } from './byte-writer.ts';

const NEWLINE = 10;
const RETURN = 13;
const DOT = 46;
const EQUALS = 61;
const LINE_END = '\r\n';
const SOFT_BREAK = '=\r\n';

/** A text, and how much room is left in its last line, or what else the next part must know. */
export type Carried = readonly [text: string, state: number];

/** Breaks lines after `length` bytes; the first one has `left` bytes. */
export function wrap(left: number, text: string, length: number): Carried {
  const out = new ByteWriter();
  let room = left;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === RETURN) continue;
    if (code === NEWLINE) {
      out.text(LINE_END);
      room = length;
      continue;
    }
    if (room <= 0) {
      out.text(LINE_END);
      room = length;
    }
    out.byte(code);
    room--;
  }
  return [out.toString(), room];
}

/** The same for quoted-printable, whose quoted bytes are not broken. */
export function wrapQuoted(left: number, text: string, length: number): Carried {
  const out = new ByteWriter();
  let room = left;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === RETURN) continue;
    if (code === NEWLINE) {
      out.text(LINE_END);
      room = length;
      continue;
    }
    if (room <= (code === EQUALS ? 3 : 1)) {
      out.text(SOFT_BREAK);
      room = length;
    }
    out.byte(code);
    room--;
  }
  return [out.toString(), room];
}

/**
 * Line ends of all kinds become `marker`: CR, LF, and the two in either order. `last` is the end that the part before may have
 * begun, 0 for none.
 */
export function normalize(last: number, text: string, marker: string): Carried {
  const out = new ByteWriter();
  let begun = last;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== RETURN && code !== NEWLINE) {
      out.byte(code);
      begun = 0;
    } else if (begun === RETURN || begun === NEWLINE) {
      // Two of a kind are two ends, two different ones are one.
      if (code === begun) out.text(marker);
      begun = 0;
    } else {
      out.text(marker);
      begun = code;
    }
  }
  return [out.toString(), begun];
}

/** Doubles a dot at the start of a line. The state: 2 at the start of a line, 1 behind a CR, 0 elsewhere. */
export function stuffDots(state: number, text: string): Carried {
  const out = new ByteWriter();
  let at = state;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    out.byte(code);
    if (code === RETURN) at = 1;
    else if (code === NEWLINE) at = at === 1 ? 2 : 0;
    else {
      if (code === DOT && at === 2) out.byte(DOT);
      at = 0;
    }
  }
  return [out.toString(), at];
}
