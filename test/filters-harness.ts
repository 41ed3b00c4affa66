/** SandboxFilters on a fake cell, a real router and a manual clock, and what came out of them. */
import type { FilterDefinition, FilterEnd } from '../lib/filters/filter-host.ts';
import { SandboxFilters } from '../lib/filters/sandbox-filters.ts';
import { Router } from '../lib/router/router.ts';
import { ShardPool } from '../lib/router/shard-pool.ts';
import type { StateKeeper } from '../lib/sandboxes/state-keeper.ts';
import { FakeCell, type FakeShard, settle } from './fake-cell.ts';
import { ManualClock } from './manual-clock.ts';
import { definitionOf, inputPack } from './sandbox-spec.ts';

/** States in memory; a test makes reads and writes fail or wait. */
export class FakeKeeper implements StateKeeper {
  readonly states = new Map<string, string>();
  readonly writes: string[] = [];
  failWrites = false;
  /** Writes that fail, such as "one=2". */
  readonly refused = new Set<string>();
  failReads = false;
  /** While set, every write waits for it before it takes place. */
  gate: Promise<void> | undefined;

  async read(name: string): Promise<Uint8Array | undefined> {
    await Promise.resolve();
    if (this.failReads) throw new Error('the disk is gone');
    const state = this.states.get(name);
    return state === undefined ? undefined : Buffer.from(state);
  }

  async write(name: string, state: Uint8Array): Promise<void> {
    const text = Buffer.from(state).toString();
    await this.gate;
    if (this.failWrites || this.refused.has(`${name}=${text}`)) throw new Error('the disk is full');
    this.writes.push(`${name}=${text}`);
    this.states.set(name, text);
  }
}

export interface HarnessOptions {
  readonly shards?: number;
  readonly checkpointMs?: number;
  readonly maxProcessNs?: number;
}

export class FiltersHarness {
  readonly clock = new ManualClock();
  readonly cell: FakeCell;
  readonly keeper = new FakeKeeper();
  readonly router: Router;
  readonly pool: ShardPool;
  readonly filters: SandboxFilters;
  readonly infos: string[] = [];
  readonly errors: string[] = [];
  /** Messages of the daemon's own and injected ones: "Type|plugin or logger|payload". */
  readonly made: string[] = [];
  /** What onEnd was told: "name stopped" or "name CODE". */
  readonly ends: string[] = [];

  constructor(options: HarnessOptions = {}) {
    this.cell = new FakeCell(options.shards ?? 1);
    this.router = new Router(() => this.errors.push('dropped'));
    this.router.subscribe({
      name: 'made',
      kind: 'output',
      signer: '',
      matcher: { matches: () => true },
      deliver: ({ message, stream }) => {
        if (stream !== 0) return undefined;
        const who = message.field('plugin') ?? message.logger;
        this.made.push(`${message.type}|${who}|${message.payload}`);
        return undefined;
      },
    });
    const { cell, clock, router } = this;
    const log = {
      info: (text: string) => void this.infos.push(text),
      error: (text: string) => void this.errors.push(text),
    };
    this.pool = new ShardPool({ cell, clock, log, onRoom: () => router.wake() });
    this.filters = new SandboxFilters({
      pool: this.pool,
      router,
      clock,
      log,
      states: this.keeper,
      identity: { hostname: 'here', pid: 42 },
      checkpointMs: options.checkpointMs ?? 0,
      maxProcessNs: options.maxProcessNs ?? 1e6,
    });
  }

  get shard(): FakeShard {
    return this.cell.shard;
  }

  onEnd(name: string): (end: FilterEnd) => void {
    return (end) => {
      this.ends.push(`${name} ${end.kind === 'stopped' ? 'stopped' : end.termination.code}`);
    };
  }

  /** Matches every message from outside, and nothing that is made here. */
  async start(name: string, script = '', more: Partial<FilterDefinition> = {}): Promise<void> {
    const matcher = "Logger == 'input'";
    await this.filters.start(definitionOf(name, script, { matcher, ...more }), this.onEnd(name));
  }

  async replace(name: string, script = '', more: Partial<FilterDefinition> = {}): Promise<void> {
    const matcher = "Logger == 'input'";
    await this.filters.replace(definitionOf(name, script, { matcher, ...more }));
  }

  send(...payloads: string[]): void {
    for (const payload of payloads) this.router.route(inputPack(payload, { logger: 'input' }));
  }

  /** What all sandboxes of all shards got, in the order of their ids. */
  got(): string[][] {
    const all = this.cell.shards.flatMap((shard) => [...shard.got]);
    return all.sort(([a], [b]) => a - b).map(([, got]) => got);
  }

  async idle(): Promise<void> {
    await this.pool.idle();
    await settle(2);
  }
}
