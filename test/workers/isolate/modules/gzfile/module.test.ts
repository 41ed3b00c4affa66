import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { GuestPaths } from '../../../../../workers/guest-paths.ts';
import { createModule } from '../../../../../workers/isolate/modules/gzfile/module.ts';
import { gzfileService } from '../../../../../workers/services/gzfile-service.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { serviceHost } from '../service-host.ts';

const LINES = ['one\n', `${'x'.repeat(100)}\n`, `${'0123456789'.repeat(20_000)}\n`, 'no newline'];

onBothEngines((name, create) => {
  const opened = (t: Test, options: { memoryBytes?: number } = {}) => {
    const root = t.testdir({ 'a.log': LINES.join('') });
    writeFileSync(path.join(root, 'a.gz'), gzipSync(LINES.join('')));
    const service = gzfileService(root, new GuestPaths([root]));
    t.teardown(() => service.close());
    const guest = new ModuleGuest(
      create,
      { gzfile: createModule },
      { host: serviceHost({ gzfile: service }), ...options },
    );
    guest.run('require "gzfile" require "string" require "table"');
    return { guest, root };
  };

  t.test(`${name}: lines with their newlines, cut off at a length`, async (t) => {
    const { guest } = opened(t);
    for (const file of ['a.log', 'a.gz']) {
      guest.run(
        'lines = {} for line in gzfile.open(...):lines() do lines[#lines + 1] = line end',
        file,
      );
      t.equal(guest.value('return table.concat(lines, "|")'), LINES.join('|'), file);
      guest.run(
        'lines = {} for line in gzfile.open(...):lines(80) do lines[#lines + 1] = line end',
        file,
      );
      t.equal(
        guest.value('return table.concat(lines, "|")'),
        LINES.map((line) => line.slice(0, 80)).join('|'),
      );
    }
  });

  t.test(`${name}: lines_tail gives complete lines, and goes on after the end`, async (t) => {
    const { guest, root } = opened(t);
    guest.run('next_line = gzfile.open("a.log", "rb"):lines_tail(true)');
    const complete = LINES.slice(0, 3).map((line) => line.slice(0, -1));
    t.same(guest.run('return next_line(), next_line(), next_line()'), complete);
    t.same(guest.run('return next_line()'), []);
    appendFileSync(path.join(root, 'a.log'), ', not');
    t.same(guest.run('return next_line()'), [], 'still none');
    appendFileSync(path.join(root, 'a.log'), ' yet\nnext\n');
    t.same(guest.run('return next_line(), next_line()'), ['no newline, not yet', 'next']);
    t.same(guest.run('return next_line()'), []);
    guest.run('f = gzfile.open("a.gz") with = f:lines_tail()');
    t.equal(guest.value('return with()'), 'one\n');
  });

  t.test(`${name}: seek and the lines agree on where the file stands`, async (t) => {
    const { guest } = opened(t);
    for (const file of ['a.log', 'a.gz']) {
      guest.run('f = gzfile.open(...) next_line = f:lines()', file);
      t.equal(guest.value('next_line() return f:seek("cur")'), 4);
      t.same(guest.run('return f:seek("set", 2), next_line()'), [2, 'e\n']);
      t.same(guest.run('return f:seek("cur", -4), next_line()'), [0, 'one\n']);
      t.same(guest.run('return f:seek("cur", 1), #next_line()'), [5, 100]);
      t.same(guest.run('return f:seek("set", -1)'), [undefined, '']);
      t.equal(guest.value('return f:seek()'), 0);
    }
    t.match(guest.error('f:seek("end")'), "(invalid option 'end')");
  });

  t.test(`${name}: a whole file as a text`, async (t) => {
    const { guest, root } = opened(t);
    t.equal(guest.value('return gzfile.string("a.gz")'), LINES.join(''));
    t.equal(guest.value('return gzfile.string("a.log", "rb", 10, 1000000)'), LINES.join(''));
    t.match(guest.error('gzfile.string("a.gz", nil, nil, 50)'), 'max_bytes exceeded');
    t.match(guest.error('gzfile.string("missing")'), 'open failed');
    writeFileSync(path.join(root, 'half.gz'), gzipSync(LINES.join('')).subarray(0, 200));
    t.match(guest.error('gzfile.string("half.gz")'), 'close failed');
    for (let i = 0; i < 200; i++) guest.run('pcall(gzfile.string, "a.gz", nil, nil, 50)');
    t.equal(guest.value('return #gzfile.string("a.gz")'), LINES.join('').length);
  });

  t.test(`${name}: what cannot be opened, and what is closed`, async (t) => {
    const { guest } = opened(t);
    for (const call of [
      '"missing"',
      '"../a.log"',
      '"a.log", "w"',
      '"a.log", "r+"',
      '"a.log", "x"',
    ]) {
      t.same(guest.run(`return gzfile.open(${call})`), [undefined, 'open failed'], call);
    }
    guest.run('f = gzfile.open("a.log") next_line = f:lines() f:close() f:close()');
    t.same(guest.run('return next_line()'), []);
    t.same(guest.run('return f:seek("set", 0)'), [undefined, 'closed']);
    t.match(guest.error('gzfile.open()'), 'string expected, got no value');
    t.match(guest.error('gzfile.open("a", "r", 1, 2)'), 'incorrect number of arguments');
    t.match(guest.error('gzfile.open("a", "r", 0)'), 'buffer_size must be > 0');
    t.match(guest.error('f:lines("x")'), 'number expected, got string');
    t.match(guest.error('f:lines(0)'), 'max_bytes must be > 0');
    t.match(guest.error('f:close(1)'), 'incorrect number of arguments');
    t.match(guest.error('f.lines({})'), 'mozsvc.gzfile expected');
    t.equal(guest.value('return gzfile.version()'), '0.0.3');
  });

  t.test(`${name}: a line without end ends at the sandbox's memory`, async (t) => {
    const { guest, root } = opened(t, { memoryBytes: 2 * 1024 * 1024 });
    writeFileSync(path.join(root, 'bomb.gz'), gzipSync(Buffer.alloc(20_000_000, 'x')));
    t.match(guest.error('gzfile.open("bomb.gz"):lines_tail()()'), 'not enough memory');
    t.match(guest.error('gzfile.string("bomb.gz", nil, nil, 1e9)'), 'not enough memory');
    t.equal(
      guest.value('return #gzfile.open("bomb.gz"):lines(1000)()'),
      1000,
      'what is cut off is not kept',
    );
  });
});
