/**
 * Sandboxes on a real shard, driven batch by batch: what the benchmarks of deliveries share.
 */
import type { Shard } from '../lib/cells/cell.ts';
import type { SandboxSpec } from '../lib/protocol/batch.ts';
import type { Message } from '../lib/protocol/message.ts';
import type { Pack } from '../lib/protocol/pack.ts';
import { BatchSlot, OpenBatch } from '../lib/router/open-batch.ts';
import { limits } from '../native-limits/limits.ts';
import { pinnedMessage } from './pinned-messages.ts';

export const MESSAGES = 1024;
export const IN_FLIGHT = limits.unansweredBatches.value;

/** Heka's sandbox has no libraries but those that it asks for. */
export const LIBRARIES = 'require "string" require "table" require "math"';

const shape = { type: 'nginx.access', logger: 'web 7', tenant: 'tenant 0' };
export const packs: readonly Pack[] = Array.from({ length: MESSAGES }, (_, i) =>
  packOf(pinnedMessage(shape, i), i),
);

export function packOf(message: Message, position: number): Pack {
  return { message, signer: '', loopCount: 0, stream: 1, position, readAtMs: 0 };
}

/** All costs are per delivery. */
export interface DeliveryCost {
  readonly isolateNs: number;
  readonly wallNs: number;
  readonly mainNs: number;
}

/** A filter with the default limits. `script` is its text as a byte string. */
export function filterSpec(
  name: string,
  script: string,
  engine: SandboxSpec['engine'],
): SandboxSpec {
  return {
    id: 1,
    name,
    kind: 'filter',
    engine,
    api: 'heka',
    script,
    chunkName: `${name}.lua`,
    moduleDirectories: [],
    config: {},
    limits: {
      memoryBytes: limits.memory.value,
      instructions: limits.instructions.value,
      outputBytes: limits.output.value,
      callMs: limits.callTime.value,
      processInject: limits.processInject.value,
      timerInject: limits.timerInject.value,
      messageLoops: limits.messageLoops.value,
      messageBytes: limits.messageSize.value,
    },
    matcher: "Type == 'nginx.access'",
    hostname: 'benchmark',
    pid: 1,
    preserve: false,
  };
}

/** Loads a sandbox; throws when it does not start. */
export async function loadSandbox(shard: Shard, spec: SandboxSpec): Promise<void> {
  const answer = await shard.load({ kind: 'load', spec });
  if (answer.failure !== undefined) throw new Error(answer.failure.text);
}

/** Sends whole batches to sandbox 1 with a bounded number in flight. */
export async function deliver(
  shard: Shard,
  batch: number,
  deliveries: number,
): Promise<DeliveryCost> {
  const open = new OpenBatch();
  const slot = new BatchSlot(1);
  const batches = Math.max(1, Math.ceil(deliveries / batch));
  let sequence = 0;
  let busyNs = 0;
  let processed = 0;
  const lane = async (): Promise<void> => {
    while (sequence < batches) {
      sequence++;
      for (let i = 0; i < batch; i++) {
        const pack = packs[i % MESSAGES];
        if (pack !== undefined) open.append(slot, pack);
      }
      const report = await shard.run(open.take(sequence));
      for (const result of report.results) {
        busyNs += result.busyNs;
        processed += result.processed;
      }
    }
  };
  const cpu = process.threadCpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const wallMs = performance.now() - started;
  const { user, system } = process.threadCpuUsage(cpu);
  if (processed !== batches * batch) throw new Error('not every message was processed');
  return {
    isolateNs: busyNs / processed,
    wallNs: (wallMs * 1e6) / processed,
    mainNs: ((user + system) * 1000) / processed,
  };
}
