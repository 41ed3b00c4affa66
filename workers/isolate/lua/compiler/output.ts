/**
 * Emitted text: JavaScript with marks where a line of the Lua source begins. A mark becomes a line break when its line is
 * another than the current one; the result says for every line of JavaScript which line of Lua it stands for.
 */

/** Says that what follows stands on a line of the Lua source. Never between `return` or `yield` and its operand. */
export function lineMark(line: number): string {
  return `\u0001${line}\u0002`;
}

export interface LinedText {
  readonly text: string;
  /** Lua's line for each line of the text, as differences to the line before, separated by blanks. */
  readonly lines: string;
}

export function resolveMarks(marked: string): LinedText {
  const parts: string[] = [];
  const lines: string[] = ['0'];
  let current = 0;
  let at = 0;
  for (;;) {
    const mark = marked.indexOf('\u0001', at);
    if (mark < 0) break;
    parts.push(marked.slice(at, mark));
    const end = marked.indexOf('\u0002', mark);
    const line = Number(marked.slice(mark + 1, end));
    if (line !== current) {
      parts.push('\n');
      lines.push(String(line - current));
      current = line;
    }
    at = end + 1;
  }
  parts.push(marked.slice(at));
  return { text: parts.join(''), lines: lines.join(' ') };
}

/** A string as a literal of JavaScript in ASCII. */
export function stringLiteral(value: string): string {
  let text = '"';
  let from = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 32 && code < 127 && code !== 34 && code !== 92) continue;
    text += value.slice(from, i);
    text += `\\x${code < 16 ? '0' : ''}${code.toString(16)}`;
    from = i + 1;
  }
  return `${text}${value.slice(from)}"`;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Access to the property of a field: `.$name`, or `["$…"]` for what is no identifier. */
export function property(name: string): string {
  return IDENTIFIER.test(name) ? `.$${name}` : `[${stringLiteral(`$${name}`)}]`;
}

export function numberLiteral(value: number): string {
  if (Object.is(value, -0)) return '(-0)';
  if (Number.isNaN(value)) return '(0/0)';
  if (value === Number.POSITIVE_INFINITY) return '(1/0)';
  if (value === Number.NEGATIVE_INFINITY) return '(-1/0)';
  return value < 0 ? `(${value})` : String(value);
}

/** Tells texts apart: 64 bits in hexadecimal. Not secret and not safe against intent: it names scripts within one isolate. */
export function fingerprint(text: string): string {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995) ^ (b >>> 15);
  }
  const part = (n: number) => (n >>> 0).toString(16).padStart(8, '0');
  return part(a) + part(b);
}
