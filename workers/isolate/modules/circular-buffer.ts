/**
 * The `circular_buffer` module: rows of numbers by time. The form of Heka (`compute`, `mannwhitneyu`, optional
 * deltas) and, for `api = "lsb"`, that of lua_sandbox 1.x (always deltas, annotations, ranges). Cells are typed arrays
 * that count into the sandbox's memory before they are allocated.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestTable,
  type GuestValue,
  type HostFunction,
  type HostObject,
  type Library,
} from '../engine.ts';
import {
  checkArgument,
  integerArgument,
  numberArgument,
  optionalNumber,
  optionArgument,
  stringArgument,
  typeError,
} from '../host-api/guest-arguments.ts';
import { packRing, unpackRing } from './circular-buffer-state.ts';
import { type Annotations, bufferText, fillFromText } from './circular-buffer-text.ts';
import { type NativeModule, type ObjectMemory, RestoreError } from './native-module.ts';
import { mannWhitney } from './rank-test.ts';
import { AGGREGATION_NAMES, Aggregation, RowRing } from './row-ring.ts';

export const CIRCULAR_BUFFER = 'circular_buffer';

const FORMATS: readonly string[] = ['cbuf', 'cbufd'];
const FUNCTIONS: readonly string[] = ['sum', 'avg', 'sd', 'min', 'max', 'variance'];
const NOTE_TYPES = ['info', 'alert'] as const;
const NAME_BYTES = 15;
const UNIT_BYTES = 7;
/** Most columns in the 1.x form. */
const COLUMN_LIMIT = 256;
/** Bytes that one annotation is counted for beside its text. */
const NOTE_BYTES = 128;

export interface CircularBufferOptions {
  readonly api: 'heka' | 'lsb';
  readonly memory: ObjectMemory;
  readonly createTable: () => GuestTable;
}

/** A buffer as the guest holds it. */
class CircularBuffer implements HostObject {
  readonly kind = 'object';
  readonly type: string;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly externalBytes: number;
  readonly ring: RowRing;
  readonly annotations: Annotations | undefined;
  delta = false;
  /** Keeps the ledger's entry alive. */
  readonly token: object;

  constructor(
    ring: RowRing,
    externalBytes: number,
    token: object,
    lsb: boolean,
    methods: Readonly<Record<string, HostFunction>>,
  ) {
    this.ring = ring;
    this.externalBytes = externalBytes;
    this.token = token;
    this.type = lsb ? 'mozsvc.circular_buffer' : 'lsb.circular_buffer';
    this.annotations = lsb ? new Map() : undefined;
    this.methods = methods;
  }

  output(limitBytes: number): string {
    return bufferText(this.ring, this.delta, this.annotations, limitBytes);
  }

  payloadType(): string {
    return this.delta ? 'cbufd' : 'cbuf';
  }

  preserve(): { readonly module: string; readonly data: string } {
    return { module: CIRCULAR_BUFFER, data: packRing(this.ring, this.delta, this.annotations) };
  }
}

export function circularBufferModule(options: CircularBufferOptions): NativeModule {
  const { memory } = options;
  const lsb = options.api === 'lsb';

  const create = (rows: number, columns: number, seconds: number, deltas: boolean): CircularBuffer => {
    const bytes = RowRing.bytes(rows, columns, deltas);
    if (!memory.reserve(bytes)) throw new GuestError('not enough memory');
    const mode = !deltas ? 'off' : lsb ? 'numbers' : 'touched';
    const ring = new RowRing(rows, columns, seconds, mode);
    return new CircularBuffer(ring, bytes, memory.add(bytes), lsb, methods);
  };

  const construct: HostFunction = (args) => {
    checkArgument(args.length >= 3 && args.length <= (lsb ? 3 : 4), 0, 'incorrect number of arguments');
    const rows = integerArgument(args, 1);
    checkArgument(rows > 1, 1, 'rows must be > 1');
    const columns = integerArgument(args, 2);
    if (lsb) {
      checkArgument(columns > 0 && columns <= COLUMN_LIMIT, 2, 'columns must be > 0 and <= 256');
    } else checkArgument(columns > 0, 2, 'columns must be > 0');
    const seconds = integerArgument(args, 3);
    checkArgument(seconds > 0 && seconds <= 0x7fffffff, 3, 'seconds_per_row is out of range');
    return create(rows, columns, seconds, lsb || truthy(args[3]));
  };

  const methods: Record<string, HostFunction> = lsb
    ? { ...sharedMethods(lsb), ...lsbMethods(options) }
    : { ...sharedMethods(lsb), ...hekaMethods };
  const library: Library = {
    name: CIRCULAR_BUFFER,
    functions: lsb ? { new: construct, version: () => '1.0.2' } : { new: construct },
  };

  return {
    name: CIRCULAR_BUFFER,
    open: () => library,
    restore: (data, existing) => {
      const state = unpackRing(data);
      const deltas = state.deltas !== undefined;
      let buffer: CircularBuffer;
      if (existing instanceof CircularBuffer) buffer = existing;
      else {
        if (!memory.reserve(RowRing.bytes(state.rows, state.columns, deltas))) {
          throw new RestoreError('not enough memory');
        }
        buffer = create(state.rows, state.columns, state.secondsPerRow, deltas);
        buffer.delta = state.deltaFormat;
      }
      const { ring } = buffer;
      const expected = ring.rows * ring.columns;
      if (state.cells.length < expected) {
        throw new RestoreError(
          `fromstring() too few values: ${state.cells.length}, expected ${expected}`,
        );
      }
      if (state.cells.length > expected) {
        throw new RestoreError(`fromstring() too many values, more than: ${expected}`);
      }
      if (
        state.rows !== ring.rows ||
        state.columns !== ring.columns ||
        state.secondsPerRow !== ring.secondsPerRow
      ) {
        throw new RestoreError('circular buffer configuration changed');
      }
      ring.currentTime = state.currentTime;
      ring.currentRow = state.currentRow;
      ring.cells.set(state.cells);
      ring.headers.splice(0, ring.headers.length, ...state.headers);
      if (state.deltas !== undefined) ring.deltas?.set(state.deltas);
      if (state.touched !== undefined) ring.touched?.set(state.touched);
      for (const note of state.notes) annotate(buffer, note.time, note.column, note);
      return buffer;
    },
  };
}

function truthy(value: GuestValue): boolean {
  return value !== undefined && value !== false;
}

function self(args: readonly GuestValue[], atLeast: number): CircularBuffer {
  const buffer = args[0];
  if (!(buffer instanceof CircularBuffer)) throw typeError(args, 1, 'lsb.circular_buffer');
  checkArgument(args.length >= atLeast, 0, 'incorrect number of arguments');
  return buffer;
}

/** A 1-based column as an index. */
function columnArgument(args: readonly GuestValue[], argument: number, ring: RowRing): number {
  const column = integerArgument(args, argument);
  checkArgument(column >= 1 && column <= ring.columns, argument, 'column out of range');
  return column - 1;
}

function sharedMethods(lsb: boolean): Record<string, HostFunction> {
  return {
    add: (args) => {
      const { ring } = self(args, 4);
      const row = ring.findRow(numberArgument(args, 2), true);
      const column = columnArgument(args, 3, ring);
      const value = numberArgument(args, 4);
      return row < 0 ? undefined : lsb ? addLsb(ring, row, column, value) : add(ring, row, column, value);
    },
    set: (args) => {
      const { ring } = self(args, 4);
      const row = ring.findRow(numberArgument(args, 2), true);
      const column = columnArgument(args, 3, ring);
      const value = numberArgument(args, 4);
      return row < 0 ? undefined : set(ring, row, column, value, lsb);
    },
    get: (args) => {
      const { ring } = self(args, 3);
      const row = ring.findRow(numberArgument(args, 2), false);
      const column = columnArgument(args, 3, ring);
      return row < 0 ? undefined : ring.at(row, column);
    },
    get_configuration: (args) => {
      const { ring } = self(args, 1);
      return [ring.rows, ring.columns, ring.secondsPerRow];
    },
    current_time: (args) => self(args, 0).ring.currentTime * 1e9,
    set_header: (args) => {
      const { ring } = self(args, 3);
      const column = columnArgument(args, 2, ring);
      const name = stringArgument(args, 3);
      const unit = args[3] === undefined ? 'count' : stringArgument(args, 4);
      const aggregation = optionArgument(args, 5, AGGREGATION_NAMES, 'sum');
      ring.headers[column] = {
        name: label(name, NAME_BYTES, /[^0-9A-Za-z]/g),
        unit: label(unit, UNIT_BYTES, /[^0-9A-Za-z/*]/g),
        aggregation,
      };
      return column + 1;
    },
    get_header: (args) => {
      const { ring } = self(args, 2);
      const header = ring.headers[columnArgument(args, 2, ring)];
      return [header?.name, header?.unit, AGGREGATION_NAMES[header?.aggregation ?? 0]];
    },
    format: (args) => {
      const buffer = self(args, 2);
      checkArgument(args.length === 2, 0, 'incorrect number of arguments');
      buffer.delta = optionArgument(args, 2, FORMATS) === 1;
      return buffer;
    },
    fromstring: (args) => {
      const { ring } = self(args, 2);
      fillFromText(ring, stringArgument(args, 2));
      return undefined;
    },
  };
}

function label(text: string, bytes: number, replaced: RegExp): string {
  const nul = text.indexOf('\0');
  return text.slice(0, nul < 0 ? bytes : Math.min(nul, bytes)).replace(replaced, '_');
}

function add(ring: RowRing, row: number, column: number, value: number): number {
  const i = row * ring.columns + column;
  const old = ring.at(row, column);
  const result = Number.isNaN(old) ? value : old + value;
  ring.cells[i] = result;
  if (value !== 0) {
    const sum = ring.headers[column]?.aggregation === Aggregation.sum;
    ring.noteDelta(row, column, sum ? value : result, sum);
  }
  return result;
}

function addLsb(ring: RowRing, row: number, column: number, value: number): number {
  const old = ring.at(row, column);
  let result = value;
  if (!Number.isNaN(old)) {
    if (Number.isNaN(value)) throw new GuestError('cannot uninitialize a value');
    result = old + value;
    if (Number.isNaN(result)) throw new GuestError('add produced a NAN');
  }
  ring.cells[row * ring.columns + column] = result;
  const aggregation = ring.headers[column]?.aggregation;
  if (old !== result && aggregation !== Aggregation.none) {
    const sum = aggregation === Aggregation.sum;
    ring.noteDelta(row, column, sum ? value : result, sum);
  }
  return result;
}

function set(ring: RowRing, row: number, column: number, value: number, lsb: boolean): number {
  const i = row * ring.columns + column;
  const old = ring.at(row, column);
  if (lsb && Number.isNaN(value) && !Number.isNaN(old)) {
    throw new GuestError('cannot uninitialize a value');
  }
  const aggregation = ring.headers[column]?.aggregation;
  if (aggregation === Aggregation.min || aggregation === Aggregation.max) {
    const better = aggregation === Aggregation.min ? value < old : value > old;
    if (!Number.isNaN(old) && !better) return old;
    ring.cells[i] = value;
    ring.noteDelta(row, column, value, false);
    return value;
  }
  ring.cells[i] = value;
  if (lsb && aggregation === Aggregation.none) return value;
  const change = Number.isFinite(old) ? value - old : value;
  if (change !== 0 || !Number.isFinite(old)) ring.noteDelta(row, column, change, true);
  return value;
}

/** Optional time range of a column's rows; undefined when either end is outside. */
function rangeArguments(
  args: readonly GuestValue[],
  first: number,
  ring: RowRing,
): readonly [number, number] | undefined {
  const start = optionalNumber(args, first, ring.startTime * 1e9);
  const end = optionalNumber(args, first + 1, ring.currentTime * 1e9);
  checkArgument(end >= start, first + 1, 'end must be >= start');
  const startRow = ring.findRow(start, false);
  const endRow = ring.findRow(end, false);
  return startRow < 0 || endRow < 0 ? undefined : [startRow, endRow];
}

const hekaMethods: Record<string, HostFunction> = {
  compute: (args) => {
    const { ring } = self(args, 3);
    const name = FUNCTIONS[optionArgument(args, 2, FUNCTIONS)];
    const column = columnArgument(args, 3, ring);
    const range = rangeArguments(args, 4, ring);
    if (range === undefined) return [undefined, 0];
    const values = ring.range(column, range[0], range[1]).filter((v) => !Number.isNaN(v));
    return [compute(name ?? '', values), values.length];
  },
  mannwhitneyu: (args) => {
    const { ring } = self(args, 6);
    checkArgument(args.length <= 7, 0, 'too many arguments');
    const column = columnArgument(args, 2, ring);
    const [start1, end1] = [numberArgument(args, 3), numberArgument(args, 4)];
    checkArgument(end1 >= start1, 4, 'end_1 must be >= start_1');
    const [start2, end2] = [numberArgument(args, 5), numberArgument(args, 6)];
    checkArgument(end2 >= start2, 6, 'end_2 must be >= start_2');
    checkArgument(end1 < start2 || end2 < start1, 4, 'ranges must not overlap');
    const continuity = args[6];
    if (args.length === 7) {
      checkArgument(typeof continuity === 'boolean', 7, 'use_continuity must be a boolean');
    }
    const rows = [start1, end1, start2, end2].map((ns) => ring.findRow(ns, false));
    const [from1 = -1, to1 = -1, from2 = -1, to2 = -1] = rows;
    if (rows.includes(-1)) return [];
    const result = mannWhitney(
      ring.range(column, from1, to1),
      ring.range(column, from2, to2),
      continuity !== false,
    );
    return result === undefined ? [] : [result.u1, result.p];
  },
};

/** Statistics of values without NaN: population variance; NaN when there are none, but for the sum. */
function compute(name: string, values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  const average = sum / values.length;
  switch (name) {
    case 'sum':
      return sum;
    case 'avg':
      return average;
    case 'min':
    case 'max': {
      let best = Number.NaN;
      for (const value of values) {
        if (Number.isNaN(best) || (name === 'min' ? value < best : value > best)) best = value;
      }
      return best;
    }
    default: {
      let squares = 0;
      for (const value of values) squares += (value - average) ** 2;
      const variance = squares / values.length;
      return name === 'sd' ? Math.sqrt(variance) : variance;
    }
  }
}

interface Note {
  readonly type: 'info' | 'alert';
  readonly text: string;
  readonly fresh: boolean;
}

function annotate(buffer: CircularBuffer, time: number, column: number, note: Note): void {
  const { annotations } = buffer;
  if (annotations === undefined) return;
  let columns = annotations.get(time);
  if (columns === undefined) {
    // Rows that left the buffer go first, so that there are never more entries than rows.
    for (const old of annotations.keys()) if (old < buffer.ring.startTime) annotations.delete(old);
    columns = new Map();
    annotations.set(time, columns);
  }
  columns.set(column, { type: note.type, text: note.text, fresh: note.fresh });
}

function lsbMethods(options: CircularBufferOptions): Record<string, HostFunction> {
  const range = (deltas: boolean): HostFunction => (args) => {
    const { ring } = self(args, 2);
    const column = columnArgument(args, 2, ring);
    const rows = rangeArguments(args, 3, ring);
    if (rows === undefined) return undefined;
    const table = options.createTable();
    const count = ((rows[1] - rows[0] + ring.rows) % ring.rows) + 1;
    for (let i = 0; i < count; i++) {
      const row = (rows[0] + i) % ring.rows;
      table.set(i + 1, deltas ? ring.deltaAt(row, column) : ring.at(row, column));
    }
    return table;
  };
  return {
    get_delta: (args) => {
      const { ring } = self(args, 3);
      const row = ring.findRow(numberArgument(args, 2), false);
      const column = columnArgument(args, 3, ring);
      return row < 0 ? undefined : ring.deltaAt(row, column);
    },
    get_range: range(false),
    get_range_delta: range(true),
    annotate: (args) => {
      const buffer = self(args, 5);
      const ns = numberArgument(args, 2);
      const row = buffer.ring.findRow(ns, false);
      const column = columnArgument(args, 3, buffer.ring);
      const type = NOTE_TYPES[optionArgument(args, 4, NOTE_TYPES)] ?? 'info';
      const text = stringArgument(args, 5);
      const fresh = args[5] ?? true;
      if (typeof fresh !== 'boolean') throw new GuestArgumentError(6, 'delta must be boolean');
      if (row < 0) return undefined;
      if (!options.memory.reserve(NOTE_BYTES + text.length)) throw new GuestError('not enough memory');
      annotate(buffer, buffer.ring.rowTime(ns), column + 1, { type, text: escapeNote(text), fresh });
      return undefined;
    },
  };
}

const NOTE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '/': '\\/',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

function escapeNote(text: string): string {
  const nul = text.indexOf('\0');
  const cut = nul < 0 ? text : text.slice(0, nul);
  return cut.replace(/[\\"/]|[^\x20-\x7e]/g, (c) => NOTE_ESCAPES[c] ?? ' ');
}
