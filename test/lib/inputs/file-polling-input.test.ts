import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { FilePollingInput, filePollingInput } from '../../../lib/inputs/file-polling-input.ts';
import { type TestContext, TestIntake, testContext, until } from '../../plugin-context.ts';

interface Running {
  readonly input: FilePollingInput;
  readonly context: TestContext;
  readonly intakes: TestIntake[];
}

async function run(file: string, values: Record<string, ConfigValue> = {}): Promise<Running> {
  const context = testContext('poll');
  const section = sectionOf(filePollingInput.spec, { file_path: file, ...values }, 'poll');
  const input = new FilePollingInput(section, context);
  const intakes: TestIntake[] = [];
  await input.start((source) => {
    const intake = new TestIntake(source);
    intakes.push(intake);
    return intake;
  });
  return { input, context, intakes };
}

async function ended(intakes: readonly TestIntake[], count: number): Promise<void> {
  await until(() => intakes.filter((intake) => intake.ended).length === count);
}

t.test('every tick reads the file anew, from its start to its end', async (t) => {
  const file = path.join(t.testdir(), 'f');
  writeFileSync(file, 'one');
  const { input, context, intakes } = await run(file, { ticker_interval: 7 });
  context.clock.advance(6_999);
  t.equal(context.clock.nextInMs, 1);
  context.clock.advance(1);
  await ended(intakes, 1);
  appendFileSync(file, ' two');
  // Ticks before the file is closed again are skipped.
  await until(() => intakes[1]?.ended === true, context.clock, 7_000);
  t.same(
    intakes.slice(0, 2).map(({ text }) => text),
    ['one', 'one two'],
  );
  const source = intakes[0]?.source;
  t.same(source?.marks?.(), {
    type: 'heka.file.polling',
    hostname: 'testhost',
    fields: [
      { name: 'TickerInterval', value: 7, integer: true },
      { name: 'FilePath', value: file },
    ],
  });
  t.equal(source?.wholeBytes, 960 * 1024);
  t.equal(source?.sharesDecoder, true);
  await input.stop();
});

t.test('a file of /proc, which has no size, is read to its end', async (t) => {
  const { input, context, intakes } = await run('/proc/self/maps');
  context.clock.advance(5_000);
  await ended(intakes, 1);
  t.ok((intakes[0]?.text.length ?? 0) > 4096, 'more than one page');
  t.match(intakes[0]?.text, /\[stack\][\s\S]*\n$/);
  await input.stop();
});

t.test('a file that cannot be read is an error at every tick, and the input goes on', async (t) => {
  const file = path.join(t.testdir(), 'later');
  const { input, context, intakes } = await run(file);
  context.clock.advance(5_000);
  await until(() => context.errors.length === 1);
  t.match(context.errors[0], /^Error opening file: ENOENT/);
  writeFileSync(file, 'here');
  context.clock.advance(5_000);
  await ended(intakes, 1);
  t.equal(intakes[0]?.text, 'here');
  await input.stop();
});

t.test('pipes, devices and directories are refused rather than waited for', async (t) => {
  const folder = t.testdir();
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const file of [pipe, '/dev/zero', folder]) {
    const { input, context, intakes } = await run(file);
    context.clock.advance(5_000);
    await until(() => context.errors.length === 1);
    t.match(
      context.errors[0],
      /^Error (?:opening|reading) file: (?:not a regular file|EISDIR)/,
      file,
    );
    t.same(intakes, []);
    await input.stop();
  }
});

t.test(
  'a tick while the pipeline still has the last contents is skipped and counted',
  async (t) => {
    const gate = Promise.withResolvers<void>();
    const file = path.join(t.testdir(), 'f');
    writeFileSync(file, 'x');
    const context = testContext('poll');
    const section = sectionOf(filePollingInput.spec, { file_path: file });
    const input = new FilePollingInput(section, context);
    let pushes = 0;
    await input.start(() => ({
      push: () => {
        pushes++;
        return gate.promise;
      },
      end: () => undefined,
    }));
    context.clock.advance(5_000);
    await until(() => pushes === 1);
    await context.clock.advanceAsync(10_000);
    t.equal(pushes, 1);
    t.equal(input.counters['skipped'], 2);
    gate.resolve();
    await input.stop();
  },
);

t.test('settings under which nothing is ever read are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(filePollingInput.spec, values);
  };
  t.throws(() => check({}), /missing the setting 'file_path'/);
  t.throws(() => check({ file_path: '' }), /must not be empty/);
  t.throws(() => check({ file_path: '/x', ticker_interval: 0 }), /must be greater than 0/);
  t.throws(() => check({ file_path: '/x', max_record_size: 0 }), /must be from 1/);
});
