/**
 * The test suite of Lua 5.1 by its authors, file by file. The tables say what of it cannot hold here, and why.
 */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite, UpstreamCase } from './case.ts';
import { type Cut, withCuts } from './cuts.ts';

/** Files that are not run. */
const leftOut: Readonly<Record<string, string>> = {
  'main.lua': 'tests the program lua by starting it as a child process; hekate lua starts none',
};

/** Files that other files load. */
const parts: ReadonlySet<string> = new Set(['all.lua', 'checktable.lua']);

const NEGATIVE =
  'a negative number in another base: Lua 5.1 reads it as an unsigned long of the machine';

const cuts: Readonly<Record<string, readonly Cut[]>> = {
  'big.lua': [
    {
      lines: [3, 12],
      digest: '5f5338182f9a',
      reason:
        'wants a string of 4 GiB refused for its length; Lua 5.1 makes it on a 64-bit machine',
    },
  ],
  'math.lua': [
    { lines: [47, 48], digest: '28cf767b48f0', reason: NEGATIVE },
    { lines: [52, 52], digest: '7fe0769329b0', reason: NEGATIVE },
  ],
  'pm.lua': [
    {
      lines: [89, 89],
      digest: '08df8f1b634b',
      reason: 'an empty statement, which is not Lua 5.1',
      instead: '  for at = i, j do ret[#ret + 1] = at end',
    },
  ],
};

const DRIVER = 'hekate-driver.lua';

export const lua51: Suite = {
  directory: "the suite's folder, the one with all.lua in it",
  async prepare(directory, folder) {
    await cp(directory, folder, { recursive: true });
    await cp(join(import.meta.dirname, 'lua51.lua'), join(folder, DRIVER));
    for (const [name, list] of Object.entries(cuts)) {
      const text = await readFile(join(directory, name), 'latin1');
      await writeFile(join(folder, name), withCuts(name, text, list), 'latin1');
    }
    const names = (await readdir(directory)).filter((name) => name.endsWith('.lua'));
    return names
      .filter((name) => !parts.has(name))
      .sort()
      .map(caseOf);
  },
};

function caseOf(name: string): UpstreamCase {
  const reason = leftOut[name];
  const reasons = cuts[name]?.map((cut) => cut.reason);
  return {
    name,
    args: [DRIVER, name],
    env: { LUA_PATH: '?;./?.lua' },
    ...(reason === undefined ? {} : { leftOut: reason }),
    ...(reasons === undefined ? {} : { cuts: reasons }),
  };
}
