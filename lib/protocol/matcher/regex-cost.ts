/**
 * An upper estimate of the program that a regular expression compiles to, found without compiling it: `(x{1000}){1000}`
 * is 15 characters long and would be a million instructions. Needs no valid expression: faults are the compiler's to find.
 */
import { MAX_GROUP_NESTING } from './limits.ts';

/** One open group: what its branches cost so far, and what the last atom (which a repetition multiplies) costs. */
interface Group {
  total: number;
  last: number;
}

/** Two captures, and one for a group that is empty. */
const GROUP_COST = 3;

const NAMED_CLASS_FORM = /\[:\^?[a-z]+:\]/y;
const REPEAT_FORM = /\{(\d{1,8})(?:(,)(\d{0,8}))?\}/y;

export interface RegexSize {
  readonly instructions: number;
  readonly nesting: number;
}

export function estimateRegex(pattern: string): RegexSize {
  const outer: Group[] = [];
  let group: Group = { total: GROUP_COST, last: 0 };
  let nesting = 0;
  const atom = (cost: number): void => {
    group.total += cost;
    group.last = cost;
  };
  for (let at = 0; at < pattern.length; at++) {
    switch (pattern.charAt(at)) {
      case '(':
        outer.push(group);
        nesting = Math.max(nesting, outer.length);
        if (nesting > MAX_GROUP_NESTING) return { instructions: Infinity, nesting };
        group = { total: GROUP_COST, last: 0 };
        break;
      case ')': {
        const closed = group;
        group = outer.pop() ?? { total: GROUP_COST, last: 0 };
        atom(closed.total);
        break;
      }
      case '[':
        at = classEnd(pattern, at);
        atom(1);
        break;
      case '\\':
        if (pattern.charAt(at + 1) === 'Q') {
          // Everything up to \E is literal; a repetition behind it multiplies its last character only.
          const close = pattern.indexOf('\\E', at + 2);
          const end = close < 0 ? pattern.length : close;
          atom(end - at);
          group.last = 1;
          at = end + 1;
        } else {
          at = escapeEnd(pattern, at);
          atom(1);
        }
        break;
      case '*':
      case '+':
      case '?':
        group.total += 2;
        group.last += 2;
        break;
      case '|':
        atom(2); // and one for a branch that is empty
        break;
      case '{': {
        REPEAT_FORM.lastIndex = at;
        const repeat = REPEAT_FORM.exec(pattern);
        if (repeat === null) {
          atom(1);
          break;
        }
        at += repeat[0].length - 1;
        const least = Number(repeat[1]);
        const most = repeat[2] === undefined ? least : Number(repeat[3]); // `{n,}` has the empty text: 0
        const copies = Math.max(1, least + 1, most);
        const cost = copies * (group.last + 1);
        group.total += cost - group.last;
        group.last = cost;
        break;
      }
      default:
        atom(1);
    }
  }
  let total = group.total;
  for (const open of outer) total += open.total;
  return { instructions: total, nesting };
}

/** The place of the bracket that closes the class at `at`, or the pattern's last place. */
function classEnd(pattern: string, at: number): number {
  let i = at + 1;
  if (pattern.charAt(i) === '^') i++;
  if (pattern.charAt(i) === ']') i++;
  for (; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === ']') return i;
    if (c === '\\') i++;
    else if (c === '[') {
      NAMED_CLASS_FORM.lastIndex = i;
      const named = NAMED_CLASS_FORM.exec(pattern);
      if (named !== null) i += named[0].length - 1;
    }
  }
  return pattern.length - 1;
}

/** The last place of the escape at `at`: `\d`, `\p{Greek}`, `\x{10ffff}`. */
function escapeEnd(pattern: string, at: number): number {
  if ('pPx'.includes(pattern.charAt(at + 1)) && pattern.charAt(at + 2) === '{') {
    const close = pattern.indexOf('}', at + 3);
    if (close >= 0) return close;
  }
  return at + 1;
}
