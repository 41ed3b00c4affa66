/**
 * Base64 in parts: what is not a whole group yet is given back, to be put in front of the next part.
 */
import { ByteWriter } from './byte-writer.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = '=';
/** Value by code of the character; −1 for what is none of the alphabet. Padding counts as 0. */
const VALUES: Int8Array = new Int8Array(256).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
VALUES[PADDING.charCodeAt(0)] = 0;

export interface Part {
  readonly text: string;
  /** The beginning of a group that is not whole. */
  readonly rest: string;
}

/** Encodes all whole groups of three bytes. */
export function encodeGroups(text: string): Part {
  const whole = text.length - (text.length % 3);
  const out = new ByteWriter();
  for (let i = 0; i < whole; i += 3) {
    const group =
      (text.charCodeAt(i) << 16) | (text.charCodeAt(i + 1) << 8) | text.charCodeAt(i + 2);
    for (let shift = 18; shift >= 0; shift -= 6) {
      out.byte(ALPHABET.charCodeAt((group >> shift) & 63));
    }
  }
  return { text: out.toString(), rest: text.slice(whole) };
}

/** One or two bytes with their padding; nothing for none. */
export function encodeRest(rest: string): string {
  if (rest === '') return '';
  const { text } = encodeGroups(rest.padEnd(3, '\0'));
  return text.slice(0, rest.length + 1).padEnd(4, PADDING);
}

/** Decodes all whole groups of four characters; what is none of the alphabet is left out. */
export function decodeGroups(text: string): Part {
  const out = new ByteWriter();
  let group = '';
  for (let i = 0; i < text.length; i++) {
    if ((VALUES[text.charCodeAt(i)] ?? -1) < 0) continue;
    group += text.charAt(i);
    if (group.length < 4) continue;
    decodeGroup(group, out);
    group = '';
  }
  return { text: out.toString(), rest: group };
}

function decodeGroup(group: string, out: ByteWriter): void {
  let value = 0;
  for (let i = 0; i < 4; i++) value = (value << 6) | (VALUES[group.charCodeAt(i)] ?? 0);
  const bytes = group[2] === PADDING ? 1 : group[3] === PADDING ? 2 : 3;
  for (let i = 0; i < bytes; i++) out.byte((value >> (16 - 8 * i)) & 255);
}
