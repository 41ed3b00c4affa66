/**
 * Sets of bytes as Lua 5.1's patterns name them, in the C locale: one entry per byte, 1 for a member. Sets of single bytes
 * and of classes are made once and shared, so nobody changes a set that was handed out.
 */
export type ByteSet = Uint8Array;

const BYTES = 256;

function setOf(holds: (byte: number) => boolean): ByteSet {
  return Uint8Array.from({ length: BYTES }, (_, byte) => (holds(byte) ? 1 : 0));
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function isLetter(byte: number): boolean {
  return isUpper(byte) || isLower(byte);
}

function isVisible(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

const CLASSES: ReadonlyMap<string, (byte: number) => boolean> = new Map([
  ['a', isLetter],
  ['c', (byte: number) => byte < 0x20 || byte === 0x7f],
  ['d', isDigit],
  ['l', isLower],
  ['p', (byte: number) => isVisible(byte) && !isLetter(byte) && !isDigit(byte)],
  ['s', (byte: number) => byte === 0x20 || (byte >= 9 && byte <= 13)],
  ['u', isUpper],
  ['w', (byte: number) => isLetter(byte) || isDigit(byte)],
  ['x', (byte: number) => isDigit(byte) || /[a-f]/i.test(String.fromCharCode(byte))],
  ['z', (byte: number) => byte === 0],
]);

/** Every byte: the pattern's dot. */
export const anyByte: ByteSet = setOf(() => true);

const singles = new Map<number, ByteSet>();
const classes = new Map<number, ByteSet>();

export function singleByte(byte: number): ByteSet {
  let set = singles.get(byte);
  if (set === undefined) {
    set = setOf((other) => other === byte);
    singles.set(byte, set);
  }
  return set;
}

/** What `%` and this byte stand for: a class, its complement for a capital letter, else the byte itself. */
export function classOf(byte: number): ByteSet {
  let set = classes.get(byte);
  if (set !== undefined) return set;
  const letter = String.fromCharCode(byte);
  const holds = CLASSES.get(letter.toLowerCase());
  if (holds === undefined) return singleByte(byte);
  set = isUpper(byte) ? setOf((other) => !holds(other)) : setOf(holds);
  classes.set(byte, set);
  return set;
}

/** The one byte that the set holds; -1 when it holds none or several. */
export function onlyByteOf(set: ByteSet): number {
  const first = set.indexOf(1);
  return first === set.lastIndexOf(1) ? first : -1;
}

/** The set between the brackets, from behind `[` to `]`, where `close` is the place of the latter. */
export function bracketSet(pattern: Uint8Array, open: number, close: number): ByteSet {
  const at = (index: number): number => pattern[index] ?? 0;
  const set = new Uint8Array(BYTES);
  let i = open + 1;
  const negated = at(i) === 0x5e;
  if (negated) i++;
  while (i < close) {
    if (at(i) === 0x25) {
      const named = classOf(at(i + 1));
      for (let byte = 0; byte < BYTES; byte++) if (named[byte] === 1) set[byte] = 1;
      i += 2;
    } else if (at(i + 1) === 0x2d && i + 2 < close) {
      for (let byte = at(i); byte <= at(i + 2); byte++) set[byte] = 1;
      i += 3;
    } else {
      set[at(i)] = 1;
      i++;
    }
  }
  return negated ? set.map((member) => 1 - member) : set;
}
