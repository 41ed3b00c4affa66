/**
 * One sandbox on a mailbox of its own, for tests: feeds events, enters, and reads back what was committed.
 */
import { extensionCode } from '../../../lib/cells/isolate-code.ts';
import type { SandboxLimits, SandboxSpec } from '../../../lib/protocol/batch.ts';
import { compileMatcher } from '../../../lib/protocol/matcher/matcher.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { latin1Text } from '../../../lib/protocol/text.ts';
import type {
  HostCalls,
  IsolateEntry,
  LoadResult,
  RunDetail,
} from '../../../workers/isolate/contract.ts';
import type { Engine, EngineOptions } from '../../../workers/isolate/engine.ts';
import {
  EVENT_WIDTH,
  EventKind,
  layMailbox,
  type Mailbox,
  type MailboxSizes,
  mailboxBytes,
  OUT_HEADER,
  Register,
} from '../../../workers/isolate/mailbox.ts';
import { createEntry } from '../../../workers/isolate/sandbox-entry.ts';

const extensions = await extensionCode();

export type TestEvent =
  | { readonly message: Message; readonly loop?: number }
  | { readonly timer: number; readonly shutdown?: boolean };

export interface Injected {
  readonly message: Message;
  readonly loop: number;
}

const SIZES: MailboxSizes = { events: 64, inBytes: 1 << 20, outBytes: 1 << 20 };
export const NOW_MS = 1_700_000_000_500;

export const LIMITS: SandboxLimits = {
  memoryBytes: 8 * 1024 * 1024,
  instructions: 1_000_000,
  outputBytes: 64512,
  callMs: 1000,
  processInject: 1,
  timerInject: 10,
  messageLoops: 4,
  messageBytes: 65536,
};

export interface TestSandboxOptions {
  readonly engines: { readonly [name: string]: (options: EngineOptions) => Engine };
  readonly script: string;
  readonly limits?: Partial<SandboxLimits>;
  readonly spec?: Partial<SandboxSpec>;
  readonly sizes?: Partial<MailboxSizes>;
  readonly host?: Partial<HostCalls>;
  readonly clock?: () => number;
  /** Words of ControlWord. */
  readonly control?: SharedArrayBuffer;
}

export class TestSandbox {
  readonly entry: IsolateEntry;
  readonly mailbox: Mailbox;
  readonly loaded: LoadResult;

  constructor(options: TestSandboxOptions) {
    const sizes = { ...SIZES, ...options.sizes };
    const shared = new SharedArrayBuffer(mailboxBytes(sizes));
    this.mailbox = layMailbox(shared, sizes);
    this.entry = createEntry({
      engines: options.engines,
      compileMatcher,
      clock: options.clock ?? (() => NOW_MS),
    });
    const spec: SandboxSpec = {
      id: 1,
      name: 'counter',
      kind: 'filter',
      engine: 'interpreted',
      api: 'heka',
      script: options.script,
      chunkName: 'counter.lua',
      moduleDirectories: [],
      config: {},
      matcher: '',
      hostname: 'host.example',
      pid: 4711,
      preserve: true,
      ...options.spec,
      limits: { ...LIMITS, ...options.limits },
    };
    const host: HostCalls = {
      memory: () => 0,
      findModule: (name) => `module '${name}' not found:`,
      random: () => '0123456789abcdef',
      compileLua: (_source, chunkName) => [`${chunkName}: there is no compiler`],
      search: () => false,
      extension: (name) => extensions[name],
      placeExtension: () => false,
      service: (operation) => ({ error: `no ${operation}` }),
      deliver: () => true,
      ...options.host,
    };
    this.loaded = this.entry.load(spec, shared, sizes, host, options.control);
  }

  /** Puts events into the mailbox, replacing what was there. Returns the inbound text. */
  feed(events: readonly TestEvent[]): string {
    const { registers, inbound, timerNs } = this.mailbox;
    let at = 0;
    events.forEach((event, i) => {
      const slot = i * EVENT_WIDTH;
      if ('timer' in event) {
        this.mailbox.events[slot] = event.shutdown ? EventKind.shutdownTimer : EventKind.timer;
        timerNs[i] = event.timer;
        return;
      }
      const { bytes } = event.message;
      inbound.set(bytes, at);
      this.mailbox.events[slot] = EventKind.message;
      this.mailbox.events[slot + 1] = at;
      this.mailbox.events[slot + 2] = at + bytes.length;
      this.mailbox.events[slot + 3] = event.loop ?? 0;
      at += bytes.length;
    });
    registers[Register.eventCount] = events.length;
    registers[Register.nextEvent] = 0;
    return latin1Text(inbound, 0, at);
  }

  /** Enters once; `sliceMs` defaults to no end of the slice. */
  enter(text?: string, sliceMs = Infinity): number {
    return this.entry.run(text, sliceMs);
  }

  /** Feeds, enters once, and returns everything that came out. */
  send(...events: readonly TestEvent[]): {
    status: number;
    injected: Injected[];
    detail: RunDetail;
  } {
    this.feed(events);
    const status = this.enter();
    return { status, injected: this.drain(), detail: this.entry.detail() };
  }

  register(index: number): number {
    return this.mailbox.registers[index] ?? Number.NaN;
  }

  /** Takes the committed records out of the mailbox. */
  drain(): Injected[] {
    const { registers, outbound } = this.mailbox;
    const view = new DataView(outbound.buffer, outbound.byteOffset, outbound.length);
    const records: Injected[] = [];
    let at = 0;
    while (at < this.register(Register.outLength)) {
      const length = view.getUint32(at, true);
      const from = at + OUT_HEADER;
      const message = Message.decode(outbound.slice(from, from + length));
      records.push({ message, loop: view.getUint8(at + 4) });
      at = from + length;
    }
    if (records.length !== this.register(Register.outCount)) throw new Error('outCount is wrong');
    registers[Register.outLength] = 0;
    registers[Register.outCount] = 0;
    return records;
  }
}
