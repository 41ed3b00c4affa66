/** All benchmarks, in the order in which they run and stand in the table. */
import type { Benchmark } from './benchmark.ts';
import { circularBuffer } from './circular-buffer.ts';
import { delivery } from './delivery.ts';
import { density } from './density.ts';
import { endToEnd } from './end-to-end.ts';
import { engine } from './engine.ts';
import { json } from './json.ts';
import { lpeg } from './lpeg.ts';
import { metering } from './metering.ts';
import { logPipeline } from './pipeline.ts';
import { routing } from './routing.ts';

export const benchmarks: readonly Benchmark[] = [
  routing,
  delivery,
  density,
  endToEnd,
  logPipeline,
  engine,
  metering,
  circularBuffer,
  json,
  lpeg,
];

export function benchmarkOf(subject: string): Benchmark | undefined {
  return benchmarks.find((benchmark) => benchmark.subject === subject);
}
