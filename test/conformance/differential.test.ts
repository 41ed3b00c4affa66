/**
 * Random programs print on every engine what they print under the machine's own Lua 5.1.
 *
 *   HEKATE_FUZZ=2000        how many programs
 *   HEKATE_FUZZ_SEED=17     seed of the first; the next ones have the following numbers
 *   HEKATE_ENGINE=compiled  only that engine
 *
 * Of a program that differs the seed and the smallest program that still differs are printed.
 */
import t from 'tap';
import { compare, describe, differsAlike } from './differential.ts';
import { engines } from './engines.ts';
import { generateProgram } from './program-generator.ts';
import { programText, shrink } from './program-tree.ts';
import { hasReference } from './transcript.ts';

const COUNT = Number(process.env['HEKATE_FUZZ'] ?? 40);
const SEED = Number(process.env['HEKATE_FUZZ_SEED'] ?? 1);
/** Programs that are made smaller and shown in one run; the others are only counted. */
const MOST_SHOWN = 5;

const required = process.env['HEKATE_REQUIRE_SERVICES'] === '1';
const skip = hasReference() || required ? false : 'no lua5.1 on this machine';

for (const engine of engines) {
  t.test(`${engine.name}: ${COUNT} programs from seed ${SEED}`, { skip }, async (t) => {
    let shown = 0;
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      const program = generateProgram(seed, { coroutines: seed % 2 === 0 });
      const difference = compare(engine, programText(program));
      if (difference === undefined) continue;
      if (shown++ >= MOST_SHOWN) {
        t.fail(`seed ${seed}`);
        continue;
      }
      const smallest = shrink(program, (smaller) =>
        differsAlike(difference, compare(engine, programText(smaller))),
      );
      t.fail(`seed ${seed}\n${describe(engine, programText(smallest))}`);
    }
    t.pass(`${COUNT} programs`);
  });
}
