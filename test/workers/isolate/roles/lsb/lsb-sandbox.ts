/**
 * A sandbox of api "lsb" of any kind, on either engine, without an isolate around it: files in memory, and what leaves is
 * kept as bytes.
 */

import type {
  Checkpoint,
  GuestConfigValue,
  LogLine,
  SandboxKind,
  Termination,
} from '../../../../../lib/protocol/batch.ts';
import { ControlWord } from '../../../../../lib/protocol/control-word.ts';
import { Message } from '../../../../../lib/protocol/message.ts';
import type {
  HostCalls,
  InputResult,
  TestResult,
} from '../../../../../workers/isolate/contract.ts';
import { ANSWER_WIDTH, OUT_HEADER, Register } from '../../../../../workers/isolate/mailbox.ts';
import type { ServiceValue } from '../../../../../workers/isolate/modules/native-module.ts';
import { type EngineName, engines } from '../../../../conformance/engines.ts';
import { MemoryFiles } from '../../host-api/memory-files.ts';
import { type TestEvent, TestSandbox, type TestSandboxOptions } from '../../test-sandbox.ts';

export interface LsbOptions {
  readonly config?: { readonly [key: string]: GuestConfigValue };
  readonly limits?: TestSandboxOptions['limits'];
  readonly spec?: TestSandboxOptions['spec'];
  readonly sizes?: TestSandboxOptions['sizes'];
  readonly host?: Partial<HostCalls>;
  readonly clock?: () => number;
  readonly files?: Readonly<Record<string, string>>;
  /** Sources of Lua modules. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** What left the isolate in one delivery of an input. */
export interface Delivery {
  readonly messages: readonly Uint8Array[];
  readonly checkpoint: Checkpoint | undefined;
}

export class LsbSandbox {
  readonly files: MemoryFiles;
  readonly deliveries: Delivery[] = [];
  readonly #sandbox: TestSandbox;
  /** Log lines that left with deliveries. */
  readonly #delivered: LogLine[] = [];
  readonly #control = new SharedArrayBuffer(ControlWord.count * Int32Array.BYTES_PER_ELEMENT);
  /** Loop counts of the messages that `take` took last. */
  loops: number[] = [];

  constructor(engine: EngineName, kind: SandboxKind, script: string, options: LsbOptions = {}) {
    const factory = engines.find(({ name }) => name === engine);
    if (factory === undefined) throw new Error(`no engine ${engine}`);
    this.files = new MemoryFiles(options.files);
    const modules = options.modules ?? {};
    let made: TestSandbox | undefined;
    made = new TestSandbox({
      engines: { [engine]: factory.create },
      script,
      control: this.#control,
      limits: { processInject: 10, instructions: 10_000_000, ...options.limits },
      spec: {
        kind,
        engine,
        api: 'lsb',
        name: 'lg',
        hostname: 'hn',
        pid: 3,
        chunkName: 'main.lua',
        config: { Logger: 'lg', ...options.config },
        ...(kind === 'input' || kind === 'output' ? { access: { root: '/', network: false } } : {}),
        ...options.spec,
      },
      ...(options.sizes === undefined ? {} : { sizes: options.sizes }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      host: {
        findModule: (name) => {
          const source = modules[name];
          return source === undefined
            ? `module '${name}' not found:\n\tno file '${name}.lua'`
            : [source, `${name}.lua`];
        },
        service: (operation, ...args) => this.#service(operation, args),
        deliver: (checkpoint, logs = []) => {
          this.#delivered.push(...logs);
          this.deliveries.push({ messages: made === undefined ? [] : this.take(), checkpoint });
          return Atomics.load(new Int32Array(this.#control), ControlWord.stop) === 0;
        },
        ...options.host,
      },
    });
    this.#sandbox = made;
  }

  #service(
    operation: string,
    args: readonly ServiceValue[],
  ): readonly ServiceValue[] | { error: string } {
    const call: unknown = Reflect.get(this.files, operation.replace(/^file\./, ''));
    if (typeof call !== 'function') return { error: `no ${operation}` };
    return [(call as (...args: readonly ServiceValue[]) => ServiceValue)(...args)]; // MemoryFiles has no others
  }

  /** Why the script could not be loaded. */
  get loadError(): string | undefined {
    return this.#sandbox.loaded.termination?.text;
  }

  get loadLogs(): readonly LogLine[] {
    return [...this.#delivered.splice(0), ...this.#sandbox.loaded.logs];
  }

  get loadTermination(): Termination | undefined {
    return this.#sandbox.loaded.termination;
  }

  /** 1: is_running is false. 2: ended at its next safepoint. */
  stop(how: 1 | 2): void {
    Atomics.store(new Int32Array(this.#control), ControlWord.stop, how);
  }

  send(...events: readonly TestEvent[]): {
    readonly status: number;
    readonly termination: Termination | undefined;
    readonly logs: readonly string[];
    readonly out: readonly Message[];
    readonly bytes: readonly Uint8Array[];
    readonly statuses: readonly number[];
    readonly texts: readonly (readonly [number, string])[];
  } {
    this.#sandbox.feed(events);
    const status = this.#sandbox.enter();
    const bytes = this.take();
    const { logs, termination, texts = [] } = this.#sandbox.entry.detail();
    const statuses: number[] = [];
    for (let i = 0; i < this.register(Register.answers); i++) {
      statuses.push(this.#sandbox.mailbox.answers[i * ANSWER_WIDTH] ?? Number.NaN);
    }
    return {
      status,
      termination,
      logs: logs.map(({ level, text }) => `${level} ${text}`),
      get out() {
        return bytes.map((part) => Message.decode(part));
      },
      bytes,
      statuses,
      texts,
    };
  }

  poll(checkpoint?: Checkpoint): InputResult | undefined {
    this.#clear();
    return this.#sandbox.entry.poll(checkpoint);
  }

  test(name: 'process' | 'report', argument: number): TestResult {
    this.#clear();
    return this.#sandbox.entry.test(name, argument);
  }

  detail() {
    const detail = this.#sandbox.entry.detail();
    return { ...detail, logs: [...this.#delivered.splice(0), ...detail.logs] };
  }

  preserve(): Uint8Array | string {
    return this.#sandbox.entry.preserve();
  }

  usage() {
    return this.#sandbox.entry.usage();
  }

  register(index: number): number {
    return this.#sandbox.register(index);
  }

  #clear(): void {
    const { registers } = this.#sandbox.mailbox;
    registers[Register.outLength] = 0;
    registers[Register.outCount] = 0;
  }

  /** Takes the committed records out of the mailbox. */
  take(): Uint8Array[] {
    const { outbound } = this.#sandbox.mailbox;
    const view = new DataView(outbound.buffer, outbound.byteOffset, outbound.length);
    const records: Uint8Array[] = [];
    this.loops = [];
    let at = 0;
    while (at < this.register(Register.outLength)) {
      const from = at + OUT_HEADER;
      at = from + view.getUint32(at, true);
      this.loops.push(view.getUint8(from - 1));
      records.push(outbound.slice(from, at));
    }
    this.#clear();
    return records;
  }
}

/** Both engines by name. */
export const engineNames: readonly EngineName[] = engines.map(({ name }) => name);

/** Latin1 text of bytes. */
export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('latin1');
}
