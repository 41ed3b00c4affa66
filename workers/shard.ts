/**
 * Entry of a shard's worker thread (one thread per Piscina). The thread's first task starts the shard; every other
 * task carries the generation that it was meant for, so that work for a thread that died is refused by its successor.
 */
import { move } from 'piscina';
import type { ShardTask } from '../lib/protocol/batch.ts';
import { packEnvelope, unpackEnvelope } from '../lib/protocol/batch.ts';
import { HekateError } from '../lib/protocol/errors.ts';
import { IsolateSnapshot } from '../native-limits/guest-isolate.ts';
import { warmUpScript } from './probe.ts';
import { ShardCore } from './shard-core.ts';

/** Starts the shard: makes the snapshot from code, or adopts one that another shard made. */
export interface StartTask {
  readonly start: {
    readonly shard: number;
    readonly generation: number;
    readonly messageBytes: number;
    /** Sandboxes that this shard may hold: its part of what the process can. */
    readonly isolates: number;
    readonly code?: string;
    /** Keep in the snapshot what a first sandbox compiles. */
    readonly warmUp?: boolean;
    readonly snapshot?: ArrayBuffer;
  };
}

let core: ShardCore | undefined;
let shard = -1;

export default function runTask(task: StartTask | Uint8Array): unknown {
  if (!(task instanceof Uint8Array)) return start(task);
  const envelope = unpackEnvelope<ShardTask>(task);
  if (core === undefined || core.generation !== envelope.generation) {
    throw new HekateError('HKT_SANDBOX_LOST', [shard, 'the thread was replaced']);
  }
  switch (envelope.kind) {
    case 'batch':
      return move(packEnvelope(core.run(envelope)));
    case 'load':
      return move(packEnvelope(core.load(envelope)));
    case 'state':
      return move(packEnvelope(core.states(envelope)));
    default:
      return envelope satisfies never;
  }
}

/** Returns the snapshot's bytes, for the other shards. */
function start(task: StartTask): ArrayBuffer {
  const { code, warmUp, snapshot: bytes, generation, messageBytes, isolates } = task.start;
  const snapshot =
    bytes === undefined
      ? IsolateSnapshot.make(code ?? '', warmUp === true ? warmUpScript() : undefined)
      : IsolateSnapshot.adopt(bytes);
  shard = task.start.shard;
  core = new ShardCore({ generation, snapshot, messageBytes, isolates });
  return snapshot.bytes;
}
