/**
 * Tables as JSON text, for the `output` function of Heka 0.5. Keys that start with "_" are left out, and so are
 * functions, userdata and tables with a metatable; a table that is met twice is an error. Ends with a line feed.
 * Later versions of Heka refuse tables here, as `add_to_payload` does.
 */
import { GuestError, type GuestTable, type GuestValue } from '../engine.ts';
import { guestTypeName } from './guest-arguments.ts';
import { outputNumber } from './number-text.ts';
import { OUTPUT_LIMIT_TEXT } from './output-buffer.ts';

/** Nesting beyond this is refused instead of risking the stack. */
const DEPTH_LIMIT = 200;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** The text, or undefined when `value` is not a table. Throws a GuestError beyond `roomBytes`. */
export function tableJson(value: GuestValue, roomBytes: number): string | undefined {
  if (typeof value !== 'object' || value.kind !== 'table') return undefined;
  const writer = new JsonWriter(roomBytes);
  writer.table(value, 1);
  writer.put('\n');
  return writer.text;
}

class JsonWriter {
  text = '';
  readonly #room: number;
  readonly #seen = new Set<object>();

  constructor(roomBytes: number) {
    this.#room = roomBytes;
  }

  put(text: string): void {
    if (this.text.length + text.length > this.#room) throw new GuestError(OUTPUT_LIMIT_TEXT);
    this.text += text;
  }

  table(table: GuestTable, depth: number): void {
    if (this.#seen.has(table.identity)) {
      throw new GuestError('table contains an internal or circular reference');
    }
    if (depth > DEPTH_LIMIT) throw new GuestError('table is nested too deeply');
    this.#seen.add(table.identity);
    const array = table.get(1) !== undefined;
    this.put(array ? '[' : '{');
    let first = true;
    for (const [key, value] of table.entries()) {
      if (typeof key === 'string' && key.startsWith('_')) continue;
      if (!isWritten(value)) continue;
      if (!first) this.put(',');
      first = false;
      if (!array) {
        this.#scalar(key);
        this.put(':');
      }
      if (typeof value === 'object' && value.kind === 'table') this.table(value, depth + 1);
      else this.#scalar(value);
    }
    this.put(array ? ']' : '}');
  }

  #scalar(value: GuestValue): void {
    if (typeof value === 'string') {
      if (this.text.length + value.length + 2 > this.#room) throw new GuestError(OUTPUT_LIMIT_TEXT);
      this.put(`"${value.replace(/["\\/\b\f\n\r\t]/g, (c) => ESCAPES[c] ?? c)}"`);
    } else if (typeof value === 'number') this.put(outputNumber(value));
    else if (typeof value === 'boolean') this.put(value ? 'true' : 'false');
    else {
      throw new GuestError(`serialize_data_as_json cannot preserve type '${guestTypeName(value)}'`);
    }
  }
}

function isWritten(value: GuestValue): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'object') return true;
  return value.kind === 'table' && !value.hasMetatable;
}
