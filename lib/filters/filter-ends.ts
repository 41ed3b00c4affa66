/**
 * Tells the world how filters end: the log, the stream, the one who started the filter. Keeps the last figures of those
 * that ended, and their names for what is reported of them afterwards.
 */
import type { Clock, Logger } from '../plugin.ts';
import type { Termination } from '../protocol/batch.ts';
import { errorText } from '../protocol/errors.ts';
import type { FieldInit, Message } from '../protocol/message.ts';
import type { DaemonIdentity } from './end-messages.ts';
import { sandboxTerminatedMessage, terminatedMessage } from './end-messages.ts';
import type { FilterEnd, FilterStatus } from './filter-host.ts';
import type { RunningFilter } from './running-filter.ts';

export interface FilterEndsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly identity: DaemonIdentity;
  /** Sends a message of the daemon's own into the stream. */
  readonly send: (message: Message) => void;
}

/** Ended filters whose last figures and names are kept. */
const ENDED_KEPT = 1000;

export class FilterEnds {
  readonly #options: FilterEndsOptions;
  readonly #status = new Map<string, FilterStatus>();
  readonly #names = new Map<number, string>();
  #dropped = 0;

  constructor(options: FilterEndsOptions) {
    this.#options = options;
  }

  /** Deliveries that were not processed because the filter had ended. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The last figures of a filter that ended. */
  status(name: string): FilterStatus | undefined {
    return this.#status.get(name);
  }

  /** Remembers a filter that ends now. */
  keep(filter: RunningFilter): void {
    if (this.#status.size >= ENDED_KEPT) this.#status.clear();
    if (this.#names.size >= ENDED_KEPT) this.#names.clear();
    this.#status.set(filter.name, filter.status());
    this.#names.set(filter.id, filter.name);
  }

  /** A limit, an error or slowness ended it. `measures` go into the message. */
  terminated(
    filter: RunningFilter,
    termination: Termination,
    measures: readonly FieldInit[],
  ): void {
    const { clock, identity, log, send } = this.#options;
    log.error(`Plugin '${filter.name}' error: Terminated. Reason: ${termination.text}`);
    send(
      sandboxTerminatedMessage(identity, clock.nowNs(), filter.name, termination.text, measures),
    );
    this.tell(filter, { kind: 'terminated', termination });
  }

  /** It was stopped in peace. */
  unloaded(filter: RunningFilter): void {
    const { clock, identity, send } = this.#options;
    const reason = 'Filter unloaded.';
    send(terminatedMessage(identity, clock.nowNs(), filter.name, 'SandboxFilter', reason));
    this.tell(filter, { kind: 'stopped' });
  }

  /** Tells the one who started it. What that one throws is its own fault and nobody else's. */
  tell(filter: RunningFilter, end: FilterEnd): void {
    try {
      filter.onEnd?.(end);
    } catch (error) {
      this.#options.log.error(`Plugin '${filter.name}' error: onEnd: ${errorText(error)}`);
    }
  }

  /** Counts and logs deliveries that nobody processed. */
  lost(sandbox: number, running: string | undefined, count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    const name = running ?? this.#names.get(sandbox) ?? `sandbox ${sandbox}`;
    this.#options.log.error(`Plugin '${name}' error: Lost/Dropped ${count} messages`);
  }
}
