import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/xxhash/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const guest = new ModuleGuest(create, { xxhash: createModule });
  guest.run('require "xxhash" require "string" require "table"');
  const value = (expression: string) => guest.value(`return ${expression}`);
  const error = (expression: string) => guest.error(`return ${expression}`);

  t.test(`${name}: 32-bit hashes of strings and numbers`, async (t) => {
    t.equal(value('xxhash.h32("")'), 46947589);
    t.equal(value('xxhash.h32("foobar")'), 3986901679);
    t.equal(value('xxhash.h32("foobar", 0)'), 3986901679);
    t.equal(value('xxhash.h32("foobar", 1)'), 366339015);
    t.equal(value('xxhash.h32(123)'), 1710687148);
    t.equal(value('xxhash.h32(123, 1)'), 1102037802);
    t.equal(value('xxhash.h32(123, 4.2e9)'), 545974333);
    t.not(value('xxhash.h32("123")'), value('xxhash.h32(123)'));
  });

  t.test(`${name}: 64-bit hashes as doubles`, async (t) => {
    const text = (expression: string) => value(`string.format("%.0f", ${expression})`);
    t.equal(text('xxhash.h64("")'), '17241709254077376512');
    t.equal(text('xxhash.h64("foobar")'), '11721187498075203584');
    t.equal(text('xxhash.h64("foobar", 1)'), '17884410770440888320');
    t.equal(text('xxhash.h64(123)'), '1712328529600727296');
    t.equal(text('xxhash.h64(123, 1.84e19)'), '6456655639160719360');
    t.equal(value('xxhash.h64("a", 2^64) == xxhash.h64("a")'), true, 'one too large counts as 0');
  });

  t.test(`${name}: keys of every length around the block sizes`, async (t) => {
    // Folded into one number with the reference library.
    const folded = value(`(function()
      local sum, key = 0, ""
      for i = 0, 140 do
        sum = (sum * 31 + xxhash.h32(key, i) + xxhash.h64(key, i) % 2^32) % 2^32
        key = key .. string.char(i * 7 % 256)
      end
      return sum
    end)()`);
    t.equal(folded, 667596554);
  });

  t.test(`${name}: a key longer than the kept array`, async (t) => {
    t.equal(value('xxhash.h32(string.rep("x", 5000))'), 2592938007);
    t.equal(
      value('string.format("%.0f", xxhash.h64(string.rep("x", 5000)))'),
      '12233651623645011968',
    );
    t.equal(value('xxhash.h32("foobar")'), 3986901679, 'short ones are the same after it');
  });

  t.test(`${name}: wrong items and seeds`, async (t) => {
    t.match(
      error('xxhash.h32()'),
      "bad argument #1 to 'h32' (string or number expected, got no value)",
    );
    t.match(
      error('xxhash.h64(nil)'),
      "bad argument #1 to 'h64' (string or number expected, got nil)",
    );
    t.match(error('xxhash.h32({})'), 'string or number expected, got table');
    t.match(
      error('xxhash.h32("x", -1)'),
      "bad argument #2 to 'h32' (seed must be an unsigned int)",
    );
    t.match(error('xxhash.h32("x", 4.3e9)'), 'seed must be an unsigned int');
    t.match(error('xxhash.h32("x", 0/0)'), 'seed must be an unsigned int');
    t.match(error('xxhash.h64("x", 1.85e19)'), 'seed must be an unsigned long long');
    t.match(
      error('xxhash.h64("x", "a")'),
      "bad argument #2 to 'h64' (number expected, got string)",
    );
  });

  t.test(`${name}: hashing long keys is paid for`, async (t) => {
    const bounded = new ModuleGuest(
      create,
      { xxhash: createModule },
      { instructions: 100_000, memoryBytes: 1_000_000 },
    );
    bounded.run('require "xxhash" require "string" text = string.rep("x", 100000)');
    t.equal(bounded.outcome('for i = 1, 1000 do xxhash.h32(text) end').kind, 'instructions');
  });
});
