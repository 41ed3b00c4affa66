/**
 * Reads TOML text as hekad does into plain tables, and knows where everything in them was written. Also reads what a
 * tenant sent in a control message: nothing in it refers to files or the environment, and its cost is bounded by
 * maxConfigBytes, maxDepth and maxFaults.
 */
import type { ConfigTable } from './field-value.ts';
import { isTable } from './field-value.ts';
import { type Fault, faultAt, type Place, placeText } from './place.ts';
import type { ConfigValue } from './spec.ts';
import { maxDepth, type Name, type Statement, scanToml } from './toml-scanner.ts';
import { parseValue } from './toml-value.ts';

/** Largest text that is read. A thousand sections take about 300 KiB. */
export const maxConfigBytes = 4 * 1024 * 1024;

export interface TomlDocument {
  /** The top level; all tables have a null prototype. What is faulty is left out. */
  readonly tables: ConfigTable;
  readonly faults: readonly Fault[];
  /** Top-level names with a syntax error inside: checking them further would complain about what is only unread. */
  readonly damaged: ReadonlySet<string>;
  /** Place of the key, or of the value, at the end of a path from the top level. */
  at(path: readonly string[], part: 'key' | 'value'): Place | undefined;
}

export interface TomlSource {
  readonly file?: string;
  /** The text before something was replaced in it, so that places are those of the file. */
  readonly original?: { readonly text: string; readonly offset: (offset: number) => number };
}

type Table = { [key: string]: ConfigValue };

interface TableState {
  /** A header or the table of a longer header's path; only a header may follow up on the latter. */
  made: 'header' | 'path';
  readonly places: Map<string, { key: Place; value: Place }>;
}

export function readToml(text: string, source: TomlSource = {}): TomlDocument {
  const file = source.file ?? '';
  if (text.length > maxConfigBytes) {
    const place = { file, line: 1, column: 1 };
    const fault = faultAt(place, 'HKT_CONFIG_TOO_BIG', [text.length, maxConfigBytes]);
    return {
      tables: Object.create(null),
      faults: [fault],
      damaged: new Set(),
      at: () => undefined,
    };
  }
  const reader = new Reader(text, file, source.original);
  for (const statement of scanToml(text)) reader.take(statement);
  return reader.document();
}

class Reader {
  readonly #root: Table = Object.create(null);
  /** How a table came to be and where its keys stand; a table that is not in it is an inline one. */
  readonly #states = new Map<object, TableState>();
  readonly #faults: Fault[] = [];
  readonly #damaged = new Set<string>();
  readonly #lines: readonly number[];
  readonly #file: string;
  readonly #offsetOf: (offset: number) => number;
  #current: Table;
  /** Top-level name of the current table; undefined at the top, and below a header that could not be used. */
  #section: string | undefined;

  constructor(text: string, file: string, original: TomlSource['original']) {
    this.#file = file;
    this.#offsetOf = (offset) => original?.offset(offset) ?? offset;
    this.#lines = lineStarts(original?.text ?? text);
    this.#states.set(this.#root, { made: 'header', places: new Map() });
    this.#current = this.#root;
  }

  take(statement: Statement): void {
    switch (statement.kind) {
      case 'table':
        this.#header(statement.path, statement.isArray, statement.offset);
        return;
      case 'pair':
        this.#pair(statement.key, statement.value, statement.offset);
        return;
      case 'fault': {
        const place = this.#place(statement.offset);
        if (statement.isHeader) this.#nowhere();
        this.#fault(
          statement.fault === 'depth'
            ? faultAt(place, 'HKT_CONFIG_TOO_DEEP', [maxDepth])
            : faultAt(place, 'HKT_CONFIG_SYNTAX', [statement.text]),
        );
        return;
      }
      default:
        statement satisfies never;
    }
  }

  document(): TomlDocument {
    return {
      tables: this.#root,
      faults: this.#faults,
      damaged: this.#damaged,
      at: (path, part) => this.#at(path, part),
    };
  }

  /** Something cannot be read. (Of what is there twice, the first is read, and nothing is missing.) */
  #fault(fault: Fault): void {
    this.#faults.push(fault);
    if (this.#section !== undefined) this.#damaged.add(this.#section);
  }

  /** What follows belongs to a table that is thrown away; its values are still read for their faults. */
  #nowhere(): void {
    const table: Table = Object.create(null);
    this.#states.set(table, { made: 'header', places: new Map() });
    this.#current = table;
    this.#section = undefined;
  }

  #name(name: Name): string | undefined {
    if (!name.quoted) return name.text;
    const parsed = parseValue(name.text);
    if (parsed.kind === 'value' && typeof parsed.value === 'string') return parsed.value;
    const offset = parsed.kind === 'fault' ? parsed.fault.offset : 0;
    const text = parsed.kind === 'fault' ? parsed.fault.values[0] : undefined;
    this.#fault(
      faultAt(this.#place(name.offset + offset), 'HKT_CONFIG_SYNTAX', [text ?? 'not a name']),
    );
    return undefined;
  }

  #header(path: readonly Name[], isArray: boolean, offset: number): void {
    const place = this.#place(offset);
    const names: string[] = [];
    this.#nowhere();
    for (const part of path) {
      const name = this.#name(part);
      if (name === undefined) return;
      names.push(name);
    }
    const top = names[0];
    let table = this.#root;
    for (const [index, name] of names.entries()) {
      const state = this.#states.get(table);
      const isLast = index === names.length - 1;
      const known = Object.hasOwn(table, name) ? table[name] : undefined;
      const tables = Array.isArray(known) ? known : undefined;
      const inner = tables === undefined ? known : tables.at(-1);
      const innerState = isTable(inner) ? this.#states.get(inner) : undefined;
      if (isLast && isArray && (known === undefined || (tables && innerState))) {
        const made = this.#table('header');
        // Arrays of tables are made only here, as a plain array.
        if (tables === undefined) this.#set(table, state, name, [made], place);
        else tables.push(made);
        table = made;
      } else if (known === undefined) {
        const made = this.#table(isLast ? 'header' : 'path');
        this.#set(table, state, name, made, place);
        table = made;
      } else if (
        !isTable(inner) ||
        innerState === undefined ||
        (isLast && (isArray || tables !== undefined || innerState.made === 'header'))
      ) {
        const first = state?.places.get(name)?.key ?? place;
        const shown = names.slice(0, index + 1).join('.');
        this.#faults.push(faultAt(place, 'HKT_CONFIG_DUPLICATE', [shown, placeText(first)]));
        return;
      } else {
        if (isLast) {
          innerState.made = 'header';
          state?.places.set(name, { key: place, value: place });
        }
        table = inner as Table; // made by #table: it has a state
      }
    }
    this.#current = table;
    this.#section = top;
  }

  #table(made: TableState['made']): Table {
    const table: Table = Object.create(null);
    this.#states.set(table, { made, places: new Map() });
    return table;
  }

  #set(
    table: Table,
    state: TableState | undefined,
    name: string,
    value: ConfigValue,
    key: Place,
    place: Place = key,
  ): void {
    table[name] = value;
    state?.places.set(name, { key, value: place });
  }

  #pair(key: Name, text: string, offset: number): void {
    const name = this.#name(key);
    const parsed = parseValue(text);
    if (parsed.kind === 'fault') {
      const { code, values, offset: within } = parsed.fault;
      this.#fault(faultAt(this.#place(offset + within), code, values));
    }
    if (name === undefined || parsed.kind === 'fault') return;
    const place = this.#place(key.offset);
    const state = this.#states.get(this.#current);
    if (!Object.hasOwn(this.#current, name)) {
      this.#set(this.#current, state, name, parsed.value, place, this.#place(offset));
      return;
    }
    const first = state?.places.get(name)?.key ?? place;
    this.#faults.push(faultAt(place, 'HKT_CONFIG_DUPLICATE', [name, placeText(first)]));
  }

  #place(offset: number): Place {
    const original = this.#offsetOf(offset);
    let low = 0;
    let high = this.#lines.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] ?? 0) <= original) low = middle;
      else high = middle;
    }
    return { file: this.#file, line: low + 1, column: original - (this.#lines[low] ?? 0) + 1 };
  }

  #at(path: readonly string[], part: 'key' | 'value'): Place | undefined {
    let table: ConfigValue = this.#root;
    let found: Place | undefined;
    for (const name of path) {
      const places: { key: Place; value: Place } | undefined = this.#states
        .get(table)
        ?.places.get(name);
      // Inside an inline table or an array: the place of the whole value.
      if (places === undefined) return found;
      found = places[part];
      const inner: ConfigValue | undefined = isTable(table) ? table[name] : undefined;
      if (!isTable(inner)) return found;
      table = inner;
    }
    return found;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
