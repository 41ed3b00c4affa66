/**
 * Hosts sandboxes without a daemon: shards, router and filters, joined. The daemon adds inputs, outputs and managers
 * around the same core; a Node program embeds it through `createHost`.
 */
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { capped, limits } from '../native-limits/limits.ts';
import { ThreadCell } from './cells/thread-cell.ts';
import type { FilterEnd, FilterStatus } from './filters/filter-host.ts';
import { SandboxFilters } from './filters/sandbox-filters.ts';
import { StateStore } from './filters/state-store.ts';
import type { Clock, Logger } from './plugin.ts';
import {
  DEFAULT_ENGINE,
  type EngineName,
  type GuestConfigValue,
  type SandboxLimits,
} from './protocol/batch.ts';
import { HekateError } from './protocol/errors.ts';
import type { Message } from './protocol/message.ts';
import type { Pack } from './protocol/pack.ts';
import { utf8Bytes } from './protocol/text.ts';
import { InjectedMessages } from './router/injected-messages.ts';
import type { RouterCounters } from './router/router.ts';
import { Router } from './router/router.ts';
import { ShardPool } from './router/shard-pool.ts';
import type { StateKeeper } from './sandboxes/state-keeper.ts';
import { systemClock } from './system-clock.ts';

export interface HostOptions {
  /** Worker threads; default one per core beside the main thread, at least 1. */
  readonly shards?: number;
  /** Folder for preserved states and compiled scripts; without it they live in memory as long as the host. */
  readonly baseDir?: string;
  /** Hostname header of injected messages; default the machine's. */
  readonly hostname?: string;
  /** Largest message in bytes; default 64 KiB. */
  readonly maxMessageSize?: number;
  /** Milliseconds between checkpoints of preserved states; default 5000, 0 turns them off. */
  readonly checkpointMs?: number;
  /** Mean nanoseconds per message from which a managed filter on a full shard is ended; default 100,000. */
  readonly maxProcessNs?: number;
  readonly clock?: Clock;
  /** Default: nothing is logged. */
  readonly log?: Logger;
}

/** A sandbox to load. */
export interface SandboxOptions {
  /** Unique in the host. */
  readonly name: string;
  /** Lua source. */
  readonly script: string | Uint8Array;
  /**
   * Which messages it gets; default all but those that sandboxes inject. A matcher that takes what the sandbox itself
   * injects (such as "TRUE") makes its injections fail, as in Heka.
   */
  readonly matcher?: string;
  /** Seconds between timer_event calls; default 0, none. */
  readonly tickerSeconds?: number;
  /** Keeps global variables across unload and restart; default false. */
  readonly preserveData?: boolean;
  /** Calls timer_event once more at the end; default false. */
  readonly timerEventOnShutdown?: boolean;
  /** What read_config returns. */
  readonly config?: { readonly [key: string]: GuestConfigValue };
  /** Folders that `require` searches. */
  readonly moduleDirectories?: readonly string[];
  /** How Lua is run; default compiled, where Node may make code from strings. */
  readonly engine?: EngineName;
  /** Changed limits; 0 means the cap. */
  readonly limits?: Partial<SandboxLimits>;
  /** Called once when it is over: by a limit, an error, or unload. */
  readonly onEnd?: (end: FilterEnd) => void;
}

const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/** Compiled scripts, below the base directory. */
const COMPILED_FOLDER = 'compiled_lua';

/** Shards, router and filters, as the daemon and the library share them. */
export class HostCore {
  readonly cell: ThreadCell;
  readonly pool: ShardPool;
  readonly router: Router;
  readonly filters: SandboxFilters;
  readonly states: StateKeeper;
  readonly clock: Clock;
  /** Largest message, bytes. */
  readonly messageBytes: number;
  /** Timers and idle threads do not keep the process alive; a host does, until it is closed. */
  readonly #alive = setInterval(() => undefined, LONGEST_INTERVAL_MS);

  private constructor(
    cell: ThreadCell,
    pool: ShardPool,
    router: Router,
    filters: SandboxFilters,
    states: StateKeeper,
    clock: Clock,
    messageBytes: number,
  ) {
    this.cell = cell;
    this.pool = pool;
    this.router = router;
    this.filters = filters;
    this.states = states;
    this.clock = clock;
    this.messageBytes = messageBytes;
  }

  static async start(options: HostOptions): Promise<HostCore> {
    const clock = options.clock ?? systemClock;
    const log = options.log ?? silent;
    const states =
      options.baseDir === undefined ? memoryStates() : await StateStore.open(options.baseDir);
    const messageBytes = capped('messageSize', options.maxMessageSize ?? limits.messageSize.value);
    const shards = options.shards ?? Math.max(1, availableParallelism() - 1);
    const { baseDir } = options;
    const cell = await ThreadCell.start({
      shards,
      messageBytes,
      ...(baseDir === undefined ? {} : { compiledFolder: join(baseDir, COMPILED_FOLDER) }),
      warn: (text) => log.error(text),
    });
    let dropped = 0;
    const router = new Router(
      (pack, waiting) => {
        // One line for the first and then for every thousandth: the counter has the rest.
        if (dropped++ % 1000 !== 0) return;
        const error = new HekateError('HKT_ROUTER_INJECT_FULL', [waiting, pack.message.type]);
        log.error(`${error.code} ${error.message} (${dropped} so far)`);
      },
      (receiver, text) => log.error(`Plugin '${receiver}' error: missed a message: ${text}`),
    );
    const pool = new ShardPool({ cell, clock, log, onRoom: () => router.wake() });
    const filters = new SandboxFilters({
      pool,
      router,
      clock,
      log,
      states,
      identity: { hostname: options.hostname ?? hostname(), pid: process.pid },
      checkpointMs: options.checkpointMs ?? 5000,
      maxProcessNs: options.maxProcessNs ?? 100_000,
    });
    return new HostCore(cell, pool, router, filters, states, clock, messageBytes);
  }

  /** Resolves when every message that was routed, and all that it caused, has been answered for. */
  async idle(): Promise<void> {
    for (;;) {
      const room = this.router.room();
      if (room !== undefined) await room;
      await this.pool.idle();
      if (this.router.room() === undefined && this.pool.quiet) return;
    }
  }

  /** Ends filters (shutdown timers, states) and threads. Inputs must be stopped before, outputs after `filters.close`. */
  async close(): Promise<void> {
    try {
      await this.filters.close();
      await this.cell.close();
    } finally {
      clearInterval(this.#alive);
    }
  }
}

const silent: Logger = { info: () => undefined, error: () => undefined };

function memoryStates(): StateKeeper {
  const states = new Map<string, Uint8Array>();
  return {
    read: (name) => Promise.resolve(states.get(name)),
    write: (name, state) => {
      states.set(name, state);
      return Promise.resolve();
    },
  };
}

/** Streams of the library's own messages begin here; 0 is what sandboxes inject. */
const DELIVERED_STREAM = 1;

export class Host {
  readonly #core: HostCore;
  #position = 0;
  #closed: Promise<void> | undefined;
  readonly #readers = new Set<InjectedMessages>();

  constructor(core: HostCore) {
    this.#core = core;
  }

  /**
   * Starts a sandbox; resolves when its script's top level has run and messages flow to it. Rejects with a HekateError:
   * HKT_SANDBOX_* when the script fails, HKT_MATCHER_* when the matcher does not parse.
   */
  async load(options: SandboxOptions): Promise<void> {
    await this.#core.filters.start(definitionOf(options), options.onEnd);
  }

  /** Starts new code in the place of a running sandbox, without a gap; keeps the old one if the new one fails. */
  async reload(options: SandboxOptions): Promise<void> {
    await this.#core.filters.replace(definitionOf(options), options.onEnd);
  }

  /** Lets the sandbox finish what it was given and ends it. Rejects with HKT_SANDBOX_NOT_RUNNING. */
  async unload(name: string): Promise<void> {
    await this.#core.filters.stop(name);
  }

  /**
   * Routes one message to every sandbox whose matcher wants it, as soon as there is room. Rejects with HKT_MESSAGE_TOO_BIG
   * or HKT_HOST_CLOSED.
   */
  async deliver(message: Message, signer = ''): Promise<void> {
    const { length } = message.bytes;
    const { messageBytes } = this.#core;
    if (length > messageBytes) {
      throw new HekateError('HKT_MESSAGE_TOO_BIG', [length, messageBytes]);
    }
    for (let room = this.#core.router.room(); room !== undefined; room = this.#core.router.room()) {
      await room;
    }
    if (this.#closed !== undefined) throw new HekateError('HKT_HOST_CLOSED');
    const pack: Pack = {
      message,
      signer,
      loopCount: 0,
      stream: DELIVERED_STREAM,
      position: ++this.#position,
      readAtMs: this.#core.clock.now(),
    };
    this.#core.router.route(pack);
  }

  /**
   * What sandboxes (and the host about them: terminations) inject from now on. A reader that does not read holds the
   * host back once its bounded queue is full; leave the loop, or close the host, to end it.
   */
  injected(): AsyncIterableIterator<Message> {
    const reader = new InjectedMessages(this.#core.router, () => this.#readers.delete(reader));
    if (this.#closed === undefined) this.#readers.add(reader);
    else reader.finish();
    return reader;
  }

  /** Resolves when everything delivered so far, and all that it caused, has been processed. */
  async idle(): Promise<void> {
    await this.#core.idle();
  }

  status(): readonly FilterStatus[] {
    return this.#core.filters.status();
  }

  counters(): RouterCounters {
    return this.#core.router.counters;
  }

  /** Ends all sandboxes, keeping their states, and the threads. */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    await this.#core.filters.close();
    for (const reader of this.#readers) reader.finish();
    await this.#core.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Starts a host. Close it, or use `await using`. */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  return new Host(await HostCore.start(options));
}

/** Everything that came from outside. */
export const NOT_INJECTED = 'Type !~ /^heka\\.sandbox/';

function definitionOf(options: SandboxOptions) {
  const given = options.limits ?? {};
  const { name, script } = options;
  return {
    name,
    script: typeof script === 'string' ? utf8Bytes(script) : script,
    chunkName: `${name}.lua`,
    matcher: options.matcher ?? NOT_INJECTED,
    signer: '',
    tickerSeconds: options.tickerSeconds ?? 0,
    preserveData: options.preserveData ?? false,
    timerEventOnShutdown: options.timerEventOnShutdown ?? false,
    engine: options.engine ?? DEFAULT_ENGINE,
    api: 'heka',
    moduleDirectories: options.moduleDirectories ?? [],
    config: options.config ?? {},
    limits: {
      memoryBytes: capped('memory', given.memoryBytes ?? limits.memory.value),
      instructions: capped('instructions', given.instructions ?? limits.instructions.value),
      outputBytes: capped('output', given.outputBytes ?? limits.output.value),
      callMs: capped('callTime', given.callMs ?? limits.callTime.value),
      processInject: capped('processInject', given.processInject ?? limits.processInject.value),
      timerInject: capped('timerInject', given.timerInject ?? limits.timerInject.value),
      messageLoops: capped('messageLoops', given.messageLoops ?? limits.messageLoops.value),
      messageBytes: capped('messageSize', given.messageBytes ?? limits.messageSize.value),
    },
    managed: false,
  } as const;
}
