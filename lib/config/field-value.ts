/**
 * Reads one plain value as what its field's kind says: durations become milliseconds, sizes bytes. What comes out is
 * frozen through and through.
 */
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import type { ConfigValue, FieldSpec } from './spec.ts';

export type ConfigTable = { readonly [key: string]: ConfigValue };

export type ReadValue =
  | { readonly kind: 'value'; readonly value: ConfigValue }
  /** Of another type: the type that was expected. */
  | { readonly kind: 'type'; readonly expected: string; readonly suggestion?: string }
  /** Of the right type but not allowed. */
  | { readonly kind: 'wrong'; readonly text: string; readonly suggestion?: string };

const ok = (value: ConfigValue): ReadValue => ({ kind: 'value', value });
const type = (expected: string, suggestion?: string): ReadValue =>
  suggestion === undefined ? { kind: 'type', expected } : { kind: 'type', expected, suggestion };
const wrong = (text: string, suggestion?: string): ReadValue =>
  suggestion === undefined ? { kind: 'wrong', text } : { kind: 'wrong', text, suggestion };

export function isTable(value: ConfigValue | undefined): value is ConfigTable {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

/** How a value is called in a fault's text. */
export function typeName(value: ConfigValue): string {
  if (value instanceof Date) return 'a date';
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'a boolean';
    case 'number':
      return Number.isInteger(value) ? 'an integer' : 'a float';
    default:
      return 'a table';
  }
}

/** A frozen copy that shares nothing with the original. */
export function frozen(value: ConfigValue): ConfigValue {
  if (value instanceof Date) return Object.freeze(new Date(value));
  if (Array.isArray(value)) return Object.freeze(value.map(frozen));
  if (!isTable(value)) return value;
  const copy: Record<string, ConfigValue> = Object.create(null);
  for (const [key, item] of Object.entries(value)) copy[key] = frozen(item);
  return Object.freeze(copy);
}

function duration(value: ConfigValue): ReadValue {
  if (typeof value === 'number')
    return type('a duration text with a unit such as "250ms"', `did you mean "${value}s"?`);
  if (typeof value !== 'string') return type('a duration text such as "250ms"');
  const ms = parseDuration(value);
  if (typeof ms === 'string') return wrong(ms, 'write a number and a unit: ns, us, ms, s, m or h');
  return ms < 0 ? wrong(`duration ${JSON.stringify(value)} is negative`) : ok(ms);
}

function bytes(value: ConfigValue): ReadValue {
  const size = typeof value === 'string' ? parseByteSize(value) : value;
  if (typeof value === 'string' && typeof size === 'string') return wrong(size);
  if (typeof size !== 'number' || !Number.isInteger(size))
    return type('a number of bytes or text such as "64KiB"');
  return size < 0 ? wrong('must not be negative') : ok(size);
}

function integer(value: ConfigValue, least: number, expected: string): ReadValue {
  if (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value))
    return type(expected, `did you mean ${value.trim()}, without quotes?`);
  if (typeof value !== 'number' || !Number.isInteger(value)) return type(expected);
  return value < least ? wrong('must not be negative') : ok(value);
}

/** Reads a value that is not a nested section. */
export function readValue(field: FieldSpec, value: ConfigValue): ReadValue {
  switch (field.kind) {
    case 'string':
    case 'matcher':
      return typeof value === 'string' ? ok(value) : type('text');
    case 'choice': {
      const choices = field.choices ?? [];
      if (typeof value !== 'string') return type('text');
      return choices.includes(value)
        ? ok(value)
        : wrong(
            `${JSON.stringify(value)} is not one of ${choices.map((c) => JSON.stringify(c)).join(', ')}`,
          );
    }
    case 'bool':
      if (value === 'true' || value === 'false')
        return type('true or false', `did you mean ${value}, without quotes?`);
      return typeof value === 'boolean' ? ok(value) : type('true or false');
    case 'int':
      return integer(value, Number.MIN_SAFE_INTEGER, 'an integer');
    case 'uint':
      return integer(value, 0, 'an integer');
    case 'seconds': {
      const ms = typeof value === 'string' ? parseDuration(value) : undefined;
      return typeof ms === 'number' && ms % 1000 === 0
        ? type('an integer, in seconds', `did you mean ${ms / 1000}?`)
        : integer(value, 0, 'an integer, in seconds');
    }
    case 'float':
      return typeof value === 'number' ? ok(value) : type('a number');
    case 'duration':
      return duration(value);
    case 'bytes':
      return bytes(value);
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
        ? ok(frozen(value))
        : type('an array of texts');
    case 'ints':
      return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))
        ? ok(frozen(value))
        : type('an array of integers');
    case 'table':
      return isTable(value) ? ok(frozen(value)) : type('a table');
    case 'section':
    case 'sections':
      return isTable(value) ? ok(value) : type('a table');
    default:
      return field.kind satisfies never;
  }
}

/** A field's default in read units; a default may be written as the configuration would have it ("5s", "8MiB"). */
export function readDefault(field: FieldSpec): ConfigValue | undefined {
  const value = field.default;
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || (field.kind !== 'duration' && field.kind !== 'bytes'))
    return frozen(value);
  const read = readValue(field, value);
  return read.kind === 'value' ? read.value : undefined;
}
