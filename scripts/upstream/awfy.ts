/** The Lua programs of are-we-fast-yet: each checks its own result. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from './case.ts';

/** Name and inner iterations: small ones for which the program knows the result. */
const programs: readonly (readonly [string, number])[] = [
  ['Bounce', 10],
  ['Sieve', 10],
  ['Queens', 5],
  ['Permute', 5],
  ['Towers', 3],
  ['List', 5],
  ['Storage', 5],
  ['NBody', 1],
  ['Mandelbrot', 1],
  ['Richards', 1],
  ['DeltaBlue', 50],
  ['Json', 1],
  ['CD', 2],
  ['Havlak', 1],
];

export const awfy: Suite = {
  directory: 'a checkout of are-we-fast-yet',
  async prepare(directory, folder) {
    await cp(join(directory, 'benchmarks', 'Lua'), folder, { recursive: true });
    const bit = join(import.meta.dirname, '..', '..', 'benchmarks', 'lua', 'bit.lua');
    await cp(bit, join(folder, 'bit.lua'));
    return programs.map(([name, inner]) => ({
      name,
      args: ['harness.lua', name, '1', String(inner)],
      wanted: /^Total Runtime: \d+us$/m,
    }));
  },
};
