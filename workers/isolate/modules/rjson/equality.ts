/** When two values are equal for JSON Schema: numbers by their value, objects whatever the order of their members. */
import { type JsonValue, Members, numberOf } from './json-value.ts';

/** The same text for equal values, and for no others. */
export function equalityKey({ content }: JsonValue): string {
  if (typeof content === 'string') return JSON.stringify(content);
  if (Array.isArray(content)) return `[${content.map(equalityKey).join(',')}]`;
  if (content instanceof Members) {
    const members = content.values.map(
      (value, i) => `${JSON.stringify(content.names[i])}:${equalityKey(value)}`,
    );
    return `{${members.sort().join(',')}}`;
  }
  const number = numberOf(content);
  if (number === undefined) return String(content);
  // A bigint that is no double is its own number.
  return typeof content === 'bigint' ? String(content) : textOf(number);
}

function textOf(value: number): string {
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}
