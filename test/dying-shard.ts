/**
 * A shard's thread that dies when it is told to: by a message that holds "die:exit", "die:throw" (both without an answer)
 * or "die:idle" (after it), or by loading a script "die:load", "die:reload" (from the second life on). Everything else goes
 * to the real entry.
 */

import type { ShardTask } from '../lib/protocol/batch.ts';
import { unpackEnvelope } from '../lib/protocol/batch.ts';
import runTask, { type ImageTask, type StartTask, type StopTask } from '../workers/shard.ts';

const EXIT_CODE = 7;

export default function runOrDie(task: StartTask | ImageTask | StopTask | Uint8Array): unknown {
  if (!(task instanceof Uint8Array)) return runTask(task);
  const envelope = unpackEnvelope<ShardTask>(task);
  if (envelope.kind === 'load') {
    const { script } = envelope.spec;
    if (script === 'die:load' || (script === 'die:reload' && envelope.generation > 0)) {
      process.exit(EXIT_CODE);
    }
  }
  if (envelope.kind === 'batch') {
    const text = Buffer.from(envelope.bytes).toString('latin1');
    if (text.includes('die:exit')) process.exit(EXIT_CODE);
    if (text.includes('die:throw')) {
      setImmediate(die);
      return new Promise(() => undefined);
    }
    if (text.includes('die:idle')) setImmediate(die);
  }
  return runTask(task);
}

function die(): never {
  throw new Error('told to die');
}
