import t from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import {
  FILTER_SCRIPT,
  filterConfig,
  MAX_IN_FLIGHT,
  sbmgrloadCommand,
} from '../../../lib/cli/sbmgrload.ts';
import { readToml } from '../../../lib/config/toml-reader.ts';
import { decodeControlRequest } from '../../../lib/protocol/control.ts';
import { ManualClock } from '../../manual-clock.ts';
import { controlServer, type Received } from './control-server.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';

async function run(
  test: { testdir: typeof t.testdir },
  args: readonly string[],
  onMessage: (received: Received, clock: ManualClock, io: FakeIo) => void,
  isTerminal = false,
): Promise<{ exit: number; io: FakeIo; received: readonly Received[] }> {
  const clock = new ManualClock();
  const server = await controlServer((received) => onMessage(received, clock, io));
  const cwd = test.testdir({ 'sbmgrload.toml': `ip_address = "127.0.0.1:${server.port}"\n` });
  const io = fakeIo({ cwd, isTerminal });
  const exit = await runCommand(sbmgrloadCommand(clock), 'heka-sbmgrload', args, io);
  await server.close();
  return { exit, io, received: server.received };
}

t.test('every filter is loaded once, with its own name', async (t) => {
  const { exit, io, received } = await run(t, ['-num=40'], (got) => got.reply({}));
  t.equal(exit, 0);
  t.match(io.out, /^loaded 40 of 40 filters in 0\.00 s\n$/);
  t.equal(io.err, '');
  const names = received.map(({ message }) => {
    const { action, config, script } = decodeControlRequest(message);
    t.equal(action, 'load');
    t.equal(Buffer.from(script).toString(), FILTER_SCRIPT);
    return Object.keys(readToml(config ?? '').tables).join();
  });
  t.same(new Set(names), new Set(Array.from({ length: 40 }, (_, n) => `CounterSandbox${n}`)));
});

t.test('unload names every filter', async (t) => {
  const { exit, io, received } = await run(t, ['-action=unload', '-num=3'], (got) => got.reply({}));
  t.equal(exit, 0);
  t.match(io.out, /^unloaded 3 of 3 filters/);
  t.match(
    received.map(({ message }) => decodeControlRequest(message)),
    [0, 1, 2].map((n) => ({ action: 'unload', name: `CounterSandbox${n}`, config: undefined })),
  );
});

t.test('no more than 16 requests are unanswered at any time', async (t) => {
  const open: Received[] = [];
  let most = 0;
  let seen = 0;
  const { exit, received } = await run(t, ['-num=50'], (got) => {
    open.push(got);
    most = Math.max(most, open.length);
    // Answered only when all lanes are waiting, or when no more will come.
    if (++seen === 50 || open.length === MAX_IN_FLIGHT) {
      for (const waiting of open.splice(0)) waiting.reply({});
    }
  });
  t.equal(exit, 0);
  t.equal(received.length, 50);
  t.equal(most, 16);
});

t.test('refusals are shown, counted and exit 1', async (t) => {
  const { exit, io } = await run(t, ['-num=30'], (got) => {
    const name = Object.keys(
      readToml(decodeControlRequest(got.message).config ?? '').tables,
    ).join();
    const n = Number(name.slice('CounterSandbox'.length));
    if (n < 15) got.reply({ code: 'HKT_FULL', text: 'too many' });
    else got.reply({});
  });
  t.equal(exit, 1);
  t.match(io.out, /^loaded 15 of 30 filters in 0\.00 s, 15 refused\n$/);
  t.match(io.err, /^CounterSandbox\d+: HKT_FULL too many\n/);
  t.equal(io.err.split('\n').filter((line) => line.includes('HKT_FULL')).length, 10);
  t.match(io.err, /\nand 5 more\n$/);
});

t.test('a daemon that never answers is a warning and exit 0, and costs one timeout', async (t) => {
  const { exit, io, received } = await run(t, ['-num=100', '-timeout=5s'], (_got, clock) => {
    // The sixteenth request is the last before the tool waits.
    if (clock.pending === MAX_IN_FLIGHT) clock.advance(5000);
  });
  t.equal(exit, 0);
  t.equal(received.length, 100);
  t.match(io.out, /^sent 100 of 100 requests in 5\.00 s\n$/);
  t.match(io.err, /^warning: no answer/);
});

t.test('a request that is lost among answered ones is exit 1', async (t) => {
  let seen = 0;
  const { exit, io } = await run(t, ['-num=20', '-timeout=5s'], (got, clock) => {
    seen++;
    if (seen !== 7) got.reply({});
    const whenOneIsLeft = (): void => {
      if (clock.pending === 1) clock.advance(5000);
      else setImmediate(whenOneIsLeft);
    };
    if (seen === 20) whenOneIsLeft();
  });
  t.equal(exit, 1);
  t.match(io.out, /^loaded 19 of 20 filters in 5\.00 s, 1 unanswered\n$/);
});

t.test('a connection that closes on the way ends the run with exit 1', async (t) => {
  let seen = 0;
  const { exit, io } = await run(t, ['-num=40'], (got) => {
    if (++seen < 10) got.reply({});
    else got.socket.destroy();
  });
  t.equal(exit, 1);
  t.match(io.out, /^loaded 9 of 40 filters/);
  t.match(io.err, /HKT_TOOL_(CLOSED|SEND)/);
});

t.test('progress is shown on a terminal only', async (t) => {
  const { io } = await run(
    t,
    ['-num=5'],
    (got, clock) => {
      clock.advance(200);
      got.reply({});
    },
    true,
  );
  t.match(io.err, /\r\d\/5 loaded/);
  t.match(io.err, /\r +\r$/, 'wiped at the end');
});

t.test('json prints the counts as one line', async (t) => {
  const { exit, io } = await run(t, ['-num=2', '-format=json'], (got) => got.reply({}));
  t.equal(exit, 0);
  t.same(JSON.parse(io.out), {
    action: 'load',
    num: 2,
    ok: 2,
    refused: 0,
    unanswered: 0,
    seconds: 0,
  });
});

t.test('none is nothing to do, and reload is not an action of this tool', async (t) => {
  const { exit, io } = await run(t, ['-num=0'], () => {});
  t.equal(exit, 0);
  t.match(io.out, /^loaded 0 of 0/);
  const reload = await run(t, ['-action=reload'], () => {});
  t.equal(reload.exit, 1);
  t.match(reload.io.err, /HKT_TOOL_ACTION Invalid action: reload/);
});

t.test('the built-in configuration is that of upstream', async (t) => {
  t.same(
    { ...Object(readToml(filterConfig(7)).tables['CounterSandbox7']) },
    {
      type: 'SandboxFilter',
      message_matcher: "Type == 'hekabench'",
      ticker_interval: 1,
      filename: '',
      preserve_data: true,
    },
  );
});
