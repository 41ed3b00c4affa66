/**
 * Instructions by line of the source, for chunks that were compiled with the option: each basic block counts its
 * instructions on the line that it begins on.
 */
import type { LineCount } from '../../../../lib/protocol/batch.ts';

/** By the chunk's lines table, which only it has; then by line. */
const counts = new Map<string, Map<number, number>>();

export function countLine(chunk: string, line: number, instructions: number): void {
  let lines = counts.get(chunk);
  if (lines === undefined) {
    lines = new Map();
    counts.set(chunk, lines);
  }
  lines.set(line, (lines.get(line) ?? 0) + instructions);
}

/** All counts; `nameOf` gives a chunk's name. */
export function lineCounts(nameOf: (chunk: string) => string): readonly LineCount[] {
  const all: LineCount[] = [];
  for (const [chunk, lines] of counts) {
    for (const [line, instructions] of lines) {
      all.push({ chunk: nameOf(chunk), line, instructions });
    }
  }
  return all;
}
