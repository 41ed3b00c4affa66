/**
 * Memory mappings of this process. Linux bounds them (vm.max_map_count), V8 needs one for every 256 KiB of an isolate's
 * heap, and a process that gets none any more is ended by V8. So isolates are refused while there is room for the others
 * to grow.
 */
import { readFileSync } from 'node:fs';

/** A loaded sandbox of either engine takes 14 to 17. */
const PER_ISOLATE = 14;
/** The part of all mappings that new isolates may take the process to. */
const SHARE = 0.85;
/** New isolates between two counts: counting costs some milliseconds, mostly for the kernel. */
const COUNT_EVERY = 64;

export interface MappingSource {
  /** What the system allows; undefined where there is no such bound. */
  readonly limit: number | undefined;
  /** Mappings of the process now. */
  count(): number;
}

export class MappingRoom {
  readonly #source: MappingSource;
  #madeSinceCount = COUNT_EVERY;
  #counted = 0;

  constructor(source: MappingSource = linuxMappings()) {
    this.#source = source;
  }

  /** Is there room for one more isolate? */
  take(): boolean {
    const { limit } = this.#source;
    if (limit === undefined) return true;
    if (this.#madeSinceCount >= COUNT_EVERY || this.#isFull(limit)) {
      this.#counted = this.#source.count();
      this.#madeSinceCount = 0;
    }
    if (this.#isFull(limit)) return false;
    this.#madeSinceCount++;
    return true;
  }

  #isFull(limit: number): boolean {
    return this.#counted + (this.#madeSinceCount + 1) * PER_ISOLATE > limit * SHARE;
  }
}

function linuxMappings(): MappingSource {
  return { limit: numberIn('/proc/sys/vm/max_map_count'), count: countMappings };
}

function numberIn(file: string): number | undefined {
  try {
    const value = Number(readFileSync(file, 'utf8'));
    return value > 0 ? value : undefined;
  } catch {
    return undefined; // not Linux
  }
}

/** One line each. */
function countMappings(): number {
  let count = 0;
  try {
    for (const byte of readFileSync('/proc/self/maps')) if (byte === 10) count++;
  } catch {
    // Not readable: the bound on isolates holds all the same.
  }
  return count;
}
