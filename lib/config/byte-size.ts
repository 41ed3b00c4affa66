/**
 * Sizes: an integer is bytes, as upstream; text with a unit is ours. KiB, MiB and GiB are powers of 1024, KB, MB and
 * GB powers of 1000, B is one byte.
 */
const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Bytes, or what is wrong with the text. */
export function parseByteSize(text: string): number | string {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text);
  const [, digits = '', unit = ''] = match ?? [];
  const key = unit.toLowerCase();
  const scale = match !== null && Object.hasOwn(unitBytes, key) ? unitBytes[key] : undefined;
  if (scale === undefined)
    return `invalid size ${JSON.stringify(text)}, write bytes or a unit such as "64KiB", "8MiB", "1GB"`;
  const bytes = Number(digits) * scale;
  if (!Number.isSafeInteger(bytes))
    return `size ${JSON.stringify(text)} is not a whole number of bytes that can be held exactly`;
  return bytes;
}

/** The shortest text that reads back as the same size, for the reference page. */
export function byteSizeText(bytes: number): string {
  for (const [unit, scale] of [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const) {
    if (bytes !== 0 && bytes % scale === 0) return `${bytes / scale}${unit}`;
  }
  return String(bytes);
}
