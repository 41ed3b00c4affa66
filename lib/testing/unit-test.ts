/**
 * The unit test interface of lua_sandbox as a library: a script in an isolate of its own, whose `process` and `report` are
 * called with a number, and whose `write_output` hands bytes to the caller. For authors of modules.
 */
import { capped, limits } from '../../native-limits/limits.ts';
import { ThreadCell } from '../cells/thread-cell.ts';
import { openPackages } from '../packages/package-store.ts';
import {
  type ApiFlavour,
  DEFAULT_ENGINE,
  type EngineName,
  type GuestConfigValue,
  type SandboxLimits,
  type SandboxUsage,
} from '../protocol/batch.ts';
import { errorFromText, HekateError } from '../protocol/errors.ts';
import { utf8Bytes } from '../protocol/text.ts';
import { specOf } from '../sandboxes/sandbox-definition.ts';

export interface UnitTestOptions {
  /** Lua source. */
  readonly script: string | Uint8Array;
  /** Shown in error positions; default "test.lua". */
  readonly chunkName?: string;
  /** What read_config gives. */
  readonly config?: { readonly [key: string]: GuestConfigValue };
  /** Default "lsb". */
  readonly api?: ApiFlavour;
  /** Default: compiled. */
  readonly engine?: EngineName;
  /** Changed limits; 0 means the cap. */
  readonly limits?: Partial<SandboxLimits>;
  /** Folders that `require` searches before the packages. */
  readonly moduleDirectories?: readonly string[];
  /** Packages that are on; default all. */
  readonly extensions?: readonly string[];
  /** Folder below which the script may use files; default: none. */
  readonly root?: string;
  /** State to restore, as `state` gave it. */
  readonly state?: Uint8Array;
}

/** What a call gave. */
export interface UnitTestAnswer {
  /** What the function returned; 1 when it failed. */
  readonly status: number;
  /** The last error, "" for none: upstream's texts. */
  readonly error: string;
  /** What write_output handed over, call by call. Byte strings: one character (0–255) per byte. */
  readonly outputs: readonly string[];
}

const ID = 1;

export class UnitTest {
  readonly #cell: ThreadCell;
  #usage: SandboxUsage;
  #logs: string[] = [];

  private constructor(cell: ThreadCell, usage: SandboxUsage) {
    this.#cell = cell;
    this.#usage = usage;
  }

  /** Loads the script. Rejects with a HekateError (HKT_SANDBOX_*) that says what is wrong with it. */
  static async open(options: UnitTestOptions): Promise<UnitTest> {
    const { api = 'lsb', config = {}, script, state } = options;
    const engine = options.engine ?? DEFAULT_ENGINE;
    const packages = await openPackages(undefined, options.extensions ?? ['all']);
    const modules = packages.modules('unit', api);
    const given = options.limits ?? {};
    const cell = await ThreadCell.start({
      shards: 1,
      messageBytes: limits.messageSize.value,
      engine,
    });
    try {
      const chunkName = options.chunkName ?? 'test.lua';
      const answer = await shardOf(cell).load({
        kind: 'load',
        spec: specOf(
          {
            name: chunkName,
            kind: 'unit',
            script: typeof script === 'string' ? utf8Bytes(script) : script,
            chunkName,
            engine,
            api,
            preserveData: true,
            config,
            ...modules,
            moduleDirectories: [...(options.moduleDirectories ?? []), ...modules.moduleDirectories],
            limits: {
              memoryBytes: capped('memory', given.memoryBytes ?? limits.memory.value),
              instructions: capped('instructions', given.instructions ?? limits.instructions.value),
              outputBytes: capped('output', given.outputBytes ?? limits.output.value),
              callMs: capped('callTime', given.callMs ?? limits.callTime.value),
              processInject: given.processInject ?? limits.processInject.cap,
              timerInject: given.timerInject ?? limits.timerInject.cap,
              messageLoops: limits.messageLoops.value,
              messageBytes: limits.messageSize.value,
            },
            ...(options.root === undefined
              ? {}
              : { access: { root: options.root, network: true } }),
          },
          ID,
          { hostname: 'localhost', pid: process.pid },
          '',
          state,
        ),
      });
      if (answer.failure !== undefined) {
        const { code, text, traceback } = answer.failure;
        throw errorFromText(code, text, traceback);
      }
      const made = new UnitTest(cell, answer.usage);
      made.#logs.push(...answer.logs.map((line) => line.text));
      return made;
    } catch (error) {
      await cell.close();
      throw error;
    }
  }

  /** Calls the script's `process`. */
  async process(argument = 0): Promise<UnitTestAnswer> {
    return await this.#call('process', argument);
  }

  /** Calls the script's `report`. */
  async report(argument = 0): Promise<UnitTestAnswer> {
    return await this.#call('report', argument);
  }

  async #call(call: 'process' | 'report', argument: number): Promise<UnitTestAnswer> {
    const answer = await shardOf(this.#cell).test({ kind: 'test', sandbox: ID, call, argument });
    this.#usage = answer.usage;
    this.#logs.push(...answer.logs.map((line) => line.text));
    const { error, outputs, status } = answer;
    return { status, error, outputs };
  }

  /** Memory, instructions and output as used, maximum and limit. */
  get usage(): SandboxUsage {
    return this.#usage;
  }

  /** What was printed so far. */
  get logs(): readonly string[] {
    return this.#logs;
  }

  /** The script's global data, for another test's `state`. Rejects with HKT_STATE_WRITE when it cannot be preserved. */
  async state(): Promise<Uint8Array | undefined> {
    const task = { kind: 'state', sandboxes: [ID], end: false } as const;
    const [own] = (await shardOf(this.#cell).states(task)).states;
    if (own?.error !== undefined) throw new HekateError('HKT_STATE_WRITE', ['test', own.error]);
    return own?.state;
  }

  async close(): Promise<void> {
    await this.#cell.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function shardOf(cell: ThreadCell) {
  const [shard] = cell.shards;
  if (shard === undefined) throw new Error('a cell of one shard has none');
  return shard;
}

/** Opens a unit test. Close it, or use `await using`. */
export async function openUnitTest(options: UnitTestOptions): Promise<UnitTest> {
  return await UnitTest.open(options);
}
