/**
 * A FilterHost without sandboxes: it keeps definitions and lets tests decide how starts end. A script's first line steers
 * it: "fail CODE text" refuses to start, "end" terminates right after the start.
 */
import type {
  FilterDefinition,
  FilterEnd,
  FilterHost,
  FilterStatus,
} from '../lib/filters/filter-host.ts';
import { errorFromText, HekateError } from '../lib/protocol/errors.ts';

interface Fake {
  readonly definition: FilterDefinition;
  readonly onEnd: ((end: FilterEnd) => void) | undefined;
}

const TERMINATED: FilterEnd = {
  kind: 'terminated',
  termination: { code: 'HKT_SANDBOX_MEMORY', text: 'ended by the test', limit: 1, used: 2 },
};

export class FakeFilterHost implements FilterHost {
  readonly filters = new Map<string, Fake>();
  /** What happened, in order: "start M-A", "replace M-A", "stop M-A". */
  readonly calls: string[] = [];
  /** Starts and replacements that are under way, and the most there ever were. */
  busy = 0;
  maxBusy = 0;
  /** When set, every start waits for it. */
  gate: Promise<void> | undefined;

  async start(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void> {
    if (this.has(definition.name)) throw new HekateError('HKT_SANDBOX_RUNNING', [definition.name]);
    await this.#begin('start', definition);
    this.filters.set(definition.name, { definition, onEnd });
    if (scriptOf(definition).startsWith('end')) this.terminate(definition.name);
  }

  async replace(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void> {
    this.#mustRun(definition.name);
    await this.#begin('replace', definition);
    const old = this.filters.get(definition.name);
    this.filters.set(definition.name, { definition, onEnd });
    old?.onEnd?.({ kind: 'stopped' });
  }

  async stop(name: string): Promise<void> {
    this.#mustRun(name);
    this.calls.push(`stop ${name}`);
    await Promise.resolve();
    const filter = this.filters.get(name);
    this.filters.delete(name);
    filter?.onEnd?.({ kind: 'stopped' });
  }

  /** Ends a filter as a limit does. */
  terminate(name: string): void {
    const filter = this.filters.get(name);
    this.filters.delete(name);
    filter?.onEnd?.(TERMINATED);
  }

  has(name: string): boolean {
    return this.filters.has(name);
  }

  status(): readonly FilterStatus[] {
    return [];
  }

  definition(name: string): FilterDefinition | undefined {
    return this.filters.get(name)?.definition;
  }

  #mustRun(name: string): void {
    if (!this.has(name)) throw new HekateError('HKT_SANDBOX_NOT_RUNNING', [name]);
  }

  async #begin(call: string, definition: FilterDefinition): Promise<void> {
    this.calls.push(`${call} ${definition.name}`);
    this.busy++;
    this.maxBusy = Math.max(this.maxBusy, this.busy);
    try {
      await Promise.resolve();
      await this.gate;
      const [word, code, ...text] = scriptOf(definition).split('\n')[0]?.split(' ') ?? [];
      if (word === 'fail') throw errorFromText(code ?? '', text.join(' '));
    } finally {
      this.busy--;
    }
  }
}

function scriptOf(definition: FilterDefinition): string {
  return Buffer.from(definition.script).toString();
}
