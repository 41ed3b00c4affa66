/**
 * A circular buffer as preserved bytes, exact to the bit. All numbers little endian:
 *
 *   version u8 = 1 │ flags u8: 1 deltas, 2 touched, 4 cbufd │ rows u32 │ columns u32 │ secondsPerRow u32
 *   currentTime f64 │ currentRow u32 │ headers │ cells f64 × n │ deltas f64 × n │ touched u8 × n
 *   │ notes u32 │ notes: time f64, column u32, flags u8 (1 alert, 2 fresh), length u32, text
 *   header: aggregation u8, length u8, name, length u8, unit
 */
import { StateReader, StateWriter } from '../object-state.ts';
import { AGGREGATION_NAMES, type Column, type RowRing } from './row-ring.ts';
import type { Annotations } from './text.ts';

const VERSION = 1;
const DELTAS = 1;
const TOUCHED = 2;
const CBUFD = 4;
const ALERT = 1;
const FRESH = 2;
const FIXED_BYTES = 26;
const LABEL_LIMIT = 15;

interface Note {
  readonly time: number;
  readonly column: number;
  readonly type: 'info' | 'alert';
  readonly fresh: boolean;
  readonly text: string;
}

export interface RingState {
  readonly rows: number;
  readonly columns: number;
  readonly secondsPerRow: number;
  readonly currentTime: number;
  readonly currentRow: number;
  readonly deltaFormat: boolean;
  readonly headers: readonly Column[];
  readonly cells: Float64Array;
  readonly deltas: Float64Array | undefined;
  readonly touched: Uint8Array | undefined;
  readonly notes: readonly Note[];
}

export function packRing(
  ring: RowRing,
  deltaFormat: boolean,
  annotations: Annotations | undefined,
): string {
  const cells = ring.rows * ring.columns;
  let size =
    FIXED_BYTES + cells * 8 + (ring.deltas ? cells * 8 : 0) + (ring.touched ? cells : 0) + 4;
  for (const header of ring.headers) size += 3 + header.name.length + header.unit.length;
  let noteCount = 0;
  for (const columns of annotations?.values() ?? []) {
    for (const note of columns.values()) {
      noteCount++;
      size += 17 + note.text.length;
    }
  }
  const state = new StateWriter(size);
  state.u8(VERSION);
  state.u8((ring.deltas ? DELTAS : 0) | (ring.touched ? TOUCHED : 0) | (deltaFormat ? CBUFD : 0));
  state.u32(ring.rows);
  state.u32(ring.columns);
  state.u32(ring.secondsPerRow);
  state.f64(ring.currentTime);
  state.u32(ring.currentRow);
  for (const header of ring.headers) {
    state.u8(header.aggregation);
    state.u8(header.name.length);
    state.text(header.name);
    state.u8(header.unit.length);
    state.text(header.unit);
  }
  state.doubles(ring.cells);
  if (ring.deltas !== undefined) state.doubles(ring.deltas);
  if (ring.touched !== undefined) state.bytes(ring.touched);
  state.u32(noteCount);
  for (const [time, columns] of annotations ?? []) {
    for (const [column, note] of columns) {
      state.f64(time);
      state.u32(column);
      state.u8((note.type === 'alert' ? ALERT : 0) | (note.fresh ? FRESH : 0));
      state.u32(note.text.length);
      state.text(note.text);
    }
  }
  return state.take();
}

/** Throws RestoreError for bytes that no `packRing` wrote. */
export function unpackRing(data: string): RingState {
  const reader = new StateReader(data, 'circular buffer', VERSION);
  const flags = reader.u8();
  const rows = reader.u32();
  const columns = reader.u32();
  const secondsPerRow = reader.u32();
  const currentTime = reader.f64();
  const currentRow = reader.u32();
  const cells = rows * columns;
  if (
    rows < 2 ||
    columns < 1 ||
    secondsPerRow < 1 ||
    currentRow >= rows ||
    !(currentTime >= 0 && Number.isSafeInteger(currentTime)) ||
    cells * 8 > data.length
  ) {
    throw reader.damaged();
  }
  const headers: Column[] = [];
  for (let i = 0; i < columns; i++) {
    const aggregation = reader.u8();
    const name = reader.text(reader.u8());
    const unit = reader.text(reader.u8());
    if (aggregation >= AGGREGATION_NAMES.length || !isLabel(name) || !isLabel(unit))
      throw reader.damaged();
    headers.push({ name, unit, aggregation });
  }
  const state = {
    rows,
    columns,
    secondsPerRow,
    currentTime,
    currentRow,
    deltaFormat: (flags & CBUFD) !== 0,
    headers,
    cells: reader.doubles(cells),
    deltas: (flags & DELTAS) !== 0 ? reader.doubles(cells) : undefined,
    touched: (flags & TOUCHED) !== 0 ? reader.bytes(cells).slice() : undefined,
    notes: readNotes(reader, columns),
  };
  reader.end();
  return state;
}

/** Labels go into the cbuf header as they are, so nothing that needs escaping may come back. */
function isLabel(text: string): boolean {
  return text.length <= LABEL_LIMIT && /^[0-9A-Za-z_/*]*$/.test(text);
}

function readNotes(reader: StateReader, columns: number): RingState['notes'] {
  const notes: Note[] = [];
  const count = reader.u32();
  for (let i = 0; i < count; i++) {
    const time = reader.f64();
    const column = reader.u32();
    const flags = reader.u8();
    const text = reader.text(reader.u32());
    const known = column >= 1 && column <= columns && Number.isSafeInteger(time);
    if (!known || /[^\x20-\x7e]/.test(text)) throw reader.damaged();
    const type = (flags & ALERT) !== 0 ? 'alert' : 'info';
    notes.push({ time, column, type, fresh: (flags & FRESH) !== 0, text });
  }
  return notes;
}
