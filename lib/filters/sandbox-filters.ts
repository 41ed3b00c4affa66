/**
 * Runs sandbox filters on the shards of a cell: places them, feeds them, keeps their state on disk, and turns reports into
 * messages, log lines and counters. One filter's end is its own; a thread's end brings all its filters back from their
 * last checkpoint.
 */
import type { Cell, Shard } from '../cells/cell.ts';
import type { Clock, Logger } from '../plugin.ts';
import type { Report, SandboxResult, SandboxSpec, Termination } from '../protocol/batch.ts';
import { errorFromText, errorText, HekateError } from '../protocol/errors.ts';
import { compileMatcher } from '../protocol/matcher/matcher.ts';
import { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import { latin1Text } from '../protocol/text.ts';
import type { Router } from '../router/router.ts';
import { ShardQueue } from '../router/shard-queue.ts';
import type { DaemonIdentity } from './end-messages.ts';
import { sandboxTerminatedMessage, terminatedMessage } from './end-messages.ts';
import type { FilterDefinition, FilterEnd, FilterHost, FilterStatus } from './filter-host.ts';
import type { StateKeeper } from './filter-states.ts';
import { FilterStates } from './filter-states.ts';
import { FilterSwap } from './filter-swap.ts';
import { RunningFilter } from './running-filter.ts';

export interface SandboxFiltersOptions {
  readonly cell: Cell;
  readonly router: Router;
  readonly clock: Clock;
  readonly log: Logger;
  readonly states: StateKeeper;
  readonly identity: DaemonIdentity;
  /** Milliseconds between two checkpoints; 0 turns them off. */
  readonly checkpointMs: number;
  /** Mean time per message from which a managed filter on a full shard counts as slow, nanoseconds. */
  readonly maxProcessNs: number;
}

/** Calls that must have been timed before a filter can be called slow (Heka's plugin_chansize − 1). */
const SLOW_SAMPLES = 29;
/** Ended filters whose last figures are kept. */
const ENDED_KEPT = 1000;

export class SandboxFilters implements FilterHost {
  readonly #options: SandboxFiltersOptions;
  readonly #queues: readonly ShardQueue[];
  readonly #byName = new Map<string, RunningFilter>();
  readonly #byId = new Map<number, RunningFilter>();
  /** Names that are being started, so that two loads of one name cannot both win. */
  readonly #starting = new Set<string>();
  readonly #states: FilterStates;
  readonly #ended = new Map<string, FilterStatus>();
  #nextId = 1;
  #checkpoint: Disposable | undefined;
  #checkpointing: Promise<void> = Promise.resolve();
  #closing = false;
  #lostMessages = 0;

  constructor(options: SandboxFiltersOptions) {
    this.#options = options;
    this.#states = new FilterStates(options.states, options.log);
    this.#queues = options.cell.shards.map(
      (shard) =>
        new ShardQueue({
          shard,
          clock: options.clock,
          onReport: (report) => this.#onReport(report),
          onLost: (lost) => {
            this.#lostMessages += lost.messages;
            options.log.error(
              `shard ${shard.index} lost a batch of ${lost.messages} messages (${lost.deliveries} deliveries): ${lost.reason}`,
            );
          },
          onRoom: () => options.router.wake(),
        }),
    );
    options.cell.onReplaced((shard, reason) => {
      void this.#restore(shard, reason);
    });
    this.#armCheckpoint();
  }

  /** Messages of batches that died with a thread. */
  get lostMessages(): number {
    return this.#lostMessages;
  }

  has(name: string): boolean {
    return this.#byName.has(name) || this.#starting.has(name);
  }

  status(): readonly FilterStatus[] {
    return [...this.#byName.values()].map((filter) => filter.status());
  }

  /** The last figures of a filter that was terminated, as long as its name is not used again; for tools. */
  ended(name: string): FilterStatus | undefined {
    return this.#ended.get(name);
  }

  /** Calls a running filter's timer_event in turn with its messages, for tools whose time is the data's. */
  tick(name: string, ns: number, shutdown: boolean): void {
    this.#byName.get(name)?.tick(ns, shutdown);
  }

  async start(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void> {
    const { name } = definition;
    if (this.has(name)) throw new HekateError('HKT_SANDBOX_RUNNING', [name]);
    const matcher = compileMatcher(definition.matcher);
    this.#starting.add(name);
    try {
      const queue = this.#place();
      const filter = new RunningFilter(definition, matcher, queue, this.#nextId++, onEnd);
      // Registered before the load, so that the placement of the next one sees it.
      this.#byId.set(filter.id, filter);
      try {
        await this.#load(filter, await this.#states.of(filter));
      } catch (error) {
        this.#byId.delete(filter.id);
        throw error;
      }
      this.#byName.set(name, filter);
      this.#options.router.subscribe(filter);
      this.#armTicker(filter);
    } finally {
      this.#starting.delete(name);
    }
  }

  /** The shard with the fewest sandboxes; among equals the one with the least work in flight. */
  #place(): ShardQueue {
    const counts = new Map<ShardQueue, number>();
    for (const filter of this.#byId.values()) {
      counts.set(filter.queue, (counts.get(filter.queue) ?? 0) + 1);
    }
    const load = (queue: ShardQueue): number => (counts.get(queue) ?? 0) + queue.unanswered / 16;
    const [first, ...others] = this.#queues;
    if (first === undefined) throw new HekateError('HKT_SANDBOX_LOST', [0, 'there is no shard']);
    return others.reduce((best, queue) => (load(queue) < load(best) ? queue : best), first);
  }

  async #load(filter: RunningFilter, state: Uint8Array | undefined): Promise<void> {
    const answer = await filter.queue.shard.load({
      kind: 'load',
      spec: this.#specOf(filter, state),
    });
    for (const line of answer.logs) this.#logLine(filter, line.level, line.text);
    if (answer.failure !== undefined) {
      throw errorFromText(answer.failure.code, answer.failure.text);
    }
    filter.usage = answer.usage;
  }

  #specOf(filter: RunningFilter, state: Uint8Array | undefined): SandboxSpec {
    const definition = filter.definition;
    return {
      id: filter.id,
      name: definition.name,
      kind: 'filter',
      engine: definition.engine,
      api: definition.api,
      script: latin1Text(definition.script, 0, definition.script.length),
      chunkName: definition.chunkName,
      moduleDirectories: definition.moduleDirectories,
      config: definition.config,
      limits: definition.limits,
      matcher: definition.matcher,
      hostname: this.#options.identity.hostname,
      pid: this.#options.identity.pid,
      preserve: definition.preserveData,
      ...(state === undefined ? {} : { state }),
    };
  }

  #armTicker(filter: RunningFilter): void {
    const ms = filter.definition.tickerSeconds * 1000;
    if (ms === 0) return;
    filter.ticker = this.#options.clock.after(ms, () => {
      this.#armTicker(filter);
      // Like a Go ticker, a tick is left out while the last one has not been taken.
      if (!filter.tickPending) filter.tick(Number(this.#options.clock.nowNs()), false);
    });
  }

  #onReport(report: Report): void {
    const { router } = this.#options;
    for (let i = 0; i < report.sources.length; i++) {
      const source = this.#byId.get(report.sources[i] ?? -1);
      if (source !== undefined) source.injected++;
      const bytes = report.bytes.subarray(report.offsets[i], report.offsets[i + 1]);
      router.inject(this.#madeHere(Message.decode(bytes), report.loops[i] ?? 0));
    }
    for (const result of report.results) {
      const filter = this.#byId.get(result.sandbox);
      if (filter !== undefined) this.#onResult(filter, result);
    }
  }

  #onResult(filter: RunningFilter, result: SandboxResult): void {
    filter.count(result);
    for (const line of result.logs) this.#logLine(filter, line.level, line.text);
    if (result.termination !== undefined)
      this.#terminated(filter, result.termination, result.skipped);
    else if (this.#isSlow(filter)) void this.#stopSlow(filter);
  }

  #isSlow(filter: RunningFilter): boolean {
    return (
      filter.definition.managed &&
      filter.queue.full &&
      filter.processed >= SLOW_SAMPLES &&
      filter.averageNs > this.#options.maxProcessNs
    );
  }

  /** Tells the world that a sandbox ended; its isolate is gone already. */
  #terminated(filter: RunningFilter, termination: Termination, skipped: number): void {
    this.#forget(filter);
    this.#reportEnd(filter, termination, skipped, []);
  }

  #reportEnd(
    filter: RunningFilter,
    termination: Termination,
    skipped: number,
    measures: Parameters<typeof sandboxTerminatedMessage>[4],
  ): void {
    const { log, identity, clock, router } = this.#options;
    log.error(`Plugin '${filter.name}' error: Terminated. Reason: ${termination.text}`);
    if (skipped > 0) log.error(`Plugin '${filter.name}' error: Lost/Dropped ${skipped} messages`);
    router.inject(
      this.#madeHere(
        sandboxTerminatedMessage(identity, clock.nowNs(), filter.name, termination.text, measures),
        0,
      ),
    );
    filter.onEnd?.({ kind: 'terminated', termination });
  }

  #forget(filter: RunningFilter): void {
    if (this.#ended.size >= ENDED_KEPT) this.#ended.clear();
    this.#ended.set(filter.name, filter.status());
    filter.ticker?.[Symbol.dispose]();
    this.#options.router.unsubscribe(filter);
    this.#byId.delete(filter.id);
    if (this.#byName.get(filter.name) === filter) this.#byName.delete(filter.name);
  }

  /** Ends a managed filter that holds its shard's neighbours up. Its state is kept, as upstream does. */
  async #stopSlow(filter: RunningFilter): Promise<void> {
    const measures = [
      {
        name: 'ProcessMessageCount',
        value: filter.processed,
        representation: 'count',
        integer: true,
      },
      {
        name: 'ProcessMessageFailures',
        value: filter.failed,
        representation: 'count',
        integer: true,
      },
      {
        name: 'ProcessMessageSamples',
        value: filter.processed,
        representation: 'count',
        integer: true,
      },
      {
        name: 'ProcessMessageAvgDuration',
        value: Math.round(filter.averageNs),
        representation: 'ns',
        integer: true,
      },
    ];
    this.#forget(filter);
    const text = new HekateError('HKT_SANDBOX_SLOW').message;
    await this.#states
      .collect([filter], true)
      .catch((error: unknown) => this.#logFault(filter, error));
    this.#reportEnd(
      filter,
      {
        code: 'HKT_SANDBOX_SLOW',
        text,
        limit: this.#options.maxProcessNs,
        used: Math.round(filter.averageNs),
      },
      0,
      measures,
    );
  }

  async stop(name: string): Promise<void> {
    const filter = this.#byName.get(name);
    if (filter === undefined) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [name]);
    this.#options.router.unsubscribe(filter);
    this.#byName.delete(name);
    // The name stays taken until the state is on disk, so that a load that follows at once finds it.
    this.#starting.add(name);
    try {
      filter.ticker?.[Symbol.dispose]();
      if (filter.definition.timerEventOnShutdown) {
        filter.tick(Number(this.#options.clock.nowNs()), true);
      }
      await filter.queue.barrier();
      if (this.#byId.has(filter.id)) {
        // When its thread dies just now, the last checkpoint is what is kept.
        await this.#states
          .collect([filter], true)
          .catch((error: unknown) => this.#logFault(filter, error));
        this.#byId.delete(filter.id);
        const { identity, clock, router } = this.#options;
        router.inject(
          this.#madeHere(
            terminatedMessage(identity, clock.nowNs(), name, 'SandboxFilter', 'Filter unloaded.'),
            0,
          ),
        );
        filter.onEnd?.({ kind: 'stopped' });
      }
    } finally {
      this.#starting.delete(name);
    }
  }

  async replace(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void> {
    const { router } = this.#options;
    const old = this.#byName.get(definition.name);
    if (old === undefined) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [definition.name]);
    const matcher = compileMatcher(definition.matcher);
    const fresh = new RunningFilter(
      definition,
      matcher,
      this.#place(),
      this.#nextId++,
      onEnd ?? old.onEnd,
    );
    const swap = new FilterSwap(old, fresh);
    old.ticker?.[Symbol.dispose]();
    router.subscribe(swap);
    router.unsubscribe(old);
    this.#byId.set(fresh.id, fresh);
    try {
      await old.queue.barrier();
      if (!this.#byId.has(old.id)) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [old.name]);
      if (old.definition.preserveData) await this.#states.collect([old], false);
      await this.#load(fresh, await this.#states.of(fresh));
    } catch (error) {
      this.#byId.delete(fresh.id);
      router.unsubscribe(swap);
      if (this.#byId.has(old.id)) {
        swap.settle(old);
        router.subscribe(old);
        this.#armTicker(old);
      }
      throw error;
    }
    this.#byName.set(definition.name, fresh);
    router.unsubscribe(swap);
    swap.settle(fresh);
    router.subscribe(fresh);
    this.#armTicker(fresh);
    // Its state went to the new one and is not written again.
    this.#byId.delete(old.id);
    await old.queue.shard.states({ kind: 'state', sandboxes: [old.id], end: true });
  }

  #madeHere(message: Message, loopCount: number): Pack {
    return {
      message,
      signer: '',
      loopCount,
      stream: 0,
      position: 0,
      readAtMs: this.#options.clock.now(),
    };
  }

  #logLine(filter: RunningFilter, level: number, text: string): void {
    const line = `Plugin '${filter.name}': ${text}`;
    if (level <= 3) this.#options.log.error(line);
    else this.#options.log.info(line);
  }

  #logFault(filter: RunningFilter, error: unknown): void {
    this.#options.log.error(`Plugin '${filter.name}' error: ${errorText(error)}`);
  }

  #armCheckpoint(): void {
    const { checkpointMs, clock } = this.#options;
    if (checkpointMs === 0) return;
    this.#checkpoint = clock.after(checkpointMs, () => {
      this.#checkpointing = this.checkpoint().then(() => {
        if (!this.#closing) this.#armCheckpoint();
      });
    });
  }

  /** Writes the states of all filters that ran since the last checkpoint. */
  async checkpoint(): Promise<void> {
    await this.#states.checkpoint([...this.#byName.values()]);
  }

  /** A thread died: brings its filters back from their last checkpoints, before anything new reaches them. */
  async #restore(shard: Shard, reason: string): Promise<void> {
    const queue = this.#queues.find((candidate) => candidate.shard === shard);
    if (queue === undefined) return;
    this.#options.log.error(`shard ${shard.index}: ${reason}; its sandboxes come back`);
    queue.hold();
    try {
      for (const filter of [...this.#byName.values()].filter((f) => f.queue === queue)) {
        await this.#restoreFilter(filter);
      }
    } finally {
      queue.release();
    }
  }

  async #restoreFilter(filter: RunningFilter): Promise<void> {
    filter.tickPending = false;
    try {
      await this.#load(filter, await this.#states.of(filter));
    } catch (error) {
      this.#terminated(
        filter,
        {
          code: error instanceof HekateError ? error.code : 'HKT_SANDBOX_INTERNAL',
          text: errorText(error),
          limit: 0,
          used: 0,
        },
        0,
      );
    }
  }

  /** True when nothing is open or in flight on any shard. */
  get quiet(): boolean {
    return this.#queues.every((queue) => queue.idle);
  }

  /** Resolves when every message that was routed has been answered for. */
  async idle(): Promise<void> {
    do {
      await Promise.all(this.#queues.map((queue) => queue.barrier()));
    } while (!this.quiet);
  }

  /** Shutdown: timer events where they are asked for, then all states. The filters are gone afterwards. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#checkpoint?.[Symbol.dispose]();
    await this.#checkpointing;
    const ns = Number(this.#options.clock.nowNs());
    for (const filter of this.#byName.values()) {
      filter.ticker?.[Symbol.dispose]();
      if (filter.definition.timerEventOnShutdown) filter.tick(ns, true);
    }
    await this.idle();
    await this.#states.collect([...this.#byName.values()], true);
    for (const filter of [...this.#byName.values()]) this.#forget(filter);
  }
}
