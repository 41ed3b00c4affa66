/**
 * One filter while it runs, as the main thread sees it: its subscription, its place in its shard's batches, its timer and
 * its counters.
 */
import type { Gauge, LineCount, SandboxResult, SandboxUsage } from '../protocol/batch.ts';
import type { Matcher } from '../protocol/matcher/matcher.ts';
import type { FieldInit } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import { BatchSlot } from '../router/open-batch.ts';
import type { Subscription } from '../router/router.ts';
import type { ShardQueue } from '../router/shard-queue.ts';
import type { FilterDefinition, FilterEnd, FilterStatus } from './filter-host.ts';

const NOTHING: Gauge = { used: 0, maximum: 0, limit: 0 };

export class RunningFilter implements Subscription {
  readonly kind = 'filter';
  readonly definition: FilterDefinition;
  readonly matcher: Matcher;
  readonly queue: ShardQueue;
  readonly slot: BatchSlot;
  readonly onEnd: ((end: FilterEnd) => void) | undefined;
  processed = 0;
  failed = 0;
  injected = 0;
  busyNs = 0;
  usage: SandboxUsage = { memory: NOTHING, instructions: NOTHING, output: NOTHING };
  /** Instructions by source line, when it is profiled. */
  lines: readonly LineCount[] | undefined;
  /** Something ran since the last checkpoint. */
  changed = false;
  ticker: Disposable | undefined;
  /** A timer event was sent and not yet answered for. */
  tickPending = false;
  /** How often in a row its thread died while it was loaded. */
  fatalLoads = 0;

  constructor(
    definition: FilterDefinition,
    matcher: Matcher,
    queue: ShardQueue,
    id: number,
    onEnd: ((end: FilterEnd) => void) | undefined,
  ) {
    this.definition = definition;
    this.matcher = matcher;
    this.queue = queue;
    this.slot = new BatchSlot(id);
    this.onEnd = onEnd;
  }

  get name(): string {
    return this.definition.name;
  }

  get signer(): string {
    return this.definition.signer;
  }

  get id(): number {
    return this.slot.sandbox;
  }

  deliver(pack: Pack): undefined {
    if (pack.ofAnalysis !== true || !this.isAnalysis) this.queue.append(this.slot, pack);
  }

  /** Of lua_sandbox 1.x: as with Hindsight, it analyses what inputs made, and not what analyses made. */
  get isAnalysis(): boolean {
    return this.definition.api === 'lsb';
  }

  full(): boolean {
    return this.queue.full;
  }

  /** True when its signer and matcher let the message through. */
  wants(pack: Pack): boolean {
    return (
      (this.signer === '' || this.signer === pack.signer) && this.matcher.matches(pack.message.view)
    );
  }

  tick(ns: number, shutdown: boolean): void {
    this.tickPending = true;
    this.queue.timer(this.slot, ns, shutdown);
  }

  count(result: SandboxResult): void {
    this.processed += result.processed;
    this.failed += result.failed;
    this.busyNs += result.busyNs;
    this.usage = result.usage;
    this.lines = result.lines ?? this.lines;
    this.changed ||= result.processed > 0 || result.timers > 0;
    if (result.timers > 0) this.tickPending = false;
  }

  /** Mean time of one call, nanoseconds. */
  get averageNs(): number {
    return this.processed === 0 ? 0 : this.busyNs / this.processed;
  }

  /** Why it was found slow, in upstream's fields. */
  slowness(): readonly FieldInit[] {
    const measure = (name: string, value: number, representation: string): FieldInit => ({
      name,
      value,
      representation,
      integer: true,
    });
    return [
      measure('ProcessMessageCount', this.processed, 'count'),
      measure('ProcessMessageFailures', this.failed, 'count'),
      measure('ProcessMessageSamples', this.processed, 'count'),
      measure('ProcessMessageAvgDuration', Math.round(this.averageNs), 'ns'),
    ];
  }

  status(): FilterStatus {
    return {
      name: this.name,
      shard: this.queue.shard.index,
      processed: this.processed,
      failed: this.failed,
      injected: this.injected,
      usage: this.usage,
      averageNs: this.averageNs,
      ...(this.lines === undefined ? {} : { lines: this.lines }),
    };
  }
}
