import t from 'tap';
import { LossLog } from '../../../lib/splitters/loss-log.ts';
import { ManualClock } from '../../manual-clock.ts';

function started(): { log: LossLog; lines: string[]; clock: ManualClock; stop: AbortController } {
  const lines: string[] = [];
  const clock = new ManualClock();
  const stop = new AbortController();
  const sink = {
    info: (text: string) => lines.push(text),
    error: (text: string) => lines.push(text),
  };
  return { log: new LossLog({ log: sink, clock, signal: stop.signal }), lines, clock, stop };
}

t.test('the first loss is logged at once, those of the next second in one line', async (t) => {
  const { log, lines, clock } = started();
  for (let i = 1; i <= 1000; i++) log.report('HKT_FRAME_HEADER', [i]);
  t.same(lines, ['skipped 1 bytes that belong to no frame (HKT_FRAME_HEADER)']);
  clock.advance(999);
  t.equal(lines.length, 1);
  clock.advance(1);
  t.same(lines.slice(1), [
    'skipped 1000 bytes that belong to no frame (HKT_FRAME_HEADER), and 998 more like it',
  ]);
});

t.test('a second loss is told as it is, and so is a text of any sort', async (t) => {
  const { log, lines, clock } = started();
  log.report('HKT_FRAME_HEADER', [1]);
  log.report('HKT_FRAME_HEADER', [2]);
  for (const n of [1, 2, 3]) log.line('decode', `failure ${n}`);
  clock.advance(1000);
  t.same(lines, [
    'skipped 1 bytes that belong to no frame (HKT_FRAME_HEADER)',
    'failure 1',
    'skipped 2 bytes that belong to no frame (HKT_FRAME_HEADER)',
    'failure 3, and 1 more like it',
  ]);
});

t.test('after a quiet second the next loss is logged at once again', async (t) => {
  const { log, lines, clock } = started();
  log.report('HKT_FRAME_HEADER', [1]);
  clock.advance(1000);
  t.equal(clock.pending, 0, 'and no timer is left');
  log.report('HKT_FRAME_HEADER', [2]);
  t.equal(lines.length, 2);
});

t.test('a lasting flood is one line a second', async (t) => {
  const { log, lines, clock } = started();
  for (let i = 0; i < 100; i++) {
    log.report('HKT_RECORD_TOO_BIG', [1, 'dropped']);
    clock.advance(100);
  }
  t.ok(lines.length >= 9 && lines.length <= 11, String(lines.length));
});

t.test('one kind of loss does not hide another', async (t) => {
  const { log, lines } = started();
  log.report('HKT_FRAME_HEADER', [1]);
  log.report('HKT_FRAME_INCOMPLETE', [2]);
  t.equal(lines.length, 2);
});

t.test(
  'what was held back is logged at the end, and what comes then is logged at once',
  async (t) => {
    const { log, lines, stop } = started();
    for (let i = 0; i < 3; i++) log.report('HKT_FRAME_HEADER', [i]);
    stop.abort();
    t.match(lines, [String, /and 1 more like it/]);
    log.report('HKT_FRAME_HEADER', [7]);
    log.report('HKT_FRAME_HEADER', [8]);
    t.equal(lines.length, 4);
  },
);
