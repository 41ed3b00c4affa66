import t from 'tap';
import { ConsoleLog } from '../../../lib/daemon/console-log.ts';
import { ManualClock } from '../../manual-clock.ts';

function started(flags: number): { log: ConsoleLog; out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  const sink = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  return { log: new ConsoleLog(sink, new ManualClock(1_700_000_000_123), flags), out, err };
}

t.test('the prefix is what log_flags ask for', async (t) => {
  const shown = (flags: number): string | undefined => {
    const { log, out } = started(flags);
    log.info('x');
    return out[0];
  };
  t.equal(shown(0), 'x\n');
  t.equal(shown(1 | 32), '2023/11/14 x\n');
  t.equal(shown(1 | 2 | 32), '2023/11/14 22:13:20 x\n');
  t.equal(shown(2 | 4 | 32), '22:13:20.123000 x\n');
});

t.test("a plugin's lines carry its name, errors go to the other stream", async (t) => {
  const { log, out, err } = started(0);
  log.named('Input', 'TCP').info('listens');
  log.named('Plugin', 'Ops').error('failed');
  t.same(out, ["Input 'TCP': listens\n"]);
  t.same(err, ["Plugin 'Ops' error: failed\n"]);
});

t.test('nothing that an entry quotes steers the terminal', async (t) => {
  const { log, out, err } = started(0);
  log.info('a\u001b[31m\tb\nc\u009b2J');
  log.error('a\u001b]0;title\u0007');
  t.same(out, ['a\\x1b[31m\tb\nc\\x9b2J\n']);
  t.same(err, ['a\\x1b]0;title\\x07\n']);
});

t.test('an error is one line, whatever it quotes', async (t) => {
  const { log, err } = started(0);
  log.error("Terminated. Reason: boom\n2026/01/01 00:00:00 Plugin 'Ops': forged\r\n");
  t.same(err, ["Terminated. Reason: boom 2026/01/01 00:00:00 Plugin 'Ops': forged\n"]);
});
