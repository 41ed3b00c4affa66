/**
 * Bounds a piece of work in time: it gets a signal that is aborted when its time is over, or when the output must stop.
 */
import type { Clock } from '../plugin.ts';

export interface Deadline {
  readonly ms: number;
  /** What is said when the time is over, such as "no answer". */
  readonly what: string;
  readonly clock: Clock;
  /** Aborted when the output must stop. */
  readonly stop: AbortSignal;
}

/** What `work` comes to; rejects with the reason of the abort when that is what ended it. */
export async function withDeadline<T>(
  { ms, what, clock, stop }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const stopped = (): void => limit.abort(new Error('shutting down'));
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  const timer = clock.after(ms, () => limit.abort(new Error(`${what} within ${ms} ms`)));
  try {
    return await work(limit.signal);
  } catch (thrown) {
    throw limit.signal.aborted ? limit.signal.reason : thrown;
  } finally {
    timer[Symbol.dispose]();
    stop.removeEventListener('abort', stopped);
  }
}
