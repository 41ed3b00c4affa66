/**
 * Finds test files below a path and runs them, each case in an isolate of its own, on one shard.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { limits } from '../../native-limits/limits.ts';
import { ThreadCell } from '../cells/thread-cell.ts';
import type { PackageSet } from '../packages/module-access.ts';
import type { EngineName } from '../protocol/batch.ts';
import { ControlWord } from '../protocol/control-word.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { readCaseFile } from './case-file.ts';
import { type CaseBench, runCase } from './case-runner.ts';
import type { FileResult, TestResult } from './junit.ts';
import { runLuaTests } from './lua-tests.ts';
import { Snapshots } from './snapshots.ts';

export interface TestRunOptions {
  readonly engine: EngineName;
  readonly packages: PackageSet;
  /** Writes snapshots instead of comparing with them. */
  readonly update: boolean;
  readonly log: (text: string) => void;
}

const TEST_FILE = /\.test\.(?:lua|toml)$/;
/** No file of tests is as long as this. */
const MOST_BYTES = 16 * 1024 * 1024;

export class TestRun {
  readonly #cell: ThreadCell;
  readonly #bench: CaseBench;
  readonly #update: boolean;

  private constructor(cell: ThreadCell, bench: CaseBench, update: boolean) {
    this.#cell = cell;
    this.#bench = bench;
    this.#update = update;
  }

  static async start(options: TestRunOptions): Promise<TestRun> {
    const { engine, log, packages } = options;
    const control = new SharedArrayBuffer(ControlWord.count * Int32Array.BYTES_PER_ELEMENT);
    const words = new Int32Array(control);
    let id = 0;
    let bench: CaseBench | undefined;
    const cell = await ThreadCell.start({
      shards: 1,
      messageBytes: limits.messageSize.value,
      engine,
      control,
      warn: log,
      onDelivered: (delivered) => {
        Atomics.sub(words, ControlWord.untaken, delivered.bytes.length);
        bench?.onDelivered(delivered);
      },
    });
    const [shard] = cell.shards;
    if (shard === undefined) throw new Error('a cell of one shard has none');
    bench = {
      shard,
      engine,
      globals: {
        shareDir: '/',
        baseDir: '/',
        packages,
        maxProcessInject: limits.processInject.value,
        maxTimerInject: limits.timerInject.value,
        maxMessageLoops: limits.messageLoops.value,
        maxMessageSize: limits.messageSize.value,
        caps: { memoryBytes: 0, instructions: 0, outputBytes: 0, callMs: 0 },
      },
      onDelivered: () => undefined,
      nextId: () => ++id,
      stopRetries: (stop) => {
        Atomics.store(words, ControlWord.stop, stop ? 1 : 0);
        Atomics.notify(words, ControlWord.stop);
      },
    };
    return new TestRun(cell, bench, options.update);
  }

  /** Runs one file. A file that cannot be read as tests is a failed test. */
  async file(file: string): Promise<FileResult> {
    try {
      const bytes = await readFile(file);
      if (bytes.length > MOST_BYTES)
        throw new HekateError('HKT_TEST_FILE', [`${file} is too long`]);
      const tests = file.endsWith('.lua')
        ? await this.#luaTests(file, bytes)
        : await this.#cases(file, bytes.toString('utf8'));
      return { file, tests };
    } catch (error) {
      return {
        file,
        tests: [{ name: '(the file)', line: 1, faults: [errorText(error)], seconds: 0 }],
      };
    }
  }

  async #luaTests(file: string, script: Uint8Array): Promise<readonly TestResult[]> {
    const started = performance.now();
    const results = await runLuaTests(this.#bench, file, script);
    const seconds = (performance.now() - started) / 1000 / Math.max(1, results.length);
    return results.map(({ fault, name }) => ({
      name,
      line: 1,
      faults: fault === undefined ? [] : [fault],
      seconds,
    }));
  }

  async #cases(file: string, text: string): Promise<readonly TestResult[]> {
    const cases = readCaseFile(file, text);
    const script = await readFile(cases.script);
    const snapshots = await Snapshots.of(file, this.#update);
    const results: TestResult[] = [];
    for (const test of cases.cases) {
      const started = performance.now();
      let faults: readonly string[];
      try {
        faults = await runCase(this.#bench, cases, test, script, snapshots);
      } catch (error) {
        faults = [errorText(error)];
      }
      const seconds = (performance.now() - started) / 1000;
      results.push({ name: test.name, line: test.line, faults, seconds });
    }
    await snapshots.close();
    return results;
  }

  async close(): Promise<void> {
    await this.#cell.close();
  }
}

/** Test files at or below a path, in order of their names. Throws HKT_TEST_FILE when there are none. */
export async function testFiles(target: string): Promise<readonly string[]> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) throw new HekateError('HKT_TEST_FILE', [`${target} does not exist`]);
  if (found.isFile()) return [target];
  const names = await readdir(target, { recursive: true });
  const files = names
    .filter((name) => TEST_FILE.test(name) && !name.includes('node_modules'))
    .map((name) => path.join(target, name))
    .sort();
  if (files.length === 0) throw new HekateError('HKT_TEST_FILE', [`no tests below ${target}`]);
  return files;
}
