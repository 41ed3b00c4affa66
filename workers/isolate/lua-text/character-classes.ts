/**
 * The character classes of Lua's patterns (%a, %d, …) over bytes, as the C locale has them.
 */

const ALPHA = 1;
const DIGIT = 2;
const LOWER = 4;
const UPPER = 8;
const SPACE = 16;
const CONTROL = 32;
const PUNCTUATION = 64;
const HEXADECIMAL = 128;

/** Bits of each byte's classes. */
const classes = new Uint8Array(256);
for (let code = 0; code < 128; code++) {
  const text = String.fromCharCode(code);
  let bits = 0;
  if (/[a-z]/.test(text)) bits |= ALPHA | LOWER;
  if (/[A-Z]/.test(text)) bits |= ALPHA | UPPER;
  if (/[0-9]/.test(text)) bits |= DIGIT;
  if (/[0-9a-fA-F]/.test(text)) bits |= HEXADECIMAL;
  if (/[ \t-\r]/.test(text)) bits |= SPACE;
  if (code < 32 || code === 127) bits |= CONTROL;
  if (code > 32 && code < 127 && !/[a-zA-Z0-9]/.test(text)) bits |= PUNCTUATION;
  classes[code] = bits;
}

/** Bits of each class letter, in both cases; 0 for what is no class letter. `z` is tested apart. */
const letterBits = new Uint8Array(256);
for (const [letter, bits] of [
  ['a', ALPHA],
  ['c', CONTROL],
  ['d', DIGIT],
  ['l', LOWER],
  ['p', PUNCTUATION],
  ['s', SPACE],
  ['u', UPPER],
  ['w', ALPHA | DIGIT],
  ['x', HEXADECIMAL],
] as const) {
  letterBits[letter.charCodeAt(0)] = bits;
  letterBits[letter.toUpperCase().charCodeAt(0)] = bits;
}

const LOWER_Z = 122;
const UPPER_Z = 90;

/** Is the byte in the class that `%<letter>` stands for? What is no class letter stands for itself. */
export function isInClass(code: number, letter: number): boolean {
  const bits = letterBits[letter] as number; // bytes
  if (bits !== 0) return (((classes[code] as number) & bits) !== 0) === ((letter & 32) !== 0);
  // %z and %Z: the NUL byte, which a pattern cannot hold.
  if (letter === LOWER_Z) return code === 0;
  if (letter === UPPER_Z) return code !== 0;
  return letter === code;
}
