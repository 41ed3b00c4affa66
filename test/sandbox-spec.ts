/** Specs, definitions and batches for tests of shards and filters. */
import type { FilterDefinition } from '../lib/filters/filter-host.ts';
import type { Batch, SandboxLimits, SandboxSpec } from '../lib/protocol/batch.ts';
import { BATCH_PROTOCOL_VERSION } from '../lib/protocol/batch.ts';
import { Message, type MessageInit } from '../lib/protocol/message.ts';
import type { Pack } from '../lib/protocol/pack.ts';

export const testLimits: SandboxLimits = {
  memoryBytes: 8 * 1024 * 1024,
  instructions: 1_000_000,
  outputBytes: 64512,
  // Far above what a busy machine may delay an entry.
  callMs: 10_000,
  processInject: 1,
  timerInject: 10,
  messageLoops: 4,
  messageBytes: 65536,
};

export function specOf(id: number, script = '', more: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    id,
    name: `s${id}`,
    kind: 'filter',
    engine: 'interpreted',
    api: 'heka',
    script,
    chunkName: 'test.lua',
    moduleDirectories: [],
    config: {},
    limits: testLimits,
    matcher: '',
    hostname: 'here',
    pid: 42,
    preserve: true,
    ...more,
  };
}

export function definitionOf(
  name: string,
  script = '',
  more: Partial<FilterDefinition> = {},
): FilterDefinition {
  return {
    name,
    script: Buffer.from(script),
    chunkName: `${name}.lua`,
    matcher: 'TRUE',
    signer: '',
    tickerSeconds: 0,
    preserveData: true,
    timerEventOnShutdown: false,
    engine: 'interpreted',
    api: 'heka',
    moduleDirectories: [],
    config: {},
    limits: testLimits,
    managed: false,
    ...more,
  };
}

export function messageOf(payload: string, init: MessageInit = {}): Message {
  return Message.create({ uuid: new Uint8Array(16), timestampNs: 0n, payload, ...init }, 2 ** 24);
}

/** A pack from outside. */
export function inputPack(payload: string, init: MessageInit = {}, signer = ''): Pack {
  return {
    message: messageOf(payload, init),
    signer,
    loopCount: 0,
    stream: 1,
    position: 0,
    readAtMs: 0,
  };
}

/** A batch of payloads; `deliveries` says which sandbox gets which, all get all by default. */
export function batchOf(
  payloads: readonly string[],
  sandboxes: readonly number[],
  more: Partial<Batch> = {},
): Batch {
  const bytes = payloads.map((payload) => messageOf(payload).bytes);
  const offsets = [0];
  for (const part of bytes) offsets.push((offsets.at(-1) ?? 0) + part.length);
  return {
    version: BATCH_PROTOCOL_VERSION,
    kind: 'batch',
    generation: 0,
    sequence: 1,
    bytes: Buffer.concat(bytes),
    offsets: Uint32Array.from(offsets),
    loops: new Uint8Array(bytes.length),
    streams: new Uint32Array(bytes.length),
    positions: new Float64Array(bytes.length),
    timers: [],
    deliveries: sandboxes.map((sandbox) => ({
      sandbox,
      events: Int32Array.from(bytes.keys()),
    })),
    ...more,
  };
}
