import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { FileOutput, fileOutput } from '../../../lib/outputs/file-output.ts';
import type { Encoder } from '../../../lib/plugin.ts';
import { strftime } from '../../../lib/strftime.ts';
import {
  outputContext,
  packOf,
  type TestContext,
  testContext,
  until,
} from '../../plugin-context.ts';

const lines: Encoder = {
  framedByDefault: false,
  encode: (message) => Buffer.from(`${message.payload}\n`),
};

interface Made {
  readonly output: FileOutput;
  readonly context: TestContext;
}

function make(path: string, values: Record<string, ConfigValue> = {}): Made {
  const context = testContext('file');
  const section = sectionOf(fileOutput.spec, {
    message_matcher: 'TRUE',
    encoder: 'PayloadEncoder',
    path,
    flush_interval: 0,
    ...values,
  });
  return { context, output: new FileOutput(section, outputContext(context, lines)) };
}

function put(output: FileOutput, ...payloads: readonly string[]): void {
  for (const payload of payloads) void output.deliver(packOf({ payload }));
}

t.test('messages are appended and the folders are made with their permissions', async (t) => {
  const path = join(t.testdir(), 'a/b/out.log');
  const { output } = make(path, { perm: '600', folder_perm: '710' });
  await output.start();
  put(output, 'one', 'two');
  await until(() => output.counters['written'] === 2);
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o710);
  await output.stop();
  const again = make(path);
  await again.output.start();
  put(again.output, 'three');
  await again.output.stop();
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n');
});

t.test('AND waits for the count and the interval, OR for either', async (t) => {
  const dir = t.testdir();
  const both = make(join(dir, 'and'), { flush_interval: 1000, flush_count: 2 });
  const either = make(join(dir, 'or'), {
    flush_interval: 1000,
    flush_count: 2,
    flush_operator: 'OR',
  });
  for (const { output } of [both, either]) await output.start();
  for (const { output, context } of [both, either]) {
    put(output, '1');
    await context.clock.advanceAsync(999);
    t.equal(output.counters['written'], 0);
  }
  both.context.clock.advance(1);
  either.context.clock.advance(1);
  await until(() => either.output.counters['written'] === 1);
  t.equal(both.output.counters['written'], 0);
  put(both.output, '2');
  await until(() => both.output.counters['written'] === 2);
  put(either.output, '2', '3');
  await until(() => either.output.counters['written'] === 3);
  for (const { output } of [both, either]) await output.stop();
});

t.test('stopping writes what still waits for its flush', async (t) => {
  const path = join(t.testdir(), 'out');
  const { output } = make(path, { flush_interval: 60_000, flush_count: 1000 });
  await output.start();
  put(output, 'late');
  await output.stop();
  t.equal(readFileSync(path, 'utf8'), 'late\n');
});

t.test('reload goes on in a new file after the old one was moved', async (t) => {
  const path = join(t.testdir(), 'out');
  const { output } = make(path, { flush_interval: 60_000, flush_count: 1000 });
  await output.start();
  put(output, 'old');
  renameSync(path, `${path}.1`);
  await output.reload();
  put(output, 'new');
  await output.stop();
  t.equal(readFileSync(`${path}.1`, 'utf8'), 'old\n');
  t.equal(readFileSync(path, 'utf8'), 'new\n');
});

t.test('rotation opens a file for each interval', async (t) => {
  const dir = t.testdir();
  const { output, context } = make(join(dir, 'out-%Y%m%d-%H'), { rotation_interval: 1 });
  const first = join(dir, strftime('out-%Y%m%d-%H', context.clock.nowNs()));
  await output.start();
  put(output, 'before');
  await until(() => output.counters['written'] === 1);
  context.clock.advance(3_600_000 - (context.clock.now() % 3_600_000));
  const second = join(dir, strftime('out-%Y%m%d-%H', context.clock.nowNs()));
  await until(() => existsSync(second));
  put(output, 'after');
  await output.stop();
  t.equal(readFileSync(first, 'utf8'), 'before\n');
  t.equal(readFileSync(second, 'utf8'), 'after\n');
  t.not(first, second);
});

t.test('a file that cannot be opened keeps the output from starting', async (t) => {
  const dir = t.testdir({ file: 'x' });
  const { output } = make(join(dir, 'file/out'));
  await t.rejects(output.start(), { code: 'HKT_PLUGIN_WRITE' });
  await output.stop();
});

t.test('a full disk is reported once, its records wait, and the router is held back', async (t) => {
  const { output, context } = make('/dev/full');
  await output.start();
  put(output, 'x');
  await until(() => context.errors.length === 1);
  t.match(context.errors[0], /can't write to \/dev\/full: ENOSPC/);
  for (let i = 0; i < 5; i++) await context.clock.advanceAsync(31_000);
  t.equal(context.errors.length, 1);
  let room: Promise<void> | undefined;
  let put1 = 1;
  for (; room === undefined && put1 < 100_000; put1++)
    room = output.deliver(packOf({ payload: 'y' }));
  t.ok(room instanceof Promise, 'the queue is bounded');
  const stopped = output.stop();
  await until(() => (output.counters['lost'] ?? 0) > 0, context.clock, 1000);
  await stopped;
  t.equal(output.counters['lost'], put1);
  t.match(context.errors.at(-1), new RegExp(`${put1} records for /dev/full were lost`));
});

t.test('records that waited are written once the file can be written again', async (t) => {
  const dir = t.testdir();
  const path = join(dir, 'folder/out');
  const { output, context } = make(path);
  await output.start();
  // The folder becomes a file: reopening fails, whoever runs this.
  rmSync(join(dir, 'folder'), { recursive: true });
  writeFileSync(join(dir, 'folder'), '');
  await output.reload();
  put(output, 'a', 'b');
  await until(() => context.errors.length === 1, context.clock, 100);
  t.equal(output.counters['written'], 0);
  rmSync(join(dir, 'folder'));
  mkdirSync(join(dir, 'folder'));
  await until(() => context.infos.length === 1, context.clock, 1000);
  t.equal(readFileSync(path, 'utf8'), 'a\nb\n');
  t.match(context.infos.at(-1), /writing to .* again/);
  await output.stop();
});

t.test(
  'a write that stops in the middle of a record goes on there, or anew in another file',
  async (t) => {
    const path = join(t.testdir(), 'out');
    const context = testContext('file');
    const section = sectionOf(fileOutput.spec, {
      message_matcher: 'TRUE',
      encoder: 'PayloadEncoder',
      path,
      flush_interval: 0,
    });
    let allowed = 0;
    const output = new FileOutput(section, outputContext(context, lines), async (...args) => {
      const file = await open(...args);
      return {
        datasync: () => file.datasync(),
        stat: () => file.stat(),
        close: () => file.close(),
        write: async (bytes, offset, length) => {
          if (allowed === 0) throw new Error('ENOSPC');
          const size = Math.min(allowed, length);
          allowed -= size;
          return await file.write(bytes, offset, size);
        },
      };
    });
    await output.start();
    allowed = 6;
    put(output, 'first', 'second');
    await until(() => context.errors.length === 1);
    t.equal(readFileSync(path, 'utf8'), 'first\n');
    allowed = 3;
    await until(() => readFileSync(path, 'utf8') === 'first\nsec', context.clock, 1000);
    // The same file: the record goes on where it broke off.
    allowed = 4;
    await until(() => output.counters['written'] === 2, context.clock, 1000);
    t.equal(readFileSync(path, 'utf8'), 'first\nsecond\n');
    allowed = 2;
    put(output, 'third');
    await until(() => readFileSync(path, 'utf8').endsWith('th'), context.clock, 1000);
    renameSync(path, `${path}.1`);
    await output.reload();
    allowed = 100;
    await output.stop();
    t.equal(readFileSync(path, 'utf8'), 'third\n');
  },
);

t.test('wrong settings are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(fileOutput.spec, { message_matcher: 'TRUE', encoder: 'E', path: 'x', ...values });
  };
  t.throws(() => check({ perm: '888' }), /octal/);
  t.throws(() => check({ rotation_interval: 2 }), /must be one of/);
  t.throws(() => check({ flush_count: 0 }), /at least 1/);
  t.throws(() => check({ flush_operator: 'XOR' }), /not one of/);
  t.throws(() => check({ encoder: '' }), /Encoder required/);
});
