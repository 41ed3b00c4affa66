/**
 * Log lines about lost data, at a bounded rate: what a hostile stream can cause a million times a second is logged once
 * a second and code, with how often it happened. Nothing is suppressed without being summed up.
 */
import type { PluginContext } from '../plugin.ts';
import { type ErrorCode, errorCatalogue, formatTemplate } from '../protocol/errors.ts';

const INTERVAL_MS = 1000;

interface Quiet {
  more: number;
  lastText: string;
}

export class LossLog {
  readonly #context: Pick<PluginContext, 'log' | 'clock' | 'signal'>;
  /** Codes that were logged within the last second. */
  readonly #quiet = new Map<ErrorCode, Quiet>();

  constructor(context: Pick<PluginContext, 'log' | 'clock' | 'signal'>) {
    this.#context = context;
    context.signal.addEventListener('abort', () => this.#flush(), { once: true });
  }

  report(code: ErrorCode, values: readonly (string | number)[]): void {
    const text = `${formatTemplate(errorCatalogue[code].template, values)} (${code})`;
    const quiet = this.#quiet.get(code);
    if (quiet !== undefined) {
      quiet.more++;
      quiet.lastText = text;
      return;
    }
    this.#context.log.error(text);
    if (this.#context.signal.aborted) return;
    this.#quiet.set(code, { more: 0, lastText: '' });
    this.#context.clock.after(INTERVAL_MS, () => this.#sumUp(code));
  }

  #sumUp(code: ErrorCode): void {
    const quiet = this.#quiet.get(code);
    this.#quiet.delete(code);
    if (quiet === undefined || quiet.more === 0) return;
    this.#context.log.error(`${quiet.lastText}, and ${quiet.more - 1} more like it`);
    if (this.#context.signal.aborted) return;
    this.#quiet.set(code, { more: 0, lastText: '' });
    this.#context.clock.after(INTERVAL_MS, () => this.#sumUp(code));
  }

  #flush(): void {
    for (const code of this.#quiet.keys()) this.#sumUp(code);
  }
}
