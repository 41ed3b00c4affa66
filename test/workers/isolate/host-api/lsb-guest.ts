/**
 * The message functions of lua_sandbox 1.x as scripts of both engines find them, without a sandbox around: what is injected is
 * kept, messages are opened by the test.
 */
import type { Message } from '../../../../lib/protocol/message.ts';
import { latin1Text } from '../../../../lib/protocol/text.ts';
import type { Engine, EngineOptions, GuestValue } from '../../../../workers/isolate/engine.ts';
import { createFengariEngine } from '../../../../workers/isolate/fengari/fengari-engine.ts';
import { typeError } from '../../../../workers/isolate/host-api/guest-arguments.ts';
import { decodeLsbMessage } from '../../../../workers/isolate/host-api/lsb/message-decoder.ts';
import {
  type LsbHeaders,
  LsbMessageEncoder,
} from '../../../../workers/isolate/host-api/lsb/message-encoder.ts';
import { LsbMessageReader } from '../../../../workers/isolate/host-api/lsb/message-reader.ts';
import { MessageReader } from '../../../../workers/isolate/host-api/message-reader.ts';
import { OutputBuffer } from '../../../../workers/isolate/host-api/output-buffer.ts';
import { RandomSource } from '../../../../workers/isolate/host-api/random-source.ts';
import { createCompiledEngine } from '../lua/engine-setup.ts';

export const engines: Readonly<Record<string, (options: EngineOptions) => Engine>> = {
  interpreted: createFengariEngine,
  compiled: createCompiledEngine,
};

export const NOW_MS = 1_700_000_000_500;

export interface GuestOptions {
  readonly headers?: Partial<LsbHeaders>;
  readonly outputBytes?: number;
  readonly maximumBytes?: number;
}

export class LsbGuest {
  readonly engine: Engine;
  readonly output: OutputBuffer;
  readonly reader: LsbMessageReader;
  readonly encoder: LsbMessageEncoder;
  /** Messages that were injected, as hex. */
  readonly injected: string[] = [];

  constructor(makeEngine: (options: EngineOptions) => Engine, options: GuestOptions = {}) {
    this.engine = makeEngine({
      meter: { instructionLimit: 1e9, stringLimit: 1 << 24, pollMemory: () => false },
      removed: new Set(),
      disabledModules: new Set(),
      nativeModules: new Map(),
      findModule: (name) => `module '${name}' not found`,
    });
    this.output = new OutputBuffer(options.outputBytes ?? 65536);
    this.reader = new LsbMessageReader(new MessageReader());
    this.encoder = new LsbMessageEncoder({
      headers: {
        restricted: false,
        logger: undefined,
        hostname: undefined,
        pid: 0,
        ...options.headers,
      },
      output: this.output,
      maximumBytes: options.maximumBytes ?? 65536,
      random: new RandomSource('0123456789abcdef'),
      clock: () => NOW_MS,
    });
    this.#install();
    this.run('require "string" require "coroutine"');
  }

  #install(): void {
    const { engine, output, reader, encoder } = this;
    const keep = (): void => {
      this.injected.push(hexOf(encoder.bytes.subarray(0, encoder.length)));
    };
    engine.setGlobal('read_message', reader.readMessage);
    engine.setGlobal('decode_message', (args) => decodeLsbMessage(args, engine));
    engine.setGlobal('encode_message', encoder.encodeMessage);
    engine.setGlobal('inject_message', (args) => {
      const [message] = args;
      if (typeof message !== 'object' || message.kind !== 'table') {
        throw typeError(args, 1, 'table');
      }
      encoder.encodeInjected(message);
      keep();
      return undefined;
    });
    engine.setGlobal('inject_payload', (args) => {
      if (encoder.encodePayload(args)) keep();
      return undefined;
    });
    engine.setGlobal('print', (args) => {
      for (const value of args) engine.toText(value);
      return undefined;
    });
    engine.setGlobal('add_to_payload', (args) => {
      output.appendValues(args, 0);
      return undefined;
    });
  }

  open(message: Message): void {
    this.reader.open(message.bytes, 0, message.bytes.length);
  }

  /** What the chunk returns. */
  run(chunk: string): readonly GuestValue[] {
    this.engine.setGlobal('result', undefined);
    const outcome = this.engine.run(`result = {(function() ${chunk} end)()}`, 'test.lua');
    if (outcome.kind !== 'returned') throw new Error(JSON.stringify(outcome));
    const result = this.engine.getGlobal('result');
    if (typeof result !== 'object' || result.kind !== 'table') throw new Error('no result');
    const values: GuestValue[] = [];
    for (const [key, value] of result.entries()) values[Number(key) - 1] = value;
    return values;
  }

  /** What an expression is worth. */
  value(expression: string): GuestValue {
    return this.run(`return (${expression})`)[0];
  }

  /** The error that an expression raises, without its position. */
  error(expression: string): GuestValue {
    const [ok, text] = this.run(`return pcall(function() return ${expression} end)`);
    if (ok === true) return 'no error';
    return typeof text === 'string' ? text.replace(/^test\.lua:1: /, '') : text;
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A byte string as a Lua literal. */
export function literal(bytes: Uint8Array | string): string {
  const text = typeof bytes === 'string' ? bytes : latin1Text(bytes, 0, bytes.length);
  return `"${[...text].map((c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`).join('')}"`;
}
