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
  /** Codes, and keys of `line`, that were logged within the last second. */
  readonly #quiet = new Map<string, Quiet>();

  constructor(context: Pick<PluginContext, 'log' | 'clock' | 'signal'>) {
    this.#context = context;
    context.signal.addEventListener('abort', () => this.#flush(), { once: true });
  }

  report(code: ErrorCode, values: readonly (string | number)[]): void {
    this.line(code, `${formatTemplate(errorCatalogue[code].template, values)} (${code})`);
  }

  /** The same for a text of any sort. There are as many keys as the caller's source has places, never as many as its data. */
  line(key: string, text: string): void {
    const quiet = this.#quiet.get(key);
    if (quiet !== undefined) {
      quiet.more++;
      quiet.lastText = text;
      return;
    }
    this.#context.log.error(text);
    if (this.#context.signal.aborted) return;
    this.#quiet.set(key, { more: 0, lastText: '' });
    this.#context.clock.after(INTERVAL_MS, () => this.#sumUp(key));
  }

  #sumUp(key: string): void {
    const quiet = this.#quiet.get(key);
    this.#quiet.delete(key);
    if (quiet === undefined || quiet.more === 0) return;
    const others = quiet.more === 1 ? '' : `, and ${quiet.more - 1} more like it`;
    this.#context.log.error(`${quiet.lastText}${others}`);
    if (this.#context.signal.aborted) return;
    this.#quiet.set(key, { more: 0, lastText: '' });
    this.#context.clock.after(INTERVAL_MS, () => this.#sumUp(key));
  }

  #flush(): void {
    for (const key of this.#quiet.keys()) this.#sumUp(key);
  }
}
