/**
 * The filters that one manager runs, in the host and on disk. What holds: a filter whose load or reload was answered with
 * success is on disk; one whose load failed left nothing, neither running nor on disk. New files count only after the new
 * code has started, so a script that brings the daemon down does not do so again at every start.
 */
import type { FilterDefinition, FilterEnd, FilterHost } from '../filters/filter-host.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { FilterStore, StoredFilter } from './filter-store.ts';

/** A life of a filter: from a successful start or replacement to its end. */
interface Life {
  /** The section's name as it was submitted; "" for a filter that was restored. */
  readonly written: string;
  ended: boolean;
}

/** What is to run, and the bytes that bring it back. */
export interface FilterSource {
  readonly written: string;
  readonly definition: FilterDefinition;
  readonly stored: StoredFilter;
}

export class ManagedFilters {
  readonly #host: FilterHost;
  readonly #store: FilterStore;
  /** Told what went wrong without changing the outcome of an action. */
  readonly #warn: (text: string) => void;
  readonly #running = new Map<string, Life>();

  constructor(host: FilterHost, store: FilterStore, warn: (text: string) => void) {
    this.#host = host;
    this.#store = store;
    this.#warn = warn;
  }

  /** How many filters run. */
  get count(): number {
    return this.#running.size;
  }

  /** Throws HKT_CONTROL_RUNNING when the name is in use, by whomever. */
  requireFree(name: string, written: string): void {
    const life = this.#running.get(name);
    if (life === undefined && !this.#host.has(name)) return;
    const other = life !== undefined && life.written !== '' && life.written !== written;
    const shown = other ? `, loaded as '${life.written.slice(0, 100)}'` : '';
    throw new HekateError('HKT_CONTROL_RUNNING', [name, shown]);
  }

  /** Throws HKT_CONTROL_NOT_RUNNING or HKT_CONTROL_NOT_MANAGED. */
  requireRunning(name: string): void {
    if (this.#running.has(name)) return;
    throw new HekateError(
      this.#host.has(name) ? 'HKT_CONTROL_NOT_MANAGED' : 'HKT_CONTROL_NOT_RUNNING',
      [name],
    );
  }

  /** Starts a new filter and stores it. Rejects with what went wrong, and nothing of it is left then. */
  async load(source: FilterSource): Promise<void> {
    const { name } = source.definition;
    this.requireFree(name, source.written);
    const staged = await this.#store.stage(name, source.stored);
    try {
      await this.start(source.definition, source.written);
    } catch (error) {
      this.#note(await staged.discard());
      throw error;
    }
    try {
      this.#note(await staged.commit());
    } catch (error) {
      await this.#stop(name);
      throw error;
    }
  }

  /** Starts a filter whose files are in place already. */
  async start(definition: FilterDefinition, written: string): Promise<void> {
    const life: Life = { written, ended: false };
    const { name } = definition;
    await this.#host.start(definition, (end) => this.#ended(name, life, end));
    // It may have ended before the host's promise was seen here.
    if (!life.ended) this.#running.set(name, life);
  }

  /** Replaces a running filter. Rejects with what went wrong; the old one runs on, but for HKT_CONTROL_NOT_STORED. */
  async reload(source: FilterSource): Promise<void> {
    const { definition, written } = source;
    const { name } = definition;
    this.requireRunning(name);
    const staged = await this.#store.stage(name, source.stored);
    const life: Life = { written, ended: false };
    try {
      await this.#host.replace(definition, (end) => this.#ended(name, life, end));
    } catch (error) {
      this.#note(await staged.discard());
      throw error;
    }
    if (life.ended) this.#running.delete(name);
    else this.#running.set(name, life);
    try {
      this.#note(await staged.commit());
    } catch (error) {
      throw new HekateError('HKT_CONTROL_NOT_STORED', [name, errorText(error)], error);
    }
  }

  /**
   * Stops a filter and removes its files; of one that has ended only the files. Returns whether it ran. Rejects with
   * HKT_CONTROL_NOT_RUNNING, HKT_CONTROL_NOT_MANAGED or HKT_CONTROL_STORE, and nothing changed then.
   */
  async unload(name: string): Promise<boolean> {
    const ran = this.#running.has(name);
    if (!ran && this.#host.has(name)) throw new HekateError('HKT_CONTROL_NOT_MANAGED', [name]);
    // The files first: if they cannot be removed, the filter runs on rather than come back after a restart.
    const removal = await this.#store.remove(name);
    this.#note(removal.rest);
    if (!ran && !removal.found) throw new HekateError('HKT_CONTROL_NOT_RUNNING', [name]);
    if (ran) await this.#stop(name);
    return ran;
  }

  async #stop(name: string): Promise<void> {
    if (!this.#host.has(name)) return;
    try {
      await this.#host.stop(name);
    } catch (error) {
      this.#warn(`stopping ${name} failed: ${errorText(error)}`);
    }
    if (!this.#host.has(name)) this.#running.delete(name);
  }

  #ended(name: string, life: Life, end: FilterEnd): void {
    life.ended = true;
    if (this.#running.get(name) !== life) return; // it was replaced
    this.#running.delete(name);
    if (end.kind === 'terminated') {
      this.#warn(`${name} was terminated; its files stay: unload removes them, load replaces them`);
    }
  }

  #note(error: HekateError | undefined): void {
    if (error !== undefined) this.#warn(`${error.code} ${error.message}`);
  }
}
