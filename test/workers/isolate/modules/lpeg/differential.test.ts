/**
 * Random patterns give the same values, errors and calls of functions as in the machine's own LPeg: on both engines, compiled to
 * JavaScript and on the machine.
 *
 *   HEKATE_FUZZ=20000       how many patterns
 *   HEKATE_FUZZ_SEED=17     seed of the first; the next ones have the following numbers
 */
import t from 'tap';
import { createLpeg, GENERATION } from '../../../../../workers/isolate/modules/lpeg/module.ts';
import type { Generation } from '../../../../../workers/isolate/modules/lpeg/program.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { caseText, PRELUDE } from './pattern-generator.ts';
import { needsLpeg, runReference } from './reference-lpeg.ts';

const COUNT = Number(process.env['HEKATE_FUZZ'] ?? 400);
const SEED = Number(process.env['HEKATE_FUZZ_SEED'] ?? 1);
/** Cases of one chunk. */
const CHUNK = 200;
const MOST_SHOWN = 5;

const ways: readonly (readonly [string, Generation])[] = [
  ['compiled patterns', { ...GENERATION, matches: 0 }],
  ['the machine', { generate: undefined, matches: 0 }],
];

interface Batch {
  readonly cases: readonly string[];
  readonly source: string;
  readonly expected: readonly string[];
}

function batches(): Batch[] {
  const list: Batch[] = [];
  for (let from = SEED; from < SEED + COUNT; from += CHUNK) {
    const count = Math.min(CHUNK, SEED + COUNT - from);
    const cases = Array.from({ length: count }, (_, i) => caseText(from + i));
    const lines = cases.map((text, i) => `out[#out + 1] = "== ${from + i}" ${text}`);
    const source = `${PRELUDE}${lines.join('\n')}\n`;
    const expected = runReference(`${source}io.write(table.concat(out, "\\n"))`).split('\n');
    list.push({ cases, source, expected });
  }
  return list;
}

t.test(`${COUNT} patterns from seed ${SEED}`, needsLpeg, (t) => {
  const all = batches();
  onBothEngines((engine, create) => {
    for (const [way, generation] of ways) {
      t.test(`${engine}, ${way}`, async (t) => {
        let shown = 0;
        for (const { source, expected, cases } of all) {
          const guest = new ModuleGuest(
            create,
            { lpeg: (parts) => createLpeg(parts, generation) },
            { instructions: 1e12 },
          );
          const found = String(guest.value(`${source}return table.concat(out, "\\n")`)).split('\n');
          let seed = 0;
          for (let i = 0; i < expected.length; i++) {
            const line = expected[i] ?? '';
            if (line.startsWith('== ')) seed = Number(line.slice(3));
            if (found[i] === line) continue;
            if (shown++ < MOST_SHOWN) {
              t.fail(
                `seed ${seed}: ${cases[(seed - SEED) % CHUNK]}\n${found[i]}\ninstead of\n${line}`,
              );
            }
            // A line more or less would make all that follow differ.
            if (found[i]?.startsWith('== ') === true || line.startsWith('== ')) break;
          }
        }
        t.equal(shown, 0, `${COUNT} patterns`);
      });
    }
  });
  t.end();
});
