/**
 * `hekate check` with the daemon's plugin types and its engine: scripts are compiled in an isolate, as a daemon would, and
 * not run.
 */
import { limits } from '../../native-limits/limits.ts';
import type { Shard } from '../cells/cell.ts';
import { ThreadCell } from '../cells/thread-cell.ts';
import { pluginRegistry } from '../daemon/registry.ts';
import { DEFAULT_ENGINE } from '../protocol/batch.ts';
import { latin1Text } from '../protocol/text.ts';
import { checkCommand } from './check.ts';
import type { Command } from './command.ts';

let cell: Promise<ThreadCell> | undefined;
let nextId = 0;

async function compilingShard(): Promise<Shard | undefined> {
  cell ??= ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
  return (await cell).shards[0];
}

/** What is wrong with a script, or undefined. */
async function compileScript(source: Uint8Array, chunkName: string): Promise<string | undefined> {
  const shard = await compilingShard();
  const answer = await shard?.load({
    kind: 'load',
    spec: {
      id: nextId++,
      name: chunkName,
      kind: 'filter',
      compileOnly: true,
      engine: DEFAULT_ENGINE,
      api: 'heka',
      script: latin1Text(source, 0, source.length),
      chunkName,
      moduleDirectories: [],
      config: {},
      limits: {
        memoryBytes: limits.memory.value,
        instructions: limits.instructions.value,
        outputBytes: limits.output.value,
        callMs: limits.callTime.value,
        processInject: 0,
        timerInject: 0,
        messageLoops: 0,
        messageBytes: limits.messageSize.value,
      },
      matcher: '',
      hostname: '',
      pid: 0,
      preserve: false,
    },
  });
  return answer?.failure?.text;
}

const checking = checkCommand({ registry: pluginRegistry, compileScript });

export const command: Command = {
  ...checking,
  run: async (flags, positional, io) => {
    try {
      return await checking.run(flags, positional, io);
    } finally {
      await (await cell)?.close();
      cell = undefined;
    }
  },
};
