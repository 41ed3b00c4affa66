/** Compares what a program prints on an engine with what it prints under the machine's own Lua 5.1. */
import type { EngineFactory } from './engines.ts';
import { engineTranscript, referenceTranscript } from './transcript.ts';

/** The first line that differs; undefined stands for no such line. */
export interface Difference {
  readonly line: number;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

/**
 * Lines of a transcript, without addresses and the sign of a NaN, which is that of the processor's operations and imitated by
 * no engine.
 */
function comparable(text: string): readonly string[] {
  return text
    .replace(/-nan\b/g, 'nan')
    .replace(/\b(table|function|thread): 0x[0-9a-f]+/g, '$1')
    .split('\n');
}

/**
 * Lua 5.1 finds the names of operands in its instructions, and so names operands such as `(a and b or c)` after the variable
 * that was loaded last. Not to name what it names is no difference; the suite of cases has the names.
 */
function withoutName(line: string | undefined): string | undefined {
  return line?.replace(/ (?:global|local|upvalue|field|method) '[^']*' \((a \w+ value)\)/, ' $1');
}

/** How deep calls may nest differs; what comes after such an error is not compared. */
function isAtLimit(line: string | undefined): boolean {
  return line !== undefined && /stack overflow|error in error handling/.test(line);
}

function transcript(factory: EngineFactory, source: string): string {
  try {
    return engineTranscript(factory, source);
  } catch (error) {
    // What the engine throws at its host is a difference like any other, and the worst.
    return `thrown: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

export function compare(factory: EngineFactory, source: string): Difference | undefined {
  const expected = comparable(referenceTranscript(source));
  const actual = comparable(transcript(factory, source));
  const length = Math.max(expected.length, actual.length);
  for (let line = 0; line < length; line++) {
    if (isAtLimit(expected[line]) || isAtLimit(actual[line])) return undefined;
    if (expected[line] !== actual[line] && withoutName(expected[line]) !== actual[line]) {
      return { line: line + 1, expected: expected[line], actual: actual[line] };
    }
  }
  return undefined;
}

/** A difference without what changes when a program gets smaller: numbers, names, values. */
function shape(text: string | undefined): string {
  return text === undefined
    ? 'nothing'
    : text
        .replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => quoted.replace(/\d+/g, '0'))
        .replace(/\d+/g, '0')
        .slice(0, 12);
}

/** Is it likely the same fault? A smaller program is of no use when it fails for another reason. */
export function differsAlike(one: Difference, other: Difference | undefined): boolean {
  if (other === undefined) return false;
  const thrown = (difference: Difference): boolean =>
    difference.actual?.startsWith('thrown: ') === true;
  if (thrown(one) || thrown(other)) return thrown(one) && thrown(other);
  return shape(one.actual) === shape(other.actual) && shape(one.expected) === shape(other.expected);
}

/** The program, and where it differs. */
export function describe(factory: EngineFactory, source: string): string {
  const difference = compare(factory, source);
  if (difference === undefined) return source;
  const { line, expected, actual } = difference;
  return `${source}line ${line} of the output\n  lua5.1: ${expected ?? '(nothing)'}\n  ${factory.name}: ${actual ?? '(nothing)'}`;
}
