/**
 * LuaJIT's test collection: its tests, as far as they are for Lua 5.1, and its benchmark programs with small parameters, which
 * must print what lua5.1 prints.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite, UpstreamCase } from './case.ts';
import { type Cuts, cutFiles } from './cuts.ts';

/** The copy of the tests, beside the benchmark programs. */
const TESTS = 'test';
const SEQUENCE_SEED = 42;

function program(name: string, ...args: string[]): UpstreamCase {
  return { name, args: [`${name}.lua`, ...args], compare: true };
}

/** DNA in the format of the programs' input files, made from a seed. */
function sequences(length: number): string {
  let seed = SEQUENCE_SEED;
  const letters = Array.from({ length }, () => {
    seed = (seed * 3877 + 29573) % 139968;
    return 'acgt'.charAt(Math.floor((seed / 139968) * 4));
  });
  const lines = letters.join('').match(/.{1,60}/g) ?? [];
  return ['>ONE first', ...lines.slice(0, 20), '>THREE third', ...lines, ''].join('\n');
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, i) => `${((i * 7919) % 1000) - 300}\n`).join('');
}

const programs: readonly UpstreamCase[] = [
  program('array3d', '30'),
  program('binary-trees', '9'),
  program('chameneos', '5000'),
  program('coroutine-ring', '20000'),
  program('euler14-bit', '20000'),
  program('fannkuch', '8'),
  program('fasta', '5000'),
  { ...program('k-nucleotide'), input: sequences(6000) },
  program('life'),
  program('mandelbrot', '100'),
  program('mandelbrot-bit', '64'),
  program('md5', '20'),
  program('meteor'),
  program('nbody', '10000'),
  program('nsieve', '3'),
  program('nsieve-bit', '2'),
  program('nsieve-bit-fp', '3'),
  program('partialsums', '20000'),
  program('pidigits-nogmp', '120'),
  program('ray', '3'),
  program('recursive-ack', '5'),
  program('recursive-fib', '20'),
  { ...program('revcomp'), input: sequences(6000) },
  program('scimark-fft', '10'),
  program('scimark-lu', '10'),
  program('scimark-sor', '10'),
  program('scimark-sparse', '200'),
  {
    name: 'scimark-2010-12-20',
    args: [],
    leftOut: 'prints speeds, not results; its parts are run by themselves',
  },
  { ...program('series', '100'), volatile: /, [\d.]+ s, [\d.]+ iterations\/s/g },
  program('spectral-norm', '60'),
  { ...program('sum-file'), input: numbers(5000) },
];

const CONTENTS = 'lists what a library holds: ours differ by a few names';

/** Of the files below the folder of the tests. */
const cuts: Cuts = {
  'test.lua': [
    {
      lines: [62, 62],
      digest: '543fadb6d9dd',
      reason: 'string.dump is refused',
      instead: '    local bytecode = ""',
    },
  ],
  'lib/base/error.lua': [
    { lines: [25, 25], digest: '4e691c8a3449', reason: 'debug.getlocal' },
    { lines: [38, 38], digest: 'f1f5e12b49f2', reason: 'debug.getlocal' },
  ],
  'lib/base/tonumber_tostring.lua': [
    { lines: [65, 72], digest: '240bfb69625c', reason: 'globals of a coroutine of its own' },
  ],
  'lib/contents.lua': [
    { lines: [54, 54], digest: '175e6c8e5476', reason: CONTENTS },
    { lines: [102, 102], digest: '72db28289954', reason: CONTENTS },
    { lines: [110, 110], digest: '4eb13ab8c38f', reason: CONTENTS },
    { lines: [132, 132], digest: '85e6770aa69b', reason: CONTENTS },
  ],
  'lib/math/random.lua': [
    { lines: [18, 18], digest: 'aac4acc06b0a', reason: 'luck: lua5.1 fails it too' },
  ],
  'lib/string/dump.lua': [
    { lines: [12, 21], digest: '3e8e1d7bade7', reason: 'string.dump is refused' },
    { lines: [28, 30], digest: 'd1437c94ad9d', reason: 'string.dump is refused' },
  ],
};

const tests: UpstreamCase = {
  name: 'test',
  folder: TESTS,
  args: ['test.lua'],
  wanted: /^\d+ passed$/m,
  cuts: Object.values(cuts).flatMap((list) => list.map((cut) => cut.reason)),
};

export const luajit: Suite = {
  directory: 'a checkout of LuaJIT-test-cleanup',
  async prepare(directory, folder) {
    await cp(join(directory, 'bench'), folder, { recursive: true });
    // Some programs want bit operations, which lua5.1 does not have either.
    const bit = join(import.meta.dirname, '..', '..', 'benchmarks', 'lua', 'bit.lua');
    await cp(bit, join(folder, 'bit.lua'));
    await cp(join(directory, 'test'), join(folder, TESTS), { recursive: true });
    await cutFiles(join(folder, TESTS), cuts);
    return [tests, ...programs];
  },
};
