import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { LogstreamerInput, logstreamerInput } from '../../../lib/inputs/logstreamer-input.ts';
import type { Intake } from '../../../lib/plugin.ts';
import { systemClock } from '../../../lib/system-clock.ts';
import { ManualClock } from '../../manual-clock.ts';
import { type TestContext, TestIntake, testContext, until } from '../../plugin-context.ts';

/** A folder of logs and a LogstreamerInput over it that can be started again and again. */
class Fixture {
  readonly logs: string;
  readonly base: string;
  readonly values: Record<string, ConfigValue>;
  intakes: TestIntake[] = [];
  context: TestContext;
  input: LogstreamerInput;

  constructor(dir: string, values: Record<string, ConfigValue> = {}) {
    this.logs = join(dir, 'logs');
    this.base = join(dir, 'base');
    mkdirSync(this.logs, { recursive: true });
    this.values = values;
    this.context = this.#context();
    this.input = this.#input();
  }

  #context(): TestContext {
    // Files have the system's times, so the driven clock starts there.
    return { ...testContext('web', this.base), clock: new ManualClock(systemClock.now()) };
  }

  #input(): LogstreamerInput {
    const section = sectionOf(
      logstreamerInput.spec,
      { log_directory: this.logs, file_match: 'a\\.log', ...this.values },
      'web',
    );
    return new LogstreamerInput(section, this.context);
  }

  async start(): Promise<void> {
    this.context = this.#context();
    this.intakes = [];
    this.input = this.#input();
    await this.input.start((source): Intake => {
      const intake = new TestIntake(source);
      this.intakes.push(intake);
      return intake;
    });
  }

  async stop(): Promise<void> {
    await this.input.stop();
  }

  path(name: string): string {
    return join(this.logs, name);
  }

  write(name: string, text: string): void {
    appendFileSync(this.path(name), text);
  }

  /** Everything read since the start, in order of the files. */
  get text(): string {
    return this.intakes.map(({ text }) => text).join('');
  }

  async reads(text: string): Promise<void> {
    await until(() => this.text === text, this.context.clock, 50).catch(() => {
      throw new Error(`read ${JSON.stringify(this.text)}, not ${JSON.stringify(text)}`);
    });
  }

  /** Lets the reader poll some more, to show that nothing happens. */
  async idle(): Promise<void> {
    for (let i = 0; i < 100; i++) {
      this.context.clock.advance(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get journals(): string[] {
    return readdirSync(join(this.base, 'logstreamer/web')).filter((name) => !name.startsWith('.'));
  }

  get journal(): { place: { offset: number; path: string } } {
    return JSON.parse(readFileSync(join(this.base, 'logstreamer/web/web.json'), 'utf8'));
  }
}

const ROTATED = { file_match: 'a\\.log\\.?(?P<Seq>\\d*)', priority: ['^Seq'] };

t.test('a file is read from its start and followed as it grows', async (t) => {
  const f = new Fixture(t.testdir());
  f.write('a.log', 'one\n');
  f.write('other.txt', 'no\n');
  await f.start();
  await f.reads('one\n');
  f.write('a.log', 'two\nthr');
  await f.reads('one\ntwo\nthr');
  f.write('a.log', 'ee\n');
  await f.reads('one\ntwo\nthree\n');
  const { source } = f.intakes[0] ?? {};
  t.equal(source?.logger, 'web');
  t.equal(source?.type, 'logfile');
  t.equal(source?.hostname, 'testhost');
  t.equal(source?.origin.loopback, false);
  t.same(f.input.positions(), new Map([['web', { path: f.path('a.log'), offset: 14 }]]));
  await f.stop();
  t.equal(f.intakes[0]?.ended, true);
});

t.test('a restart goes on behind the last whole record', async (t) => {
  const f = new Fixture(t.testdir());
  f.write('a.log', 'one\ntwo\npart');
  await f.start();
  await f.reads('one\ntwo\npart');
  await f.stop();
  t.equal(f.journal.place.offset, 8);
  t.equal(statSync(join(f.base, 'logstreamer/web/web.json')).mode & 0o777, 0o600);
  f.write('a.log', 'ial\nmore\n');
  await f.start();
  await f.reads('partial\nmore\n');
  t.equal(f.intakes[0]?.source.startOffset, 8);
  await f.stop();
  await f.start();
  await f.idle();
  t.equal(f.text, '');
  await f.stop();
});

t.test('the place does not run ahead of what the router took', async (t) => {
  const f = new Fixture(t.testdir());
  const gate = Promise.withResolvers<void>();
  TestIntake.hold = gate.promise;
  t.teardown(() => {
    TestIntake.hold = undefined;
  });
  f.write('a.log', 'one\n');
  await f.start();
  await f.reads('one\n');
  f.write('a.log', 'two\n');
  await f.idle();
  t.equal(f.text, 'one\n', 'nothing more is read meanwhile');
  t.equal(f.input.positions().get('web')?.offset, 0);
  gate.resolve();
  TestIntake.hold = undefined;
  await f.reads('one\ntwo\n');
  await f.stop();
  t.equal(f.journal.place.offset, 8);
});

t.test(
  'the journal is written while the input runs, so a killed daemon repeats little',
  async (t) => {
    const f = new Fixture(t.testdir());
    f.write('a.log', 'one\n');
    await f.start();
    await f.reads('one\n');
    await until(
      () => f.journals.length === 1 && f.journal.place.offset === 4,
      f.context.clock,
      100,
    );
    const survivor = readFileSync(join(f.base, 'logstreamer/web/web.json'));
    await f.stop();
    writeFileSync(join(f.base, 'logstreamer/web/web.json'), survivor);
    f.write('a.log', 'two\n');
    await f.start();
    await f.reads('two\n');
    await f.stop();
  },
);

t.test('rotation by rename loses nothing and repeats nothing', async (t) => {
  for (const values of [{}, ROTATED]) {
    const f = new Fixture(t.testdir(), values);
    rmSync(f.logs, { recursive: true });
    mkdirSync(f.logs);
    rmSync(f.base, { recursive: true, force: true });
    f.write('a.log', '1\n');
    await f.start();
    await f.reads('1\n');
    f.write('a.log', '2\n');
    renameSync(f.path('a.log'), f.path('a.log.1'));
    // The writer goes on with the renamed file for a moment.
    f.write('a.log.1', '3\n');
    f.write('a.log', '4\n');
    await f.reads('1\n2\n3\n4\n');
    t.equal(f.intakes.length, 2);
    t.equal(f.intakes[0]?.ended, true);
    renameSync(f.path('a.log.1'), f.path('a.log.2'));
    renameSync(f.path('a.log'), f.path('a.log.1'));
    await f.idle();
    f.write('a.log', '5\n');
    await f.reads('1\n2\n3\n4\n5\n');
    await f.stop();
    await f.start();
    f.write('a.log', '6\n');
    await f.reads('6\n');
    t.same(f.context.errors, []);
    await f.stop();
  }
});

t.test('files rotated while the daemon was down are read from where it was', async (t) => {
  const f = new Fixture(t.testdir(), ROTATED);
  f.write('a.log.1', '1\n');
  f.write('a.log', '2\n');
  await f.start();
  await f.reads('1\n2\n');
  await f.stop();
  f.write('a.log', '3\n');
  renameSync(f.path('a.log.1'), f.path('a.log.3'));
  renameSync(f.path('a.log'), f.path('a.log.2'));
  f.write('a.log.1', '4\n');
  f.write('a.log', '5\n');
  await f.start();
  await f.reads('3\n4\n5\n');
  t.same(f.context.errors, []);
  await f.stop();
});

t.test('a truncated file is read again from its start', async (t) => {
  const f = new Fixture(t.testdir());
  f.write('a.log', 'long first line\n');
  await f.start();
  await f.reads('long first line\n');
  truncateSync(f.path('a.log'));
  f.write('a.log', 'new\n');
  await f.reads('long first line\nnew\n');
  t.match(f.context.infos, [/a.log was truncated/]);
  await f.stop();
});

t.test(
  'a file that was truncated and grew longer again between two looks is noticed',
  async (t) => {
    const f = new Fixture(t.testdir());
    f.write('a.log', 'old\n');
    await f.start();
    await f.reads('old\n');
    writeFileSync(f.path('a.log'), 'completely new and longer\n');
    await f.reads('old\ncompletely new and longer\n');
    await f.stop();
    // The same while the daemon is down, with the same inode.
    writeFileSync(f.path('a.log'), 'and once more, longer than ever before\n');
    await f.start();
    await f.reads('and once more, longer than ever before\n');
    t.match(f.context.errors, [/the place in 'web' .* is gone; reading goes on at the start/]);
    await f.stop();
  },
);

t.test(
  'copytruncate: what was written just before the truncation is read from the copy',
  async (t) => {
    const f = new Fixture(t.testdir(), ROTATED);
    f.write('a.log', '1\n');
    await f.start();
    await f.reads('1\n');
    f.write('a.log', '2\n');
    copyFileSync(f.path('a.log'), f.path('a.log.1'));
    truncateSync(f.path('a.log'));
    await f.reads('1\n2\n');
    f.write('a.log', '3\n');
    await f.reads('1\n2\n3\n');
    t.same(f.context.errors, []);
    await f.stop();
  },
);

t.test('a new file with the inode number of an old one is read from its start', async (t) => {
  const f = new Fixture(t.testdir());
  f.write('a.log', 'old content\n');
  await f.start();
  await f.reads('old content\n');
  await f.stop();
  // As if the number had been reused: the journal claims the new file's identity.
  rmSync(f.path('a.log'));
  f.write('a.log', 'new content, longer\n');
  const { dev, ino } = statSync(f.path('a.log'));
  const path = join(f.base, 'logstreamer/web/web.json');
  const state = JSON.parse(readFileSync(path, 'utf8'));
  state.place.identity = `${dev}:${ino}`;
  writeFileSync(path, JSON.stringify(state));
  await f.start();
  await f.reads('new content, longer\n');
  await f.stop();
});

t.test('a file that ends within a record is reported when reading moves on', async (t) => {
  const f = new Fixture(t.testdir(), ROTATED);
  f.write('a.log.1', 'one\nhalf');
  f.write('a.log', 'two\n');
  await f.start();
  await f.reads('one\nhalftwo\n');
  t.match(f.context.errors, [/a.log.1' ends within a record: 4 bytes skipped/]);
  t.equal(f.input.counters['incomplete_bytes'], 4);
  await f.stop();
});

t.test('streams are told apart and found when they appear later', async (t) => {
  const f = new Fixture(t.testdir(), {
    file_match: '(?P<Host>[^/]+)/a\\.log',
    differentiator: ['nginx-', 'Host'],
  });
  mkdirSync(f.path('x'));
  f.write('x/a.log', 'x1\n');
  await f.start();
  await f.reads('x1\n');
  mkdirSync(f.path('y'));
  f.write('y/a.log', 'y1\n');
  f.context.clock.advance(60_000);
  await until(() => f.intakes.length === 2, f.context.clock, 50);
  await until(() => f.intakes[1]?.text === 'y1\n', f.context.clock, 50);
  t.equal(f.intakes[1]?.source.logger, 'nginx-y');
  await f.stop();
  t.same(f.journals.sort(), ['nginx-x.json', 'nginx-y.json']);
});

t.test('a stream’s name cannot lead out of the journal directory', async (t) => {
  const f = new Fixture(t.testdir(), {
    file_match: '(?P<Name>.*)\\.log',
    differentiator: ['../../', 'Name'],
  });
  f.write('etc.log', 'x\n');
  await f.start();
  await f.reads('x\n');
  await f.stop();
  t.match(f.journals, [/^______etc~[0-9a-f]{16}\.json$/]);
  t.equal(existsSync(join(f.base, 'etc.json')), false);
});

t.test('initial_tail skips what was there before the first start only', async (t) => {
  const f = new Fixture(t.testdir(), { ...ROTATED, initial_tail: true });
  f.write('a.log.1', 'ancient\n');
  f.write('a.log', 'old\n');
  await f.start();
  f.write('a.log', 'new\n');
  await f.reads('new\n');
  await f.stop();
  f.write('a.log', 'down\n');
  await f.start();
  await f.reads('down\n');
  await f.stop();
});

t.test('old files are left out', async (t) => {
  const f = new Fixture(t.testdir(), { ...ROTATED, oldest_duration: '1h' });
  f.write('a.log.1', 'old\n');
  const before = systemClock.now() / 1000 - 7200;
  utimesSync(f.path('a.log.1'), before, before);
  f.write('a.log', 'new\n');
  await f.start();
  await f.reads('new\n');
  await f.idle();
  t.equal(f.text, 'new\n');
  await f.stop();
});

t.test('links that lead out of the directory are not followed, others are read once', async (t) => {
  const dir = t.testdir({ 'secret.log': 'secret\n', outside: { 'a.log': 'secret\n' } });
  const f = new Fixture(dir, {
    file_match: '(?P<Name>.*)\\.log',
    differentiator: ['Name'],
  });
  symlinkSync(join(dir, 'secret.log'), f.path('link.log'));
  symlinkSync(join(dir, 'outside'), f.path('folder'));
  symlinkSync(f.path('real.log'), f.path('alias.log'));
  symlinkSync(f.path('nothing.log'), f.path('dangling.log'));
  f.write('real.log', 'real\n');
  await f.start();
  await f.reads('real\n');
  await f.idle();
  t.equal(f.text, 'real\n');
  t.equal(f.intakes[0]?.source.logger, 'real');
  t.match(f.context.errors, [/skipped '.*link.log': the link leads out of log_directory/]);
  await f.stop();
});

t.test('a damaged journal is reported and the stream starts as if it were new', async (t) => {
  const damages = [
    '',
    '{"version":1,',
    'null',
    '[]',
    '{"version":2,"stream":"web","place":null,"finished_ms":0,"finished":[]}',
    '{"version":1,"stream":"other","place":null,"finished_ms":0,"finished":[]}',
    '{"version":1,"stream":"web","place":{"path":"/x","identity":"1:1","offset":-1,"head":{"length":0,"sha256":""},"tail":{"length":0,"sha256":""}},"finished_ms":0,"finished":[]}',
    '{"version":1,"stream":"web","place":{"path":"/x","identity":"1:1","offset":1,"head":{"length":1e9,"sha256":""},"tail":{"length":0,"sha256":""}},"finished_ms":0,"finished":[]}',
    `{"x":"${'y'.repeat(100_000)}"}`,
  ];
  const f = new Fixture(t.testdir());
  f.write('a.log', 'one\n');
  const journal = join(f.base, 'logstreamer/web/web.json');
  mkdirSync(join(f.base, 'logstreamer/web'), { recursive: true });
  for (const damage of damages) {
    writeFileSync(journal, damage);
    await f.start();
    await f.reads('one\n');
    t.match(f.context.errors, [/journal '.*web.json' cannot be used/], damage.slice(0, 60));
    await f.stop();
    t.equal(f.journal.place.offset, 4);
  }
});

t.test('a journal that cannot be written is reported once and reading goes on', async (t) => {
  const f = new Fixture(t.testdir());
  f.write('a.log', 'one\n');
  await f.start();
  await f.reads('one\n');
  rmSync(join(f.base, 'logstreamer'), { recursive: true });
  writeFileSync(join(f.base, 'logstreamer'), '');
  f.write('a.log', 'two\n');
  await f.reads('one\ntwo\n');
  await until(() => f.context.errors.length > 0, f.context.clock, 100);
  f.write('a.log', 'three\n');
  await f.reads('one\ntwo\nthree\n');
  await f.idle();
  t.match(f.context.errors, [/journal '.*' cannot be written/]);
  await f.stop();
});

t.test('compressed files are skipped with an error', async (t) => {
  const f = new Fixture(t.testdir(), ROTATED);
  writeFileSync(f.path('a.log.1'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
  f.write('a.log', 'plain\n');
  await f.start();
  await f.reads('plain\n');
  t.match(f.context.errors, [/a.log.1': compressed files are not read/]);
  await f.stop();
});

t.test('a file that is deleted is read to its end and let go', async (t) => {
  const f = new Fixture(t.testdir());
  f.write('a.log', 'one\n');
  await f.start();
  await f.reads('one\n');
  f.write('a.log', 'last\n');
  rmSync(f.path('a.log'));
  await f.reads('one\nlast\n');
  await until(() => f.intakes[0]?.ended === true, f.context.clock, 50);
  f.write('a.log', 'again\n');
  f.context.clock.advance(60_000);
  await f.reads('one\nlast\nagain\n');
  await f.stop();
});

t.test('a fault in the pipeline is reported once, and its records are read again', async (t) => {
  const f = new Fixture(t.testdir());
  f.write('a.log', 'one\n');
  let faults = 3;
  const texts: string[] = [];
  const input = new LogstreamerInput(
    sectionOf(logstreamerInput.spec, { log_directory: f.logs, file_match: 'a\\.log' }, 'web'),
    f.context,
  );
  await input.start((source) => ({
    push: (chunk) => {
      if (faults-- > 0) throw new Error('boom');
      texts.push(Buffer.from(chunk).toString());
      source.onRouted?.((source.startOffset ?? 0) + chunk.length);
      return undefined;
    },
    end: () => undefined,
  }));
  await until(() => texts.length === 1, f.context.clock, 50);
  f.write('a.log', 'two\n');
  await until(() => texts.length === 2, f.context.clock, 50);
  t.same(texts, ['one\n', 'two\n']);
  t.match(f.context.errors, [/cannot read 'web': boom/]);
  await input.stop();
});

t.test('several files without priority keep the input from starting', async (t) => {
  const f = new Fixture(t.testdir(), { file_match: 'a\\.log.*' });
  f.write('a.log', '');
  f.write('a.log.1', '');
  await t.rejects(f.start(), { code: 'HKT_LOGSTREAM_PRIORITY' });
  await f.stop();
});

t.test('a directory that is missing keeps the input from starting', async (t) => {
  const f = new Fixture(t.testdir(), { log_directory: '/nonexistent/logs' });
  await t.rejects(f.start(), { code: 'HKT_LOGSTREAM_DIRECTORY' });
  await f.stop();
});

t.test('wrong settings are found before anything is read', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(logstreamerInput.spec, { file_match: 'a', ...values });
  };
  t.throws(() => check({ file_match: '(' }), /missing closing/);
  t.throws(() => check({ file_match: '' }), /empty/);
  t.throws(() => check({ priority: ['^Seq'] }), /no group named 'Seq'/);
  t.throws(() => check({ translation: { Day: { monday: 1 } } }), /must be for 'missing'/);
  t.throws(() => check({ translation: { Day: { monday: 'x', b: 1 } } }), /must be an integer/);
  t.throws(() => check({ rescan_interval: 5000 }));
  t.throws(() => check({ check_data_interval: '1ms' }), /at least/);
});
