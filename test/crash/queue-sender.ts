/**
 * A process with an output behind a disk queue, to be killed: sends messages "<life>:<number>" for ever, and says on
 * standard output up to which number they are flushed. With "drain" as its life it sends none, delivers what is there and
 * ends.
 *
 *   node queue-sender.ts http|tcp PORT BASE_DIR LIFE SEED
 */
import { writeSync } from 'node:fs';
import { sectionOf } from '../../lib/config/section.ts';
import { BufferedOutput } from '../../lib/outputs/buffered-output.ts';
import { httpOutput } from '../../lib/outputs/http-output.ts';
import { tcpOutput } from '../../lib/outputs/tcp-output.ts';
import type { Encoder, PluginContext } from '../../lib/plugin.ts';
import { systemClock } from '../../lib/system-clock.ts';
import { packOf } from '../plugin-context.ts';
import { seededRandom } from '../seeded-random.ts';

const [kind, port, baseDir = '', life = '', seed] = process.argv.slice(2);
const random = seededRandom(Number(seed));

const context: PluginContext = {
  name: 'out',
  log: { info: () => undefined, error: (text) => process.stderr.write(`${text}\n`) },
  clock: systemClock,
  signal: new AbortController().signal,
  hostname: 'localhost',
  pid: process.pid,
  baseDir,
  shareDir: baseDir,
  maxMessageSize: 8192,
};

const encoder: Encoder = {
  framedByDefault: true,
  encode: (message) => message.bytes,
};

const type = kind === 'http' ? httpOutput : tcpOutput;
const section = sectionOf(type.spec, {
  message_matcher: 'TRUE',
  encoder: 'ProtobufEncoder',
  address: kind === 'http' ? `http://127.0.0.1:${port}/` : `127.0.0.1:${port}`,
});

const output = new BufferedOutput({
  name: 'out',
  // Small, so that files come and go all the time.
  queue: {
    maxFileBytes: 30_000,
    maxBufferBytes: 300_000,
    fullAction: 'block',
    cursorUpdateCount: 7,
  },
  context,
  startRetries: 0,
  create: (settled) => type.create(section, { ...context, encoder, framed: true, settled }),
  onFull: () => undefined,
});

// Timers of the system clock do not keep a process alive, and nothing else may by now.
const awake = setInterval(() => undefined, 1000);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

await output.start();
writeSync(1, 'started\n');
if (life === 'drain') {
  while (!output.drained) await turn();
  await output.stop();
  clearInterval(awake);
} else {
  let sent = 0;
  let reported = 0;
  for (;;) {
    for (let burst = random.below(30); burst > 0; burst--) {
      const payload = `${life}:${sent++}:${'x'.repeat(random.below(3000))}`;
      await output.deliver(packOf({ payload }));
    }
    await turn();
    const flushed = sent - (output.counters['queue_unflushed'] ?? 0);
    if (flushed > reported) writeSync(1, `${flushed}\n`);
    reported = flushed;
  }
}
