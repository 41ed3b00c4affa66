/**
 * Reads the raw text of one TOML value with toml-eslint-parser. One value at a time, so that a fault in it is a fault
 * of it alone. What comes out is plain data with tables of a null prototype: a key such as __proto__ is only a key.
 */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { ConfigValue } from './spec.ts';

/** The parser spreads a string's characters over the stack, which holds about 100,000: longer ones are refused. */
export const maxStringLength = 32_768;

export interface ValueFault {
  readonly code: 'HKT_CONFIG_SYNTAX' | 'HKT_CONFIG_INTEGER' | 'HKT_CONFIG_TOO_BIG';
  readonly values: readonly (string | number)[];
  /** Offset in the value's text. */
  readonly offset: number;
}

export type ParsedValue =
  | { readonly kind: 'value'; readonly value: ConfigValue }
  | { readonly kind: 'fault'; readonly fault: ValueFault };

/** Stands before the value, since the parser takes documents. */
const prefix = 'v=';

class ValueError extends Error {
  readonly fault: ValueFault;

  constructor(fault: ValueFault) {
    super(fault.code);
    this.fault = fault;
  }
}

/** hekad's TOML knows the escape \\/ for a slash, which TOML has dropped since. */
const slashEscape = '\\u002F';

export function parseValue(text: string): ParsedValue {
  if (!text.startsWith('"') || !text.includes('\\/')) return parseStandard(text);
  const parsed = parseStandard(
    text.replace(/\\[\s\S]/g, (pair) => (pair === '\\/' ? slashEscape : pair)),
  );
  if (parsed.kind === 'value') return parsed;
  // Back to an offset in the text as written: every slash escape before it had grown.
  let { offset } = parsed.fault;
  for (const { 0: pair, index } of text.matchAll(/\\[\s\S]/g)) {
    if (pair === '\\/' && index < offset) offset -= slashEscape.length - pair.length;
  }
  return { kind: 'fault', fault: { ...parsed.fault, offset } };
}

function parseStandard(text: string): ParsedValue {
  try {
    const program = parseTOML(prefix + text, { tomlVersion: '1.0' });
    const [pair, ...more] = program.body[0].body;
    if (pair === undefined || more.length > 0 || pair.type !== 'TOMLKeyValue')
      return syntaxFault('expected one value', 0);
    return { kind: 'value', value: plain(pair.value) };
  } catch (error) {
    if (error instanceof ValueError) return { kind: 'fault', fault: error.fault };
    if (error instanceof ParseError)
      return syntaxFault(reason(error.message), Math.max(0, error.index - prefix.length));
    if (error instanceof RangeError)
      return {
        kind: 'fault',
        fault: { code: 'HKT_CONFIG_TOO_BIG', values: [text.length, maxStringLength], offset: 0 },
      };
    throw error;
  }
}

function syntaxFault(text: string, offset: number): ParsedValue {
  return { kind: 'fault', fault: { code: 'HKT_CONFIG_SYNTAX', values: [text], offset } };
}

/** The parser's messages in the words of someone who writes a configuration. */
function reason(message: string): string {
  switch (message) {
    case 'Must be a newline':
      return 'unexpected text after the value';
    case 'Unexpected character':
    case 'Unexpected token':
      return 'not a value: texts stand in quotes';
    case 'Invalid character in escape sequence':
      return "unknown escape in the text: write '…' in single quotes to keep backslashes";
    case 'Defining a key multiple times is invalid':
      return 'the inline table defines a key twice';
    default:
      return message.charAt(0).toLowerCase() + message.slice(1);
  }
}

function plain(node: AST.TOMLContentNode): ConfigValue {
  const offset = node.range[0] - prefix.length;
  switch (node.type) {
    case 'TOMLArray':
      return node.elements.map(plain);
    case 'TOMLInlineTable':
      return inlineTable(node);
    case 'TOMLValue':
      break;
    default:
      return node satisfies never;
  }
  switch (node.kind) {
    case 'integer': {
      const value = Number(node.bigint);
      if (Number.isSafeInteger(value)) return value;
      throw new ValueError({ code: 'HKT_CONFIG_INTEGER', values: [node.number], offset });
    }
    case 'float':
      if (Number.isFinite(node.value)) return node.value;
      throw new ValueError({
        code: 'HKT_CONFIG_SYNTAX',
        values: [`${node.number} is not a finite number`],
        offset,
      });
    case 'string':
      if (node.value.length <= maxStringLength) return node.value;
      throw new ValueError({
        code: 'HKT_CONFIG_TOO_BIG',
        values: [node.value.length, maxStringLength],
        offset,
      });
    default:
      return node.value;
  }
}

type Growing = { [key: string]: ConfigValue };

function inlineTable(node: AST.TOMLInlineTable): ConfigValue {
  const table: Growing = Object.create(null);
  for (const pair of node.body) {
    const names = pair.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
    const last = names.pop();
    let target = table;
    for (const name of names) {
      // The parser has refused dotted keys that go through anything but a table made by dotted keys.
      const inner = (target[name] ?? Object.create(null)) as Growing;
      target[name] = inner;
      target = inner;
    }
    if (last !== undefined) target[last] = plain(pair.value);
  }
  return table;
}
