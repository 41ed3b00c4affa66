import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/cjson/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const opened = (instructions = 10_000_000, memoryBytes = 64 * 1024 * 1024) => {
    const guest = new ModuleGuest(
      create,
      { cjson: createModule },
      { outputBytes: 0, instructions, memoryBytes },
    );
    guest.run('require "cjson" require "string" require "table"');
    return guest;
  };

  t.test(`${name}: the module is a global, and has nothing but the fork's functions`, async (t) => {
    const guest = opened();
    t.same(
      guest.run(
        'return cjson._NAME, cjson._VERSION, require "cjson" == cjson, cjson.new, cjson.encode_keep_buffer',
      ),
      ['cjson', '2.2.0', true, undefined, undefined],
    );
  });

  t.test(`${name}: settings are read with explicit nils`, async (t) => {
    const guest = opened();
    t.same(guest.run('return cjson.encode_sparse_array(nil, nil, nil)'), [false, 2, 10]);
    t.same(
      guest.run('return cjson.encode_max_depth(nil), cjson.decode_max_depth(nil)'),
      [1000, 1000],
    );
    t.same(guest.run('return cjson.encode_number_precision(nil), cjson.decode_null(nil)'), [
      14,
      false,
    ]);
    t.same(
      guest.run('return cjson.encode_invalid_numbers(nil), cjson.decode_invalid_numbers(nil)'),
      [false, true],
    );
    t.same(guest.run('return cjson.encode_sparse_array("on", 0, 5)'), [true, 0, 5]);
    t.same(guest.run('return cjson.encode_sparse_array(nil, 3, nil)'), [true, 3, 5]);
    t.same(
      guest.run('return cjson.encode_invalid_numbers("null"), cjson.encode_invalid_numbers("off")'),
      ['null', false],
    );
    t.same(guest.run('return cjson.encode_max_depth("7"), cjson.decode_max_depth(1.9)'), [7, 1]);
  });

  t.test(`${name}: arguments are checked as upstream does it`, async (t) => {
    const guest = opened();
    const error = (call: string) =>
      guest.error(`local f = cjson.${call}`).replace(/^.*? to '\w+' /, '');
    const cases: readonly (readonly [string, string])[] = [
      ['encode_sparse_array()', '(string expected, got no value)'],
      ['encode_sparse_array(nil)', '(number expected, got boolean)'],
      ['encode_sparse_array(true, 1)', '(number expected, got boolean)'],
      ['encode_sparse_array(true, -1, 0)', '(expected integer between 0 and 2147483647)'],
      ['encode_sparse_array("x", 1, 1)', "(invalid option 'x')"],
      ['encode_sparse_array(1, 1, 1, 1)', '(found too many arguments)'],
      ['encode_max_depth()', '(number expected, got no value)'],
      ['encode_max_depth(0)', '(expected integer between 1 and 2147483647)'],
      ['decode_max_depth(2^32)', '(expected integer between 1 and 2147483647)'],
      ['encode_number_precision(18)', '(expected integer between 1 and 17)'],
      ['encode_invalid_numbers()', '(string expected, got no value)'],
      ['decode_invalid_numbers("null")', "(invalid option 'null')"],
      ['decode_null(1)', "(invalid option '1')"],
      ['decode_null(true, 1)', '(found too many arguments)'],
    ];
    for (const [call, text] of cases) t.equal(error(call), text, call);
  });

  t.test(`${name}: settings are the sandbox's own`, async (t) => {
    const one = opened();
    one.run('cjson.decode_null(true)');
    t.equal(opened().value('return cjson.decode_null(nil)'), false);
  });

  t.test(`${name}: null is the same object for all, and is not preserved`, async (t) => {
    const guest = opened();
    guest.run('n = cjson.null');
    t.equal(guest.value('return n == cjson.null and ({[n] = 5})[cjson.null] == 5'), true);
    t.equal(guest.object('n').preserve, undefined);
  });

  t.test(`${name}: work is paid for`, async (t) => {
    const limit = (source: string, instructions = 100_000) => {
      const outcome = opened(instructions).outcome(source);
      return outcome.kind;
    };
    t.equal(
      limit('local s = "[" .. string.rep("1,", 1000000) .. "1]" cjson.decode(s)'),
      'instructions',
    );
    t.equal(limit('local s = string.rep(" ", 4000000) .. "1" cjson.decode(s)'), 'instructions');
    t.equal(limit('local s = string.rep("x", 4000000) cjson.encode(s)'), 'instructions');
    t.equal(
      limit('local t = {1} for i = 1, 60 do t = {t, t} end cjson.encode(t)'),
      'instructions',
      'shared branches are written again and again',
    );
    t.equal(
      limit('cjson.encode_sparse_array(false, 0, 0) cjson.encode({[2^31 - 1] = 1})'),
      'instructions',
    );
    t.equal(
      limit(
        'local t = {} for i = 1, 2000 do t[i] = i end t.x = 1 while true do pcall(cjson.encode, {[t] = t}) end',
      ),
      'instructions',
    );
    t.equal(
      limit('cjson.decode(string.rep("[", 500) .. string.rep("]", 500))'),
      'returned',
      'small documents are cheap',
    );
  });

  t.test(`${name}: memory beside the tables is asked for`, async (t) => {
    const guest = opened(1e9, 2_000_000);
    t.match(
      guest.error(
        'local s = string.rep("x", 500) cjson.encode_sparse_array(false, 0, 0) local t = {} for i = 1, 3000 do t[i] = s end return cjson.encode(t)',
      ),
      /not enough memory$/,
    );
    t.match(
      guest.error('return cjson.decode("[" .. string.rep("1,", 200000) .. "01]")'),
      /not enough memory$/,
    );
  });

  t.test(`${name}: a text that is malformed at its end is refused in linear time`, async (t) => {
    const guest = opened(1e9);
    for (const part of [
      '[',
      '{"a":',
      '"',
      '"\\\\',
      '[1,',
      '\\u00e9',
      '0x',
      'nan(',
      '- ',
      '"\\ud83d',
    ]) {
      t.match(
        guest.error('return cjson.decode(...)', part.repeat(300_000)),
        /Expected|Found/,
        part,
      );
    }
    const digits = '1'.repeat(2_000_000);
    t.equal(guest.value('return cjson.decode(...)', digits), Number.POSITIVE_INFINITY);
    t.equal(guest.value('return cjson.decode(...)', `0x${digits}`), Number.POSITIVE_INFINITY);
  });
});
