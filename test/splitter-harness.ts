/** Opens splitters of a section for tests: records are collected, log lines kept, time stands still. */
import { sectionOf } from '../lib/config/section.ts';
import type { ConfigValue } from '../lib/config/spec.ts';
import type { PluginContext, SplitRecord, Splitter } from '../lib/plugin.ts';
import type { SplitterFactory, SplitterType } from '../lib/splitters/splitter-factory.ts';
import { ManualClock } from './manual-clock.ts';

export interface SplitterBench {
  readonly factory: SplitterFactory;
  readonly logs: string[];
  readonly clock: ManualClock;
  readonly stop: AbortController;
  /** Pushes the data in chunks of `chunkBytes`, ends the stream, and returns the records as byte strings. */
  split(data: string | Uint8Array, chunkBytes?: number): string[];
}

export function splitterContext(
  maxMessageSize: number,
  logs: string[],
  clock: ManualClock,
  signal: AbortSignal,
): PluginContext {
  return {
    name: 'Splitter',
    log: { info: (text) => logs.push(text), error: (text) => logs.push(text) },
    clock,
    signal,
    hostname: 'host',
    pid: 1,
    baseDir: '/nowhere',
    shareDir: '/nowhere',
    maxMessageSize,
  };
}

export function splitterBench(
  type: SplitterType,
  values: Readonly<Record<string, ConfigValue>> = {},
  maxMessageSize = 65536,
): SplitterBench {
  const logs: string[] = [];
  const clock = new ManualClock();
  const stop = new AbortController();
  const context = splitterContext(maxMessageSize, logs, clock, stop.signal);
  const factory = type.create(sectionOf(type.spec, values), context);
  return {
    factory,
    logs,
    clock,
    stop,
    split: (data, chunkBytes = 1 << 20) => splitAll(factory.open(), data, chunkBytes).map(textOf),
  };
}

/** Pushes data through an open splitter; the chunks' memory is used again, as a socket may do. */
export function splitAll(
  splitter: Splitter,
  data: string | Uint8Array,
  chunkBytes: number,
): SplitRecord[] {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const records: SplitRecord[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.slice(at, at + chunkBytes);
    const own = Uint8Array.from(chunk);
    splitter.push(own, (record) => records.push(record));
    own.fill(0xee);
  }
  splitter.end((record) => records.push(record));
  return records;
}

export function textOf(record: SplitRecord): string {
  return Buffer.from(record.bytes).toString('latin1');
}
