/**
 * fengari's message templates filled in, with Lua 5.1's wording where 5.3's differs. Pure text.
 */
import { latin1Text } from '../../../lib/protocol/text.ts';

/** Most of a value that is quoted in a message. */
const MAX_QUOTED = 4096;

/** Longest name of a chunk in messages, as LUA_IDSIZE of Lua 5.1. */
const CHUNK_NAME = 59;
/** Longest file name that is shown whole. */
const FILE_NAME = CHUNK_NAME - 7;

const TOO_DEEP = 'chunk has too many syntax levels';

const templates = new WeakMap<Uint8Array, string>();

/** The message for a template of luaO_pushvfstring and its values. */
export function formatMessage(format: Uint8Array, values: readonly unknown[]): string {
  let template = templates.get(format);
  if (template === undefined) {
    template = latin1Text(format, 0, format.length);
    templates.set(format, template);
  }
  switch (template) {
    case 'attempt to %s a %s value%s':
      return typeError(textOf(values[0]), textOf(values[1]), textOf(values[2]));
    case '%s near %s': {
      const token = textOf(values[1]);
      const near = token.startsWith("'") ? token : `'${token}'`;
      const message = syntaxError(textOf(values[0]), near);
      return message.endsWith(TOO_DEEP) ? message : `${message} near ${near}`;
    }
    case '%s expected': {
      const token = textOf(values[0]);
      return `${token.startsWith("'") ? token : `'${token}'`} expected`;
    }
    case 'too many %s (limit is %d) in %s':
      return tooMany(textOf(values[0]), textOf(values[1]), textOf(values[2]));
    case 'attempt to yield across a JS-call boundary':
    case 'attempt to yield from outside a coroutine':
      return 'attempt to yield across metamethod/C-call boundary';
    case '<%s> at line %d not inside a loop':
      return 'no loop to break';
    case 'JS stack overflow':
      return 'C stack overflow';
    case "'__index' chain too long; possible loop":
      return 'loop in gettable';
    case "'__newindex' chain too long; possible loop":
      return 'loop in settable';
    default:
      return fill(template, values);
  }
}

/** A chunk's name as messages show it, cut to 59 characters as Lua does. */
export function chunkName(source: string): string {
  const rest = source.slice(1);
  if (source.startsWith('=')) return rest.slice(0, CHUNK_NAME);
  if (source.startsWith('@')) {
    return rest.length <= FILE_NAME ? rest : `...${rest.slice(-FILE_NAME)}`;
  }
  const line = source.split('\n', 1)[0] ?? '';
  const room = CHUNK_NAME - '[string "..."]'.length - 2;
  return line.length === source.length && line.length <= room
    ? `[string "${line}"]`
    : `[string "${line.slice(0, room)}..."]`;
}

/** `attempt to index field 'x' (a nil value)`; 5.3 puts the name behind. Constants have no name in 5.1. */
function typeError(operation: string, type: string, variable: string): string {
  const named = /^ \((global|local|method|field|upvalue) '(.*)'\)$/s.exec(variable);
  if (named === null) return `attempt to ${operation} a ${type} value`;
  return `attempt to ${operation} ${named[1]} '${named[2]}' (a ${type} value)`;
}

/** Messages of the parser that Lua 5.1 words differently; the position stands in front of them. */
function syntaxError(message: string, near: string): string {
  return message
    .replace(/: syntax error$/, near === "'='" ? ': unexpected symbol' : ": '=' expected")
    .replace(/(: unfinished long (?:string|comment)) \(starting at line \d+\)$/, '$1')
    .replace(/: decimal escape too large$/, ': escape sequence too large');
}

function tooMany(what: string, limit: string, where: string): string {
  if (what === 'JS levels') return TOO_DEEP;
  return `${where} has more than ${limit} ${what}`;
}

function fill(template: string, values: readonly unknown[]): string {
  let next = 0;
  return template.replace(/%([scdIfpU%])/g, (_all, letter: string) => {
    if (letter === '%') return '%';
    const value = values[next++];
    if (letter === 'c' && typeof value === 'number') return character(value);
    return textOf(value);
  });
}

function character(code: number): string {
  return code >= 32 && code < 127 ? String.fromCharCode(code) : `<\\${code}>`;
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) {
    const nul = value.indexOf(0);
    return latin1Text(value, 0, Math.min(nul < 0 ? value.length : nul, MAX_QUOTED));
  }
  if (value === null) return '(null)';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}
