/**
 * What write_message takes for headers that are numbers: numbers, integer texts as Go reads them (0x and 0 in front), and
 * for Timestamp the time formats of Go's standard library, read in UTC (Heka 0.11).
 */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(?<month>[A-Z][a-z]{2})';
const CLOCK =
  '(?<hour>\\d{2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:\\.(?<fraction>\\d{1,9}))?)?';
const ZONE = '(?:(?<sign>[+-])(?<zoneHour>\\d{2}):?(?<zoneMinute>\\d{2})|[A-Z]{1,5})';
const MS_PER_MINUTE = 60_000;

/** RFC 3339; ANSIC and UnixDate; RubyDate; RFC 822 and 1123; RFC 850; Stamp; Kitchen. */
const FORMATS: readonly RegExp[] = [
  `(?<year>\\d{4})-(?<number>\\d{2})-(?<day>\\d{2})T${CLOCK}(?:Z|${ZONE})`,
  `[A-Z][a-z]{2} ${MONTH} [ \\d]?(?<day>\\d{1,2}) ${CLOCK}(?: [A-Z]{3,5})? (?<year>\\d{4})`,
  `[A-Z][a-z]{2} ${MONTH} (?<day>\\d{2}) ${CLOCK} ${ZONE} (?<year>\\d{4})`,
  `(?:[A-Z][a-z]{2}, )?(?<day>\\d{2}) ${MONTH} (?<year>\\d{2}(?:\\d{2})?) ${CLOCK} ${ZONE}`,
  `[A-Z][a-z]+, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${CLOCK} ${ZONE}`,
  `${MONTH} [ \\d]?(?<day>\\d{1,2}) ${CLOCK}`,
  '(?<hour>\\d{1,2}):(?<minute>\\d{2})(?<half>AM|PM)',
].map((source) => new RegExp(`^${source}$`));

const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
const SHORTEST_DAY = 2;

/** An integer text, or undefined. */
export function writtenInteger(text: string): number | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const digits = match[2] ?? '';
  const octal = digits.length > 1 && digits.startsWith('0') && !/[xX]/.test(digits);
  const magnitude = octal ? Number.parseInt(digits, 8) : Number(digits);
  return match[1] === '-' ? -magnitude : magnitude;
}

/** Nanoseconds since the epoch of a time in one of the formats, or undefined. */
export function writtenTime(text: string): number | undefined {
  for (const format of FORMATS) {
    const groups = format.exec(text)?.groups;
    if (groups !== undefined) return timeOf(groups);
  }
  return undefined;
}

function timeOf(groups: Readonly<Record<string, string | undefined>>): number | undefined {
  const number = (name: string, otherwise: number) =>
    groups[name] === undefined ? otherwise : Number(groups[name]);
  let month = number('number', 1) - 1;
  if (groups['month'] !== undefined) month = MONTHS.indexOf(groups['month'].toLowerCase());
  const day = number('day', 1);
  let hour = number('hour', 0);
  if (groups['half'] !== undefined) hour = (hour % 12) + (groups['half'] === 'PM' ? 12 : 0);
  const minute = number('minute', 0);
  const second = number('second', 0);
  if (month < 0 || month > 11 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  const date = new Date(0);
  // Not Date.UTC, which takes years below 100 for those of the last century.
  date.setUTCFullYear(yearOf(groups['year']), month, day);
  date.setUTCHours(hour, minute, second);
  const offset = number('zoneHour', 0) * 60 + number('zoneMinute', 0);
  const ms = date.getTime() - (groups['sign'] === '-' ? -offset : offset) * MS_PER_MINUTE;
  const fraction = Number((groups['fraction'] ?? '').padEnd(9, '0'));
  return ms * 1e6 + fraction;
}

/** Two digits are of 1969 to 2068, as in Go; no year is year 0. */
function yearOf(text: string | undefined): number {
  const year = Number(text ?? 0);
  if (text?.length !== SHORTEST_DAY) return year;
  return year >= 69 ? 1900 + year : 2000 + year;
}
