/**
 * The test suite of Lua 5.1 by its authors, file by file. The tables say what of it cannot hold here, and why.
 */
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite, UpstreamCase } from './case.ts';
import { type Cuts, cutFiles } from './cuts.ts';

/** Files that are not run. */
const leftOut: Readonly<Record<string, string>> = {
  'main.lua': 'tests the program lua by starting it as a child process; hekate lua starts none',
};

/** Files that other files load. */
const parts: ReadonlySet<string> = new Set(['all.lua', 'checktable.lua']);

const HOOKS = 'hooks, and local variables of running functions, cannot be had';
const LINES = 'which lines of a function have code is not known';
const WEAK = 'weak tables keep what they hold';
const FINALIZERS = 'finalizers are not called';
const NEGATIVE =
  'a negative number in another base: Lua 5.1 reads it as an unsigned long of the machine';

const cuts: Cuts = {
  'big.lua': [
    {
      lines: [3, 12],
      digest: '5f5338182f9a',
      reason:
        'wants a string of 4 GiB refused for its length; Lua 5.1 makes it on a 64-bit machine',
    },
  ],
  'db.lua': [
    { lines: [28, 34], digest: 'dcc5ae7f2ba3', reason: LINES },
    { lines: [62, 96], digest: '2d97c76571fd', reason: 'namewhat of a running function' },
    { lines: [98, 151], digest: 'e9895008959f', reason: HOOKS },
    { lines: [157, 281], digest: '5250e035547d', reason: HOOKS },
    { lines: [284, 312], digest: 'aca70f389876', reason: 'debug.getupvalue and debug.setupvalue' },
    { lines: [315, 328], digest: 'd7c69ca4bd05', reason: HOOKS },
    { lines: [331, 378], digest: 'ce69575ce9fb', reason: 'tail calls leave no frame to be seen' },
    {
      lines: [394, 472],
      digest: '28fe835d16cf',
      reason: 'the frames of a suspended coroutine cannot be seen',
    },
    { lines: [483, 483], digest: 'a6b9aed5d21e', reason: HOOKS },
    { lines: [495, 495], digest: 'd3162ee3f9ac', reason: 'debug.getregistry' },
  ],
  'errors.lua': [
    {
      lines: [157, 167],
      digest: '12af9a20f721',
      reason: 'the traceback of a stack overflow shows its innermost functions only',
    },
  ],
  'gc.lua': [
    { lines: [111, 113], digest: '8c37a544be0f', reason: 'steps of the collector' },
    { lines: [118, 129], digest: 'f60ac055cb8f', reason: 'stopping the collector' },
    { lines: [160, 161], digest: 'ba6a2d339ee0', reason: WEAK },
    { lines: [176, 177], digest: 'b593518e183b', reason: WEAK },
    { lines: [191, 197], digest: 'e3dda01e6e74', reason: WEAK },
    { lines: [200, 200], digest: '63b8fe0bb381', reason: WEAK },
    { lines: [228, 230], digest: '571a09fb402a', reason: FINALIZERS },
    { lines: [248, 248], digest: '6eb2cc6d9bcd', reason: FINALIZERS },
    { lines: [252, 255], digest: '3aead85addee', reason: FINALIZERS },
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
    await cutFiles(folder, cuts);
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
