/**
 * Dates in matchers: RFC 3339, and the offset without a colon that upstream alone knows. A day beyond the month's end
 * and second 60 count on into what follows, as C's mktime has it.
 */

const FORM =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(\.\d+)?(?:Z|([-+])([01]\d|2[0-3]):?([0-5]\d))$/;

/** Nanoseconds since the epoch in a double, or undefined when `text` is not such a date. */
export function timestampNs(text: string): number | undefined {
  const parts = FORM.exec(text);
  if (parts === null) return undefined;
  const number = (index: number): number => Number(parts[index] ?? 0);
  const local = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for others.
  local.setUTCFullYear(number(1), number(2) - 1, number(3));
  local.setUTCHours(number(4), number(5), number(6));
  const offsetSeconds = (number(9) * 60 + number(10)) * 60 * (parts[8] === '-' ? -1 : 1);
  return (local.getTime() / 1000 - offsetSeconds + number(7)) * 1e9;
}
