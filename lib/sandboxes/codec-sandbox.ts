/**
 * One SandboxDecoder or SandboxEncoder while it runs: messages go to its shard with everybody else's, and each one's answer
 * comes back in order. A script that ends on a message fails that message alone: it is started anew, and what was behind
 * that message is processed by the new one.
 *
 *   process(pack) ─▶ pending │ p0 │ p1 │ p2 │ ─batch─▶ shard
 *                            answers: status, messages until … ─▶ p0 settles, p1 settles
 */
import type { Logger } from '../plugin.ts';
import type { SandboxResult, SandboxUsage, Termination } from '../protocol/batch.ts';
import { errorFromText, errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { BatchSlot } from '../router/open-batch.ts';
import type { ShardPool, Tenant } from '../router/shard-pool.ts';
import type { ShardQueue } from '../router/shard-queue.ts';
import { type SandboxDefinition, type SandboxIdentity, specOf } from './sandbox-definition.ts';
import type { StateKeeper } from './state-keeper.ts';

/** What became of one message. */
export interface CodecAnswer {
  /** 0, or what the script returned. */
  readonly status: number;
  /** Why it failed; "" when it did not. */
  readonly text: string;
  /** What it injected, in order. */
  readonly outputs: readonly Uint8Array[];
}

export interface CodecSandboxOptions {
  readonly definition: SandboxDefinition;
  readonly pool: ShardPool;
  readonly states: StateKeeper;
  readonly identity: SandboxIdentity;
  readonly log: Logger;
}

interface Pending {
  readonly pack: Pack;
  readonly settle: PromiseWithResolvers<CodecAnswer>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly end: number;
}

export class CodecSandbox {
  readonly #options: CodecSandboxOptions;
  #life: Life | undefined;
  /** Sent to the current life and not settled, in order. */
  #pending: Pending[] = [];
  #starting: Promise<void> | undefined;
  #stopped = false;
  processed = 0;
  failed = 0;
  terminations = 0;

  constructor(options: CodecSandboxOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.definition.name;
  }

  get usage(): SandboxUsage | undefined {
    return this.#life?.usage;
  }

  /** Loads the script. Rejects with what is wrong with it. */
  async start(): Promise<void> {
    const { definition, identity, pool, states } = this.#options;
    const queue = pool.place();
    const life = new Life(pool.nextId(), queue, {
      outputs: () => this.#settle(),
      ended: (termination) => this.#ended(life, termination),
      lost: (reason) => this.#lost(life, reason),
      log: (level, text) => this.#log(level, text),
    });
    pool.add(life);
    try {
      const state = definition.preserveData ? await states.read(definition.name) : undefined;
      const spec = specOf(definition, life.id, identity, '', state);
      const answer = await queue.shard.load({ kind: 'load', spec });
      for (const line of answer.logs) this.#log(line.level, line.text);
      if (answer.failure !== undefined) {
        const { code, text, traceback } = answer.failure;
        throw errorFromText(code, text, traceback);
      }
      life.usage = answer.usage;
      this.#life = life;
    } catch (error) {
      pool.remove(life.id);
      throw error;
    }
  }

  /** Gives it a message; resolves when it was processed, whatever came of it. Rejects when the script cannot be started. */
  async process(pack: Pack): Promise<CodecAnswer> {
    if (this.#stopped) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [this.name]);
    const pending = { pack, settle: Promise.withResolvers<CodecAnswer>() };
    this.#pending.push(pending);
    if (this.#life !== undefined && this.#starting === undefined) this.#life.append(pack);
    else void this.#restart();
    return await pending.settle.promise;
  }

  /** Starts it (again), and gives it all that is pending. */
  async #restart(): Promise<void> {
    this.#starting ??= this.start();
    const starting = this.#starting;
    try {
      await starting;
      if (this.#starting !== starting) return; // another caller has done the rest
      this.#starting = undefined;
      for (const { pack } of this.#pending) this.#life?.append(pack);
    } catch (error) {
      if (this.#starting !== starting) return;
      this.#starting = undefined;
      const pending = this.#pending;
      this.#pending = [];
      for (const { settle } of pending) settle.reject(error);
    }
  }

  #settle(): void {
    const life = this.#life;
    if (life === undefined) return;
    for (let answer = life.next(); answer !== undefined; answer = life.next()) {
      const pending = this.#pending.shift();
      this.processed++;
      if (answer.status !== 0) this.failed++;
      pending?.settle.resolve(answer);
    }
  }

  /** The script ended on the first message that is not answered for. */
  #ended(life: Life, termination: Termination): void {
    this.#options.pool.remove(life.id);
    if (this.#life !== life) return;
    this.#life = undefined;
    this.terminations++;
    this.#log(3, `Terminated. Reason: ${termination.text}`);
    const pending = this.#pending.shift();
    this.processed++;
    this.failed++;
    pending?.settle.resolve({ status: 1, text: `FATAL: ${termination.text}`, outputs: [] });
    if (this.#pending.length > 0 && !this.#stopped) void this.#restart();
  }

  /** Its thread died: nobody knows which message was the reason, so all that were on their way fail. */
  #lost(life: Life, reason: string): void {
    // One that is being loaded has got nothing yet. When it is really lost, its load fails; when it is not, a batch for its
    // predecessor was, and it is already in the thread that came after.
    if (this.#life !== life) return;
    this.#options.pool.remove(life.id);
    this.#life = undefined;
    const pending = this.#pending;
    this.#pending = [];
    for (const { settle } of pending) {
      this.failed++;
      settle.resolve({ status: 1, text: `lost with its thread: ${reason}`, outputs: [] });
    }
  }

  #log(level: number, text: string): void {
    if (level <= 3) this.#options.log.error(text);
    else this.#options.log.info(text);
  }

  /** Waits for what it was given, keeps its state and ends it. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#pending.map(({ settle }) => settle.promise));
    this.#stopped = true;
    const life = this.#life;
    if (life === undefined) return;
    this.#life = undefined;
    const { definition, pool, states } = this.#options;
    try {
      const answer = await life.queue.shard.states({
        kind: 'state',
        sandboxes: [life.id],
        end: true,
      });
      const [own] = answer.states;
      if (own?.error !== undefined) this.#log(3, own.error);
      if (own?.state !== undefined && definition.preserveData) {
        await states.write(definition.name, own.state);
      }
    } catch (error) {
      this.#log(3, errorText(error));
    } finally {
      pool.remove(life.id);
    }
  }
}

interface LifeEvents {
  /** Answers may have become whole. */
  outputs(): void;
  ended(termination: Termination): void;
  lost(reason: string): void;
  log(level: number, text: string): void;
}

/** One isolate of it, from its load to its end. */
class Life implements Tenant {
  readonly id: number;
  readonly queue: ShardQueue;
  usage: SandboxUsage | undefined;
  readonly #slot: BatchSlot;
  readonly #events: LifeEvents;
  #answers: Answer[] = [];
  #outputs: Uint8Array[] = [];
  /** Messages that came so far, as the 32-bit integer that the shard counts with. */
  #received = 0;

  constructor(id: number, queue: ShardQueue, events: LifeEvents) {
    this.id = id;
    this.queue = queue;
    this.#slot = new BatchSlot(id);
    this.#events = events;
  }

  append(pack: Pack): void {
    this.queue.append(this.#slot, pack);
  }

  take(bytes: Uint8Array): void {
    this.#outputs.push(bytes);
    this.#received = (this.#received + 1) | 0;
  }

  report(result: SandboxResult): void {
    this.usage = result.usage;
    for (const { level, text } of result.logs) this.#events.log(level, text);
    const { answers } = result;
    if (answers !== undefined) {
      const texts = new Map(answers.texts);
      // The last one of a sandbox that ended is told by its end.
      const whole =
        result.termination === undefined
          ? answers.statuses.length
          : answers.statuses.findIndex((status) => status > 0);
      const count = whole < 0 ? answers.statuses.length : whole;
      for (let i = 0; i < count; i++) {
        const status = answers.statuses[i] ?? 0;
        const end = answers.ends[i] ?? 0;
        this.#answers.push({ status, text: texts.get(i) ?? '', end });
      }
    }
    this.#events.outputs();
    if (result.termination !== undefined) this.#events.ended(result.termination);
  }

  lost(reason: string): void {
    this.#events.lost(reason);
  }

  /** The next answer whose messages are all here. */
  next(): CodecAnswer | undefined {
    const [answer] = this.#answers;
    if (answer === undefined) return undefined;
    const beyond = (this.#received - answer.end) | 0;
    if (beyond < 0) return undefined;
    this.#answers.shift();
    const outputs = this.#outputs.splice(0, this.#outputs.length - beyond);
    return { status: answer.status, text: answer.text, outputs };
  }
}
