/**
 * Keeps how each attack ended and how long that took, when the environment names a file for it: report.ts reads it. Times
 * are recorded, never asserted.
 */
import { appendFileSync } from 'node:fs';
import type { EngineName } from '../../lib/protocol/batch.ts';

/** File to append to, a line of JSON per attack and engine. */
export const RECORD_FILE = 'HEKATE_HOSTILE_RECORD';

export interface Encounter {
  /** `folder/name`. */
  readonly attack: string;
  readonly engine: EngineName;
  /** Error code, or "lives". */
  readonly end: string;
  /** From before it is loaded until it has ended or has got all its messages. */
  readonly ms: number;
}

export function record(encounter: Encounter): void {
  const path = process.env[RECORD_FILE];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(encounter)}\n`);
}
