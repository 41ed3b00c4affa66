/**
 * A pattern as instructions of the machine, which matches patterns that are not compiled to JavaScript (yet), and goes on where
 * JavaScript's stack would be too short.
 */

export interface Instructions {
  /** Operations (operations.ts) and their operands. */
  readonly code: Int32Array;
  /** Where each unit begins. */
  readonly units: readonly number[];
  readonly tables: readonly Uint8Array[];
  readonly texts: readonly string[];
}
