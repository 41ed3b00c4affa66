import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import {
  type ChainOptions,
  type ChainStatus,
  CommandChain,
  type CommandLine,
} from '../../../lib/inputs/managed-command.ts';
import { systemClock } from '../../../lib/system-clock.ts';
import { ManualClock } from '../../manual-clock.ts';
import { until } from '../../plugin-context.ts';

function command(bin: string, ...args: readonly string[]): CommandLine {
  return { bin, args, env: undefined, directory: '' };
}

const sh = (script: string): CommandLine => command('/bin/sh', '-c', script);

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: ChainStatus;
}

async function run(
  commands: readonly CommandLine[],
  options: Partial<ChainOptions> = {},
): Promise<Ran> {
  const chain = await CommandChain.start({
    commands,
    timeoutMs: 0,
    clock: systemClock,
    stdout: true,
    stderr: true,
    ...options,
  });
  const read = (stream: CommandChain['stdout']) => (stream === undefined ? '' : text(stream));
  const [stdout, stderr, status] = await Promise.all([
    read(chain.stdout),
    read(chain.stderr),
    chain.ended,
  ]);
  return { stdout, stderr, status };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

t.test('each command reads what the one before it writes', async (t) => {
  const { stdout, status } = await run([
    command('/bin/echo', 'one\ntwo\nthree'),
    command('/bin/grep', 't'),
    command('/usr/bin/sort'),
  ]);
  t.equal(stdout, 'three\ntwo\n');
  t.same(status, { exitStatus: 0, errors: '' });
});

t.test('more than pipes hold goes through the chain', async (t) => {
  const { stdout } = await run([sh('head -c 3000000 /dev/zero'), command('/usr/bin/wc', '-c')]);
  t.equal(stdout.trim(), '3000000');
});

t.test('a command that stops reading ends the one that feeds it', async (t) => {
  const { stdout, status } = await run([sh('yes'), command('/usr/bin/head', '-n', '2')]);
  t.equal(stdout, 'y\ny\n');
  t.equal(status.exitStatus, 0);
  t.match(status.errors, /^Subcommand\[0\] returned an error: \[/);
});

t.test('the status is that of the last command, and every failure is told', async (t) => {
  const { stdout, stderr, status } = await run([
    sh('exit 3'),
    sh('cat; echo out; echo err >&2; exit 4'),
  ]);
  t.equal(stdout, 'out\n');
  t.equal(stderr, 'err\n');
  t.same(status, {
    exitStatus: 4,
    errors:
      'Subcommand[0] returned an error: [exit status 3]\nSubcommand[1] returned an error: [exit status 4]',
  });
});

t.test('a command that a signal ends has the status -1', async (t) => {
  const { status } = await run([sh('kill -KILL $$')]);
  t.same(status, {
    exitStatus: -1,
    errors: 'Subcommand[0] returned an error: [signal: killed]',
  });
});

t.test('arguments are no shell’s: nothing in them is interpreted', async (t) => {
  const { stdout } = await run([command('/bin/echo', '$HOME `id` ; exit 1 | cat > /tmp/x *')]);
  t.equal(stdout, '$HOME `id` ; exit 1 | cat > /tmp/x *\n');
});

t.test('an environment replaces the daemon’s, and a directory is the working one', async (t) => {
  const folder = t.testdir();
  const line = {
    ...sh('echo $A-$B-$SECRET; pwd'),
    env: ['A=1', 'B=x=y'],
    directory: folder,
  };
  process.env['SECRET'] = 'shown';
  const { stdout } = await run([line]);
  t.equal(stdout, `1-x=y-\n${folder}\n`);
  t.match((await run([sh('echo $SECRET')])).stdout, 'shown');
  delete process.env['SECRET'];
});

t.test('streams that are not read go nowhere', async (t) => {
  const loud = sh('head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; exit 2');
  const { stdout, stderr, status } = await run([loud], { stdout: false, stderr: false });
  t.same([stdout, stderr, status.exitStatus], ['', '', 2]);
});

t.test('a command that cannot be started takes those before it with it', async (t) => {
  const clock = new ManualClock();
  const file = path.join(t.testdir(), 'pid');
  await t.rejects(
    run([sh(`echo $$ > ${file}; exec sleep 1000`), command('/no/such/program', 'a', 'b')], {
      clock,
    }),
    {
      code: 'HKT_PLUGIN_COMMAND',
      message: /Command \[\/no\/such\/program a b\] triggered an error: \[spawn .* ENOENT\]/,
    },
  );
  await until(() => clock.pending === 0, clock);
});

t.test('the timeout ends the whole process group', async (t) => {
  const clock = new ManualClock();
  const chain = await CommandChain.start({
    commands: [sh('sleep 1000 & echo $!; wait')],
    timeoutMs: 5_000,
    clock,
    stdout: true,
    stderr: false,
  });
  let output = '';
  chain.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  await until(() => output.endsWith('\n'));
  const grandchild = Number(output);
  t.ok(alive(grandchild));
  clock.advance(4_999);
  t.equal(clock.nextInMs, 1);
  clock.advance(1);
  const status = await chain.ended;
  t.same(status, {
    exitStatus: -1,
    errors:
      'Subcommand[0] returned an error: [ManagedCmd was stopped with error: [subprocess was killed: [/bin/sh -c sleep 1000 & echo $!; wait]]]',
  });
  await until(() => !alive(grandchild));
  t.equal(clock.pending, 0);
});

t.test('each command has the timeout from when the one before it has ended', async (t) => {
  const clock = new ManualClock();
  const chain = await CommandChain.start({
    commands: [sh('sleep 1000'), sh('cat; sleep 1000')],
    timeoutMs: 5_000,
    clock,
    stdout: true,
    stderr: false,
  });
  chain.stdout?.resume();
  clock.advance(5_000);
  await until(() => clock.nextInMs === 5_000);
  clock.advance(5_000);
  t.match((await chain.ended).errors, /^Subcommand\[0\].*killed.*\nSubcommand\[1\].*killed/);
});

t.test('who does not go when asked is killed, and who cannot be is let go of', async (t) => {
  const clock = new ManualClock();
  const chain = await CommandChain.start({
    // The second one leaves the process group and keeps the pipe.
    commands: [sh('trap "" TERM; setsid sleep 1000 & echo $!; while :; do sleep 1; done')],
    timeoutMs: 0,
    clock,
    stdout: true,
    stderr: false,
  });
  let output = '';
  let closed = false;
  chain.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  chain.stdout?.on('close', () => {
    closed = true;
  });
  await until(() => output.endsWith('\n'));
  t.teardown(() => process.kill(Number(output), 'SIGKILL'));
  chain.stop();
  chain.stop();
  t.equal(clock.nextInMs, 2_000, 'asked');
  clock.advance(2_000);
  t.equal(clock.nextInMs, 2_000, 'killed');
  t.notOk(closed, 'somebody has the pipe');
  clock.advance(2_000);
  t.equal((await chain.ended).exitStatus, -1);
  t.ok(closed);
});
