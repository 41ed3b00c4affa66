/**
 * The shards of a cell as all kinds of sandboxes share them: one queue per shard, places for new sandboxes, and the
 * reports, whose parts go to the sandboxes that they are about. A shard's thread that dies takes the sandboxes with it; whoever
 * has any brings them back.
 */
import type { Cell, Shard } from '../cells/cell.ts';
import type { Clock, Logger } from '../plugin.ts';
import type { Report, SandboxResult } from '../protocol/batch.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { ShardQueue } from './shard-queue.ts';

/** A sandbox as the pool knows it. */
export interface Tenant {
  readonly id: number;
  readonly queue: ShardQueue;
  /** A message that it injected, in order. The bytes are its own. */
  take(bytes: Uint8Array, loopCount: number): void;
  /** What a batch did to it, after all messages of the report. */
  report(result: SandboxResult): void;
  /** Its thread died with what was in flight. */
  lost(reason: string): void;
}

/** Brings sandboxes back to a shard whose thread was replaced; nothing new reaches the shard before it has settled. */
export type Restorer = (queue: ShardQueue, reason: string) => Promise<void>;

export interface ShardPoolOptions {
  readonly cell: Cell;
  readonly clock: Clock;
  readonly log: Logger;
  /** A shard may have room again. */
  readonly onRoom: () => void;
}

export class ShardPool {
  readonly queues: readonly ShardQueue[];
  readonly #log: Logger;
  readonly #tenants = new Map<number, Tenant>();
  readonly #restorers: Restorer[] = [];
  /** What is told of results whose sandbox is gone. */
  readonly #strays: ((result: SandboxResult) => void)[] = [];
  #nextId = 1;
  #lostMessages = 0;

  constructor(options: ShardPoolOptions) {
    const { cell, clock, log } = options;
    this.#log = log;
    this.queues = cell.shards.map((shard) => {
      const queue = new ShardQueue({
        shard,
        clock,
        onReport: (report) => this.#onReport(report),
        onLost: (lost) => {
          this.#lostMessages += lost.messages;
          log.error(
            `shard ${shard.index} lost a batch of ${lost.messages} messages (${lost.deliveries} deliveries): ${lost.reason}`,
          );
          for (const tenant of this.#on(queue)) tenant.lost(lost.reason);
        },
        onRoom: options.onRoom,
      });
      return queue;
    });
    cell.onReplaced((shard, reason) => {
      void this.#restore(shard, reason);
    });
  }

  /** Messages of batches that died with a thread. */
  get lostMessages(): number {
    return this.#lostMessages;
  }

  nextId(): number {
    return this.#nextId++;
  }

  add(tenant: Tenant): void {
    this.#tenants.set(tenant.id, tenant);
  }

  /** False when it was not there. */
  remove(id: number): boolean {
    return this.#tenants.delete(id);
  }

  onRestore(restorer: Restorer): void {
    this.#restorers.push(restorer);
  }

  onStray(listener: (result: SandboxResult) => void): void {
    this.#strays.push(listener);
  }

  #on(queue: ShardQueue): Tenant[] {
    return [...this.#tenants.values()].filter((tenant) => tenant.queue === queue);
  }

  /** The shard with the fewest sandboxes; among equals the one with the least work in flight. */
  place(): ShardQueue {
    const counts = new Map<ShardQueue, number>();
    for (const { queue } of this.#tenants.values()) {
      counts.set(queue, (counts.get(queue) ?? 0) + 1);
    }
    const load = (queue: ShardQueue): number => (counts.get(queue) ?? 0) + queue.unanswered / 16;
    const [first, ...others] = this.queues;
    if (first === undefined) throw new HekateError('HKT_SANDBOX_LOST', [0, 'there is no shard']);
    return others.reduce((best, queue) => (load(queue) < load(best) ? queue : best), first);
  }

  /** Never throws: one part of a report that fails must not take the others with it. */
  #onReport(report: Report): void {
    for (let i = 0; i < report.sources.length; i++) {
      try {
        const bytes = report.bytes.subarray(report.offsets[i], report.offsets[i + 1]);
        this.#tenants.get(report.sources[i] ?? -1)?.take(bytes, report.loops[i] ?? 0);
      } catch (error) {
        this.#log.error(`a message of sandbox ${report.sources[i]} was lost: ${errorText(error)}`);
      }
    }
    for (const result of report.results) {
      try {
        const tenant = this.#tenants.get(result.sandbox);
        if (tenant !== undefined) tenant.report(result);
        else for (const listener of this.#strays) listener(result);
      } catch (error) {
        this.#log.error(`the report on sandbox ${result.sandbox}: ${errorText(error)}`);
      }
    }
  }

  /** A thread died: its sandboxes come back before anything new reaches it. */
  async #restore(shard: Shard, reason: string): Promise<void> {
    const queue = this.queues.find((candidate) => candidate.shard === shard);
    if (queue === undefined) return;
    this.#log.error(`shard ${shard.index}: ${reason}; its sandboxes come back`);
    queue.hold();
    try {
      for (const tenant of this.#on(queue)) tenant.lost(reason);
      for (const restorer of this.#restorers) await restorer(queue, reason);
    } finally {
      queue.release();
    }
  }

  /** True when nothing is open or in flight on any shard. */
  get quiet(): boolean {
    return this.queues.every((queue) => queue.idle);
  }

  /** Resolves when everything that was appended has been answered for. */
  async idle(): Promise<void> {
    do {
      await Promise.all(this.queues.map((queue) => queue.barrier()));
    } while (!this.quiet);
  }
}
