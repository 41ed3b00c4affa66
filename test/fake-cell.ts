/**
 * Shards without threads or isolates: tests decide when each task is answered, and whether a thread dies. A sandbox keeps
 * the payloads that it got; its state is how many.
 *
 * Scripts: "fail" does not load, "unpreservable" has no state. Payloads: "end" ends the sandbox, "inject X" injects X,
 * "slow" takes a second, "log X" writes a line.
 */
import type { Cell, Shard, Unstamped } from '../lib/cells/cell.ts';
import type {
  Batch,
  LoadAnswer,
  LoadTask,
  PollAnswer,
  Report,
  SandboxResult,
  SandboxSpec,
  StateAnswer,
  StateTask,
  TestAnswer,
} from '../lib/protocol/batch.ts';
import { BATCH_PROTOCOL_VERSION } from '../lib/protocol/batch.ts';
import { HekateError } from '../lib/protocol/errors.ts';
import { Message } from '../lib/protocol/message.ts';
import { messageOf } from './sandbox-spec.ts';

interface FakeSandbox {
  readonly spec: SandboxSpec;
  count: number;
  kept: string;
}

interface Task {
  readonly kind: 'batch' | 'load' | 'state';
  readonly perform: () => void;
  readonly lose: (error: Error) => void;
}

const NONE = { used: 0, maximum: 0, limit: 0 };
const USAGE = { memory: NONE, instructions: NONE, output: NONE };

export class FakeShard implements Shard {
  readonly index: number;
  generation = 0;
  /** Tasks that were sent and not yet performed. */
  readonly tasks: Task[] = [];
  readonly sandboxes = new Map<number, FakeSandbox>();
  /** What each sandbox ever got, by id: payloads, "timer" and "shutdown". */
  readonly got = new Map<number, string[]>();
  /** Ids in the order of their loads. */
  readonly loads: number[] = [];
  batches: Unstamped<Batch>[] = [];
  /** When set, tasks are performed by the event loop, else by `step`. */
  automatic = true;
  /** The next reports that say so are unfinished and hold nothing. */
  stalls = 0;
  replaced: ((shard: Shard, reason: string) => void) | undefined;
  #soon = false;

  constructor(index: number) {
    this.index = index;
  }

  run(batch: Unstamped<Batch>): Promise<Report> {
    // As a shard does: what is sent is a copy.
    const copy = { ...batch, bytes: new Uint8Array(batch.bytes) };
    this.batches.push(copy);
    return this.#task('batch', () => this.#report(copy));
  }

  load(task: Unstamped<LoadTask>): Promise<LoadAnswer> {
    return this.#task('load', () => this.#load(task.spec));
  }

  states(task: Unstamped<StateTask>): Promise<StateAnswer> {
    return this.#task('state', () => this.#states(task));
  }

  poll(): Promise<PollAnswer> {
    throw new Error('no inputs here');
  }

  test(): Promise<TestAnswer> {
    throw new Error('no unit tests here');
  }

  /** Performs the oldest task. */
  step(): void {
    this.tasks.shift()?.perform();
  }

  /** Performs what waits, and from now on everything, without being told. */
  resume(): void {
    this.automatic = true;
    if (this.tasks.length > 0) this.#runSoon();
  }

  /** The thread dies with all it has, and a new one takes its place. */
  die(reason = 'told to die'): void {
    const tasks = this.tasks.splice(0);
    this.sandboxes.clear();
    this.generation++;
    for (const task of tasks) task.lose(new HekateError('HKT_SANDBOX_LOST', [this.index, reason]));
    this.replaced?.(this, reason);
  }

  /** What was sent is lost, and the thread lives: a fault of ours while it ran. */
  lose(): void {
    const error = new HekateError('HKT_SANDBOX_LOST', [this.index, 'told to lose it']);
    for (const task of this.tasks.splice(0)) task.lose(error);
  }

  #task<T>(kind: Task['kind'], perform: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.tasks.push({ kind, perform: () => resolve(perform()), lose: reject });
      if (this.automatic) this.#runSoon();
    });
  }

  #runSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      if (!this.automatic) return;
      this.step();
      if (this.tasks.length > 0) this.#runSoon();
    });
  }

  #load(spec: SandboxSpec): LoadAnswer {
    this.loads.push(spec.id);
    const answer = {
      version: BATCH_PROTOCOL_VERSION,
      kind: 'loaded',
      generation: this.generation,
      sandbox: spec.id,
      usage: USAGE,
      logs: [],
    } as const;
    if (spec.script === 'fail') {
      const text = 'told to fail';
      return { ...answer, failure: { code: 'HKT_SANDBOX_SCRIPT', text, limit: 0, used: 0 } };
    }
    const count = spec.state === undefined ? 0 : Number(Buffer.from(spec.state).toString());
    this.sandboxes.set(spec.id, { spec, count, kept: '' });
    if (!this.got.has(spec.id)) this.got.set(spec.id, []);
    return answer;
  }

  #states(task: Unstamped<StateTask>): StateAnswer {
    const states: StateAnswer['states'][number][] = [];
    for (const id of task.sandboxes) {
      const sandbox = this.sandboxes.get(id);
      if (sandbox === undefined) continue;
      const text = String(sandbox.count);
      if (sandbox.spec.preserve && sandbox.spec.script === 'unpreservable') {
        states.push({ sandbox: id, error: 'cannot be preserved' });
      } else if (sandbox.spec.preserve && sandbox.kept !== text) {
        sandbox.kept = text;
        states.push({ sandbox: id, state: Buffer.from(text) });
      }
      if (task.end) this.sandboxes.delete(id);
    }
    return {
      version: BATCH_PROTOCOL_VERSION,
      kind: 'states',
      generation: this.generation,
      states,
    };
  }

  #report(batch: Unstamped<Batch>): Report {
    const injected: {
      readonly bytes: Uint8Array;
      readonly loop: number;
      readonly source: number;
    }[] = [];
    const unfinished = this.stalls > 0;
    if (unfinished) this.stalls--;
    const results = batch.deliveries.map(({ sandbox: id, events }) => {
      const sandbox = this.sandboxes.get(id);
      const result = { processed: 0, failed: 0, timers: 0, busyNs: 0, skipped: 0 };
      const logs: { level: number; text: string }[] = [];
      let ended = sandbox === undefined;
      for (const event of events) {
        if (ended || sandbox === undefined) {
          if (event >= 0) result.skipped++;
          continue;
        }
        const got = this.got.get(id) ?? [];
        if (event < 0) {
          got.push(batch.timers[-1 - event]?.shutdown === true ? 'shutdown' : 'timer');
          result.timers++;
          continue;
        }
        const bytes = batch.bytes.subarray(batch.offsets[event], batch.offsets[event + 1]);
        const { payload } = Message.decode(bytes);
        const [word = '', rest = ''] = payload.split(/ (.*)/s);
        ended = word === 'end';
        if (ended) {
          result.skipped++;
          this.sandboxes.delete(id);
          continue;
        }
        got.push(payload);
        sandbox.count++;
        result.processed++;
        if (word === 'slow') result.busyNs += 1e9;
        if (word === 'log') logs.push({ level: 7, text: rest });
        if (word === 'inject') {
          const message = messageOf(rest, { type: 'injected', logger: sandbox.spec.name });
          const loop = (batch.loops[event] ?? 0) + 1;
          injected.push({ bytes: message.bytes, loop, source: id });
        }
      }
      const termination = { code: 'HKT_SANDBOX_SCRIPT', text: 'told to end', limit: 0, used: 0 };
      return {
        sandbox: id,
        ...result,
        usage: USAGE,
        logs,
        ...(ended && sandbox !== undefined ? { termination } : {}),
      } satisfies SandboxResult;
    });
    const offsets = [0];
    for (const { bytes } of injected) offsets.push((offsets.at(-1) ?? 0) + bytes.length);
    return {
      version: BATCH_PROTOCOL_VERSION,
      kind: 'report',
      generation: this.generation,
      sequence: batch.sequence,
      unfinished,
      results,
      bytes: Buffer.concat(injected.map(({ bytes }) => bytes)),
      offsets: Uint32Array.from(offsets),
      loops: Uint8Array.from(injected.map(({ loop }) => loop)),
      sources: Uint32Array.from(injected.map(({ source }) => source)),
    };
  }
}

export class FakeCell implements Cell {
  readonly shards: readonly FakeShard[];

  constructor(shards = 1) {
    this.shards = Array.from({ length: shards }, (_, index) => new FakeShard(index));
  }

  get shard(): FakeShard {
    const [first] = this.shards;
    if (first === undefined) throw new Error('a cell without shards');
    return first;
  }

  onReplaced(listener: (shard: Shard, reason: string) => void): void {
    for (const shard of this.shards) shard.replaced = listener;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Lets promises and the event loop run a few turns. */
export async function settle(turns = 5): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
