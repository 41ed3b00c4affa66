/**
 * Small programs over the whole language and its libraries print on every engine what they print under Lua 5.1. Each
 * engine may be excused from a case, with a reason; an excuse that is no longer needed is a failure.
 */
import t from 'tap';
import { topics } from './case-file.ts';
import { engines } from './engines.ts';
import { engineTranscript, hasReference, referenceTranscript } from './transcript.ts';

const all = topics();

for (const engine of engines) {
  for (const topic of all) {
    t.test(`${engine.name}: ${topic.name}`, async (t) => {
      for (const { name, source, expected, exclusions } of topic.cases) {
        const reason = exclusions.get(engine.name) ?? exclusions.get('all');
        const printed = engineTranscript(engine, source);
        if (reason === undefined) t.equal(printed, expected, name);
        else if (printed === expected) t.fail(`${name}: is the same, but excused: ${reason}`);
        else t.pass(name, { skip: reason });
      }
    });
  }
}

const required = process.env['HEKATE_REQUIRE_SERVICES'] === '1';
const skip = hasReference() || required ? false : 'no lua5.1 on this machine';

for (const topic of all) {
  t.test(`lua5.1 prints what ${topic.name}.out says`, { skip }, async (t) => {
    for (const { name, source, expected } of topic.cases) {
      t.equal(referenceTranscript(source), expected, name);
    }
  });
}
