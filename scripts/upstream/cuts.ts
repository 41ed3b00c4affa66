/**
 * Lines of an outside program that cannot hold here, replaced as the file is copied. A cut names its lines by number and by
 * a digest of their text, so that it fits one version of the file only and holds nothing of it.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Cut {
  /** First and last line, counted from 1. */
  readonly lines: readonly [number, number];
  /** `digestOf` those lines. */
  readonly digest: string;
  readonly reason: string;
  /** What stands in their place, our own words; default: nothing. Line numbers below do not change. */
  readonly instead?: string;
}

/** File names below a folder, and what is cut from each. */
export type Cuts = Readonly<Record<string, readonly Cut[]>>;

const DIGEST_DIGITS = 12;

/** Of lines joined by line feeds, without a last one. */
export function digestOf(lines: readonly string[]): string {
  const text = lines.join('\n');
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, DIGEST_DIGITS);
}

/** The text with all cuts made. Throws when the text is another than the cuts were written for. */
export function withCuts(name: string, text: string, cuts: readonly Cut[]): string {
  const lines = text.split('\n');
  for (const {
    lines: [first, last],
    digest,
    instead = '',
  } of cuts) {
    const found = digestOf(text.split('\n').slice(first - 1, last));
    if (found !== digest) {
      throw new Error(`${name}: lines ${first} to ${last} have the digest ${found}, not ${digest}`);
    }
    const filler = instead.split('\n');
    if (filler.length > last - first + 1) throw new Error(`${name}: line ${first}: too many lines`);
    for (let line = first; line <= last; line++) lines[line - 1] = filler[line - first] ?? '';
  }
  return lines.join('\n');
}

/** Makes the cuts in files of a folder. */
export async function cutFiles(folder: string, cuts: Cuts): Promise<void> {
  for (const [name, list] of Object.entries(cuts)) {
    const file = join(folder, name);
    await writeFile(file, withCuts(name, await readFile(file, 'latin1'), list), 'latin1');
  }
}
