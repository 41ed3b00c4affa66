/**
 * The failures of one destination: the first in a row is reported, and so is the end of them; attempts wait longer and
 * longer; what was lost in the end is counted and said.
 */
import { Alarm } from '../alarm.ts';
import type { PluginContext } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { DEFAULT_RETRIES, type RetryOptions, RetryPolicy } from '../retry-policy.ts';

export class Outage {
  readonly #log: PluginContext['log'];
  readonly #retry: RetryPolicy;
  /** Rings when waiting for the next attempt must end. */
  readonly #urgent: Alarm;
  #lasting = false;
  #lost = 0;

  constructor(
    context: Pick<PluginContext, 'log' | 'clock'>,
    retries: RetryOptions = DEFAULT_RETRIES,
  ) {
    this.#log = context.log;
    this.#retry = new RetryPolicy(retries, context.clock);
    this.#urgent = new Alarm(context.clock);
  }

  /** True from the first failure to the next success. */
  get lasting(): boolean {
    return this.#lasting;
  }

  get lost(): number {
    return this.#lost;
  }

  /** An attempt failed. */
  report(thrown: unknown): void {
    if (this.#lasting) return;
    this.#lasting = true;
    this.#log.error(errorText(thrown));
  }

  /** Resolves when it is time for the next attempt, at once after `hurry`. */
  async wait(): Promise<void> {
    await this.#urgent.wait(this.#retry.next());
  }

  /** The next attempt must not wait; the ones after it wait from the shortest time on. */
  hurry(): void {
    this.#retry.reset();
    this.#urgent.ring();
  }

  /** An attempt succeeded; `text` is said when it ends an outage. */
  over(text: string): void {
    this.#retry.reset();
    if (!this.#lasting) return;
    this.#lasting = false;
    this.#log.info(text);
  }

  /** `count` records will not reach `target` any more. */
  lose(count: number, target: string, reason: string): void {
    if (count === 0) return;
    this.#lost += count;
    this.#log.error(new HekateError('HKT_PLUGIN_LOST', [count, target, reason]).message);
  }
}
