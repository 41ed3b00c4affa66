/** How large a record may be that is the whole of a short stream: a file's contents, the output of a command. */
import type { FieldSpec } from '../config/spec.ts';

/** A sandbox is given no message above 1 MiB; the rest is room for headers and fields. */
export const WHOLE_RECORD_BYTES: number = 960 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/** For a FieldSpec's check. */
export function wholeRecordFault(value: unknown): string | undefined {
  return Number(value) < 1 || Number(value) > MOST_BYTES
    ? `must be from 1 to ${MOST_BYTES} bytes`
    : undefined;
}

/** `what` is the stream, such as "the file". */
export function maxRecordField(what: string): FieldSpec {
  return {
    kind: 'bytes',
    default: WHOLE_RECORD_BYTES,
    doc: `With a NullSplitter, which makes one record of ${what}: its largest size. A longer one is dropped, or cut with keep_truncated, and counted; a sandbox is given no message above 1 MiB. Not in Heka.`,
    example: '"256KiB"',
    check: wholeRecordFault,
  };
}
