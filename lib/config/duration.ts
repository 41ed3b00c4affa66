/**
 * Go's duration text ("250ms", "1h30m", "1.5s", "-1s"): a sign, then numbers each with a unit; a bare "0" is the only
 * number without one. Read as milliseconds, which may have a fraction.
 */
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, micro sign
  μs: 1e-3, // U+03BC, Greek mu
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go holds a duration in 63 bits of nanoseconds; more is an error there and here. */
const maxMs = 2 ** 63 / 1e6;

const part = /(\d+\.?\d*|\.\d+)([^\d.\s]*)/y;

/** Milliseconds, or what is wrong with the text. */
export function parseDuration(text: string): number | string {
  const invalid = `invalid duration ${JSON.stringify(text)}`;
  const negative = text.startsWith('-');
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0;
  if (body === '') return invalid;
  let total = 0;
  part.lastIndex = 0;
  while (part.lastIndex < body.length) {
    const match = part.exec(body);
    if (match === null) return invalid;
    const [, digits = '', unit = ''] = match;
    if (unit === '') return `missing unit in duration ${JSON.stringify(text)}`;
    const scale = Object.hasOwn(unitMs, unit) ? unitMs[unit] : undefined;
    if (scale === undefined)
      return `unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`;
    total += Number(digits) * scale;
  }
  if (!(total < maxMs)) return invalid;
  return negative ? -total : total;
}

/** The shortest text that reads back as the same duration, for the reference page. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s';
  for (const [unit, scale] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms % scale === 0) return `${ms / scale}${unit}`;
  }
  return `${ms}ms`;
}
