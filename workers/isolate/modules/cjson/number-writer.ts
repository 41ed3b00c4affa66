/**
 * Numbers as C's `%.<precision>g` writes them. Short decimals, which most documents are full of, come from integers: when
 * n / 1000 is the double, nothing shorter than n's digits can be it, and n has too few to be rounded.
 */
import { general } from '../../lua-text/number-text.ts';

/** From this precision on, the short ways below write all digits there are. */
const FULL_PRECISION = 14;
const PLAIN_INTEGERS = 1e14;
const SMALL_INTEGERS = 2 ** 31;
const MILLION = 1e6;
const THOUSANDTHS = Array.from({ length: 1000 }, (_, n) =>
  n === 0 ? '' : `.${String(1000 + n).slice(1)}`.replace(/0+$/, ''),
);

/** The value is finite. */
export function numberText(value: number, precision: number): string {
  if (precision < FULL_PRECISION || value === 0) return general(value, precision, false);
  const magnitude = value < 0 ? -value : value;
  if (magnitude < PLAIN_INTEGERS && Math.floor(value) === value) {
    if (magnitude < SMALL_INTEGERS) return String(value);
    const high = Math.floor(magnitude / MILLION);
    const text = high + String(MILLION + (magnitude - high * MILLION)).slice(1);
    return value < 0 ? `-${text}` : text;
  }
  if (magnitude < MILLION) {
    const thousandths = Math.round(magnitude * 1000);
    if (thousandths / 1000 === magnitude) {
      const whole = Math.floor(thousandths / 1000);
      const text = whole + (THOUSANDTHS[thousandths - whole * 1000] ?? '');
      return value < 0 ? `-${text}` : text;
    }
  }
  return general(value, precision, false);
}
