/**
 * Coroutines, which filters may not have: hostile programs run by `hekate lua` in an isolate with a sandbox's default
 * limits. A program's second line says what comes of it: `-- expect: done`, or `limit` and a part of the message. One that
 * prints "ran on" has got further than it may.
 */
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCommand } from '../../lib/cli/command.ts';
import { command } from '../../lib/cli/lua.ts';
import { limits } from '../../native-limits/limits.ts';
import { fakeIo } from '../lib/cli/fake-io.ts';
import { record } from './record.ts';

const LIMITS = [
  `-instruction_limit=${limits.instructions.value}`,
  `-memory_limit=${limits.memory.value}`,
];
const FOLDER = join(import.meta.dirname, 'coroutines');

for (const file of readdirSync(FOLDER)) {
  const source = readFileSync(join(FOLDER, file), 'utf8');
  const [sentence = '', expectation = ''] = source.split('\n');
  const [, kind, text = ''] = /^-- expect: (done|limit) ?(.*)$/.exec(expectation) ?? [];
  const name = file.replace(/\.lua$/, '');
  t.test(`${name}: ${sentence.slice(3)}`, async (t) => {
    const folder = t.testdir({ 'program.lua': source, output: '' });
    const output = openSync(join(folder, 'output'), 'a');
    t.teardown(() => closeSync(output));
    const io = fakeIo({ cwd: folder, descriptors: [output, output, output] });
    const startedMs = performance.now();
    const args = ['-engine=compiled', ...LIMITS, 'program.lua'];
    const code = await runCommand(command, 'hekate lua', args, io);
    const ms = Math.round(performance.now() - startedMs);
    record({
      attack: `coroutines/${name}`,
      engine: 'compiled',
      end: code === 0 ? 'lives' : (/HKT_\w+/.exec(io.err)?.[0] ?? 'error'),
      ms,
    });
    const printed = readFileSync(join(folder, 'output'), 'utf8');
    if (kind === 'done') {
      t.equal(code, 0, io.err);
      t.equal(printed, 'done\n');
      return;
    }
    t.equal(kind, 'limit', 'the program says what comes of it');
    t.match(io.err, 'HKT_TOOL_LIMIT');
    t.ok(io.err.includes(text), io.err);
    t.equal(printed, '', 'nothing ran on');
  });
}
