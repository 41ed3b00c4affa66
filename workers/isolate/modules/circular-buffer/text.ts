/**
 * A circular buffer as text: the cbuf and cbufd forms that are injected, and the form that `fromstring` reads. Byte
 * for byte as upstream writes them, but that delta rows come in time order.
 */
import { GuestError } from '../../engine.ts';
import { outputNumber } from '../../host-api/number-text.ts';
import { OUTPUT_LIMIT_TEXT } from '../../host-api/output-buffer.ts';
import { AGGREGATION_NAMES, type RowRing } from './row-ring.ts';

/** One note on a cell, 1.x only; `text` is escaped already. */
export interface Annotation {
  readonly type: 'info' | 'alert';
  readonly text: string;
  fresh: boolean;
}

/** Annotations by row time in seconds, then by column from 1. */
export type Annotations = Map<number, Map<number, Annotation>>;

class BoundedText {
  text = '';
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  put(text: string): void {
    if (this.text.length + text.length > this.#limit) throw new GuestError(OUTPUT_LIMIT_TEXT);
    this.text += text;
  }
}

/** `annotations` is given for the 1.x form only. Throws beyond `limitBytes`; then no delta was reset. */
export function bufferText(
  ring: RowRing,
  delta: boolean,
  annotations: Annotations | undefined,
  limitBytes: number,
): string {
  const dirty: number[] = [];
  if (delta) for (const row of ring.rowsInOrder()) if (ring.isDirty(row)) dirty.push(row);
  const notes = annotations === undefined ? [] : listNotes(annotations, ring, delta);
  if (delta && dirty.length === 0 && notes.length === 0) return '';
  const out = new BoundedText(limitBytes);
  out.put(`{"time":${ring.startTime},"rows":${ring.rows},"columns":${ring.columns},`);
  out.put(`"seconds_per_row":${ring.secondsPerRow},"column_info":[`);
  ring.headers.forEach((column, i) => {
    const aggregation = AGGREGATION_NAMES[column.aggregation] ?? '';
    out.put(
      `${i === 0 ? '' : ','}{"name":"${column.name}","unit":"${column.unit}","aggregation":"${aggregation}"}`,
    );
  });
  out.put(']');
  if (annotations !== undefined) {
    out.put(',"annotations":[');
    notes.forEach(([time, column, note], i) => {
      out.put(`${i === 0 ? '' : ','}{"x":${time * 1000},"col":${column},`);
      out.put(`"shortText":"${note.type.charAt(0)}","text":"${note.text}"}`);
    });
    out.put(']');
  }
  out.put('}\n');
  if (delta) {
    putDeltas(out, ring, dirty);
    for (const [, , note] of notes) note.fresh = false;
  } else putRows(out, ring);
  return out.text;
}

function listNotes(
  annotations: Annotations,
  ring: RowRing,
  delta: boolean,
): [number, number, Annotation][] {
  const notes: [number, number, Annotation][] = [];
  for (const time of [...annotations.keys()].sort((a, b) => a - b)) {
    const columns = annotations.get(time);
    if (columns === undefined) continue;
    if (time < ring.startTime) {
      annotations.delete(time);
      continue;
    }
    for (const column of [...columns.keys()].sort((a, b) => a - b)) {
      const note = columns.get(column);
      if (note !== undefined && (!delta || note.fresh)) notes.push([time, column, note]);
    }
  }
  return notes;
}

function putRows(out: BoundedText, ring: RowRing): void {
  for (const row of ring.rowsInOrder()) {
    for (let column = 0; column < ring.columns; column++) {
      out.put((column === 0 ? '' : '\t') + outputNumber(ring.at(row, column)));
    }
    out.put('\n');
  }
}

function putDeltas(out: BoundedText, ring: RowRing, dirty: readonly number[]): void {
  const oldest = (ring.currentRow + 1) % ring.rows;
  for (const row of dirty) {
    const age = (row - oldest + ring.rows) % ring.rows;
    out.put(outputNumber(ring.startTime + age * ring.secondsPerRow));
    for (let column = 0; column < ring.columns; column++) {
      out.put(`\t${outputNumber(ring.deltaAt(row, column))}`);
    }
    out.put('\n');
  }
  for (const row of dirty) ring.clearDelta(row);
}

const WORD = /[^ \t\n\v\f\r]+/y;
const SPACE = /[ \t\n\v\f\r]*/y;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Fills the ring from "time row v v v … [t d d …]": seconds, physical row, all cells in physical order, then delta
 * rows. Throws and changes nothing when the text does not fit the ring.
 */
export function fillFromText(ring: RowRing, text: string): void {
  const words = new NumberWords(text);
  const time = words.next();
  const row = words.next();
  const count = ring.rows * ring.columns;
  const cells = new Float64Array(count);
  let read = 0;
  while (read < count) {
    const value = words.next();
    if (value === undefined) break;
    cells[read++] = value;
  }
  if (time === undefined || row === undefined || read < count) {
    throw new GuestError(`fromstring() too few values: ${read}, expected ${count}`);
  }
  const deltas: number[] = [];
  if (ring.deltas !== undefined) {
    // More delta rows than rows cannot be meant; the rest counts as too many values.
    const most = ring.rows * (ring.columns + 1);
    while (deltas.length < most) {
      const value = words.next();
      if (value === undefined) break;
      deltas.push(value);
    }
    if (deltas.length % (ring.columns + 1) !== 0)
      throw new GuestError('fromstring() invalid delta');
  }
  if (words.next() !== undefined) {
    throw new GuestError(`fromstring() too many values, more than: ${count}`);
  }
  if (!(time >= 0 && Number.isSafeInteger(time) && row >= 0 && row < ring.rows)) {
    throw new GuestError('fromstring() invalid time or row');
  }
  ring.currentTime = time;
  ring.currentRow = Math.trunc(row);
  ring.cells.set(cells);
  for (let at = 0; at < deltas.length; at += ring.columns + 1) {
    const target = ring.findRow((deltas[at] ?? Number.NaN) * 1e9, false);
    if (target < 0) continue;
    for (let column = 0; column < ring.columns; column++) {
      ring.noteDelta(target, column, deltas[at + 1 + column] ?? Number.NaN, false);
    }
  }
}

/** Numbers separated by blanks; ends at the first word that is none. */
class NumberWords {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): number | undefined {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    WORD.lastIndex = SPACE.lastIndex;
    const match = WORD.exec(this.#text);
    if (match === null) return undefined;
    this.#at = WORD.lastIndex;
    const word = match[0];
    switch (word) {
      case 'nan':
      case '-nan':
        return Number.NaN;
      case 'inf':
        return Infinity;
      case '-inf':
        return -Infinity;
      default:
        return DECIMAL.test(word) ? Number(word) : undefined;
    }
  }
}
