/** The lines of a guest that used most instructions, as a table for people. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { LineCount } from '../protocol/batch.ts';

const ROWS = 20;
const SOURCE_WIDTH = 80;

/** Instructions, part of all, position and source text. Files are looked for from `folder` on. */
export async function lineTable(lines: readonly LineCount[], folder: string): Promise<string> {
  const counts = merged(lines);
  const total = counts.reduce((sum, { instructions }) => sum + instructions, 0);
  const hottest = counts.sort((a, b) => b.instructions - a.instructions).slice(0, ROWS);
  const sources = new Map<string, readonly string[]>();
  for (const { chunk } of hottest) {
    if (!sources.has(chunk)) sources.set(chunk, await sourceLines(resolve(folder, chunk)));
  }
  const place = ({ chunk, line }: LineCount): string => `${chunk}:${line}`;
  const width = Math.max(...hottest.map((count) => place(count).length), 'line'.length);
  let text = `instructions  percent  ${'line'.padEnd(width)}  source\n`;
  for (const count of hottest) {
    const percent = ((100 * count.instructions) / total).toFixed(1);
    const source = (sources.get(count.chunk)?.[count.line - 1] ?? '').trim();
    const row = `${String(count.instructions).padStart(12)}  ${percent.padStart(7)}  ${place(count).padEnd(width)}  ${source.slice(0, SOURCE_WIDTH)}`;
    text += `${row.trimEnd()}\n`;
  }
  return text;
}

/** One count for each line: functions that share a line are one. */
function merged(lines: readonly LineCount[]): LineCount[] {
  const counts = new Map<string, LineCount>();
  for (const count of lines) {
    const key = `${count.line}:${count.chunk}`;
    const before = counts.get(key)?.instructions ?? 0;
    counts.set(key, { ...count, instructions: before + count.instructions });
  }
  return [...counts.values()];
}

async function sourceLines(file: string): Promise<readonly string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch {
    return []; // a chunk that is no file, or a module found elsewhere: the position says enough
  }
}
