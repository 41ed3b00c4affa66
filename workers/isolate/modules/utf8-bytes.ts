/** UTF-8 in byte strings: one character per byte. */

/** The bytes of a code point; of a surrogate as if it were a character. */
export function utf8Bytes(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  const last = 0x80 | (point & 0x3f);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), last);
  const third = 0x80 | ((point >> 6) & 0x3f);
  if (point < 0x10000) return String.fromCharCode(0xe0 | (point >> 12), third, last);
  return String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), third, last);
}

/** Where the character that begins here ends, or -1 if it is none. Surrogates, and what is longer than it must be, are none. */
export function characterEnd(text: string, at: number): number {
  const lead = text.charCodeAt(at);
  if (lead < 0x80) return at + 1;
  const length = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length === 0) return -1;
  const second = text.charCodeAt(at + 1);
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (!(second >= least && second <= most)) return -1;
  for (let i = 2; i < length; i++) {
    const code = text.charCodeAt(at + i);
    if (!(code >= 0x80 && code <= 0xbf)) return -1;
  }
  return at + length;
}

/** How many characters a text has, or undefined if it is not all UTF-8. */
export function characterCount(text: string): number | undefined {
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    at = characterEnd(text, at);
    if (at < 0) return undefined;
  }
  return count;
}
