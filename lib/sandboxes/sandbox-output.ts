/**
 * SandboxOutput: hands messages to a script in a thread of its own and counts what it says of each. While the script waits
 * for the machine, or asks for a message again (−3), the router waits for it; nothing is dropped before the daemon stops
 * (Heka 0.11, return codes of lua_sandbox 1.x).
 */
import type { Clock, Logger, Output } from '../plugin.ts';
import type { SandboxResult, SandboxUsage, Termination } from '../protocol/batch.ts';
import { errorFromText, errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { BatchSlot } from '../router/open-batch.ts';
import { ShardPool, type Tenant } from '../router/shard-pool.ts';
import type { ShardQueue } from '../router/shard-queue.ts';
import type { MachineThread } from './machine-thread.ts';
import { type SandboxDefinition, type SandboxIdentity, specOf } from './sandbox-definition.ts';
import type { StateKeeper } from './state-keeper.ts';

const ID = 1;
/** Statuses that are no failures: sent, skipped, added to a batch, on its way. */
const GOOD: ReadonlySet<number> = new Set([0, -2, -4, -5]);

export interface SandboxOutputOptions {
  readonly definition: SandboxDefinition;
  readonly timerEventOnShutdown: boolean;
  readonly identity: SandboxIdentity;
  readonly states: StateKeeper;
  readonly clock: Clock;
  readonly log: Logger;
  readonly thread: () => Promise<MachineThread>;
  /** What the script injects. */
  readonly inject: (bytes: Uint8Array, loopCount: number) => void;
  /** The script ended by itself. */
  readonly onEnd: (error: HekateError) => void;
}

export class SandboxOutput implements Output, Tenant {
  readonly id: number = ID;
  readonly #options: SandboxOutputOptions;
  readonly #slot = new BatchSlot(ID);
  #thread: MachineThread | undefined;
  #pool: ShardPool | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #ended: Termination | undefined;
  processed = 0;
  failed = 0;
  /** Messages that came after its end, or that it was still to get when it was stopped. */
  missed = 0;
  usage: SandboxUsage | undefined;

  constructor(options: SandboxOutputOptions) {
    this.#options = options;
  }

  get queue(): ShardQueue {
    const [queue] = this.#pool?.queues ?? [];
    if (queue === undefined) throw new Error('the output has not started');
    return queue;
  }

  async start(): Promise<void> {
    const { clock, definition, identity, log, states } = this.#options;
    const thread = await this.#options.thread();
    this.#thread = thread;
    this.#pool = new ShardPool({ cell: thread.cell, clock, log, onRoom: () => this.#makeRoom() });
    this.#pool.add(this);
    try {
      const state = definition.preserveData ? await states.read(definition.name) : undefined;
      const answer = await thread.shard.load({
        kind: 'load',
        spec: specOf(definition, ID, identity, '', state),
      });
      this.#logAll(answer.logs);
      if (answer.failure !== undefined) {
        const { code, text, traceback } = answer.failure;
        throw errorFromText(code, text, traceback);
      }
      this.usage = answer.usage;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  deliver(pack: Pack): Promise<void> | undefined {
    if (this.#ended !== undefined) {
      this.missed++;
      return undefined;
    }
    this.queue.append(this.#slot, pack);
    if (!this.queue.full) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  #makeRoom(): void {
    if (this.#room === undefined || (this.queue.full && this.#ended === undefined)) return;
    this.#room.resolve();
    this.#room = undefined;
  }

  timer(nowNs: bigint): void {
    if (this.#ended === undefined) this.queue.timer(this.#slot, Number(nowNs), false);
  }

  take(bytes: Uint8Array, loopCount: number): void {
    this.#options.inject(bytes, loopCount);
  }

  report(result: SandboxResult): void {
    this.usage = result.usage;
    this.#logAll(result.logs);
    this.processed += result.processed;
    this.missed += result.skipped;
    const { answers } = result;
    const texts = new Map(answers?.texts);
    for (const [index, status] of (answers?.statuses ?? []).entries()) {
      if (GOOD.has(status)) continue;
      this.failed++;
      const text = texts.get(index) ?? '';
      if (status < 0 && text !== '') this.#options.log.error(text);
    }
    if (result.termination !== undefined) this.#end(result.termination);
  }

  lost(reason: string): void {
    this.#end({ code: 'HKT_SANDBOX_LOST', text: reason, limit: 0, used: 0 });
  }

  #end(termination: Termination): void {
    if (this.#ended !== undefined) return;
    this.#ended = termination;
    this.#makeRoom();
    if (termination.code === 'HKT_SANDBOX_STOPPED' && this.#thread?.stopping === true) return;
    const { definition, onEnd } = this.#options;
    onEnd(new HekateError('HKT_PLUGIN_SANDBOX_ENDED', [definition.name, termination.text]));
  }

  #logAll(lines: readonly { readonly level: number; readonly text: string }[]): void {
    const { log } = this.#options;
    for (const { level, text } of lines) {
      if (level <= 3) log.error(text);
      else log.info(text);
    }
  }

  async stop(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    const { clock, definition, log, states, timerEventOnShutdown } = this.#options;
    if (this.#ended === undefined && timerEventOnShutdown) {
      this.queue.timer(this.#slot, Number(clock.nowNs()), true);
    }
    // What it has been given is its own until the grace is over.
    const finished = this.queue.barrier();
    thread.requestStop();
    await finished;
    try {
      const answer = await thread.shard.states({ kind: 'state', sandboxes: [ID], end: true });
      const [own] = answer.states;
      if (own?.error !== undefined) log.error(own.error);
      if (own?.state !== undefined && definition.preserveData) {
        await states.write(definition.name, own.state);
      }
    } catch (error) {
      log.error(errorText(error));
    }
    await thread.close();
    if (this.missed === 0) return;
    const lost = [this.missed, definition.name, this.#ended?.text ?? 'it was stopped'];
    log.error(new HekateError('HKT_PLUGIN_LOST', lost).message);
  }
}
