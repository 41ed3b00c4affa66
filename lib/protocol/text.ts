/**
 * Text in and out of byte arrays without Node's or the browser's API, so that it works inside isolates.
 * UTF-8 for the host's side, latin1 ("byte strings": one character per byte) for the guests' side.
 */

const CHUNK = 4096;

/** The bytes as a byte string: character code = byte value. */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += CHUNK) {
    // apply() on a typed array: no array of numbers is made first.
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(at, Math.min(end, at + CHUNK)) as unknown as number[], // array-like is enough
    );
  }
  return text;
}

/** The bytes of a byte string; characters above 255 are cut to their low byte. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Decodes UTF-8; every byte that does not belong to a valid sequence becomes U+FFFD, as Go does. */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  let ascii = true;
  for (let i = start; i < end && ascii; i++) ascii = (bytes[i] as number) < 0x80;
  if (ascii) return latin1Text(bytes, start, end);
  let text = '';
  let i = start;
  while (i < end) {
    const b = bytes[i] as number;
    let need = 0;
    let min = 0;
    let code = b;
    if (b >= 0x80) {
      if (b >= 0xc2 && b <= 0xdf) {
        need = 1;
        min = 0x80;
        code = b & 0x1f;
      } else if (b >= 0xe0 && b <= 0xef) {
        need = 2;
        min = 0x800;
        code = b & 0x0f;
      } else if (b >= 0xf0 && b <= 0xf4) {
        need = 3;
        min = 0x10000;
        code = b & 0x07;
      } else {
        text += '\ufffd';
        i++;
        continue;
      }
      let k = 1;
      for (; k <= need && i + k < end; k++) {
        const c = bytes[i + k] as number;
        if ((c & 0xc0) !== 0x80) break;
        code = (code << 6) | (c & 0x3f);
      }
      if (k <= need || code < min || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        text += '\ufffd';
        i++;
        continue;
      }
    }
    text += String.fromCodePoint(code);
    i += need + 1;
  }
  return text;
}

/** How many bytes `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) length += 1;
    else if (c < 0x800) length += 2;
    else if (c >= 0xd800 && c < 0xdc00 && i + 1 < text.length) {
      const low = text.charCodeAt(i + 1);
      if (low >= 0xdc00 && low < 0xe000) {
        length += 4;
        i++;
      } else length += 3;
    } else length += 3;
  }
  return length;
}

/** Writes `text` as UTF-8 at `at` (room must be there) and returns the offset behind it. Lone surrogates become U+FFFD. */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  let p = at;
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i);
    if (c < 0x80) {
      bytes[p++] = c;
      continue;
    }
    if (c < 0x800) {
      bytes[p++] = 0xc0 | (c >> 6);
      bytes[p++] = 0x80 | (c & 0x3f);
      continue;
    }
    if (c >= 0xd800 && c < 0xe000) {
      const low = c < 0xdc00 && i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i++;
        bytes[p++] = 0xf0 | (c >> 18);
        bytes[p++] = 0x80 | ((c >> 12) & 0x3f);
        bytes[p++] = 0x80 | ((c >> 6) & 0x3f);
        bytes[p++] = 0x80 | (c & 0x3f);
        continue;
      }
      c = 0xfffd;
    }
    bytes[p++] = 0xe0 | (c >> 12);
    bytes[p++] = 0x80 | ((c >> 6) & 0x3f);
    bytes[p++] = 0x80 | (c & 0x3f);
  }
  return p;
}

/** The UTF-8 bytes of `text`. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
}
