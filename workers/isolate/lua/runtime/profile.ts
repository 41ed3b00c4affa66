/**
 * Instructions by line of the source, for chunks that were compiled with the option: each basic block counts its
 * instructions on the line that it begins on.
 */
import type { LineCount } from '../../../../lib/protocol/batch.ts';

const counts = new Map<string, Map<number, number>>();

export function countLine(
  chunk: { readonly name: string },
  line: number,
  instructions: number,
): void {
  let lines = counts.get(chunk.name);
  if (lines === undefined) {
    lines = new Map();
    counts.set(chunk.name, lines);
  }
  lines.set(line, (lines.get(line) ?? 0) + instructions);
}

export function lineCounts(): readonly LineCount[] {
  const all: LineCount[] = [];
  for (const [chunk, lines] of counts) {
    for (const [line, instructions] of lines) all.push({ chunk, line, instructions });
  }
  return all;
}
