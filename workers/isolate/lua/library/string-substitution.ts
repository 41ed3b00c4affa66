/**
 * string.gsub. What it makes is bounded as it grows.
 */
import { flatten } from '../../lua-text/flat-text.ts';
import { numberText } from '../../lua-text/number-text.ts';
import { index } from '../runtime/access.ts';
import { enter, leave } from '../runtime/calls.ts';
import { argumentError, raise } from '../runtime/errors.ts';
import { allocate, charge, chargeBytes, checkLength } from '../runtime/meter.ts';
import { checkInteger, checkText, two } from '../runtime/native.ts';
import { type LuaFunction, LuaTable, type LuaValue, typeName } from '../runtime/values.ts';
import { capture, captures, found } from './pattern/captures.ts';
import { patternOf, search } from './pattern/patterns.ts';

const ZERO = 48;
const NINE = 57;
/** What a match leaves behind besides bytes: pieces of the result. */
const MATCH_BYTES = 64;
/** Results up to this length are made flat at once; a longer one becomes flat when it is first read. */
const FLAT = 1024;

export function gsub(
  text: LuaValue,
  pattern: LuaValue,
  replacement: LuaValue,
  most: LuaValue,
): LuaValue {
  const given = arguments.length;
  const source = typeof text === 'string' ? text : checkText(text, 1, given);
  const wanted = patternOf(typeof pattern === 'string' ? pattern : checkText(pattern, 2, given));
  // As PUC: of an integer of 64 bits, the lower half.
  const limit = most === undefined ? source.length + 1 : checkInteger(most, 4, given) | 0;
  let template: string | undefined;
  let kind = typeof replacement;
  if (kind === 'string' || kind === 'number') {
    template = checkText(replacement, 3, given);
    kind = 'string';
  } else if (kind !== 'function' && !(replacement instanceof LuaTable)) {
    argumentError(3, 'string/function/table expected');
  }
  const constant = template !== undefined && !template.includes('%');
  let result = '';
  let count = 0;
  let copied = 0;
  let changed = false;
  let from = 0;
  while (count < limit) {
    const start = search(wanted, source, from);
    if (start < 0) break;
    count++;
    const end = found[0] as number;
    let put: LuaValue;
    if (constant) put = template;
    else if (template !== undefined) put = expand(template, source, start, end);
    else if (kind === 'function') put = called(replacement as LuaFunction, source, start);
    else put = index(replacement, capture(source, 0, start));
    if (typeof put !== 'string') put = replacementText(put);
    if (put !== undefined) {
      // Short pieces are put together first: in one piece they are one node of the rope.
      result += copied < start ? source.substring(copied, start) + put : put;
      checkLength(result.length);
      allocate(put.length + MATCH_BYTES);
      charge(1 + ((put.length + start - copied) >> 6));
      copied = end;
      changed = true;
    }
    if (end > start) from = end;
    else if (end < source.length) from = end + 1;
    else break;
    if (wanted.anchored) break;
  }
  if (!changed) return two(source, count);
  if (copied < source.length) {
    checkLength(result.length + source.length - copied);
    chargeBytes(source.length - copied);
    allocate(source.length - copied);
    result += source.substring(copied);
  }
  return two(result.length <= FLAT ? flatten(result) : result, count);
}

/** The text that a value of the guest's stands for; undefined: what matched stays. */
function replacementText(value: LuaValue): string | undefined {
  if (value === undefined || value === false) return undefined;
  if (typeof value === 'number') return numberText(value);
  return raise(`invalid replacement value (a ${typeName(value)})`);
}

function called(f: LuaFunction, source: string, start: number): LuaValue {
  const count = found[1] as number;
  let value: LuaValue;
  if (count <= 1) {
    const first = capture(source, 0, start);
    enter();
    value = f(first);
  } else if (count === 2) {
    const first = capture(source, 0, start);
    const second = capture(source, 1, start);
    enter();
    value = f(first, second);
  } else {
    const values = captures(source, start);
    enter();
    value = f(...values);
  }
  leave();
  return value;
}

/** The replacement with its %0 to %9 filled in. */
function expand(template: string, source: string, start: number, end: number): string {
  let text = '';
  let from = 0;
  for (;;) {
    const at = template.indexOf('%', from);
    if (at < 0) return text + template.substring(from);
    if (at > from) text += template.substring(from, at);
    const code = at + 1 < template.length ? template.charCodeAt(at + 1) : 0;
    if (code === ZERO) {
      text += source.substring(start, end);
    } else if (code > ZERO && code <= NINE) {
      const value = capture(source, code - ZERO - 1, start);
      text += typeof value === 'number' ? numberText(value) : value;
    } else text += String.fromCharCode(code);
    checkLength(text.length);
    charge(1 + ((source.length < template.length ? template.length : end - start) >> 6));
    from = at + 2;
  }
}
