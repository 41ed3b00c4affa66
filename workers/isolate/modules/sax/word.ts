/**
 * A series as letters: its frames' averages, as bands of the normal distribution. A symbol is the number of a band from the
 * highest (0) on; the cardinality itself stands for a frame without numbers.
 */
import { bandsOf } from './bands.ts';

const LETTER_A = 65;
const NO_NUMBERS = '#';

export interface SaxWord {
  /** Values that the word was made of, 0 when that is not known. */
  readonly values: number;
  readonly cardinality: number;
  readonly symbols: Uint8Array;
}

/** Mean, and the sum of squared deviations' root over the count, of the finite values. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** Deviations below this count as none. */
export const SMALL_DEVIATION = 1e-2;

/** `series` begins at index `start` and goes around the array's end. */
export function toSymbols(
  series: Float64Array,
  start: number,
  frames: number,
  cardinality: number,
  spread: Spread,
): Uint8Array {
  const { breaks } = bandsOf(cardinality);
  const frameLength = series.length / frames;
  const symbols = new Uint8Array(frames);
  let at = start;
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < frameLength; i++) {
      const value = series[at] as number; // goes around below
      if (!Number.isNaN(value)) {
        sum += value;
        count++;
      }
      if (++at === series.length) at = 0;
    }
    symbols[frame] = symbolOf(normalized(sum, count, spread), cardinality, breaks);
  }
  return symbols;
}

/** The frame's average in deviations from the mean; infinite ones stay, NaN when there is none. */
function normalized(sum: number, count: number, { mean, deviation }: Spread): number {
  if (count === 0) return Number.NaN;
  if (!Number.isFinite(sum)) return sum;
  return deviation < SMALL_DEVIATION ? 0 : (sum - count * mean) / (count * deviation);
}

function symbolOf(value: number, cardinality: number, breaks: readonly number[]): number {
  if (Number.isNaN(value)) return cardinality;
  for (let i = 0; i < cardinality - 1; i++) {
    if (value < (breaks[i] ?? Number.NaN)) return cardinality - i - 1;
  }
  return 0;
}

/** The word of a whole series. */
export function wordOf(series: Float64Array, frames: number, cardinality: number): SaxWord {
  let mean = 0;
  let squares = 0;
  let count = 0;
  for (const value of series) {
    if (!Number.isFinite(value)) continue;
    count++;
    squares += ((value - mean) * (value - mean) * (count - 1)) / count;
    mean += (value - mean) / count;
  }
  const spread = { mean, deviation: count === 0 ? 0 : Math.sqrt(squares / count) };
  const symbols = toSymbols(series, 0, frames, cardinality, spread);
  return { values: series.length, cardinality, symbols };
}

/** A word from its letters; undefined when one of them is not of that cardinality, or there is none. */
export function parseWord(letters: string, cardinality: number): SaxWord | undefined {
  const symbols = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) {
    const band = letters.charCodeAt(i) - LETTER_A;
    if (letters.charAt(i) === NO_NUMBERS) symbols[i] = cardinality;
    else if (band >= 0 && band < cardinality) symbols[i] = cardinality - band - 1;
    else return undefined;
  }
  return symbols.length === 0 ? undefined : { values: 0, cardinality, symbols };
}

export function wordText({ cardinality, symbols }: SaxWord): string {
  let text = '';
  for (const symbol of symbols) {
    text +=
      symbol === cardinality
        ? NO_NUMBERS
        : String.fromCharCode(LETTER_A + cardinality - symbol - 1);
  }
  return text;
}

export function wordsEqual(a: SaxWord, b: SaxWord): boolean {
  return (
    a.cardinality === b.cardinality &&
    a.symbols.length === b.symbols.length &&
    a.symbols.every((symbol, i) => symbol === b.symbols[i])
  );
}

/** The least distance of two words' series: all of it, the part of a above b, the part below; undefined: no such thing. */
export function leastDistance(
  a: SaxWord,
  b: SaxWord,
): readonly [number, number, number] | undefined {
  const { cardinality } = a;
  const frames = a.symbols.length;
  if (cardinality !== b.cardinality || frames !== b.symbols.length) return undefined;
  if (a.values !== b.values && a.values !== 0 && b.values !== 0) return undefined;
  const values = a.values || b.values || frames;
  const { distances } = bandsOf(cardinality);
  let above = 0;
  let below = 0;
  for (let i = 0; i < frames; i++) {
    let mine = a.symbols[i] ?? 0;
    let other = b.symbols[i] ?? 0;
    if (mine === other) continue;
    if (mine === cardinality) mine = farthest(other, cardinality);
    else if (other === cardinality) other = farthest(mine, cardinality);
    const distance = distances[mine * cardinality + other] ?? 0;
    // Symbols count from the highest band.
    if (mine < other) above += distance * distance;
    else below += distance * distance;
  }
  const compression = Math.sqrt(values / frames);
  return [
    compression * Math.sqrt(above + below),
    compression * Math.sqrt(above),
    compression * Math.sqrt(below),
  ];
}

/** The band that is farthest from a symbol's. */
function farthest(symbol: number, cardinality: number): number {
  return symbol > cardinality - 1 - symbol ? 0 : cardinality - 1;
}
