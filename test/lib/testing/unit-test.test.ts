import t from 'tap';
import { openUnitTest } from '../../../lib/index.ts';

t.test('process and report are called with a number; write_output hands bytes over', async (t) => {
  await using unit = await openUnitTest({
    script: `
      local rows = read_config("rows")
      function process(n) write_output(n, " of ", rows, "\\255") return 0 end
      function report(n) write_output("report ", n) end
    `,
    config: { rows: 3 },
  });
  t.same(await unit.process(7), { status: 0, error: '', outputs: ['7 of 3\xff'] });
  t.same((await unit.report(2)).outputs, ['report 2']);
});

t.test('an error ends the sandbox, with its text', async (t) => {
  await using unit = await openUnitTest({
    script: 'function process(n) local t = nil; return t.x end',
    chunkName: 'broken.lua',
  });
  const answer = await unit.process(1);
  t.equal(answer.status, 1);
  t.match(answer.error, /^process\(\) broken\.lua:1: attempt to index local 't' \(a nil value\)/);
});
