/**
 * One process of one benchmark: `sample-process.ts SUBJECT [-quick] [-awfy=DIR]` writes each sample as a line of JSON. A process of its own
 * for every round, so that what the compiler learned in one does not colour the next.
 */
import { benchmarkOf } from './subjects.ts';

const [subject = '', ...flags] = process.argv.slice(2);
const benchmark = benchmarkOf(subject);
if (benchmark === undefined) throw new Error(`no benchmark ${subject}`);
const awfy = flags.find((flag) => flag.startsWith('-awfy='))?.slice(6);
const outside = awfy === undefined ? {} : { awfy };
for await (const sample of benchmark.run(flags.includes('-quick'), outside)) {
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}
