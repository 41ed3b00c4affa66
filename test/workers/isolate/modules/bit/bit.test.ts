import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/bit/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const guest = new ModuleGuest(create, { bit: createModule });
  guest.run('require "bit"');
  const value = (expression: string) => guest.value(`return bit.${expression}`);
  const error = (expression: string) => guest.error(`return bit.${expression}`);

  t.test(`${name}: numbers are rounded to even and taken modulo 2^32, signed`, async (t) => {
    t.equal(value('tobit(0xffffffff)'), -1);
    t.equal(value('tobit(2^31)'), -(2 ** 31));
    t.equal(value('tobit(2^32 + 1234)'), 1234);
    t.equal(value('tobit(-2^40 - 3)'), -3);
    t.equal(value('tobit(0.5)'), 0);
    t.equal(value('tobit(1.5)'), 2);
    t.equal(value('tobit(2.5)'), 2);
    t.equal(value('tobit(-1.5)'), -2);
    t.equal(value('tobit("0x10")'), 16);
    t.equal(value('tobit(0/0)'), 0);
    t.equal(value('tobit(1/0)'), 0);
  });

  t.test(`${name}: operations`, async (t) => {
    t.equal(value('bnot(0)'), -1);
    t.equal(value('band(0x12345678, 0xff)'), 0x78);
    t.equal(value('bor(1, 2, 4, 8)'), 15);
    t.equal(value('bxor(0xa5a5f0f0, 0xaa55ff00)'), 0x0ff00ff0);
    t.equal(value('band(7)'), 7);
    t.equal(value('lshift(1, 31)'), -(2 ** 31));
    t.equal(value('lshift(1, 32)'), 1, 'counts are taken modulo 32');
    t.equal(value('rshift(-1, 28)'), 15);
    t.equal(value('rshift(-1, 0)'), -1);
    t.equal(value('arshift(-256, 8)'), -1);
    t.equal(value('rol(0x12345678, 12)'), 0x45678123);
    t.equal(value('ror(0x12345678, 12)'), 0x67812345);
    t.equal(value('rol(5, 0)'), 5);
    t.equal(value('bswap(0x78563412)'), 0x12345678);
  });

  t.test(`${name}: hexadecimal texts`, async (t) => {
    t.equal(value('tohex(1)'), '00000001');
    t.equal(value('tohex(-1)'), 'ffffffff');
    t.equal(value('tohex(0xdeadbeef, 4)'), 'beef');
    t.equal(value('tohex(0xdeadbeef, -4)'), 'BEEF');
    t.equal(value('tohex(1, 0)'), '');
    t.equal(value('tohex(1, 100)'), '00000001');
    t.equal(value('tohex(1, -2^31)'), '00000001', 'the least count is no more than eight');
  });

  t.test(`${name}: what is no number`, async (t) => {
    t.match(error('band(nil)'), "bad argument #1 to 'band' (number expected, got nil)");
    t.match(error('band()'), "bad argument #1 to 'band' (number expected, got no value)");
    t.match(error('band(1, {}, nil)'), "bad argument #3 to 'band' (number expected, got nil)");
    t.match(error('lshift(1)'), "bad argument #2 to 'lshift' (number expected, got no value)");
    t.match(error('tohex(1, nil)'), "bad argument #2 to 'tohex' (number expected, got nil)");
    t.match(error('tobit("x")'), "bad argument #1 to 'tobit' (number expected, got string)");
  });

  t.test(`${name}: long lists are paid for`, async (t) => {
    const bounded = new ModuleGuest(create, { bit: createModule }, { instructions: 200_000 });
    bounded.run('require "bit" list = {} for i = 1, 7000 do list[i] = i end');
    const run = 'for i = 1, 1000 do bit.bxor(unpack(list)) end';
    t.equal(bounded.outcome(run).kind, 'instructions');
  });
});
