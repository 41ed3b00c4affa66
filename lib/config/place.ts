/**
 * Where something stands in a configuration, and what is wrong there. A fault always carries a catalogue code and a
 * place; a configuration's faults are gathered and shown together, never one per run.
 */
import {
  type ErrorCode,
  type ErrorEntry,
  errorCatalogue,
  formatTemplate,
  HekateError,
} from '../protocol/errors.ts';

/** A place in a text: line and column count from 1; file is "" for text that came from no file. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Values given by a program rather than by a text. */
export const nowhere: Place = Object.freeze({ file: '', line: 0, column: 0 });

export interface Fault extends Place {
  readonly code: ErrorCode;
  /** What fills the places of the code's template. */
  readonly values: readonly (string | number)[];
  /** The filled template. */
  readonly text: string;
  /** What to do instead, such as "did you mean 'message_matcher'?". */
  readonly suggestion?: string;
}

export function faultAt(
  place: Place,
  code: ErrorCode,
  values: readonly (string | number)[],
  suggestion?: string,
): Fault {
  const entry: ErrorEntry = errorCatalogue[code];
  return Object.freeze({
    file: place.file,
    line: place.line,
    column: place.column,
    code,
    values,
    text: formatTemplate(entry.template, values),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** `file:line:column`, without the parts that are unknown. */
export function placeText(place: Place): string {
  if (place.line === 0) return place.file;
  return `${place.file === '' ? 'line ' : `${place.file}:`}${place.line}:${place.column}`;
}

/** One line: `file:line:column: CODE text (suggestion)`. */
export function faultText(fault: Fault): string {
  const place = placeText(fault);
  const suggestion = fault.suggestion === undefined ? '' : ` (${fault.suggestion})`;
  return `${place === '' ? '' : `${place}: `}${fault.code} ${fault.text}${suggestion}`;
}

/** The fault as an error, for callers that take one section and cannot go on. */
export function faultError(fault: Fault): HekateError {
  return new HekateError(fault.code, fault.values);
}

/** Orders faults as someone reads through the files. */
export function byPlace(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
