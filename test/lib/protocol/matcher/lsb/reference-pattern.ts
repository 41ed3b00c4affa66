/**
 * Patterns of lua_sandbox's matcher the short way, to compare with: the pattern's text is walked again for every try and
 * every choice is tried. Takes exponential time; for small inputs only.
 */

const CLASSES: Readonly<Record<string, RegExp>> = {
  a: /[A-Za-z]/,
  c: /[\x00-\x1f\x7f]/,
  d: /[0-9]/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[ \t-\r]/,
  u: /[A-Z]/,
  w: /[0-9A-Za-z]/,
  x: /[0-9A-Fa-f]/,
  z: /\0/,
};

/** Does the byte string `subject` hold what `pattern` describes? */
export function referenceSearch(pattern: string, subject: string): boolean {
  const anchored = pattern.startsWith('^');
  const body = anchored ? pattern.slice(1) : pattern;
  const last = anchored ? 0 : subject.length;
  for (let at = 0; at <= last; at++) if (matchesAt(body, subject, at)) return true;
  return false;
}

function matchesAt(p: string, s: string, at: number): boolean {
  if (p === '') return true;
  if (p === '$') return at === s.length;
  if (p.startsWith('%b')) {
    const [open, close] = [p[2], p[3]];
    if (open === undefined || close === undefined || s[at] !== open) return false;
    let depth = 1;
    for (let i = at + 1; i < s.length; i++) {
      if (s[i] === close) depth--;
      else if (s[i] === open) depth++;
      if (depth === 0) return matchesAt(p.slice(4), s, i + 1);
    }
    return false;
  }
  if (p.startsWith('%f')) {
    const set = p[2] === '[' ? itemOf(p.slice(2)) : '';
    if (set === '') return false;
    const before = at === 0 ? '\0' : s.charAt(at - 1);
    const behind = at === s.length ? '\0' : s.charAt(at);
    if (isIn(set, before) || !isIn(set, behind)) return false;
    return matchesAt(p.slice(2 + set.length), s, at);
  }
  const item = itemOf(p);
  if (item === '') return false;
  const fits = (i: number): boolean => i < s.length && isIn(item, s.charAt(i));
  const rest = p.slice(item.length + 1);
  switch (p[item.length]) {
    case '?':
      return (fits(at) && matchesAt(rest, s, at + 1)) || matchesAt(rest, s, at);
    case '+':
      return fits(at) && repeated(fits, rest, s, at + 1);
    case '*':
    case '-':
      return repeated(fits, rest, s, at);
    default:
      return fits(at) && matchesAt(p.slice(item.length), s, at + 1);
  }
}

function repeated(fits: (i: number) => boolean, rest: string, s: string, from: number): boolean {
  for (let at = from; ; at++) {
    if (matchesAt(rest, s, at)) return true;
    if (!fits(at)) return false;
  }
}

/** The first item of the pattern, or "" when it has no end. */
function itemOf(p: string): string {
  if (p.startsWith('%')) return p.length > 1 ? p.slice(0, 2) : '';
  if (!p.startsWith('[')) return p.slice(0, 1);
  let end = p.startsWith('[^') ? 2 : 1;
  for (let first = true; ; first = false) {
    if (end >= p.length) return '';
    if (p[end] === ']' && !first) return p.slice(0, end + 1);
    end += p[end] === '%' && end + 1 < p.length ? 2 : 1;
  }
}

function isIn(item: string, c: string): boolean {
  if (item === '.') return true;
  if (item.startsWith('%')) return isOfClass(item.charAt(1), c);
  if (!item.startsWith('[') || item.length === 1) return item === c;
  const negated = item.startsWith('[^');
  const inside = item.slice(negated ? 2 : 1, -1);
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === '%') {
      i++;
      if (isOfClass(inside.charAt(i), c)) return !negated;
    } else if (inside[i + 1] === '-' && i + 2 < inside.length) {
      if (inside.charAt(i) <= c && c <= inside.charAt(i + 2)) return !negated;
      i += 2;
    } else if (inside[i] === c) return !negated;
  }
  return negated;
}

function isOfClass(letter: string, c: string): boolean {
  const form = CLASSES[letter.toLowerCase()];
  if (form === undefined) return letter === c;
  return form.test(c) === (letter === letter.toLowerCase());
}
