/**
 * Numbers in a subject: what `tonumber` gives for a text of digits, without making the text.
 */

/** Digits that a double always keeps. */
const EXACT_DIGITS = 15;
const POWERS: readonly number[] = Array.from(
  { length: EXACT_DIGITS + 1 },
  (_, power) => 10 ** power,
);
const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/** The number that `[-]digits[.digits]` stands for; undefined when it is something else, or too long. */
export function decimal(text: string, from: number, to: number): number | undefined {
  if (to - from > EXACT_DIGITS || to <= from) return undefined;
  const negative = text.charCodeAt(from) === MINUS;
  const first = negative ? from + 1 : from;
  let value = 0;
  let point = to;
  for (let i = first; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (digit === POINT - ZERO && point === to && i > first) point = i;
    else return undefined;
  }
  // The last character is a digit: there are some, and some behind the point.
  if (first === to || point === to - 1) return undefined;
  // Both are exact, so the quotient is the nearest double.
  if (point < to) value /= POWERS[to - 1 - point] ?? 1;
  return negative ? -value : value;
}
