/**
 * What the host does for the io and os libraries: files and streams by number. Text is bytes, one character (0–255) per
 * byte; a failure is a system error's number, negated. Every call is synchronous.
 */

export const Whence = { start: 0, current: 1, end: 2 } as const;
export type Whence = (typeof Whence)[keyof typeof Whence];

/** Numbers of the streams that are open from the start. */
export const STANDARD_INPUT = 0;
export const STANDARD_OUTPUT = 1;
export const STANDARD_ERROR = 2;

export interface FileHost {
  /** Opens a file in one of C's modes ("r", "w+b"); returns its number. */
  readonly open: (path: string, mode: string) => number;
  /** Opens a file without a name for reading and writing; it goes when it is closed. */
  readonly openTemporary: () => number;
  /** At most so many bytes, and at least one; "" at the end of the file. */
  readonly read: (file: number, bytes: number) => string | number;
  /** Writes all; 0 or a failure. */
  readonly write: (file: number, text: string) => number;
  /** Returns the new position. */
  readonly seek: (file: number, whence: Whence, offset: number) => number;
  readonly close: (file: number) => number;
  readonly remove: (path: string) => number;
  readonly rename: (from: string, to: string) => number;
  /** The path of a new empty file in the folder for temporary files. */
  readonly temporaryName: () => string | number;
  /** True when a person sits at the stream's other end. */
  readonly isTerminal: (file: number) => boolean;
}
