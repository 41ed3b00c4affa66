import t from 'tap';
import { DEFAULT_RETRIES, pause, RetryPolicy } from '../../lib/retry-policy.ts';
import { ManualClock } from '../manual-clock.ts';

t.test('waits double from delay to max_delay and jitter is added to each', async (t) => {
  const policy = new RetryPolicy(
    { delayMs: 250, maxDelayMs: 1000, maxJitterMs: 100, maxRetries: -1 },
    new ManualClock(),
    () => 0.5,
  );
  t.same([policy.next(), policy.next(), policy.next(), policy.next()], [300, 550, 1050, 1050]);
  t.equal(policy.times, 4);
});

t.test('a success makes counting start anew', async (t) => {
  const policy = new RetryPolicy(DEFAULT_RETRIES, new ManualClock(), () => 0);
  policy.next();
  policy.next();
  policy.reset();
  t.equal(policy.next(), 250);
});

t.test('after max_retries attempts there is an error with its code', async (t) => {
  const policy = new RetryPolicy({ ...DEFAULT_RETRIES, maxRetries: 1 }, new ManualClock());
  policy.next();
  t.throws(() => policy.next(), { code: 'HKT_PLUGIN_RETRIES', message: /Max retries exceeded/ });
  const never = new RetryPolicy({ ...DEFAULT_RETRIES, maxRetries: 0 }, new ManualClock());
  t.throws(() => never.next(), { code: 'HKT_PLUGIN_RETRIES' });
});

t.test('waiting takes the time of the policy on the injected clock', async (t) => {
  const clock = new ManualClock();
  const policy = new RetryPolicy(DEFAULT_RETRIES, clock, () => 0);
  let over = false;
  const waited = policy.wait().then(() => {
    over = true;
  });
  await clock.advanceAsync(249);
  t.equal(over, false);
  await clock.advanceAsync(1);
  await waited;
  t.equal(over, true);
});

t.test('an aborted signal ends the wait and leaves no timer behind', async (t) => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const waited = pause(1000, clock, stop.signal);
  stop.abort();
  await waited;
  t.equal(clock.pending, 0);
  await pause(1000, clock, stop.signal);
  t.equal(clock.pending, 0);
});
