/**
 * Runs sandbox filters on the shards of a cell: places them, feeds them, keeps their state on disk, and turns reports into
 * messages, log lines and counters. One filter's end is its own; a thread's end brings all its filters back from their
 * last checkpoint. What is done to one name (start, replace, stop) happens one after another.
 * Longer than most files: start, replace, stop and restore share the two maps, and none may see them half changed.
 */
import type { Clock, Logger } from '../plugin.ts';
import type { SandboxResult, SandboxSpec, Termination } from '../protocol/batch.ts';
import { errorFromText, errorText, HekateError } from '../protocol/errors.ts';
import { compileMatcherOf } from '../protocol/matcher/api-matcher.ts';
import { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import type { Router } from '../router/router.ts';
import type { ShardPool } from '../router/shard-pool.ts';
import type { ShardQueue } from '../router/shard-queue.ts';
import { specOf } from '../sandboxes/sandbox-definition.ts';
import type { StateKeeper } from '../sandboxes/state-keeper.ts';
import type { DaemonIdentity } from './end-messages.ts';
import { FilterEnds } from './filter-ends.ts';
import type { FilterDefinition, FilterEnd, FilterHost, FilterStatus } from './filter-host.ts';
import { FilterStates } from './filter-states.ts';
import { FilterSwap } from './filter-swap.ts';
import { NameTurns } from './name-turns.ts';
import { RunningFilter } from './running-filter.ts';

export interface SandboxFiltersOptions {
  readonly pool: ShardPool;
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
/** Times that a thread may die while it loads one and the same filter before that filter is held to be the reason. */
const FATAL_LOADS = 2;

/** A checkpoint is followed by this many times its own length without one: states never take most of a shard's time. */
const CHECKPOINT_REST = 9;

export class SandboxFilters implements FilterHost {
  readonly #options: SandboxFiltersOptions;
  readonly #pool: ShardPool;
  /** Filters that run, or ran when the reload began that is under way. */
  readonly #byName = new Map<string, RunningFilter>();
  /** Every filter that may have a sandbox on a shard. */
  readonly #byId = new Map<number, RunningFilter>();
  /** Names that are being started or stopped: nobody else may have them. */
  readonly #taken = new Set<string>();
  readonly #turns = new NameTurns();
  readonly #states: FilterStates;
  readonly #ends: FilterEnds;
  #checkpoint: Disposable | undefined;
  #checkpointing: Promise<void> = Promise.resolve();
  #closing = false;
  #closed: Promise<void> | undefined;

  constructor(options: SandboxFiltersOptions) {
    const { pool, clock, log, identity, router } = options;
    this.#options = options;
    this.#pool = pool;
    this.#states = new FilterStates(options.states, log);
    this.#ends = new FilterEnds({
      clock,
      log,
      identity,
      send: (message) => router.inject(this.#madeHere(message, 0)),
    });
    pool.onRestore((queue) => this.#restore(queue));
    pool.onStray((result) => this.#ends.lost(result.sandbox, undefined, result.skipped));
    this.#armCheckpoint();
  }

  /** Deliveries that were not processed because the filter ended before. */
  get droppedDeliveries(): number {
    return this.#ends.dropped;
  }

  has(name: string): boolean {
    return this.#byName.has(name) || this.#taken.has(name);
  }

  status(): readonly FilterStatus[] {
    return [...this.#byName.values()].map((filter) => filter.status());
  }

  /** The last figures of a filter that was terminated, as long as its name is not used again; for tools. */
  ended(name: string): FilterStatus | undefined {
    return this.#ends.status(name);
  }

  /** Calls a running filter's timer_event in turn with its messages, for tools whose time is the data's. */
  tick(name: string, ns: number, shutdown: boolean): void {
    this.#byName.get(name)?.tick(ns, shutdown);
  }

  async start(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void> {
    const { name } = definition;
    if (this.#closing) throw new HekateError('HKT_HOST_CLOSED');
    if (this.has(name)) throw new HekateError('HKT_SANDBOX_RUNNING', [name]);
    const matcher = compileMatcherOf(definition.api, definition.matcher);
    this.#taken.add(name);
    try {
      await this.#turns.take(name, async () => {
        const filter = this.#make(definition, matcher, onEnd);
        try {
          await this.#load(filter, await this.#states.of(filter));
        } catch (error) {
          this.#drop(filter.id);
          throw error;
        }
        this.#byName.set(name, filter);
        this.#options.router.subscribe(filter);
        this.#armTicker(filter);
      });
    } finally {
      this.#taken.delete(name);
    }
  }

  /** Registered before its load, so that the placement of the next one sees it. */
  #make(
    definition: FilterDefinition,
    matcher: RunningFilter['matcher'],
    onEnd: ((end: FilterEnd) => void) | undefined,
  ): RunningFilter {
    const filter = new RunningFilter(
      definition,
      matcher,
      this.#pool.place(),
      this.#pool.nextId(),
      onEnd,
    );
    this.#byId.set(filter.id, filter);
    this.#pool.add({
      id: filter.id,
      queue: filter.queue,
      take: (bytes, loopCount) => {
        filter.injected++;
        const made = this.#madeHere(Message.decode(bytes), loopCount);
        this.#options.router.inject(filter.isAnalysis ? { ...made, ofAnalysis: true } : made);
      },
      report: (result) => this.#onResult(filter, result),
      // A timer event may have been in it.
      lost: () => {
        filter.tickPending = false;
      },
    });
    return filter;
  }

  /** False when it was gone already. */
  #drop(id: number): boolean {
    this.#pool.remove(id);
    return this.#byId.delete(id);
  }

  async #load(filter: RunningFilter, state: Uint8Array | undefined): Promise<void> {
    const answer = await filter.queue.shard.load({
      kind: 'load',
      spec: this.#specOf(filter, state),
    });
    for (const line of answer.logs) this.#logLine(filter, line.level, line.text);
    if (answer.failure !== undefined) {
      const { code, text, traceback } = answer.failure;
      throw errorFromText(code, text, traceback);
    }
    filter.usage = answer.usage;
  }

  #specOf(filter: RunningFilter, state: Uint8Array | undefined): SandboxSpec {
    const { definition } = filter;
    // lua_sandbox has no guard against what a filter injects for itself: it does not get it (RunningFilter.deliver).
    const guard = definition.api === 'heka' ? definition.matcher : '';
    return specOf(definition, filter.id, this.#options.identity, guard, state);
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

  #onResult(filter: RunningFilter, result: SandboxResult): void {
    filter.count(result);
    for (const line of result.logs) this.#logLine(filter, line.level, line.text);
    if (result.termination !== undefined) this.#terminated(filter, result.termination);
    else if (this.#isSlow(filter)) void this.#stopSlow(filter);
    this.#ends.lost(result.sandbox, filter.name, result.skipped);
  }

  #isSlow(filter: RunningFilter): boolean {
    return (
      filter.definition.managed &&
      filter.queue.crowded &&
      filter.processed >= SLOW_SAMPLES &&
      filter.averageNs > this.#options.maxProcessNs
    );
  }

  /** Tells the world that a sandbox ended; its isolate is gone already. */
  #terminated(filter: RunningFilter, termination: Termination): void {
    this.#forget(filter);
    this.#ends.terminated(filter, termination, []);
  }

  #forget(filter: RunningFilter): void {
    this.#ends.keep(filter);
    filter.ticker?.[Symbol.dispose]();
    this.#options.router.unsubscribe(filter);
    this.#drop(filter.id);
    if (this.#byName.get(filter.name) === filter) this.#byName.delete(filter.name);
  }

  /** Ends a managed filter that holds its shard's neighbours up. Its state is kept, as upstream does. */
  async #stopSlow(filter: RunningFilter): Promise<void> {
    const { name } = filter;
    this.#forget(filter);
    this.#taken.add(name);
    await this.#turns.take(name, () => this.#states.end([filter]));
    this.#taken.delete(name);
    const { code, message: text } = new HekateError('HKT_SANDBOX_SLOW');
    const limit = this.#options.maxProcessNs;
    const used = Math.round(filter.averageNs);
    this.#ends.terminated(filter, { code, text, limit, used }, filter.slowness());
  }

  async stop(name: string): Promise<void> {
    await this.#turns.take(name, async () => {
      const filter = this.#byName.get(name);
      if (filter === undefined) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [name]);
      this.#options.router.unsubscribe(filter);
      this.#byName.delete(name);
      // The name stays taken until the state is on disk, so that a load that follows at once finds it.
      this.#taken.add(name);
      filter.ticker?.[Symbol.dispose]();
      if (filter.definition.timerEventOnShutdown) {
        filter.tick(Number(this.#options.clock.nowNs()), true);
      }
      await filter.queue.barrier();
      // When its thread dies just now, the last checkpoint is what is kept.
      if (this.#byId.has(filter.id)) await this.#states.end([filter]);
      this.#taken.delete(name);
      if (!this.#drop(filter.id)) return; // it was terminated
      this.#ends.unloaded(filter);
    });
  }

  async replace(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void> {
    const { name } = definition;
    if (this.#closing) throw new HekateError('HKT_HOST_CLOSED');
    const matcher = compileMatcherOf(definition.api, definition.matcher);
    await this.#turns.take(name, async () => {
      const old = this.#byName.get(name);
      if (old === undefined) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [name]);
      const fresh = this.#make(definition, matcher, onEnd ?? old.onEnd);
      const swap = new FilterSwap(old, fresh);
      const { router } = this.#options;
      old.ticker?.[Symbol.dispose]();
      router.subscribe(swap);
      router.unsubscribe(old);
      try {
        await old.queue.barrier();
        if (!this.#byId.has(old.id)) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [name]);
        const handsOver = old.definition.preserveData && definition.preserveData;
        if (handsOver) await this.#states.handOver(old);
        await this.#load(fresh, await this.#states.of(fresh));
      } catch (error) {
        this.#drop(fresh.id);
        if (this.#byId.has(old.id)) this.#settle(swap, old);
        else {
          router.unsubscribe(swap);
          this.#ends.lost(old.id, name, swap.lost);
        }
        throw error;
      }
      this.#byName.set(name, fresh);
      this.#settle(swap, fresh);
      if (!this.#drop(old.id)) return; // it was terminated meanwhile
      if (onEnd !== undefined) this.#ends.tell(old, { kind: 'stopped' });
      await this.#discard(old);
    });
  }

  /** Gives the stream to the filter that stays, without a gap: the swap's messages first. */
  #settle(swap: FilterSwap, stays: RunningFilter): void {
    swap.settle(stays);
    this.#options.router.subscribe(stays);
    this.#options.router.unsubscribe(swap);
    this.#armTicker(stays);
  }

  /** Ends a sandbox whose state nobody wants. */
  async #discard(filter: RunningFilter): Promise<void> {
    try {
      await filter.queue.shard.states({ kind: 'state', sandboxes: [filter.id], end: true });
    } catch (error) {
      this.#logFault(filter, error); // it ended with its thread
    }
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

  #armCheckpoint(tookMs = 0): void {
    const { checkpointMs, clock } = this.#options;
    if (checkpointMs === 0) return;
    this.#checkpoint = clock.after(Math.max(checkpointMs, tookMs * CHECKPOINT_REST), () => {
      const started = clock.now();
      this.#checkpointing = this.checkpoint().then(() => {
        if (!this.#closing) this.#armCheckpoint(clock.now() - started);
      });
    });
  }

  /** Writes the states of all filters that ran since the last checkpoint. */
  async checkpoint(): Promise<void> {
    await this.#states.checkpoint([...this.#byName.values()]);
  }

  /** A thread died: brings its filters back from their last checkpoints. */
  async #restore(queue: ShardQueue): Promise<void> {
    const { shard } = queue;
    const life = shard.generation;
    for (const filter of [...this.#byName.values()].filter((f) => f.queue === queue)) {
      // When the thread dies again, its next restoration brings all of them back.
      if (shard.generation !== life) break;
      if (this.#byId.has(filter.id)) await this.#restoreFilter(filter, life);
    }
  }

  async #restoreFilter(filter: RunningFilter, life: number): Promise<void> {
    try {
      await this.#load(filter, await this.#states.of(filter));
      filter.fatalLoads = 0;
    } catch (error) {
      const diedAgain = filter.queue.shard.generation !== life;
      if (diedAgain && ++filter.fatalLoads < FATAL_LOADS) return;
      if (!this.#byId.has(filter.id)) return; // it was stopped meanwhile
      const code = error instanceof HekateError ? error.code : 'HKT_SANDBOX_INTERNAL';
      this.#terminated(filter, { code, text: errorText(error), limit: 0, used: 0 });
      return;
    }
    if (!this.#byId.has(filter.id)) await this.#discard(filter); // it was stopped or replaced meanwhile
  }

  /**
   * Shutdown: timer events where they are asked for, then all states. The filters are gone afterwards. Never rejects; safe to
   * call twice.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing = true;
    this.#checkpoint?.[Symbol.dispose]();
    await this.#turns.idle();
    await this.#checkpointing;
    const ns = Number(this.#options.clock.nowNs());
    for (const filter of this.#byName.values()) {
      filter.ticker?.[Symbol.dispose]();
      if (filter.definition.timerEventOnShutdown) filter.tick(ns, true);
    }
    await this.#pool.idle();
    const last = [...this.#byName.values()];
    await this.#states.end(last);
    for (const filter of last) {
      this.#forget(filter);
      this.#ends.tell(filter, { kind: 'stopped' });
    }
  }
}
