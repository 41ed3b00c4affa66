/**
 * What only the 1.x form of the circular buffer has: ranges, deltas read by the script, and annotations.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestTable,
  type HostFunction,
} from '../../engine.ts';
import { numberArgument, optionArgument, stringArgument } from '../../host-api/guest-arguments.ts';
import type { ObjectMemory } from '../native-module.ts';
import { type CircularBuffer, columnArgument, rangeArguments, self } from './buffer-object.ts';

const NOTE_TYPES = ['info', 'alert'] as const;
/** Bytes that one annotation is counted for beside its text. */
const NOTE_BYTES = 128;

interface Note {
  readonly type: 'info' | 'alert';
  readonly text: string;
  readonly fresh: boolean;
}

/** Puts a note on a cell; a later one replaces it. */
export function annotate(buffer: CircularBuffer, time: number, column: number, note: Note): void {
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

export function lsbMethods(
  memory: ObjectMemory,
  createTable: () => GuestTable,
): Record<string, HostFunction> {
  const range =
    (deltas: boolean): HostFunction =>
    (args) => {
      const { ring } = self(args, 2);
      const column = columnArgument(args, 2, ring);
      const rows = rangeArguments(args, 3, ring);
      if (rows === undefined) return undefined;
      const table = createTable();
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
      if (row < 0) return [];
      if (!memory.reserve(NOTE_BYTES + text.length)) throw new GuestError('not enough memory');
      annotate(buffer, buffer.ring.rowTime(ns), column + 1, {
        type,
        text: escapeNote(text),
        fresh,
      });
      return [];
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
