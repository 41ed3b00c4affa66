import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/bit32/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const guest = new ModuleGuest(create, { bit32: createModule });
  const value = (expression: string) => guest.value(`return (require "bit32").${expression}`);
  const error = (expression: string) =>
    guest.error(`local bit32 = require "bit32"; return bit32.${expression}`);

  t.test(`${name}: the module sets no global`, async (t) => {
    t.equal(guest.value('require "bit32"; return bit32'), undefined);
  });

  t.test(`${name}: results are unsigned`, async (t) => {
    t.equal(value('band()'), 0xffffffff);
    t.equal(value('band(-1, 0xf0f0f0f0)'), 0xf0f0f0f0);
    t.equal(value('bor()'), 0);
    t.equal(value('bor(2^31, 1)'), 0x80000001);
    t.equal(value('bxor(-1, 1)'), 0xfffffffe);
    t.equal(value('bnot(0)'), 0xffffffff);
    t.equal(value('btest(6, 3)'), true);
    t.equal(value('btest(4, 3)'), false);
    t.equal(value('btest(2^32)'), false);
    t.equal(value('btest()'), true);
  });

  t.test(`${name}: shifts by negative and large counts`, async (t) => {
    t.equal(value('lshift(1, 31)'), 0x80000000);
    t.equal(value('lshift(1, 32)'), 0);
    t.equal(value('lshift(0x80000000, -31)'), 1);
    t.equal(value('rshift(-1, 28)'), 15);
    t.equal(value('rshift(1, -4)'), 16);
    t.equal(value('rshift(-1, 1e10)'), 0);
    t.equal(value('arshift(0x80000000, 4)'), 0xf8000000);
    t.equal(value('arshift(0x80000000, 40)'), 0xffffffff);
    t.equal(value('arshift(0x40000000, 40)'), 0);
    t.equal(value('arshift(0x80000000, -1)'), 0);
    t.equal(value('arshift(-1, -4)'), 0xfffffff0);
    t.equal(value('lrotate(0x12345678, 4)'), 0x23456781);
    t.equal(value('lrotate(0x12345678, -4)'), 0x81234567);
    t.equal(value('rrotate(0x12345678, 36)'), 0x81234567);
    t.equal(value('rrotate(0x12345678, 0)'), 0x12345678);
  });

  t.test(`${name}: fields`, async (t) => {
    t.equal(value('extract(0x12345678, 4)'), 1);
    t.equal(value('extract(0x12345678, 4, 8)'), 0x67);
    t.equal(value('extract(-1, 0, 32)'), 0xffffffff);
    t.equal(value('extract(0x80000000, 31)'), 1);
    t.equal(value('replace(0, 5, 28, 4)'), 0x50000000);
    t.equal(value('replace(-1, 0, 0)'), 0xfffffffe);
    t.equal(value('replace(0x12345678, 0xdeadbeef, 0, 32)'), 0xdeadbeef);
    t.match(error('extract(1, -1)'), "bad argument #2 to 'extract' (field cannot be negative)");
    t.match(error('replace(1, 1, -1)'), "bad argument #3 to 'replace' (field cannot be negative)");
    t.match(error('extract(1, 0, 0)'), "bad argument #3 to 'extract' (width must be positive)");
    t.match(error('extract(1, 31, 2)'), 'trying to access non-existent bits');
    t.match(error('replace(1, 1, 32)'), 'trying to access non-existent bits');
    t.match(error('extract(1, 1e300, 1e300)'), 'trying to access non-existent bits');
  });

  t.test(`${name}: what is no number`, async (t) => {
    t.match(error('band(1, nil)'), "bad argument #2 to 'band' (number expected, got nil)");
    t.match(error('lshift(1)'), "bad argument #2 to 'lshift' (number expected, got no value)");
    t.match(error('bnot()'), "bad argument #1 to 'bnot' (number expected, got no value)");
  });
});
