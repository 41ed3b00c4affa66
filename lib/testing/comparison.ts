/**
 * Compares what came out of a sandbox with what a case expects, and shows the difference line by line.
 */
import { type ConfigTable, isTable } from '../config/field-value.ts';
import type { ConfigValue } from '../config/spec.ts';

/** A value that came out: strings are byte strings decoded as UTF-8. */
export type Actual =
  | undefined
  | string
  | number
  | boolean
  | readonly Actual[]
  | { readonly [key: string]: Actual };

/** What is not there, in what is expected and in what is shown. */
const NOTHING = '(nothing)';
/** Lines of a difference that are shown. */
const MOST_LINES = 40;

/** What is different, at the paths where it is; nothing when all that is expected is there. */
export function differences(expected: ConfigValue, actual: Actual, path: string): string[] {
  if (typeof expected === 'string' && isPattern(expected)) {
    const matches = typeof actual === 'string' && patternOf(expected).test(actual);
    return matches ? [] : [`${path} does not match ${expected}:\n${indented('+ ', shown(actual))}`];
  }
  if (Array.isArray(expected)) return listDifferences(expected, actual, path);
  if (isTable(expected)) return tableDifferences(expected, actual, path);
  if (expected === NOTHING && actual === undefined) return [];
  if (expected === actual || (Number.isNaN(expected) && Number.isNaN(actual))) return [];
  // A field of one value is written without brackets.
  if (Array.isArray(actual) && actual.length === 1) return differences(expected, actual[0], path);
  return [`${path}:\n${textDifference(shown(expected), shown(actual))}`];
}

function listDifferences(expected: readonly ConfigValue[], actual: Actual, path: string): string[] {
  if (!Array.isArray(actual))
    return [`${path}:\n${textDifference(shown(expected), shown(actual))}`];
  const found: string[] = [];
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) {
    const wanted = expected[i];
    if (wanted === undefined) found.push(`${path}[${i}] is too much: ${shown(actual[i])}`);
    else found.push(...differences(wanted, actual[i], `${path}[${i}]`));
  }
  return found;
}

function tableDifferences(expected: ConfigTable, actual: Actual, path: string): string[] {
  if (typeof actual !== 'object' || Array.isArray(actual)) {
    return [`${path}:\n${textDifference(shown(expected), shown(actual))}`];
  }
  const entries = actual as { readonly [key: string]: Actual }; // no array
  return Object.entries(expected).flatMap(([key, value]) =>
    differences(value, Object.hasOwn(entries, key) ? entries[key] : undefined, `${path}.${key}`),
  );
}

function isPattern(text: string): boolean {
  return text.length > 2 && text.startsWith('/') && text.endsWith('/');
}

function patternOf(text: string): RegExp {
  return new RegExp(text.slice(1, -1), 's');
}

/** A value as a person reads it. */
export function shown(value: ConfigValue | Actual): string {
  if (value === undefined) return NOTHING;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Lines that are only expected with "-", those that only came with "+", a few that are common around them. */
export function textDifference(expected: string, actual: string): string {
  const wanted = expected.split('\n');
  const got = actual.split('\n');
  let start = 0;
  while (start < wanted.length && start < got.length && wanted[start] === got[start]) start++;
  let end = 0;
  while (
    end < wanted.length - start &&
    end < got.length - start &&
    wanted[wanted.length - 1 - end] === got[got.length - 1 - end]
  ) {
    end++;
  }
  const lines = [
    ...wanted.slice(Math.max(0, start - 1), start).map((line) => `    ${line}`),
    ...wanted.slice(start, wanted.length - end).map((line) => `  - ${line}`),
    ...got.slice(start, got.length - end).map((line) => `  + ${line}`),
    ...wanted
      .slice(wanted.length - end)
      .slice(0, 1)
      .map((line) => `    ${line}`),
  ];
  const more = lines.length - MOST_LINES;
  return more > 0
    ? [...lines.slice(0, MOST_LINES), `    … ${more} more lines`].join('\n')
    : lines.join('\n');
}

function indented(prefix: string, text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${prefix}${line}`)
    .join('\n');
}
