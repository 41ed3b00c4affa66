/**
 * `npm run bench [-- SUBJECT… -quick -runs=N -awfy=DIR]`: runs benchmarks, each in several processes, writes what they say to
 * results/<subject>.json with all conditions, and the last table of all subjects to RESULTS.md. A quick run shows only that the
 * benchmarks work: it takes one process each and writes nothing. DIR is a checkout of are-we-fast-yet.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Benchmark, Sample } from './benchmark.ts';
import { conditions } from './machine.ts';
import { type Result, resultsPage, resultTable } from './results-page.ts';
import { benchmarkOf, benchmarks } from './subjects.ts';

const FOLDER = join(import.meta.dirname, 'results');
const DEFAULT_RUNS = 3;
const LINE_WIDTH = 100;

const args = process.argv.slice(2);
const quick = args.includes('-quick');
const runs = quick
  ? 1
  : Number(args.find((arg) => arg.startsWith('-runs='))?.slice(6) ?? DEFAULT_RUNS);
const outside = args.filter((arg) => arg.startsWith('-awfy='));
const names = args.filter((arg) => !arg.startsWith('-'));
const unknown = names.find((name) => benchmarkOf(name) === undefined);
if (unknown !== undefined || !Number.isInteger(runs) || runs < 1) {
  const subjects = benchmarks.map((benchmark) => benchmark.subject).join(', ');
  console.error(
    `usage: npm run bench -- [SUBJECT...] [-quick] [-runs=N] [-awfy=DIR]\nsubjects: ${subjects}`,
  );
  process.exit(2);
}

for (const benchmark of benchmarks) {
  if (names.length > 0 && !names.includes(benchmark.subject)) continue;
  const result = await measure(benchmark);
  console.log(resultTable(result));
  if (!quick) await write(result);
}

async function measure(benchmark: Benchmark): Promise<Result> {
  const before = conditions();
  const rounds: Sample[][] = [];
  for (let round = 0; round < runs; round++) {
    console.error(`${benchmark.subject}: process ${round + 1} of ${runs}`);
    rounds.push(await samplesOf(benchmark.subject));
  }
  const { subject, layout, ratios, aims } = benchmark;
  return {
    subject,
    conditions: before,
    description: benchmark.conditions,
    parameters: benchmark.parameters(quick),
    processes: runs,
    ...(layout === undefined ? {} : { layout }),
    ratios,
    // A quick run's figures are too rough to be held against anything.
    aims: quick ? [] : aims,
    rounds,
  };
}

async function samplesOf(subject: string): Promise<Sample[]> {
  const file = join(import.meta.dirname, 'sample-process.ts');
  const child = spawn(
    process.execPath,
    ['--no-node-snapshot', file, subject, ...(quick ? ['-quick'] : []), ...outside],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exit = new Promise<number | null>((done) => child.on('exit', (code) => done(code)));
  const samples: Sample[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const sample: Sample = JSON.parse(line); // a line of sample-process.ts
    samples.push(sample);
  }
  const code = await exit;
  if (code !== 0) throw new Error(`benchmark ${subject} exited with code ${code}`);
  return samples;
}

async function write(result: Result): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(resultFile(result.subject), jsonText(result));
  const results: Result[] = [];
  for (const { subject } of benchmarks) {
    const known = await readResult(subject);
    if (known !== undefined) results.push(known);
  }
  await writeFile(join(import.meta.dirname, 'RESULTS.md'), resultsPage(results));
}

/** Lists of plain values stand on one line where they fit, as the formatter wants them. */
function jsonText(result: Result): string {
  const text = JSON.stringify(result, null, 2);
  const short = text.replace(
    /^( *(?:"[^"]*": )?)\[\n([^[\]{}]*?)\n *\](,?)$/gm,
    (long, before: string, items: string, after: string) => {
      const line = `${before}[${items.trim().replace(/\n\s+/g, ' ')}]${after}`;
      return line.length <= LINE_WIDTH ? line : long;
    },
  );
  return `${short}\n`;
}

async function readResult(subject: string): Promise<Result | undefined> {
  let text: string;
  try {
    text = await readFile(resultFile(subject), 'utf8');
  } catch {
    return undefined; // it has not been run yet
  }
  const result: Result = JSON.parse(text); // a file that `write` wrote
  return result;
}

function resultFile(subject: string): string {
  return join(FOLDER, `${subject}.json`);
}
