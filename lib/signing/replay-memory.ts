/**
 * Lets every control message through once. A message is judged by when its frame was read: its timestamp must lie
 * within `skewMs` of that, and not before the daemon's start, where the memory begins. Each manager has a memory of its
 * own, because one message may be meant for several managers.
 *
 * What holds, whatever the clock does and however long a message waited in a queue: a UUID is forgotten only when every
 * message with its timestamp or an older one is refused from then on (`#floorNs`).
 */
import type { Clock } from '../plugin.ts';
import { type ErrorCode, errorCatalogue, formatTemplate } from '../protocol/errors.ts';

export type ReplayVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: ErrorCode; readonly text: string };

export interface ReplayMemoryOptions {
  readonly clock: Clock;
  /** When the daemon started, nanoseconds since the epoch. By default when the memory was made. */
  readonly startNs?: bigint;
  /** Heka 0.11: 5 seconds each way. */
  readonly skewMs?: number;
  /** How many messages may be remembered; when it is full, control messages are refused. */
  readonly maxEntries?: number;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const DEFAULT_SKEW_MS = 5000;
/** About 10 MB at the most: 1,400 control messages a second for as long as they are remembered. */
const DEFAULT_MAX_ENTRIES = 100_000;
/** How long a read message may wait in queues before it is judged; behind that it counts as too old. */
const MAX_QUEUE_MS = 60_000;
const PRUNE_EVERY_MS = 1000;

interface Remembered {
  readonly timestampNs: bigint;
  readonly forgetAtMs: number;
}

export class ReplayMemory {
  readonly #clock: Clock;
  readonly #startNs: bigint;
  readonly #skewNs: bigint;
  readonly #keepMs: number;
  readonly #maxEntries: number;
  /** In the order in which they were accepted. */
  readonly #seen = new Map<string, Remembered>();
  /** The latest timestamp that was forgotten. */
  #floorNs: bigint;
  #prunedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReplayMemoryOptions) {
    const skewMs = options.skewMs ?? DEFAULT_SKEW_MS;
    this.#clock = options.clock;
    this.#startNs = options.startNs ?? options.clock.nowNs();
    this.#floorNs = this.#startNs - 1n;
    this.#skewNs = BigInt(skewMs) * NS_PER_MS;
    // A timestamp is at most skewMs ahead of its reading, and stays acceptable for as long after it.
    this.#keepMs = 2 * skewMs + MAX_QUEUE_MS;
    this.#maxEntries = options.maxEntries ?? DEFAULT_MAX_ENTRIES;
  }

  /** How many messages are remembered. */
  get size(): number {
    return this.#seen.size;
  }

  /**
   * Judges a control message whose signature is good, and remembers it when it is accepted.
   * `uuid` is Message.uuid ("" when it is none), `readAtMs` is Pack.readAtMs.
   */
  check(uuid: string, timestampNs: bigint, readAtMs: number): ReplayVerdict {
    const nowMs = this.#clock.now();
    this.#prune(nowMs);
    if (timestampNs < this.#startNs) {
      const early = (this.#startNs - timestampNs) / NS_PER_MS;
      return refused('HKT_CONTROL_BEFORE_START', [String(early)]);
    }
    const skewNs = BigInt(Math.round(readAtMs)) * NS_PER_MS - timestampNs;
    if (skewNs >= this.#skewNs || skewNs <= -this.#skewNs) {
      return refused('HKT_CONTROL_SKEW', [String(skewNs / NS_PER_SECOND)]);
    }
    if (timestampNs <= this.#floorNs) {
      const ageNs = BigInt(Math.round(nowMs)) * NS_PER_MS - timestampNs;
      return refused('HKT_CONTROL_SKEW', [String(ageNs / NS_PER_SECOND)]);
    }
    if (uuid === '') return refused('HKT_CONTROL_REPLAY', ['it has no UUID of 16 bytes']);
    if (this.#seen.has(uuid)) {
      return refused('HKT_CONTROL_REPLAY', [`a message with the UUID ${uuid} came before`]);
    }
    if (this.#seen.size >= this.#maxEntries) {
      const seconds = Math.round(this.#keepMs / 1000);
      return refused('HKT_CONTROL_MEMORY_FULL', [String(this.#seen.size), String(seconds)]);
    }
    this.#seen.set(uuid, { timestampNs, forgetAtMs: nowMs + this.#keepMs });
    return { ok: true };
  }

  #prune(nowMs: number): void {
    // At most once a second, but also after the clock was set back.
    if (nowMs >= this.#prunedAtMs && nowMs < this.#prunedAtMs + PRUNE_EVERY_MS) return;
    this.#prunedAtMs = nowMs;
    for (const [uuid, { timestampNs, forgetAtMs }] of this.#seen) {
      if (forgetAtMs > nowMs) break;
      this.#seen.delete(uuid);
      if (timestampNs > this.#floorNs) this.#floorNs = timestampNs;
    }
  }
}

function refused(code: ErrorCode, values: readonly string[]): ReplayVerdict {
  return { ok: false, code, text: formatTemplate(errorCatalogue[code].template, values) };
}
