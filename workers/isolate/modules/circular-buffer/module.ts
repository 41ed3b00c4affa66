/**
 * The `circular_buffer` module: rows of numbers by time. The form of Heka (`compute`, `mannwhitneyu`, optional
 * deltas) and, for `api = "lsb"`, that of lua_sandbox 1.x (always deltas, annotations, ranges). Cells are typed arrays
 * that count into the sandbox's memory before they are allocated.
 */
import {
  GuestError,
  type GuestTable,
  type GuestValue,
  type HostFunction,
  type Library,
} from '../../engine.ts';
import {
  checkArgument,
  integerArgument,
  numberArgument,
  optionArgument,
  stringArgument,
} from '../../host-api/guest-arguments.ts';
import {
  type ModuleFactory,
  type NativeModule,
  type ObjectMemory,
  RestoreError,
} from '../native-module.ts';
import { CIRCULAR_BUFFER, CircularBuffer, columnArgument, self } from './buffer-object.ts';
import { annotate, lsbMethods } from './notes.ts';
import { AGGREGATION_NAMES, Aggregation, RowRing } from './row-ring.ts';
import { unpackRing } from './state.ts';
import { hekaMethods } from './statistics.ts';
import { fillFromText } from './text.ts';

const FORMATS: readonly string[] = ['cbuf', 'cbufd'];
const NAME_BYTES = 15;
const UNIT_BYTES = 7;
/** Most columns in the 1.x form. */
const COLUMN_LIMIT = 256;

export interface CircularBufferOptions {
  readonly api: 'heka' | 'lsb';
  readonly memory: ObjectMemory;
  readonly createTable: () => GuestTable;
}

export function circularBufferModule(options: CircularBufferOptions): Required<NativeModule> {
  const { memory } = options;
  const lsb = options.api === 'lsb';

  const create = (
    rows: number,
    columns: number,
    seconds: number,
    deltas: boolean,
  ): CircularBuffer => {
    const bytes = RowRing.bytes(rows, columns, deltas);
    if (!memory.reserve(bytes)) throw new GuestError('not enough memory');
    memory.charge(bytes / 64);
    const mode = !deltas ? 'off' : lsb ? 'numbers' : 'touched';
    const ring = new RowRing(rows, columns, seconds, mode);
    return new CircularBuffer(ring, bytes, memory.add(bytes), lsb, methods);
  };

  const construct: HostFunction = (args) => {
    checkArgument(
      args.length >= 3 && args.length <= (lsb ? 3 : 4),
      0,
      'incorrect number of arguments',
    );
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

  const methods = metered(
    lsb
      ? { ...sharedMethods(lsb), ...lsbMethods(memory, options.createTable) }
      : { ...sharedMethods(lsb), ...hekaMethods },
    memory,
  );
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

/** Cells that are looked at for the price of one instruction. */
const CELLS_PER_INSTRUCTION = 16;
/** Methods that look at one cell, as long as they do not move the buffer on. */
const SINGLE_CELL: ReadonlySet<string> = new Set([
  'get',
  'get_configuration',
  'current_time',
  'set_header',
  'get_header',
  'format',
]);

/** Methods that copy one column, or sort it: of so many rows for the price of one instruction. */
const COLUMN_WORK: Readonly<Record<string, number>> = { compute: 4, mannwhitneyu: 1 };

/** The methods, paying for the cells that they look at. */
function metered(
  methods: Readonly<Record<string, HostFunction>>,
  memory: ObjectMemory,
): Record<string, HostFunction> {
  const all: Record<string, HostFunction> = {};
  for (const [name, method] of Object.entries(methods)) {
    const moves = name === 'add' || name === 'set';
    all[name] = SINGLE_CELL.has(name)
      ? method
      : (args) => {
          const [buffer, time] = args;
          if (buffer instanceof CircularBuffer) {
            const { ring } = buffer;
            let { rows } = ring;
            // Rows that come anew are emptied.
            if (moves) rows = typeof time === 'number' ? newRows(ring, time) : 0;
            const columnRows = COLUMN_WORK[name];
            if (columnRows !== undefined) memory.charge(rows / columnRows);
            else if (rows > 1) memory.charge((rows * ring.columns) / CELLS_PER_INSTRUCTION);
          }
          return method(args);
        };
  }
  return all;
}

function newRows(ring: RowRing, ns: number): number {
  const ahead = (ns / 1e9 - ring.currentTime) / ring.secondsPerRow;
  return ahead > 1 ? Math.min(ahead, ring.rows) : 0;
}

function truthy(value: GuestValue): boolean {
  return value !== undefined && value !== false;
}

function sharedMethods(lsb: boolean): Record<string, HostFunction> {
  return {
    add: (args) => {
      const { ring } = self(args, 4);
      const row = ring.findRow(numberArgument(args, 2), true);
      const column = columnArgument(args, 3, ring);
      const value = numberArgument(args, 4);
      return row < 0
        ? undefined
        : lsb
          ? addLsb(ring, row, column, value)
          : add(ring, row, column, value);
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
      return [];
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
  }
  ring.cells[row * ring.columns + column] = result;
  // As upstream the cell is lost then.
  if (Number.isNaN(result) && !Number.isNaN(old)) throw new GuestError('add produced a NAN');
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

export const createModule: ModuleFactory = (parts) => circularBufferModule(parts);
