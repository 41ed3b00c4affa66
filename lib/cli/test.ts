/**
 * `hekate test`: runs the tests that stand beside sandboxes and modules.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../entry-urls.ts';
import { openPackages } from '../packages/package-store.ts';
import { HekateError } from '../protocol/errors.ts';
import { type FileResult, junitReport } from '../testing/junit.ts';
import { TestRun, testFiles } from '../testing/test-run.ts';
import { type Command, type CommandIo, EXIT_FAULT } from './command.ts';

export const command: Command = {
  name: 'test',
  summary: 'runs the tests that stand beside sandboxes and modules',
  usage: '[flags] [PATH]',
  example: 'hekate test lua/syslog',
  flags: {
    update: {
      kind: 'bool',
      doc: 'writes down what the cases with snapshot = true gave',
    },
    junit: { kind: 'string', placeholder: 'FILE', doc: 'writes a JUnit report' },
    engine: {
      kind: 'string',
      choices: ['compiled', 'interpreted'],
      default: 'compiled',
      doc: 'how Lua is run',
    },
    extensions: {
      kind: 'string',
      default: 'all',
      doc: 'packages whose modules can be required, separated by commas',
    },
    base_dir: { kind: 'string', default: '', doc: 'folder that packages were added to' },
  },
  run: async (flags, positional, io) => {
    if (positional.length > 1) throw new HekateError('HKT_TOOL_USAGE', ['test takes one path']);
    const shipped = fileURLToPath(new URL('lua', packageRoot));
    const target = positional[0] === undefined ? shipped : path.resolve(io.cwd, positional[0]);
    const files = await testFiles(target);
    const names = flags
      .string('extensions')
      .split(',')
      .filter((name) => name !== '');
    const packages = await openPackages(path.resolve(io.cwd, flags.string('base_dir')), names);
    const run = await TestRun.start({
      engine: flags.string('engine') === 'interpreted' ? 'interpreted' : 'compiled',
      packages,
      update: flags.bool('update'),
      log: (text) => io.stderr(`${text}\n`),
    });
    const results: FileResult[] = [];
    try {
      for (const file of files) {
        if (io.signal.aborted) break;
        const result = await run.file(file);
        results.push({ ...result, file: path.relative(io.cwd, file) });
        show(result, path.relative(io.cwd, file), io);
      }
    } finally {
      await run.close();
    }
    const junit = flags.string('junit');
    if (junit !== '') await writeFile(path.resolve(io.cwd, junit), junitReport(results));
    return conclude(results, io);
  },
};

function show({ tests }: FileResult, file: string, io: CommandIo): void {
  const failed = tests.filter(({ faults }) => faults.length > 0);
  const passed = tests.length - failed.length;
  io.stdout(`${file}  ${passed} passed${failed.length > 0 ? `, ${failed.length} failed` : ''}\n`);
  for (const { faults, line, name } of failed) {
    io.stdout(`  ${file}:${line}  ${name}\n`);
    for (const fault of faults) io.stdout(`    ${fault.replaceAll('\n', '\n    ')}\n`);
  }
}

function conclude(results: readonly FileResult[], io: CommandIo): number {
  const all = results.flatMap(({ tests }) => tests);
  const failed = all.filter(({ faults }) => faults.length > 0).length;
  io.stdout(`${all.length - failed} passed, ${failed} failed\n`);
  return failed > 0 || all.length === 0 ? EXIT_FAULT : 0;
}
