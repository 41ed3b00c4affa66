import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/struct/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const made = (options = {}): ModuleGuest => {
    const guest = new ModuleGuest(create, { struct: createModule }, options);
    guest.run(
      'require "struct" require "string" pack, unpack_, size = struct.pack, struct.unpack, struct.size',
    );
    return guest;
  };
  const guest = made();
  const hex = (expression: string): string =>
    Buffer.from(String(guest.value(`return ${expression}`)), 'latin1').toString('hex');
  const values = (expression: string) => guest.run(`return ${expression}`);
  const error = (expression: string) => guest.error(`return ${expression}`);

  t.test(`${name}: integers of every size, both ways around`, async (t) => {
    t.equal(hex('pack("bBhH", -1, 255, -2, 65534)'), 'fffffefffeff');
    t.equal(hex('pack(">hH", -2, 0x1234)'), 'fffe1234');
    t.equal(hex('pack("i", 0x12345678)'), '78563412');
    t.equal(hex('pack(">I3", 0x123456)'), '123456');
    t.equal(hex('pack("l", -2)'), 'feffffffffffffff');
    t.equal(hex('pack(">L", 2^63)'), '8000000000000000');
    t.equal(hex('pack("T", 2^40 + 1)'), '0100000000010000');
    t.equal(hex('pack("<i2>i2", 1, 1)'), '01000001');
    t.equal(hex('pack("i12", -1)'), 'ffffffffffffffff00000000', 'more than eight bytes are zeros');
    t.equal(hex('pack("b", 3.9)'), '03');
    t.equal(hex('pack("b", 300)'), '2c', 'the lowest bits stay');
    t.equal(hex('pack("i0", 7)'), '');
  });

  t.test(`${name}: numbers outside of 64 bits`, async (t) => {
    t.equal(hex('pack(">L", 2^64)'), '0000000000000000');
    t.equal(hex('pack(">l", -2^64)'), '8000000000000000');
    t.equal(hex('pack(">l", 0/0)'), '8000000000000000');
    t.equal(hex('pack(">l", -1/0)'), '8000000000000000');
    t.equal(hex('pack(">l", 1/0)'), '0000000000000000');
    t.equal(hex('pack(">L", 2^64 - 2048)'), 'fffffffffffff800');
  });

  t.test(`${name}: what is packed is unpacked, with the next position`, async (t) => {
    t.same(values('unpack_("bBhH", pack("bBhH", -1, 255, -2, 65534))'), [-1, 255, -2, 65534, 7]);
    t.same(values('unpack_("i3", pack("i3", -5))'), [-5, 4]);
    t.same(values('unpack_("I3", pack("i3", -5))'), [0xfffffb, 4]);
    t.same(values('unpack_("i5I5i6i7", pack("i5I5i6i7", -5, 2^39, -2^40, -1))'), [
      -5,
      2 ** 39,
      -(2 ** 40),
      -1,
      24,
    ]);
    t.same(values('unpack_(">lL", pack(">lL", -2^62, 2^63))'), [-(2 ** 62), 2 ** 63, 17]);
    t.same(values('unpack_("i12", pack("i12", 77))'), [77, 13]);
    t.same(values('unpack_("i16", pack("i16", -77))'), [-77, 17], 'the eighth byte has the sign');
    t.same(values('unpack_("i0", "")'), [0, 1]);
    t.same(values('unpack_("fd", pack("fd", 0.5, 0.1))'), [0.5, 0.1, 13]);
    t.same(values('unpack_(">fd", pack(">fd", 0.1, 1/0))'), [Math.fround(0.1), Infinity, 13]);
    t.equal(hex('pack(">d", 1)'), '3ff0000000000000');
    t.same(values('unpack_("xbx", "abc")'), [98, 4]);
    t.same(values('unpack_("b", "abc", 3)'), [99, 4]);
    t.same(values('unpack_("", "abc", 4)'), [4]);
  });

  t.test(`${name}: strings`, async (t) => {
    t.equal(hex('pack("s", "ab")'), '616200');
    t.equal(hex('pack("c2c", "abc", "def")'), '616264');
    t.equal(hex('pack("c0b", "abc", 1)'), '61626301');
    t.same(values('unpack_("sc2s", "ab\\0xy\\0")'), ['ab', 'xy', '', 7]);
    t.same(values('unpack_("bc0b", pack("bc0b", 3, "abc", 9))'), ['abc', 9, 6]);
    t.same(values('unpack_("sc0", "2\\0abc")'), ['ab', 5], 'a text of a number is a size too');
    t.same(values('unpack_("bc0", "\\0abc")'), ['', 2]);
    t.match(error('pack("c5", "abc")'), "bad argument #3 to 'pack' (string too short)");
    t.match(error('unpack_("s", "abc")'), 'unfinished string in data');
    t.match(error('unpack_("c0", "abc")'), "format 'c0' needs a previous size");
    t.match(error('unpack_("xc0", "123")'), "format 'c0' needs a previous size");
    t.match(error('unpack_("bc0", "\\5abc")'), 'data string too short');
    t.match(error('unpack_("bc0", "\\251abc")'), 'data string too short', 'a negative size');
  });

  t.test(`${name}: alignment`, async (t) => {
    t.equal(hex('pack("!bi", 1, 2)'), '0100000002000000');
    t.equal(hex('pack("!4bd", 1, 0)'), `01000000${'00'.repeat(8)}`);
    t.equal(hex('pack("!8bd", 1, 0)'), `01${'00'.repeat(15)}`);
    t.equal(hex('pack("bi", 1, 2)'), '0102000000', 'none without the option');
    t.equal(hex('pack("!4bc3", 1, "abc")'), '01616263', 'strings are not aligned');
    t.same(values('unpack_("!4bi", pack("!4bi", 1, 2))'), [1, 2, 9]);
    t.match(error('pack("!3")'), 'alignment 3 is not a power of 2');
    t.match(error('pack("!0")'), 'alignment 0 is not a power of 2');
  });

  t.test(`${name}: sizes`, async (t) => {
    t.equal(guest.value('return size("bhilTfdx")'), 1 + 2 + 4 + 8 + 8 + 4 + 8 + 1);
    t.equal(guest.value('return size("!8bd c3 i5")'), 16 + 3 + 4 + 5);
    t.equal(guest.value('return size("")'), 0);
    t.equal(guest.value('return size("zq9")'), 0, 'letters that mean nothing count for nothing');
    t.equal(guest.value('return size("c99999999999")'), 2147483647);
    t.match(error('size("s")'), "bad argument #1 to 'size' (option 's' has no fixed size)");
    t.match(error('size("c0")'), "option 'c0' has no fixed size");
    t.match(error('size("#")'), "invalid format option '#'");
  });

  t.test(`${name}: wrong formats and arguments`, async (t) => {
    t.match(error('pack()'), "bad argument #1 to 'pack' (string expected, got no value)");
    t.match(error('pack("z")'), "bad argument #1 to 'pack' (invalid format option 'z')");
    t.match(
      error('unpack_("z", "abc")'),
      "bad argument #1 to 'unpack_' (invalid format option 'z')",
    );
    t.match(error('pack("i33", 1)'), 'integral size 33 is larger than limit of 32');
    t.match(error('pack("i99999999999999", 1)'), 'is larger than limit of 32');
    t.match(error('pack("i", "x")'), "bad argument #2 to 'pack' (number expected, got string)");
    t.match(error('pack("s", {})'), "bad argument #2 to 'pack' (string expected, got table)");
    t.match(error('unpack_("i", "abc")'), "bad argument #2 to 'unpack_' (data string too short)");
    t.match(error('unpack_("b", "abc", 4)'), 'data string too short');
    for (const position of ['0', '-1', '5', '-2^63', '2^63', '1e300', '0/0']) {
      t.match(
        error(`unpack_("b", "abc", ${position})`),
        "bad argument #3 to 'unpack_' (initial position out of string)",
        position,
      );
    }
    t.equal(hex('pack("b\\0zz", 7)'), '07', 'a format ends at a zero byte');
  });

  t.test(`${name}: results, work and memory are bounded`, async (t) => {
    t.match(
      guest.error('unpack_(string.rep("i0", 20000), "")'),
      'stack overflow (too many results)',
    );
    t.equal(guest.run('return unpack_(string.rep("i0", 7000), "")').length, 7001);
    const small = made({ memoryBytes: 1_000_000 });
    small.run('text = string.rep("x", 200000)');
    t.match(
      small.error(
        'pack(string.rep("s", 20), unpack((function() local l = {} for i = 1, 20 do l[i] = text end return l end)()))',
      ),
      'not enough memory',
    );
    const bounded = made({ instructions: 300_000 });
    bounded.run('format = string.rep(" ", 10000)');
    t.equal(bounded.outcome('for i = 1, 1000 do pack(format) end').kind, 'instructions');
    const other = made({ instructions: 300_000 });
    other.run('data = string.rep("x", 100000)');
    t.equal(
      other.outcome('for i = 1, 1000 do pcall(struct.unpack, "s", data) end').kind,
      'instructions',
    );
  });
});
