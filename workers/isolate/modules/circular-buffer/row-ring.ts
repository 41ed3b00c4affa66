/**
 * The numbers of a circular buffer: rows of fixed time width in a ring, the newest at `currentRow`. Cells and
 * deltas are row by row; NaN is "no value".
 *
 *   physical row:   0      1      2      3           time of a row = its number × secondsPerRow
 *                 │ t=4  │ t=5  │ t=2  │ t=3  │      row number % rows = physical row
 *                          ▲ currentRow, currentTime = 5 × secondsPerRow
 *
 * In 0.x mode a touched cell has a delta even when that is NaN, so `touched` says which ones have; in 1.x mode a delta
 * that is not NaN does.
 */

const SECOND_NS = 1e9;
/** Row numbers beyond this are not exact any more. */
const LARGEST_TIME = Number.MAX_SAFE_INTEGER;
const COLUMN_BYTES = 64;

export const Aggregation = { sum: 0, min: 1, max: 2, none: 3 } as const;
export const AGGREGATION_NAMES: readonly string[] = ['sum', 'min', 'max', 'none'];

export interface Column {
  name: string;
  unit: string;
  aggregation: number;
}

export class RowRing {
  readonly rows: number;
  readonly columns: number;
  readonly secondsPerRow: number;
  /** Seconds of the newest row. */
  currentTime: number;
  currentRow: number;
  readonly cells: Float64Array;
  readonly deltas: Float64Array | undefined;
  readonly touched: Uint8Array | undefined;
  readonly headers: Column[] = [];

  constructor(
    rows: number,
    columns: number,
    secondsPerRow: number,
    deltaMode: 'off' | 'touched' | 'numbers',
  ) {
    this.rows = rows;
    this.columns = columns;
    this.secondsPerRow = secondsPerRow;
    this.currentTime = secondsPerRow * (rows - 1);
    this.currentRow = rows - 1;
    this.cells = new Float64Array(rows * columns).fill(Number.NaN);
    this.deltas =
      deltaMode === 'off' ? undefined : new Float64Array(rows * columns).fill(Number.NaN);
    this.touched = deltaMode === 'touched' ? new Uint8Array(rows * columns) : undefined;
    for (let i = 1; i <= columns; i++) {
      const name = `Column_${i}`.slice(0, 15);
      this.headers.push({ name, unit: 'count', aggregation: Aggregation.sum });
    }
  }

  /** Bytes that a ring of this size holds. */
  static bytes(rows: number, columns: number, deltas: boolean): number {
    return rows * columns * (deltas ? 17 : 8) + columns * COLUMN_BYTES + 256;
  }

  get startTime(): number {
    return this.currentTime - this.secondsPerRow * (this.rows - 1);
  }

  /** The row's time in seconds. */
  rowTime(ns: number): number {
    const seconds = Math.trunc(ns / SECOND_NS);
    return seconds - (seconds % this.secondsPerRow);
  }

  /** The physical row for a time; -1 when it is outside. With `advance` a later time moves the ring forward. */
  findRow(ns: number, advance: boolean): number {
    const time = this.rowTime(ns);
    if (!(time >= 0 && time <= LARGEST_TIME)) return -1;
    const requested = time / this.secondsPerRow;
    const distance = requested - Math.floor(this.currentTime / this.secondsPerRow);
    if (distance > 0) {
      if (!advance) return -1;
      this.#clearNext(distance);
      this.currentTime = time;
      this.currentRow = requested % this.rows;
      return this.currentRow;
    }
    return -distance >= this.rows ? -1 : requested % this.rows;
  }

  #clearNext(count: number): void {
    const cleared = Math.min(count, this.rows);
    for (let i = 1; i <= cleared; i++) {
      const from = ((this.currentRow + i) % this.rows) * this.columns;
      this.cells.fill(Number.NaN, from, from + this.columns);
      this.deltas?.fill(Number.NaN, from, from + this.columns);
      this.touched?.fill(0, from, from + this.columns);
    }
  }

  at(row: number, column: number): number {
    return this.cells[row * this.columns + column] as number; // callers pass checked indices
  }

  deltaAt(row: number, column: number): number {
    return this.deltas?.[row * this.columns + column] ?? Number.NaN;
  }

  /** Adds to a cell's delta, or sets it. */
  noteDelta(row: number, column: number, value: number, accumulate: boolean): void {
    const { deltas, touched } = this;
    if (deltas === undefined) return;
    const i = row * this.columns + column;
    const old = deltas[i] as number; // as in `at`
    const fresh = touched === undefined ? Number.isNaN(old) : touched[i] === 0;
    deltas[i] = accumulate && !fresh ? old + value : value;
    if (touched !== undefined) touched[i] = 1;
  }

  isDirty(row: number): boolean {
    const { deltas, touched } = this;
    if (deltas === undefined) return false;
    const from = row * this.columns;
    for (let i = from; i < from + this.columns; i++) {
      if (touched === undefined ? !Number.isNaN(deltas[i]) : touched[i] !== 0) return true;
    }
    return false;
  }

  clearDelta(row: number): void {
    const from = row * this.columns;
    this.deltas?.fill(Number.NaN, from, from + this.columns);
    this.touched?.fill(0, from, from + this.columns);
  }

  /** Physical rows from the oldest to the newest. */
  *rowsInOrder(): Generator<number> {
    for (let i = 1; i <= this.rows; i++) yield (this.currentRow + i) % this.rows;
  }

  /** Values of a column between two physical rows, both included, in time order. */
  range(column: number, startRow: number, endRow: number): number[] {
    const values: number[] = [];
    const count = ((endRow - startRow + this.rows) % this.rows) + 1;
    for (let i = 0; i < count; i++) values.push(this.at((startRow + i) % this.rows, column));
    return values;
  }
}
