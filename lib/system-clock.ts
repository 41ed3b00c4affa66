/**
 * The machine's clock behind the Clock interface. Timers do not keep the process alive: what must end cleanly
 * is ended by the daemon's shutdown, never by waiting for a timer.
 */
import type { Clock } from './plugin.ts';

const NS_PER_MS = 1_000_000n;
/** Longest delay of a Node timer; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Wall clock time at which process.hrtime was 0, fixed once so that nowNs never runs backwards. */
const startNs = BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();

export const systemClock: Clock = {
  now: () => Date.now(),
  nowNs: () => {
    // The monotonic clock gives the digits below a millisecond; the wall clock wins when it was set anew.
    const fine = startNs + process.hrtime.bigint();
    const wall = BigInt(Date.now()) * NS_PER_MS;
    return fine >= wall && fine < wall + NS_PER_MS ? fine : wall;
  },
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_DELAY_MS));
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
