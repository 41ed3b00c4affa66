import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type FileSystem, nodeFileSystem } from '../../../lib/atomic-file.ts';
import { DiskQueue, type DiskQueueOptions } from '../../../lib/outputs/disk-queue.ts';
import { frame } from '../../../lib/protocol/framing.ts';
import { Message } from '../../../lib/protocol/message.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { type TestContext, testContext, until } from '../../plugin-context.ts';
import { seededRandom } from '../../seeded-random.ts';

const OPTIONS: DiskQueueOptions = {
  maxFileBytes: 128 * 1024 * 1024,
  maxBufferBytes: 0,
  fullAction: 'block',
  cursorUpdateCount: 1,
};

interface Opened {
  readonly queue: DiskQueue;
  readonly context: TestContext;
  readonly full: string[];
}

async function open(
  folder: string,
  options: Partial<DiskQueueOptions> = {},
  fs?: FileSystem,
): Promise<Opened> {
  const context = testContext('out');
  const full: string[] = [];
  const queue = await DiskQueue.open(
    folder,
    { ...OPTIONS, ...options },
    { ...context, onFull: (error) => void full.push(error.message) },
    fs,
  );
  return { queue, context, full };
}

function bytesOf(payload: string): Uint8Array {
  return Message.create({ uuid: new Uint8Array(16), timestampNs: 0n, payload }).bytes;
}

function put(queue: DiskQueue, ...payloads: readonly string[]): void {
  for (const payload of payloads) void queue.put(bytesOf(payload));
}

/** The next `count` payloads, as soon as they are flushed. */
async function take(queue: DiskQueue, count: number): Promise<string[]> {
  const payloads: string[] = [];
  let turns = 0;
  while (payloads.length < count) {
    const bytes = queue.next();
    if (bytes !== undefined) {
      payloads.push(payloadOf(bytes));
      continue;
    }
    if (!(await queue.fill())) await new Promise((resolve) => setImmediate(resolve));
    if (++turns > 100_000) throw new Error(`only ${payloads.length} of ${count} came`);
  }
  return payloads;
}

/** Everything that is flushed. */
async function rest(queue: DiskQueue): Promise<string[]> {
  await flushed(queue);
  const payloads: string[] = [];
  // A fill that says no may have moved on to the place where the next one finds something.
  for (let empty = 0; empty < 20; ) {
    const bytes = queue.next();
    if (bytes !== undefined) payloads.push(payloadOf(bytes));
    else if (!(await queue.fill())) empty++;
  }
  return payloads;
}

function payloadOf(bytes: Uint8Array): string {
  try {
    return Message.decode(bytes).payload;
  } catch {
    return 'damaged';
  }
}

async function flushed(queue: DiskQueue, clock?: ManualClock): Promise<void> {
  await until(() => queue.counters['queue_unflushed'] === 0, clock, 500);
}

function numbers(payloads: readonly string[]): number[] {
  return payloads.map((payload) => Number(payload.split(':')[0]));
}

function logs(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .sort();
}

t.test('messages come out in order, and files are in upstream’s layout', async (t) => {
  const folder = join(t.testdir(), 'a/b');
  const { queue } = await open(folder);
  put(queue, 'one', 'two', 'three');
  await flushed(queue);
  t.same(await rest(queue), ['one', 'two', 'three']);
  t.same(
    readFileSync(join(folder, '0.log')),
    Buffer.concat(['one', 'two', 'three'].map((payload) => frame(bytesOf(payload)))),
  );
  t.equal(statSync(join(folder, '0.log')).mode & 0o777, 0o600);
  queue.settle(2);
  await queue.close();
  const end = frame(bytesOf('one')).length + frame(bytesOf('two')).length;
  t.equal(readFileSync(join(folder, 'checkpoint.txt'), 'utf8'), `0 ${end}`);
  t.same(readdirSync(folder).sort(), ['0.log', 'checkpoint.txt']);
});

t.test('what was not settled comes again, what was settled does not', async (t) => {
  const folder = t.testdir();
  const first = await open(folder);
  put(first.queue, 'a', 'b', 'c');
  await flushed(first.queue);
  t.same(await rest(first.queue), ['a', 'b', 'c']);
  first.queue.settle(1);
  await first.queue.close();
  const second = await open(folder);
  t.notOk(second.queue.drained);
  put(second.queue, 'd');
  await flushed(second.queue);
  t.same(await rest(second.queue), ['b', 'c', 'd']);
  second.queue.settle(3);
  await rest(second.queue);
  t.ok(second.queue.drained);
  await second.queue.close();
  const third = await open(folder);
  t.ok(third.queue.drained);
  t.same(await rest(third.queue), []);
  await third.queue.close();
});

t.test('an unflushed message is written when the queue is closed', async (t) => {
  const folder = t.testdir();
  const { queue } = await open(folder);
  put(queue, 'late');
  await queue.close();
  const again = await open(folder);
  t.same(await rest(again.queue), ['late']);
  await again.queue.close();
});

t.test('files roll at max_file_size and go when they are delivered', async (t) => {
  const folder = t.testdir();
  const { queue, context } = await open(folder, { maxFileBytes: 66_000 });
  const payloads = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(20_000));
  put(queue, ...payloads);
  await until(() => logs(folder).length === 4, context.clock);
  t.same(logs(folder), ['0.log', '1.log', '2.log', '3.log']);
  t.same(await rest(queue), payloads);
  queue.settle(7);
  await until(() => logs(folder).length === 2);
  t.same(logs(folder), ['2.log', '3.log']);
  await queue.close();
  const again = await open(folder, { maxFileBytes: 66_000 });
  t.same(await rest(again.queue), payloads.slice(7));
  put(again.queue, 'new');
  await flushed(again.queue);
  t.ok(existsSync(join(folder, '4.log')), 'numbers only grow');
  await again.queue.close();
});

t.test('a torn tail is passed over and counted, and what follows it is not lost', async (t) => {
  const folder = t.testdir();
  const whole = frame(bytesOf('whole'));
  const torn = frame(bytesOf('torn')).subarray(0, -1);
  writeFileSync(join(folder, '3.log'), Buffer.concat([whole, torn]));
  writeFileSync(join(folder, '7.log'), frame(bytesOf('next')));
  const { queue, context } = await open(folder);
  t.same(await rest(queue), ['whole', 'next']);
  t.equal(queue.counters['queue_skipped_bytes'], torn.length);
  t.match(context.errors, [/skipped in the queue's file '.*3\.log': \d+ bytes/]);
  queue.settle(2);
  await rest(queue);
  await queue.close();
  const again = await open(folder);
  t.same(await rest(again.queue), []);
  t.equal(again.queue.counters['queue_skipped_bytes'], 0, 'it is counted once');
  await again.queue.close();
});

t.test('damage costs the messages that it hit', async (t) => {
  const folder = t.testdir();
  const random = seededRandom();
  t.comment(`HEKATE_TEST_SEED=${random.seed}`);
  const payloads = Array.from({ length: 200 }, (_, i) => `message ${i}`);
  const bytes = Buffer.concat(payloads.map((payload) => frame(bytesOf(payload))));
  for (let i = 0; i < 5; i++) bytes[random.below(bytes.length)] = random.below(256);
  writeFileSync(join(folder, '0.log'), bytes);
  const { queue } = await open(folder);
  const seen = await rest(queue);
  // A byte hits one message, or the frame of it and of the one before.
  t.ok(seen.length >= 190, `${seen.length} of 200 are there`);
  const known = seen.filter((payload) => payloads.includes(payload));
  t.same(
    known,
    payloads.filter((payload) => known.includes(payload)),
    'in order',
  );
  await queue.close();
});

t.test('a cursor that cannot be read costs a second delivery, not a message', async (t) => {
  for (const text of [
    '',
    'x',
    '1',
    '-1 0',
    '0 99999999999999999999',
    '0 0\n0 0',
    '\0'.repeat(9000),
  ]) {
    const folder = t.testdir();
    writeFileSync(join(folder, '0.log'), frame(bytesOf('a')));
    writeFileSync(join(folder, 'checkpoint.txt'), text);
    const { queue, context } = await open(folder);
    t.same(await rest(queue), ['a'], JSON.stringify(text.slice(0, 30)));
    t.match(context.errors, [/checkpoint\.txt' cannot be used/]);
    await queue.close();
  }
});

t.test(
  'a cursor beyond the end, or of a file that is gone, goes on with the next file',
  async (t) => {
    for (const cursor of ['0 100000', '1 5', '0 12']) {
      const folder = t.testdir();
      if (cursor.startsWith('0 1000')) writeFileSync(join(folder, '0.log'), frame(bytesOf('a')));
      if (cursor === '0 12') writeFileSync(join(folder, '0.log'), 'x');
      writeFileSync(join(folder, '4.log'), frame(bytesOf('b')));
      writeFileSync(join(folder, 'checkpoint.txt'), cursor);
      const { queue } = await open(folder);
      t.same(await rest(queue), ['b'], cursor);
      await queue.close();
    }
  },
);

t.test('the place in a file that is gone means nothing in a new one', async (t) => {
  for (const cursor of ['5 40', '5 0', '0 40', '0 0']) {
    const folder = t.testdir({ 'checkpoint.txt': cursor });
    const { queue } = await open(folder);
    put(queue, 'a', 'b', 'c');
    t.same(await take(queue, 3), ['a', 'b', 'c'], cursor);
    await queue.close();
    const again = await open(folder);
    t.same(await take(again.queue, 3), ['a', 'b', 'c']);
    await again.queue.close();
  }
});

t.test('files of other names and kinds are left alone', async (t) => {
  const folder = t.testdir({ 'notes.log': 'x', '01.log': 'x', '5.txt': 'x', target: 'secret' });
  symlinkSync(join(folder, 'target'), join(folder, '9.log'));
  mkdirSync(join(folder, '8.log'));
  const { queue } = await open(folder);
  put(queue, 'a');
  await flushed(queue);
  t.same(await rest(queue), ['a']);
  queue.settle(1);
  await queue.close();
  t.equal(readFileSync(join(folder, 'target'), 'utf8'), 'secret');
});

t.test('two queues cannot share a folder; a dead owner’s lock is taken over', async (t) => {
  const folder = t.testdir();
  const { queue } = await open(folder);
  await t.rejects(open(folder), { code: 'HKT_PLUGIN_QUEUE_LOCKED' }, 'of this process');
  const linked = join(t.testdir({}), 'link');
  symlinkSync(folder, linked);
  await queue.close();
  const parent = `${process.ppid} `;
  const start = readFileSync(`/proc/${process.ppid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19];
  writeFileSync(join(folder, 'lock'), `${parent}${start}\n`);
  await t.rejects(
    open(folder),
    { code: 'HKT_PLUGIN_QUEUE_LOCKED', message: new RegExp(`process ${process.ppid}`) },
    'of a live process',
  );
  t.ok(existsSync(join(folder, 'lock')), 'and it stays');
  const stale = {
    'a number that is used again': `${parent}1\n`,
    'a process that is gone': '999999999 5\n',
    'this process, before': `${process.pid} 5\n`,
    'half a line': '12',
    nothing: '',
  };
  for (const [what, text] of Object.entries(stale)) {
    writeFileSync(join(folder, 'lock'), text);
    const taken = await open(folder);
    t.match(
      readFileSync(join(folder, 'lock'), 'latin1'),
      new RegExp(`^${process.pid} \\d+\\n$`),
      what,
    );
    await taken.queue.close();
    t.notOk(existsSync(join(folder, 'lock')));
  }
  t.same(
    readdirSync(folder).filter((name) => name.includes('tmp')),
    [],
  );
});

t.test('a folder that cannot be used is an error', async (t) => {
  const folder = t.testdir({ file: 'x' });
  await t.rejects(open(join(folder, 'file')), { code: 'HKT_PLUGIN_QUEUE' });
  await t.rejects(open(join(folder, 'q'), { maxFileBytes: 1000 }), {
    code: 'HKT_PLUGIN_QUEUE_SIZE',
    message: '`max_file_size` must be greater than maximum record size of 65794',
  });
  await t.rejects(open(join(folder, 'q'), { maxBufferBytes: 1000 }), {
    code: 'HKT_PLUGIN_QUEUE_SIZE',
  });
});

const BOUND = { maxBufferBytes: 400_000, maxFileBytes: 100_000 };
const BIG = 'x'.repeat(30_000);

t.test(
  'block: the router waits at max_buffer_size and goes on when files are delivered',
  async (t) => {
    const { queue, context } = await open(t.testdir(), { ...BOUND, fullAction: 'block' });
    let count = 0;
    let room: Promise<void> | undefined;
    while (room === undefined) room = queue.put(bytesOf(`${count++}:${BIG}`));
    t.equal(count, 14, 'thirteen fit, one waits');
    t.ok(queue.bytes <= BOUND.maxBufferBytes);
    t.match(context.errors, [/Queue is full: max_buffer_size \(400000 bytes\) is used up/]);
    let free = false;
    void room.then(() => {
      free = true;
    });
    const seen = await take(queue, 3);
    queue.settle(2);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    t.notOk(free, 'no whole file is delivered');
    seen.push(...(await take(queue, 1)));
    queue.settle(2);
    await until(() => free);
    seen.push(...(await take(queue, 10)));
    t.same(numbers(seen), numbers(Array.from({ length: 14 }, (_, i) => `${i}:`)), 'in order');
    queue.settle(10);
    await queue.close();
  },
);

t.test('block: a file that is delivered makes room although nothing fits behind it', async (t) => {
  const { queue } = await open(t.testdir(), { maxBufferBytes: 70_000, maxFileBytes: 70_000 });
  for (let i = 0; i < 20; i++) {
    const room = queue.put(bytesOf(`${i}:${'y'.repeat(60_000)}`));
    let free = room === undefined;
    void room?.then(() => {
      free = true;
    });
    t.same(numbers(await take(queue, 1)), [i]);
    queue.settle(1);
    while (!free) if (!(await queue.fill())) await new Promise((resolve) => setImmediate(resolve));
    t.ok(queue.bytes <= 70_000);
  }
  await queue.close();
});

t.test('drop: what does not fit is dropped and counted', async (t) => {
  const { queue, context } = await open(t.testdir(), { ...BOUND, fullAction: 'drop' });
  for (let i = 0; i < 20; i++) t.equal(queue.put(bytesOf(`${i}:${BIG}`)), undefined);
  t.equal(queue.counters['queue_dropped'], 7);
  context.clock.advance(1000);
  t.match(context.errors, [/dropped a message: Queue is full/, /and 5 more like it/]);
  const seen = await rest(queue);
  t.same(
    numbers(seen),
    Array.from({ length: 13 }, (_, i) => i),
  );
  queue.settle(13);
  await until(() => queue.bytes < 50_000);
  put(queue, 'fits again');
  t.equal(queue.counters['queue_dropped'], 7);
  await queue.close();
});

t.test(
  'shutdown: the daemon is asked to end once, and what is on its way is still taken',
  async (t) => {
    const folder = t.testdir();
    const { queue, full } = await open(folder, { ...BOUND, fullAction: 'shutdown' });
    for (let i = 0; i < 30; i++) t.equal(queue.put(bytesOf(`${i}:${BIG}`)), undefined);
    t.same(full.length, 1);
    t.match(full[0], /Queue is full/);
    await queue.close();
    const again = await open(folder, { ...BOUND, fullAction: 'shutdown' });
    t.equal((await rest(again.queue)).length, 30);
    await again.queue.close();
  },
);

t.test('cursor_update_count bounds the writes of the cursor', async (t) => {
  const folder = t.testdir();
  const { queue, context } = await open(folder, { cursorUpdateCount: 10 });
  put(queue, ...Array.from({ length: 25 }, (_, i) => `m${i}`));
  await flushed(queue);
  await rest(queue);
  const length = frame(bytesOf('m0')).length;
  const cursor = (): string => {
    const path = join(folder, 'checkpoint.txt');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  queue.settle(9);
  t.equal(cursor(), '');
  queue.settle(1);
  await until(() => cursor() === `0 ${10 * length}`);
  queue.settle(5);
  t.equal(cursor(), `0 ${10 * length}`);
  context.clock.advance(1000);
  // The last five have one digit more.
  await until(() => cursor() === `0 ${15 * length + 5}`);
  t.pass('a place that nothing moves is written after a while');
  await queue.close();
});

t.test('a full disk holds messages in memory, and no half frame is left behind', async (t) => {
  const folder = t.testdir();
  let fails = 3;
  const fs: FileSystem = {
    ...nodeFileSystem,
    open: async (...args) => {
      const handle = await nodeFileSystem.open(...args);
      const write = handle.write.bind(handle);
      Object.assign(handle, {
        write: async (bytes: Uint8Array, offset: number, length: number, position: number) => {
          if (fails-- > 0) {
            // Half of it reaches the disk.
            if (fails % 2 === 0) return await write(bytes, offset, length >> 1, position);
            await write(bytes, offset, length >> 2, position);
            throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
          }
          return await write(bytes, offset, length, position);
        },
      });
      return handle;
    },
  };
  const { queue, context } = await open(folder, {}, fs);
  put(queue, 'one', 'two', 'three');
  await until(() => context.infos.length === 1, context.clock, 500);
  t.match(context.errors, [/can't write to queue: .*0\.log: ENOSPC/]);
  t.same(await rest(queue), ['one', 'two', 'three']);
  t.equal(queue.counters['queue_skipped_bytes'], 0);
  await queue.close();
});

t.test('a disk that takes nothing at shutdown is a counted loss', async (t) => {
  const fs: FileSystem = {
    ...nodeFileSystem,
    open: async (...args) => {
      if (String(args[0]).endsWith('.log')) throw new Error('EIO: broken');
      return await nodeFileSystem.open(...args);
    },
  };
  const { queue, context } = await open(t.testdir(), {}, fs);
  put(queue, 'a', 'b');
  await until(() => context.errors.length === 1);
  let closed = false;
  const closing = queue.close().then(() => {
    closed = true;
  });
  await until(() => closed, context.clock, 500);
  await closing;
  t.equal(queue.counters['queue_lost'], 2);
  t.match(context.errors.at(-1), /2 records for .*0\.log were lost at shutdown: EIO/);
});

t.test('a file that vanishes or shrinks below the reader is passed over', async (t) => {
  const folder = t.testdir();
  const filler = 'z'.repeat(60_000);
  writeFileSync(join(folder, '0.log'), frame(bytesOf('a')));
  for (let i = 0; i < 3; i++) appendFileSync(join(folder, '1.log'), frame(bytesOf(filler)));
  writeFileSync(join(folder, '2.log'), frame(bytesOf('c')));
  writeFileSync(join(folder, '3.log'), frame(bytesOf('d')));
  const { queue } = await open(folder);
  t.same(await take(queue, 1), ['a']);
  truncateSync(join(folder, '1.log'), 10);
  const fs = await import('node:fs/promises');
  await fs.unlink(join(folder, '2.log'));
  t.same(await rest(queue), ['d']);
  t.ok((queue.counters['queue_skipped_bytes'] ?? 0) > 0);
  await queue.close();
});

t.test('a message that cannot be used is settled with the one before it', async (t) => {
  const folder = t.testdir();
  const { queue } = await open(folder);
  put(queue, 'a', 'b', 'c');
  await flushed(queue);
  t.ok(await queue.fill());
  queue.next();
  queue.next();
  queue.passOver('broken');
  queue.next();
  queue.settle(1);
  await queue.close();
  const again = await open(folder);
  t.same(await rest(again.queue), ['b', 'c'], 'b lies behind what was settled');
  await again.queue.close();
});
