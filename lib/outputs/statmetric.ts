/**
 * The lines of Graphite's plain text protocol: "<name> <value> <timestamp>". What Heka 0.11 takes for a number is what Go
 * takes for one.
 */

// Each character can be matched in one way only, so that a long line costs no more than its length.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const NAMED = /^(?:[+-]?inf(?:inity)?|nan)$/i;
const HIGHEST_TIME = 0xffff_ffff;
/** Of a line, enough for the log. */
const SHOWN = 100;

/** What is wrong with a line, or undefined. */
export function lineFault(line: string): string | undefined {
  const [name = '', value = '', time, ...more] = line.split(/\s+/).filter((part) => part !== '');
  if (name === '' || time === undefined || more.length > 0) {
    return `malformed statmetric line: '${line.slice(0, SHOWN)}'`;
  }
  if (!isTime(time)) return `parsing time: '${time.slice(0, SHOWN)}' is no time in seconds`;
  if (!isNumber(value)) return `parsing value '${value.slice(0, SHOWN)}': it is no number`;
  return undefined;
}

/** The lines of a payload, without blanks and empty lines around all of them. */
export function payloadLines(payload: string): readonly string[] {
  let start = 0;
  let end = payload.length;
  while (start < end && isBlank(payload.charCodeAt(start))) start++;
  while (end > start && isBlank(payload.charCodeAt(end - 1))) end--;
  return payload.slice(start, end).split('\n');
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10;
}

function isNumber(text: string): boolean {
  return NAMED.test(text) || (DECIMAL.test(text) && Number.isFinite(Number(text)));
}

/** A number of 32 bits, decimal, octal behind 0, or hexadecimal behind 0x. */
function isTime(text: string): boolean {
  if (!/^(?:0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9]\d{0,9})$/i.test(text)) return false;
  const octal = /^0[0-7]+$/.test(text);
  return (octal ? Number.parseInt(text, 8) : Number(text)) <= HIGHEST_TIME;
}
