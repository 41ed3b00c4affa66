import t from 'tap';
import { systemClock } from '../../lib/system-clock.ts';

t.test('the nanoseconds agree with the milliseconds and never run backwards', async (t) => {
  let last = systemClock.nowNs();
  for (let i = 0; i < 1000; i++) {
    const next = systemClock.nowNs();
    if (next < last) t.fail('ran backwards');
    last = next;
  }
  const before = systemClock.now();
  const ms = Number(systemClock.nowNs() / 1_000_000n);
  const after = systemClock.now();
  t.ok(ms >= before && ms <= after);
});

t.test('a disposed timer does not fire and a live one does', async (t) => {
  const fired: string[] = [];
  await new Promise<void>((resolve) => {
    const keep = setInterval(() => {}, 1000); // the clock's own timers do not keep a process alive
    const dead = systemClock.after(1, () => fired.push('dead'));
    dead[Symbol.dispose]();
    systemClock.after(2, () => {
      fired.push('live');
      clearInterval(keep);
      resolve();
    });
  });
  t.same(fired, ['live']);
});
