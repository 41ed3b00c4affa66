/**
 * SandboxInput: a script in a thread of its own makes messages, which are routed as it made them. process_message is called
 * once, every ticker_interval, or goes on without end; how far it has come is kept as its checkpoint, and given back to it
 * when it is called again (Heka 0.11; checkpoints as Hindsight's).
 */
import type { Clock, Input, Logger, RouteMessage } from '../plugin.ts';
import type { Checkpoint, Delivered, PollAnswer } from '../protocol/batch.ts';
import { errorFromText, errorText, HekateError } from '../protocol/errors.ts';
import { Message } from '../protocol/message.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import type { MachineThread } from './machine-thread.ts';
import { type SandboxDefinition, type SandboxIdentity, specOf } from './sandbox-definition.ts';
import type { StateKeeper } from './state-keeper.ts';

const ID = 1;

export interface SandboxInputOptions {
  readonly definition: SandboxDefinition;
  /** Seconds between two calls; 0: one call. */
  readonly tickerSeconds: number;
  readonly identity: SandboxIdentity;
  readonly states: StateKeeper;
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Starts the thread; what the script injects goes to the callback. */
  readonly thread: (onDelivered: (delivered: Delivered) => void) => Promise<MachineThread>;
}

export class SandboxInput implements Input {
  readonly #options: SandboxInputOptions;
  readonly #over = Promise.withResolvers<Error | undefined>();
  #thread: MachineThread | undefined;
  #route: RouteMessage | undefined;
  /** What was delivered is routed one after the other. */
  #routing: Promise<void> = Promise.resolve();
  #checkpoint: Checkpoint | undefined;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  injected = 0;
  failed = 0;

  constructor(options: SandboxInputOptions) {
    this.#options = options;
  }

  get done(): Promise<Error | undefined> {
    return this.#over.promise;
  }

  async start(_open: unknown, route: RouteMessage): Promise<void> {
    const { checkpoints, definition, identity, states } = this.#options;
    this.#route = route;
    this.#checkpoint = await checkpoints.read(definition.name);
    const thread = await this.#options.thread((delivered) => this.#onDelivered(delivered));
    this.#thread = thread;
    try {
      const state = definition.preserveData ? await states.read(definition.name) : undefined;
      const answer = await thread.shard.load({
        kind: 'load',
        spec: specOf(definition, ID, identity, '', state),
      });
      for (const line of answer.logs) this.#log(line.level, line.text);
      if (answer.failure !== undefined) {
        const { code, text, traceback } = answer.failure;
        throw errorFromText(code, text, traceback);
      }
    } catch (error) {
      await thread.close();
      throw error;
    }
    this.#running = this.#run(thread);
  }

  async #run(thread: MachineThread): Promise<void> {
    let fault: Error | undefined;
    try {
      fault = await this.#calls(thread);
      await this.#keepState(thread);
    } catch (error) {
      fault = new HekateError('HKT_PLUGIN_SANDBOX_ENDED', ['its thread', errorText(error)], error);
    }
    await this.#routing;
    this.#over.resolve(fault);
  }

  /** Resolves with why the script ended, or with nothing when it was to end. */
  async #calls(thread: MachineThread): Promise<Error | undefined> {
    const { definition, log, tickerSeconds } = this.#options;
    for (;;) {
      const answer = await this.#poll(thread);
      if (answer.termination !== undefined) {
        const { code, text } = answer.termination;
        // It was told to.
        if (code === 'HKT_SANDBOX_STOPPED' && thread.stopping) return undefined;
        return new HekateError('HKT_PLUGIN_SANDBOX_ENDED', [definition.name, text]);
      }
      if ((answer.status ?? 0) < 0) {
        this.failed++;
        if (answer.text !== undefined && answer.text !== '') log.error(answer.text);
      }
      if (thread.stopping) return undefined;
      if (tickerSeconds === 0) {
        log.info('single run completed');
        return undefined;
      }
      await this.#wait(tickerSeconds * 1000);
      if (thread.stopping) return undefined;
    }
  }

  async #poll(thread: MachineThread): Promise<PollAnswer> {
    // The script goes on from what was routed, not from what is on its way.
    await this.#routing;
    const checkpoint = this.#checkpoint;
    const answer = await thread.shard.poll({
      kind: 'poll',
      sandbox: ID,
      ...(checkpoint === undefined ? {} : { checkpoint }),
    });
    for (const line of answer.logs) this.#log(line.level, line.text);
    return answer;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(ms, () => {
        this.#wake = undefined;
        resolve();
      });
      this.#wake = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
  }

  #onDelivered(delivered: Delivered): void {
    for (const line of delivered.logs) this.#log(line.level, line.text);
    this.#routing = this.#routing.then(() => this.#routeAll(delivered));
  }

  async #routeAll(delivered: Delivered): Promise<void> {
    const { bytes, checkpoint, offsets } = delivered;
    for (let i = 0; i + 1 < offsets.length; i++) {
      const part = bytes.slice(offsets[i], offsets[i + 1]);
      try {
        this.injected++;
        await this.#route?.(Message.decode(part), false);
      } catch (error) {
        this.failed++;
        this.#options.log.error(`an injected message was lost: ${errorText(error)}`);
      }
      this.#thread?.taken(part.length);
    }
    if (checkpoint === undefined) return;
    this.#checkpoint = checkpoint;
    this.#options.checkpoints.note(this.#options.definition.name, checkpoint);
  }

  #log(level: number, text: string): void {
    const { log } = this.#options;
    if (level <= 3) log.error(text);
    else log.info(text);
  }

  async #keepState(thread: MachineThread): Promise<void> {
    const { definition, states } = this.#options;
    const answer = await thread.shard.states({ kind: 'state', sandboxes: [ID], end: true });
    const [own] = answer.states;
    if (own?.error !== undefined) this.#log(3, own.error);
    if (own?.state !== undefined && definition.preserveData) {
      await states.write(definition.name, own.state);
    }
  }

  async stop(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    thread.requestStop();
    this.#wake?.();
    await this.#running;
    await this.#routing;
    await this.#options.checkpoints.flush();
    await thread.close();
  }
}
