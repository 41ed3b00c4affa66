/**
 * Random calls of library functions as text of Lua: numbers and their texts, `string.format`, patterns. What C leaves
 * undefined is left out: conversions of integers beyond 64 bits, flags that a directive does not know.
 */
import type { SeededRandom } from '../seeded-random.ts';

/** A text as a literal of Lua. */
export function textLiteral(text: string): string {
  const escaped = text.replace(
    /[^ !#-[\]-~]/g,
    (character) => `\\${String(character.charCodeAt(0)).padStart(3, '0')}`,
  );
  return `"${escaped}"`;
}

/** A number as a literal of Lua that reads back as itself. */
export function numberLiteral(value: number): string {
  if (value === Infinity) return '(1/0)';
  return value === -Infinity ? '(-1/0)' : String(value);
}

/** A double of any size: random bits, random decimals, whole numbers and their neighbours. */
export function randomDouble(random: SeededRandom): number {
  switch (random.below(6)) {
    case 0: {
      const value = new DataView(random.bytes(8).buffer).getFloat64(0);
      return Number.isNaN(value) ? 0.5 : value;
    }
    case 1:
      return random.below(2_000_000) - 1_000_000;
    case 2:
      return (random.below(20_000_001) - 10_000_000) / 10 ** random.below(9);
    case 3:
      return (random.below(2) * 2 - 1) * 2 ** random.below(64) + random.below(3) - 1;
    case 4:
      return random.below(10 ** 9) * 10 ** (random.below(40) - 20) + random.below(10) / 10;
    default:
      return Number(`${random.below(10)}.${random.below(10 ** 8)}5e${random.below(60) - 30}`);
  }
}

const NUMBER_ALPHABET = '0123456789012345679..eE+-xXabfF \t';

/** A text that may be a number. */
export function randomNumberText(random: SeededRandom): string {
  if (random.below(3) === 0) {
    let text = '';
    for (let left = random.below(9); left > 0; left--) {
      text += NUMBER_ALPHABET[random.below(NUMBER_ALPHABET.length)] ?? '';
    }
    return text;
  }
  const text = String(randomDouble(random));
  return (
    [
      text,
      ` ${text} `,
      `${text}e${random.below(30)}`,
      `0x${random.below(2 ** 31).toString(16)}`,
      `${text}.`,
      `-${text}`,
      `+${text}`,
    ][random.below(7)] ?? text
  );
}

/** A call of string.format with one directive and text around it. */
export function randomFormatCall(random: SeededRandom): string {
  const pick = (choices: string): string => choices[random.below(choices.length)] ?? '';
  const conversion = pick('diouxXcsqeEfgGfgds');
  const known: Record<string, string> = {
    d: '-+ 0',
    i: '-+ 0',
    u: '-0',
    c: '-',
    o: '-#0',
    x: '-#0',
    X: '-#0',
    s: '-',
    q: '',
  };
  const allowed = known[conversion] ?? '-+ #0';
  let flags = '';
  for (const flag of allowed) if (random.below(4) === 0) flags += flag;
  const width = random.below(2) === 0 || conversion === 'q' ? '' : String(1 + random.below(30));
  const precision =
    random.below(2) === 0 || 'cq'.includes(conversion) ? '' : `.${random.below(20)}`;
  const format = `<%${flags}${width}${precision}${conversion}>`;
  return `string.format(${textLiteral(format)}, ${formatValue(random, conversion)})`;
}

function formatValue(random: SeededRandom, conversion: string): string {
  if (conversion === 'c') return String(32 + random.below(220));
  if ('diouxX'.includes(conversion)) {
    const value = Math.trunc(randomDouble(random));
    return numberLiteral(Math.abs(value) < 2 ** 62 ? value : random.below(1000));
  }
  if (conversion === 'q')
    return textLiteral(String.fromCharCode(...random.bytes(random.below(12))));
  if (conversion === 's') {
    return random.below(2) === 0
      ? numberLiteral(randomDouble(random))
      : textLiteral('abcdefgh'.slice(random.below(8)));
  }
  return numberLiteral(
    random.below(20) === 0 ? Infinity * (random.below(2) * 2 - 1) : randomDouble(random),
  );
}

const ITEMS = [
  'a',
  'b',
  'c',
  '.',
  '%a',
  '%d',
  '%w',
  '%s',
  '%W',
  '%l',
  '[ab]',
  '[^a]',
  '[%d_]',
  '[a-c]',
  '[]]',
  '%.',
  '%%',
  '1',
  ' ',
  '[%a-]',
];
const RARE = [
  '()',
  '%b()',
  '%f[a]',
  '%f[%A]',
  '%1',
  '(',
  ')',
  '[',
  '%',
  '^',
  '$',
  '-',
  '%z',
  '[^',
  '%2',
];

/** A pattern: now and then a malformed one. */
export function randomPattern(random: SeededRandom): string {
  const pick = (choices: readonly string[]): string => choices[random.below(choices.length)] ?? '';
  const piece = (depth: number): string => {
    const kind = random.below(20);
    if (kind === 0) return pick(RARE);
    if (kind < 4 && depth > 0) {
      return `(${Array.from({ length: random.below(3) }, () => piece(depth - 1)).join('')})`;
    }
    return pick(ITEMS) + pick(['', '', '', '', '*', '+', '-', '?']);
  };
  let pattern = random.below(6) === 0 ? '^' : '';
  for (let left = 1 + random.below(5); left > 0; left--) pattern += piece(2);
  return random.below(6) === 0 ? `${pattern}$` : pattern;
}

const SUBJECT = 'aaabbcc11 _.()-%A\0';
const REPLACEMENTS = [
  '"<%0>"',
  '"%1"',
  '"%%"',
  '""',
  '"%2-%1"',
  'function(...) return select("#", ...) .. tostring((...)) end',
  '{a = "A", ab = false, ["1"] = 7}',
];

/** A call of find, match, gsub or gmatch; gmatch is run to its end. */
export function randomPatternCall(random: SeededRandom): string {
  let subject = '';
  for (let left = random.below(14); left > 0; left--)
    subject += SUBJECT[random.below(SUBJECT.length)] ?? '';
  const text = textLiteral(subject);
  const pattern = textLiteral(randomPattern(random));
  const start = random.below(4) === 0 ? `, ${random.below(16) - 5}` : '';
  switch (random.below(5)) {
    case 0:
      return `string.find(${text}, ${pattern}${start})`;
    case 1:
      return `string.match(${text}, ${pattern}${start})`;
    case 2:
      return `all(string.gmatch(${text}, ${pattern}))`;
    case 3:
      return `string.find(${text}, ${pattern}, ${random.below(4)}, true)`;
    default: {
      const most = random.below(4) === 0 ? `, ${random.below(4)}` : '';
      return `string.gsub(${text}, ${pattern}, ${REPLACEMENTS[random.below(REPLACEMENTS.length)] ?? '""'}${most})`;
    }
  }
}
