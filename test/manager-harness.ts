/** A SandboxManagerFilter on a fake host and a manual clock, and what came out of it. */
import type { FileSystem } from '../lib/atomic-file.ts';
import { sectionOf } from '../lib/config/section.ts';
import type { ConfigValue } from '../lib/config/spec.ts';
import { PrefixClaims } from '../lib/manager/filter-name.ts';
import { SandboxManagerFilter } from '../lib/manager/sandbox-manager-filter.ts';
import { sandboxManagerSpec } from '../lib/manager/sandbox-manager-spec.ts';
import {
  type ControlReply,
  type ControlRequest,
  decodeControlReply,
  encodeControlRequest,
} from '../lib/protocol/control.ts';
import { decodeHeader } from '../lib/protocol/framing.ts';
import { Message, type MessageInit } from '../lib/protocol/message.ts';
import type { Pack } from '../lib/protocol/pack.ts';
import type { SandboxGlobals } from '../lib/sandboxes/section-parts.ts';
import type { AuditEntry } from '../lib/signing/audit-log.ts';
import { ReplayMemory } from '../lib/signing/replay-memory.ts';
import { FakeFilterHost } from './fake-filter-host.ts';
import { ManualClock } from './manual-clock.ts';

export const globals: SandboxGlobals = {
  shareDir: '/share',
  baseDir: '/base',
  packages: {
    modules: () => ({
      moduleDirectories: [],
      nativeModules: ['circular_buffer'],
      refusedModules: {},
    }),
    script: () => undefined,
  },
  maxProcessInject: 1,
  maxTimerInject: 10,
  maxMessageLoops: 4,
  maxMessageSize: 65536,
  caps: { memoryBytes: 0, instructions: 0, outputBytes: 0, callMs: 0 },
};

export interface HarnessOptions {
  readonly baseDir: string;
  readonly name?: string;
  readonly settings?: Readonly<Record<string, ConfigValue>>;
  readonly host?: FakeFilterHost;
  readonly claims?: PrefixClaims;
  readonly fs?: FileSystem;
}

export interface SendOptions {
  readonly signer?: string;
  readonly loopback?: boolean;
  /** No way back to the sender. */
  readonly oneWay?: boolean;
  readonly readAtMs?: number;
}

export class ManagerHarness {
  readonly clock = new ManualClock();
  readonly host: FakeFilterHost;
  readonly manager: SandboxManagerFilter;
  readonly infos: string[] = [];
  readonly errors: string[] = [];
  readonly routed: Message[] = [];
  readonly audited: AuditEntry[] = [];
  readonly #waiting = new Map<string, (reply: ControlReply) => void>();

  constructor(options: HarnessOptions) {
    this.host = options.host ?? new FakeFilterHost();
    const name = options.name ?? 'PlatformDevs';
    const settings = { message_signer: 'PlatformDevs', max_filters: 10, ...options.settings };
    const { clock } = this;
    this.manager = new SandboxManagerFilter(
      sectionOf(sandboxManagerSpec, settings, name),
      {
        name,
        log: {
          info: (text) => void this.infos.push(text),
          error: (text) => void this.errors.push(text),
        },
        clock,
        signal: new AbortController().signal,
        hostname: 'here',
        pid: 42,
        baseDir: options.baseDir,
        shareDir: '/share',
        maxMessageSize: 65536,
      },
      {
        host: this.host,
        port: { route: (message) => void this.routed.push(message) },
        globals,
        replay: new ReplayMemory({ clock }),
        audit: { record: (entry) => void this.audited.push(entry) },
        claims: options.claims ?? new PrefixClaims(),
        ...(options.fs === undefined ? {} : { fs: options.fs }),
      },
    );
  }

  static async started(options: HarnessOptions): Promise<ManagerHarness> {
    const harness = new ManagerHarness(options);
    await harness.manager.start();
    return harness;
  }

  pack(message: Message, options: SendOptions = {}): Pack {
    return {
      message,
      signer: options.signer ?? 'PlatformDevs',
      loopCount: 0,
      stream: 1,
      position: 0,
      readAtMs: options.readAtMs ?? this.clock.now(),
      origin: {
        description: 'TCP:5565 127.0.0.1:40112',
        loopback: options.loopback ?? true,
        ...(options.oneWay === true ? {} : { reply: (bytes: Uint8Array) => this.#onReply(bytes) }),
      },
    };
  }

  /** Delivers a message and resolves with the reply that was written to its connection. */
  async sendMessage(message: Message, options: SendOptions = {}): Promise<ControlReply> {
    const reply = Promise.withResolvers<ControlReply>();
    this.#waiting.set(message.uuid, reply.resolve);
    void this.manager.deliver(this.pack(message, options));
    return await reply.promise;
  }

  request(request: ControlRequest): Message {
    return encodeControlRequest(request, { hostname: 'client', timestampNs: this.clock.nowNs() });
  }

  async send(request: ControlRequest, options: SendOptions = {}): Promise<ControlReply> {
    return await this.sendMessage(this.request(request), options);
  }

  async load(
    config: string,
    script: string | Uint8Array = 'function process_message() return 0 end',
  ): Promise<ControlReply> {
    return await this.send({ action: 'load', script, config });
  }

  async reload(config: string, script = 'function process_message() return 0 end') {
    return await this.send({ action: 'reload', script, config });
  }

  async unload(name: string): Promise<ControlReply> {
    return await this.send({ action: 'unload', name });
  }

  /** A control message with headers and fields as a hostile client may choose them. */
  async raw(init: MessageInit, options: SendOptions = {}): Promise<ControlReply> {
    const message = Message.create({
      type: 'heka.control.sandbox',
      timestampNs: this.clock.nowNs(),
      ...init,
    });
    return await this.sendMessage(message, options);
  }

  /** Messages of a type that were routed. */
  routedOf(type: string): Message[] {
    return this.routed.filter((message) => message.type === type);
  }

  #onReply(bytes: Uint8Array): void {
    const headerLength = bytes[1] ?? 0;
    const header = decodeHeader(bytes, 2, 2 + headerLength);
    const start = 3 + headerLength;
    if (bytes[0] !== 0x1e || bytes.length - start !== header?.messageLength) {
      throw new Error('the reply is not one whole frame');
    }
    const reply = decodeControlReply(Message.decode(bytes.subarray(start)));
    if (reply === undefined) throw new Error('not a reply');
    this.#waiting.get(reply.request)?.(reply);
  }
}

/** TOML of a filter's section. */
export function config(name: string, extra = ''): string {
  return `[${name}]\ntype = "SandboxFilter"\nmessage_matcher = "Type == 'Widget'"\n${extra}\n`;
}
