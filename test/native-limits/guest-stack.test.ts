/**
 * Attack: recursion of every kind, to run the thread's stack out. Expected: an error inside the isolate, or no error at all;
 * the thread, its other isolates and the process live on.
 */
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { threadStackMib } from '../../native-limits/guest-stack.ts';

t.test('no recursion inside an isolate ends the thread', async (t) => {
  const thread = new Worker(new URL('./deep-recursion-thread.ts', import.meta.url), {
    resourceLimits: { stackSizeMb: threadStackMib },
  });
  const seen = new Map<string, unknown>();
  thread.on('message', ([name, outcome]: [string, unknown]) => seen.set(name, outcome));
  const exit = await new Promise<number>((resolve, reject) => {
    thread.once('exit', resolve);
    thread.once('error', reject);
  });
  t.equal(exit, 0);
  t.ok(seen.size > 20, `${seen.size} ways`);
  const depth = seen.get('depth');
  seen.delete('depth');
  for (const [name, outcome] of seen) {
    t.ok(
      ['ended', 'refused', 'timeout', 'memory'].includes(String(outcome)),
      `${name}: ${outcome}`,
    );
  }
  t.match(depth, { kind: 'value' }, 'the neighbour lives');
  t.ok(Number((depth as { value?: unknown }).value) > 30_000, 'with its whole stack');
});
