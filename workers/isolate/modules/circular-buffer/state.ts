/**
 * A circular buffer as preserved bytes, exact to the bit. All numbers little endian:
 *
 *   version u8 = 1 │ flags u8: 1 deltas, 2 touched, 4 cbufd │ rows u32 │ columns u32 │ secondsPerRow u32
 *   currentTime f64 │ currentRow u32 │ headers │ cells f64 × n │ deltas f64 × n │ touched u8 × n
 *   │ notes u32 │ notes: time f64, column u32, flags u8 (1 alert, 2 fresh), length u32, text
 *   header: aggregation u8, length u8, name, length u8, unit
 */
import { latin1Bytes, latin1Text } from '../../../../lib/protocol/text.ts';
import { RestoreError } from '../native-module.ts';
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
  readonly notes: readonly {
    readonly time: number;
    readonly column: number;
    readonly type: 'info' | 'alert';
    readonly fresh: boolean;
    readonly text: string;
  }[];
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
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes[1] = (ring.deltas ? DELTAS : 0) | (ring.touched ? TOUCHED : 0) | (deltaFormat ? CBUFD : 0);
  view.setUint32(2, ring.rows, true);
  view.setUint32(6, ring.columns, true);
  view.setUint32(10, ring.secondsPerRow, true);
  view.setFloat64(14, ring.currentTime, true);
  view.setUint32(22, ring.currentRow, true);
  let at = FIXED_BYTES;
  const putText = (text: string): void => {
    bytes.set(latin1Bytes(text), at);
    at += text.length;
  };
  for (const header of ring.headers) {
    bytes[at++] = header.aggregation;
    bytes[at++] = header.name.length;
    putText(header.name);
    bytes[at++] = header.unit.length;
    putText(header.unit);
  }
  for (const numbers of [ring.cells, ring.deltas]) {
    for (const value of numbers ?? []) {
      view.setFloat64(at, value, true);
      at += 8;
    }
  }
  if (ring.touched !== undefined) {
    bytes.set(ring.touched, at);
    at += cells;
  }
  view.setUint32(at, noteCount, true);
  at += 4;
  for (const [time, columns] of annotations ?? []) {
    for (const [column, note] of columns) {
      view.setFloat64(at, time, true);
      view.setUint32(at + 8, column, true);
      bytes[at + 12] = (note.type === 'alert' ? ALERT : 0) | (note.fresh ? FRESH : 0);
      view.setUint32(at + 13, note.text.length, true);
      at += 17;
      putText(note.text);
    }
  }
  return latin1Text(bytes, 0, bytes.length);
}

/** Throws RestoreError for bytes that no `packRing` wrote. */
export function unpackRing(data: string): RingState {
  const reader = new StateReader(latin1Bytes(data));
  const version = reader.u8();
  if (version !== VERSION) throw new RestoreError(`unsupported circular buffer state ${version}`);
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
    throw damaged();
  }
  const headers: Column[] = [];
  for (let i = 0; i < columns; i++) {
    const aggregation = reader.u8();
    const name = reader.text(reader.u8());
    const unit = reader.text(reader.u8());
    if (aggregation >= AGGREGATION_NAMES.length || !isLabel(name) || !isLabel(unit))
      throw damaged();
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
    touched: (flags & TOUCHED) !== 0 ? reader.bytes(cells) : undefined,
    notes: reader.notes(columns),
  };
  if (!reader.done) throw damaged();
  return state;
}

/** Labels go into the cbuf header as they are, so nothing that needs escaping may come back. */
function isLabel(text: string): boolean {
  return text.length <= LABEL_LIMIT && /^[0-9A-Za-z_/*]*$/.test(text);
}

function damaged(): RestoreError {
  return new RestoreError('damaged circular buffer state');
}

class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw damaged();
    this.#at = at + count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  text(length: number): string {
    const at = this.#take(length);
    return latin1Text(this.#bytes, at, at + length);
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  doubles(count: number): Float64Array {
    const at = this.#take(count * 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getFloat64(at + i * 8, true);
    return values;
  }

  notes(columns: number): RingState['notes'] {
    const notes: {
      time: number;
      column: number;
      type: 'info' | 'alert';
      fresh: boolean;
      text: string;
    }[] = [];
    const count = this.u32();
    for (let i = 0; i < count; i++) {
      const time = this.f64();
      const column = this.u32();
      const flags = this.u8();
      const text = this.text(this.u32());
      if (
        column < 1 ||
        column > columns ||
        !Number.isSafeInteger(time) ||
        /[^\x20-\x7e]/.test(text)
      ) {
        throw damaged();
      }
      const type = (flags & ALERT) !== 0 ? 'alert' : 'info';
      notes.push({ time, column, type, fresh: (flags & FRESH) !== 0, text });
    }
    return notes;
  }
}
