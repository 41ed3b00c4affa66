/**
 * The benchmark programs of LuaJIT's test collection with small parameters. What they print must be what lua5.1 prints.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite, UpstreamCase } from './case.ts';

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

export const luajit: Suite = {
  directory: 'a checkout of LuaJIT-test-cleanup',
  async prepare(directory, folder) {
    await cp(join(directory, 'bench'), folder, { recursive: true });
    // Some programs want bit operations, which lua5.1 does not have either.
    const bit = join(import.meta.dirname, '..', '..', 'benchmarks', 'lua', 'bit.lua');
    await cp(bit, join(folder, 'bit.lua'));
    return programs;
  },
};
