import { crc32, deflateSync, gzipSync, inflateSync } from 'node:zlib';
import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/zlib/module.ts';
import { zlibService } from '../../../../../workers/services/zlib-service.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { serviceHost } from '../service-host.ts';

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

onBothEngines((name, create) => {
  const opened = (options: { memoryBytes?: number; instructions?: number } = {}) => {
    const host = serviceHost({ zlib: zlibService() });
    const guest = new ModuleGuest(create, { zlib: createModule }, { host, ...options });
    guest.run('require "zlib" require "string"');
    return guest;
  };

  t.test(`${name}: deflate gives output, end, bytes in and bytes out`, async (t) => {
    const guest = opened();
    guest.run('d = zlib.deflate(9)');
    t.same(guest.run('return d("")'), ['', false, 0, 0], 'nothing is not the end');
    const [first = '', ended, bytesIn] = guest.run('return d(string.rep("ab", 500), "none")');
    t.same([ended, bytesIn], [false, 1000]);
    const [rest = '', over, allIn, allOut] = guest.run('return d()');
    const bytes = Buffer.from(String(first) + String(rest), 'latin1');
    t.same([over, allIn, allOut], [true, 1000, bytes.length]);
    t.equal(inflateSync(bytes).toString(), 'ab'.repeat(500));
    t.same(guest.run('return d()'), ['', true], 'as often as it is asked');
    t.match(
      guest.error('d("more")'),
      'IllegalState: calling deflate function when stream was previously closed',
    );
    t.match(guest.error('zlib.deflate()("x", "now")'), "(invalid option 'now')");
    t.match(guest.error('zlib.deflate()({})'), 'string expected, got table');
  });

  t.test(
    `${name}: inflate finds out whether it is zlib or gzip, and keeps its state`,
    async (t) => {
      const guest = opened();
      for (const bytes of [deflateSync('text'), gzipSync('text')]) {
        const half = Math.floor(bytes.length / 2);
        guest.run('f = zlib.inflate()');
        const [a, ended] = guest.run('return f(...)', latin1(bytes.subarray(0, half)));
        t.equal(ended, false);
        t.same(guest.run('return f()'), ['', false, half, String(a).length], 'nothing new');
        const [b, over, bytesIn, bytesOut] = guest.run(
          'return f(...)',
          `${latin1(bytes.subarray(half))}behind`,
        );
        t.equal(`${String(a)}${String(b)}`, 'text');
        t.same([over, bytesIn, bytesOut], [true, bytes.length, 4]);
      }
      t.match(
        guest.error('f("more")'),
        'IllegalState: calling inflate function when stream was previously closed',
      );
      t.match(
        guest.error('zlib.inflate()("no zlib at all")'),
        'InvalidInput: input string does not',
      );
      t.match(guest.error('zlib.inflate(99)'), 'InternalError: ');
    },
  );

  t.test(`${name}: checksums of parts, and of parts of parts`, async (t) => {
    const guest = opened();
    t.same(guest.run('local c = zlib.crc32() c("abc") return c("defg")'), [crc32('abcdefg'), 7]);
    t.same(guest.run('return zlib.crc32()()'), [0, 0]);
    t.same(guest.run('return zlib.adler32()()'), [1, 0]);
    t.same(guest.run('return zlib.adler32()("Wikipedia")'), [0x11e60398, 9]);
    const long = 'x'.repeat(100_001);
    for (const kind of ['crc32', 'adler32']) {
      const [joined] = guest.run(
        `local whole, first, second = zlib.${kind}(), zlib.${kind}(), zlib.${kind}()
         whole("start" .. ...) first("start") second(...)
         local sum, length = first(second)
         return sum == whole() and length == 100006`,
        long,
      );
      t.equal(joined, true, kind);
    }
    t.match(guest.error('zlib.crc32()(function() return "x" end)'), 'to return two numbers');
    t.match(guest.error('zlib.adler32()({})'), 'string expected');
  });

  t.test(`${name}: constants, and the version of zlib behind it`, async (t) => {
    const guest = opened();
    t.same(
      guest.run('return zlib.BEST_SPEED, zlib.BEST_COMPRESSION, zlib.version()'),
      [1, 9, 1, 3, 2],
    );
  });

  t.test(`${name}: a bomb ends at the sandbox's memory`, async (t) => {
    const guest = opened({ memoryBytes: 4 * 1024 * 1024 });
    const bomb = latin1(gzipSync(Buffer.alloc(200_000_000)));
    t.match(guest.error('zlib.inflate()(...)', bomb), 'not enough memory');
  });

  t.test(`${name}: what is copied and summed up is paid for`, async (t) => {
    const guest = opened({ instructions: 20_000 });
    const text = 'x'.repeat(1_000_000);
    t.equal(guest.outcome('zlib.crc32()(...)', [text]).kind, 'instructions');
    t.equal(
      guest.outcome('local d = zlib.deflate(0) d(...) d(...) d(...)', [text]).kind,
      'instructions',
    );
  });

  t.test(`${name}: the streams of a guest are bounded`, async (t) => {
    const guest = opened();
    t.match(
      guest.error('streams = {} for i = 1, 300 do streams[i] = zlib.inflate() end'),
      'too many zlib streams',
    );
    guest.run('for i = 1, 10 do streams[i](...) end', latin1(deflateSync('x')));
    guest.run('for i = 1, 10 do zlib.inflate() end');
  });
});
