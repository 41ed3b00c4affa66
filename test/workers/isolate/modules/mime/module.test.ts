import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/mime/module.ts';
import { ModuleGuest, type ModuleGuestOptions, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const opened = (options: ModuleGuestOptions = {}) => {
    const guest = new ModuleGuest(create, { 'mime.core': createModule }, options);
    guest.run('mime = require "mime.core" require "string"');
    return guest;
  };

  t.test(
    `${name}: each function takes what is left and a part, and gives text and what is left`,
    async (t) => {
      const guest = opened();
      t.same(guest.run('return mime.b64("a", "bcd")'), ['YWJj', 'd']);
      t.same(guest.run('return mime.b64("d")'), ['ZA==', undefined]);
      t.same(guest.run('return mime.b64(nil)'), [undefined, undefined]);
      t.same(guest.run('return mime.unb64("Y*W", "Jj\\nZ")'), ['abc', 'Z']);
      t.same(guest.run('return mime.qp("a ", "b ")'), ['a b', ' ']);
      t.same(guest.run('return mime.qp(" ", nil)'), ['=20=\r\n', undefined]);
      t.same(guest.run('return mime.unqp("=4", "1=")'), ['A', '=']);
      t.same(guest.run('return mime.wrp(2, "abcd", 3)'), ['ab\r\ncd', 1]);
      t.same(guest.run('return mime.wrp(1, nil, 3)'), ['\r\n', 3]);
      t.same(guest.run('return mime.wrp(3, nil, 3)'), [undefined, 3]);
      t.same(guest.run('return mime.qpwrp(4, "a=41", 6)'), ['a=\r\n=41', 3]);
      t.same(guest.run('return mime.eol(0, "a\\r")'), ['a\r\n', 13]);
      t.same(guest.run('return mime.eol(13, "\\nb", "|")'), ['b', 0]);
      t.same(guest.run('return mime.dot(2, ".a\\r\\n")'), ['..a\r\n', 2]);
    },
  );

  t.test(`${name}: wrong arguments`, async (t) => {
    const guest = opened();
    t.match(guest.error('mime.b64({})'), "bad argument #1 to 'b64' (string expected, got table)");
    t.match(guest.error('mime.wrp("x", "y")'), 'number expected, got string');
    t.same(
      guest.run('return mime.wrp(0, "ab", -5)'),
      ['\r\na\r\nb', 0],
      'a line has a byte at least',
    );
  });

  t.test(`${name}: what is converted is paid for, and has to fit`, async (t) => {
    const text = 'x'.repeat(500_000);
    const short = opened({ instructions: 1_000_000 });
    const guest = opened({ memoryBytes: 8 * 1024 * 1024, instructions: 1e9 });
    t.equal(short.outcome('while true do mime.b64(...) end', [text]).kind, 'instructions');
    t.match(guest.error('mime.qp(..., nil)', 'x'.repeat(2_000_000)), 'not enough memory');
    const lines = '\n'.repeat(100_000);
    t.match(
      guest.error('local text, marker = ... mime.eol(0, text, marker)', lines, 'm'.repeat(1000)),
      'not enough memory',
      'a long marker in the place of many line ends',
    );
    t.match(
      guest.error(
        'local text, marker = ... mime.qp(text, "", marker)',
        '\r\n'.repeat(100_000),
        'm'.repeat(1000),
      ),
      'not enough memory',
    );
  });
});
