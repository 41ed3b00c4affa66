/**
 * %ENV[NAME] in the raw text of a configuration, replaced before it is read as TOML: in values, keys, section names and
 * comments alike, once, without an escape form (Heka 0.11, pipeline/config.go). Knows where each piece came from, so
 * that faults are shown at their place in the file.
 */
import { type Fault, faultAt } from './place.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ExpandedText {
  readonly text: string;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
  /** The offset in the original text of an offset in `text`; inside a replaced piece, the place of its %ENV. */
  readonly offset: (offset: number) => number;
}

const opening = '%ENV[';

interface Piece {
  /** Offsets behind the replaced piece, in the new text and in the original. */
  readonly end: number;
  readonly originalEnd: number;
  readonly start: number;
  readonly originalStart: number;
}

export function expandEnvironment(text: string, env: Environment, file: string): ExpandedText {
  const faults: Fault[] = [];
  const warnings: Fault[] = [];
  const pieces: Piece[] = [];
  let expanded = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf(opening, at);
    if (start === -1) break;
    expanded += text.slice(at, start);
    const nameStart = start + opening.length;
    const close = text.indexOf(']', nameStart);
    const name = close === -1 ? text.slice(nameStart) : text.slice(nameStart, close);
    const complaint =
      /[\n\r\t ]/.test(name) || name.includes(opening)
        ? 'Invalid characters in environmental variable'
        : close === -1
          ? 'Missing closing delimiter'
          : undefined;
    if (complaint !== undefined) {
      faults.push(faultAt(placeOf(text, start, file), 'HKT_CONFIG_ENVIRONMENT', [complaint]));
      // Left as it is, so that what follows keeps its shape.
      expanded += opening;
      at = nameStart;
      continue;
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined && !inComment(text, start))
      warnings.push(faultAt(placeOf(text, start, file), 'HKT_CONFIG_ENVIRONMENT_UNSET', [name]));
    const newStart = expanded.length;
    expanded += value ?? '';
    at = close + 1;
    pieces.push({
      start: newStart,
      end: expanded.length,
      originalStart: start,
      originalEnd: at,
    });
  }
  expanded += text.slice(at);
  return { text: expanded, faults, warnings, offset: (offset) => original(pieces, offset) };
}

function original(pieces: readonly Piece[], offset: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  if (piece === undefined) return offset;
  return offset < piece.end ? piece.originalStart : piece.originalEnd + (offset - piece.end);
}

function inComment(text: string, at: number): boolean {
  return /^[ \t]*#/.test(text.slice(text.lastIndexOf('\n', at) + 1, at));
}

function placeOf(text: string, at: number, file: string) {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { file, line, column: at - (before.lastIndexOf('\n') + 1) + 1 };
}
