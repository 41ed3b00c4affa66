import path from 'node:path';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { ProcessInput, processInput } from '../../../lib/inputs/process-input.ts';
import { type TestContext, TestIntake, testContext, until } from '../../plugin-context.ts';

interface Running {
  readonly input: ProcessInput;
  readonly context: TestContext;
  readonly intakes: TestIntake[];
}

const sh = (script: string) => ({ bin: '/bin/sh', args: ['-c', script] });

async function run(
  script: string,
  values: Record<string, ConfigValue> = {},
  start = true,
): Promise<Running> {
  const context = testContext('proc');
  const section = sectionOf(processInput.spec, { command: { '0': sh(script) }, ...values }, 'proc');
  const input = new ProcessInput(section, context);
  const intakes: TestIntake[] = [];
  if (start) {
    await input.start((source) => {
      const intake = new TestIntake(source);
      intakes.push(intake);
      return intake;
    });
  }
  return { input, context, intakes };
}

function ended({ intakes }: Running, count: number): () => boolean {
  return () => intakes.filter((intake) => intake.ended).length >= count;
}

function fieldsOf(intake: TestIntake | undefined): unknown {
  const fields = intake?.source.marks?.().fields ?? [];
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

t.test('a run at every tick is a stream of its own', async (t) => {
  const running = await run('echo run', { ticker_interval: 3 });
  const { context, input, intakes } = running;
  t.equal(context.clock.nextInMs, 3_000);
  t.same(intakes, []);
  await until(ended(running, 2), context.clock, 100);
  t.equal(intakes[0]?.text, 'run\n');
  t.equal(intakes[1]?.text, 'run\n');
  t.match(intakes[0]?.source.marks?.(), { type: 'ProcessInput', pid: 42, hostname: 'testhost' });
  t.same(fieldsOf(intakes[0]), { ProcessInputName: 'proc.stdout', ExitStatus: 0 });
  t.equal(intakes[0]?.source.wholeBytes, 960 * 1024);
  await input.stop();
});

t.test('immediate_start runs before the first tick', async (t) => {
  const running = await run('echo now', { immediate_start: true });
  await until(ended(running, 1));
  t.equal(running.intakes[0]?.text, 'now\n');
  await running.input.stop();
});

t.test('what a run’s stream is ended with knows how the run ended', async (t) => {
  const script = 'echo out; echo err >&2; exit 7';
  const running = await run(script, { immediate_start: true, stderr: true });
  const { context, input, intakes } = running;
  // Before the end of the stream, as a splitter that cuts it would see it.
  await until(() => intakes.length === 2);
  t.match(fieldsOf(intakes[0]), { ExitStatus: 0 });
  await until(ended(running, 2));
  t.same(
    intakes.map(({ text }) => text),
    ['out\n', 'err\n'],
  );
  t.same(intakes.map(fieldsOf), [
    {
      ProcessInputName: 'proc.stdout',
      ExitStatus: 7,
      SubcmdErrors: 'Subcommand[0] returned an error: [exit status 7]',
    },
    {
      ProcessInputName: 'proc.stderr',
      ExitStatus: 7,
      SubcmdErrors: 'Subcommand[0] returned an error: [exit status 7]',
    },
  ]);
  t.same(context.errors, []);
  await input.stop();
});

t.test('a run that takes longer than the interval makes no second one beside it', async (t) => {
  const file = path.join(t.testdir(), 'go');
  const script = `echo begun; while ! [ -e ${file} ]; do sleep 0.05; done; echo done`;
  const running = await run(script, { ticker_interval: 1 });
  const { context, input, intakes } = running;
  await until(() => intakes[0]?.text === 'begun\n', context.clock, 1_000);
  await context.clock.advanceAsync(10_000);
  t.equal(intakes.length, 1);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(file, '');
  await until(ended(running, 1));
  t.ok((input.counters['skipped'] ?? 0) >= 9);
  await until(ended(running, 2), context.clock, 1_000);
  await input.stop();
});

t.test('a full pipeline holds the command', async (t) => {
  const context = testContext('proc');
  const values = { command: { '0': sh('yes | head -c 2000000') }, immediate_start: true };
  const input = new ProcessInput(sectionOf(processInput.spec, values), context);
  const gate = Promise.withResolvers<void>();
  let received = 0;
  let finished = false;
  await input.start(() => ({
    push: (chunk) => {
      received += chunk.length;
      return gate.promise;
    },
    end: () => {
      finished = true;
      return undefined;
    },
  }));
  await until(() => received > 0);
  const held = received;
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  t.equal(received, held);
  gate.resolve();
  await until(() => finished);
  t.equal(received, 2_000_000);
  await input.stop();
});

t.test('stopping ends what runs, and hands over what it had written', async (t) => {
  const running = await run('echo begun; exec sleep 1000', { ticker_interval: 0 });
  const { context, input, intakes } = running;
  await until(() => intakes[0]?.text === 'begun\n');
  const stopped = input.stop();
  await stopped;
  t.ok(intakes[0]?.ended);
  t.equal(await input.done, undefined);
  t.same(context.errors, []);
});

t.test(
  'a command that should run for ever is started again when it ends, ever later',
  async (t) => {
    const running = await run('echo up; exit 1', {
      ticker_interval: 0,
      retries: { delay: '1s', max_delay: '4s', max_jitter: '0s', max_retries: 3 },
    });
    const { context, input, intakes } = running;
    for (const waitMs of [1_000, 2_000, 4_000]) {
      const before = intakes.length;
      await until(() => context.clock.nextInMs === waitMs);
      context.clock.advance(waitMs);
      await until(ended(running, before + 1));
    }
    const fault = await input.done;
    t.match(fault, { code: 'HKT_PLUGIN_RETRIES' });
    t.equal(intakes.length, 4);
    t.equal(
      context.errors[0],
      'the command ended: Subcommand[0] returned an error: [exit status 1]',
    );
    await input.stop();
  },
);

t.test('a command that cannot be started is an error, and tried again', async (t) => {
  const { context, input } = await run('', {
    command: { '0': { bin: '/no/such/program' } },
    immediate_start: true,
    retries: { delay: '1s', max_jitter: '0s', max_retries: 1 },
  });
  await until(() => context.errors.length === 1);
  t.match(
    context.errors[0],
    /^CommandChain::Start\(\) error: \[Command \[\/no\/such\/program\] triggered an error: \[/,
  );
  await until(() => context.errors.length === 2, context.clock, 1_000);
  t.match(await input.done, { code: 'HKT_PLUGIN_RETRIES' });
  await input.stop();
});

t.test('wrong settings are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(processInput.spec, values, 'proc');
  };
  const bin = '/bin/true';
  t.throws(() => check({}), /missing the setting 'command'/);
  t.throws(() => check({ command: {} }), /No Command Configured/);
  t.throws(
    () => check({ command: { '1': { bin } } }),
    /Expected to find a command at index \[proc\]\[0\]/,
  );
  t.throws(() => check({ command: { '0': { bin }, '2': { bin } } }), /index \[proc\]\[1\]/);
  t.throws(() => check({ command: { '0': { args: ['x'] } } }), /missing the setting/);
  t.throws(() => check({ command: { '0': { bin: '' } } }), /must not be empty/);
  t.throws(() => check({ command: { '0': { bin, args: ['a\0b'] } } }), /NUL/);
  t.throws(() => check({ command: { '0': { bin, env: ['nothing'] } } }), /NAME=value/);
  t.throws(() => check({ command: { '0': { bin, shell: true } } }), /unknown config setting/);
});
