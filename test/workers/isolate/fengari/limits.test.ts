/**
 * Instructions of the interpreting engine are those of its virtual machine.
 */
import t from 'tap';
import { createFengariEngine } from '../../../../workers/isolate/fengari/fengari-engine.ts';
import { evaluate } from '../../../conformance/guest.ts';

const interpreted = { create: createFengariEngine };

t.test('the instruction that reaches the limit is not executed', async (t) => {
  // A global is set by one instruction, a chunk is left by another.
  t.equal(evaluate(interpreted, 'x = 1', { instructions: 1, libraries: [] }), '<instructions>');
  t.equal(evaluate(interpreted, 'x = 1', { instructions: 2, libraries: [] }), '<instructions>');
  t.equal(evaluate(interpreted, 'x = 1', { instructions: 3, libraries: [] }), '');
});

t.test('inserting far below a list is work', async (t) => {
  t.equal(
    evaluate(interpreted, 'table.insert({}, -1e15, 1)', { instructions: 300_000 }),
    '<instructions>',
  );
});
