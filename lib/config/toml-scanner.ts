/**
 * Cuts TOML text into statements: headers with their names, and keys with the raw text of their value. It knows Heka's
 * habits (bare names of any characters, such as [TCP:5565] and `host|ipv4 =`) and where a value ends, not what it is.
 * A fault costs the statement it is in; scanning goes on behind it, so that one look shows them all.
 */

/** Deepest nesting of arrays and inline tables, and longest path of a header. Stock configurations use four. */
export const maxDepth = 16;

/** After this many faults the rest of the text is not looked at; bounds the work on hostile text too. */
export const maxFaults = 50;

export interface Name {
  /** For a quoted name its raw text, quotes included. */
  readonly text: string;
  readonly quoted: boolean;
  readonly offset: number;
}

export type Statement =
  /** `[a.b]`, or `[[a.b]]` when `isArray`. */
  | {
      readonly kind: 'table';
      readonly path: readonly Name[];
      readonly isArray: boolean;
      readonly offset: number;
    }
  /** `key = value`; `value` is the raw text that starts at `offset`. */
  | {
      readonly kind: 'pair';
      readonly key: Name;
      readonly value: string;
      readonly offset: number;
    }
  | {
      readonly kind: 'fault';
      readonly fault: 'syntax' | 'depth';
      readonly text: string;
      readonly offset: number;
      /** True when the broken statement began a table: what follows belongs to no known one. */
      readonly isHeader: boolean;
    };

class ScanError extends Error {
  readonly offset: number;
  readonly fault: 'syntax' | 'depth';

  constructor(text: string, offset: number, fault: 'syntax' | 'depth' = 'syntax') {
    super(text);
    this.offset = offset;
    this.fault = fault;
  }
}

/** A line that can only be a header, where scanning takes up again after something that never ended. */
const headerLine = /^[ \t]*\[\[?[^[\]\r\n,"'=]+\]\]?[ \t]*(?:#.*)?$/gm;

export function scanToml(text: string): Statement[] {
  const statements: Statement[] = [];
  let faults = 0;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (faults < maxFaults) {
    at = skipBlank(text, at);
    if (at >= text.length) break;
    const start = at;
    try {
      const statement = text[at] === '[' ? scanHeader(text, at) : scanPair(text, at);
      statements.push(statement.statement);
      at = statement.end;
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      const isHeader = text[start] === '[';
      const { message, offset, fault } = error;
      statements.push({ kind: 'fault', fault, text: message, offset, isHeader });
      faults++;
      at = lineEnd(text, start);
      if (error instanceof OpenEnded) at = nextHeader(text, at);
    }
  }
  return statements;
}

/** A bracket or a multi-line string that is never closed: where it ends can only be guessed. */
class OpenEnded extends ScanError {}

function nextHeader(text: string, at: number): number {
  headerLine.lastIndex = at;
  return headerLine.exec(text)?.index ?? text.length;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** Behind white space, newlines and comments. */
function skipBlank(text: string, start: number): number {
  let at = start;
  for (;;) {
    const char = text[at];
    if (char === ' ' || char === '\t' || char === '\n' || (char === '\r' && text[at + 1] === '\n'))
      at++;
    else if (char === '#') at = lineEnd(text, at);
    else return at;
  }
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function isLineEnd(text: string, at: number): boolean {
  return at >= text.length || text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
}

/** Requires that only white space and a comment follow on the line. */
function endLine(text: string, start: number, behind: string): number {
  const at = skipSpace(text, start);
  if (text[at] === '#') return lineEnd(text, at);
  if (!isLineEnd(text, at)) throw new ScanError(`expected the end of the line after ${behind}`, at);
  return at;
}

function isControl(char: string): boolean {
  return (char < ' ' && char !== '\t') || char === '\x7f';
}

interface Scanned {
  readonly statement: Statement;
  readonly end: number;
}

function scanHeader(text: string, start: number): Scanned {
  const isArray = text[start + 1] === '[';
  const path: Name[] = [];
  let at = start + (isArray ? 2 : 1);
  for (;;) {
    at = skipSpace(text, at);
    const [name, end] = scanTableName(text, at, start);
    if (name.text === '') throw new ScanError('a part of the table name is empty', at);
    if (path.length === maxDepth)
      throw new ScanError(`table names have at most ${maxDepth} parts`, at, 'depth');
    path.push(name);
    at = skipSpace(text, end);
    if (text[at] !== '.') break;
    at++;
  }
  const close = isArray ? ']]' : ']';
  if (!text.startsWith(close, at)) throw new ScanError(`missing '${close}' of the table name`, at);
  const end = endLine(text, at + close.length, 'the table name');
  return { statement: { kind: 'table', path, isArray, offset: start }, end };
}

/** Any characters may stand in a bare name of a table, but for the dots between names and the brackets around them. */
function scanTableName(text: string, start: number, header: number): [Name, number] {
  if (text[start] === '"' || text[start] === "'") return scanQuotedName(text, start);
  let at = start;
  while (!isLineEnd(text, at) && !'.[]'.includes(text[at] ?? '')) {
    if (isControl(text[at] ?? '')) throw new ScanError('control character in a table name', at);
    at++;
  }
  if (isLineEnd(text, at)) throw new ScanError("missing ']' of the table name", header);
  return [{ text: text.slice(start, at).trimEnd(), quoted: false, offset: start }, at];
}

function scanQuotedName(text: string, start: number): [Name, number] {
  const end = skipString(text, start);
  return [{ text: text.slice(start, end), quoted: true, offset: start }, end];
}

/** A bare key runs to white space or '='; a dot in it is a character like any other, as in hekad's TOML. */
function scanPair(text: string, start: number): Scanned {
  let key: Name;
  let at = start;
  if (text[at] === '"' || text[at] === "'") [key, at] = scanQuotedName(text, at);
  else {
    while (!isLineEnd(text, at) && !'= \t'.includes(text[at] ?? '')) {
      if (isControl(text[at] ?? '')) throw new ScanError('control character in a key', at);
      at++;
    }
    key = { text: text.slice(start, at), quoted: false, offset: start };
  }
  if (key.text === '') throw new ScanError("missing key before '='", start);
  at = skipSpace(text, at);
  if (text[at] !== '=') throw new ScanError(`expected '=' after the key ${key.text}`, at);
  const offset = skipSpace(text, at + 1);
  const end = skipValue(text, offset);
  const value = text.slice(offset, end).trimEnd();
  if (value === '') throw new ScanError(`missing value of the key ${key.text}`, offset);
  return { statement: { kind: 'pair', key, value, offset }, end };
}

/** Behind a value: at the end of its line or at its comment. */
function skipValue(text: string, start: number): number {
  let at = start;
  const open: number[] = [];
  for (;;) {
    const char = text[at];
    if (char === undefined) {
      const bracket = open[0];
      if (bracket === undefined) return at;
      throw new OpenEnded(`'${text[bracket]}' is never closed`, bracket);
    }
    if (open.length === 0 && (isLineEnd(text, at) || char === '#')) return at;
    if (char === '"' || char === "'") {
      at = skipString(text, at);
      continue;
    }
    if (char === '#') at = lineEnd(text, at);
    else if (char === '[' || char === '{') {
      if (open.length === maxDepth)
        throw new OpenEnded(`values are nested more than ${maxDepth} deep`, at, 'depth');
      open.push(at);
    } else if (char === ']' || char === '}') open.pop();
    at++;
  }
}

/** Behind the string that starts here. */
function skipString(text: string, start: number): number {
  const quote = text[start] ?? '"';
  const escapes = quote === '"';
  const triple = quote.repeat(3);
  if (!text.startsWith(triple, start)) {
    for (let at = start + 1; !isLineEnd(text, at); at++) {
      if (text[at] === quote) return at + 1;
      if (escapes && text[at] === '\\' && !isLineEnd(text, at + 1)) at++;
    }
    throw new ScanError('the string is not closed on its line', start);
  }
  for (let at = start + 3; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++;
    else if (text.startsWith(triple, at)) {
      // Up to two quotes before the closing three belong to the string.
      let end = at + 3;
      for (let extra = 0; extra < 2 && text[end] === quote; extra++) end++;
      return end;
    }
  }
  throw new OpenEnded('the multi-line string is never closed', start);
}
