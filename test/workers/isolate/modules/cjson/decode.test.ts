import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/cjson/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const opened = () => {
    const guest = new ModuleGuest(create, { cjson: createModule });
    guest.run('require "cjson" require "string"');
    return guest;
  };
  const guest = opened();
  const decode = (text: string) => guest.value('return cjson.decode(...)', text);
  const error = (text: string) => guest.error('return cjson.decode(...)', text).slice(13);
  const again = (text: string) => guest.value('return cjson.encode(cjson.decode(...))', text);

  t.test(`${name}: scalars, lists and objects`, async (t) => {
    t.equal(decode(' "text" '), 'text');
    t.equal(decode('true'), true);
    t.equal(decode('false'), false);
    t.equal(decode('null'), undefined);
    t.equal(again('[1]\0x'), '[1]', 'a NUL ends the text');
    t.same(
      guest.run(
        'local v = cjson.decode(...) return #v, v[1], v[2].foo, v[2].bar[2]',
        '[true,{"foo":"x","bar":[0,7]}]',
      ),
      [2, true, 'x', 7],
    );
    t.same(
      guest.run(
        'local v = cjson.decode(...) v.c = 1 v.a = 2 return v.a, v.b, v.c',
        '{"a":1,"b":5}',
      ),
      [2, 5, 1],
    );
    t.same(guest.run('local v = cjson.decode(...) return v.x, next(v), v[1]', '{}'), [
      undefined,
      undefined,
      undefined,
    ]);
    t.equal(guest.value('return cjson.decode(12)'), 12, 'a number is taken as its text');
  });

  t.test(`${name}: the last of equal keys counts, and a null takes it away`, async (t) => {
    const values = (text: string) => guest.run('local v = cjson.decode(...) return v.a, v.b', text);
    t.same(values('{"a":1,"a":2}'), [2, undefined]);
    t.same(values('{"a":1,"b":3,"a":null}'), [undefined, 3]);
    t.same(values('{"a":null,"b":3,"a":4}'), [4, 3]);
    t.same(values('{"a":1,"a":2,"b":01}'), [2, 1], 'also in the slow way');
    t.same(values('{"a":1,"b":01,"a":null}'), [undefined, 1]);
  });

  t.test(`${name}: objects of one form are tables of their own`, async (t) => {
    const text = '[{"a":1,"b":2},{"a":3,"b":4},{"a":5,"b":null},{"a":6,"c":7},{"b":8,"a":9}]';
    guest.run('list = cjson.decode(...)', text);
    guest.run(`
      local one = list[1]
      one.c = 10 one.a = nil one[1] = 11 one["b"] = 12
      for i = 1, 40 do one["k" .. i] = i end
      for i = 1, 40 do one["k" .. i] = nil end
      list[2].a = nil`);
    const members = (i: number) => {
      const code =
        'local t, n = list[...], 0 for _ in pairs(t) do n = n + 1 end return n, t.a, t.b, t.c, t[1]';
      return guest.run(code, i);
    };
    t.same(members(1), [3, undefined, 12, 10, 11]);
    t.same(members(2), [1, undefined, 4, undefined, undefined]);
    t.same(members(3), [1, 5, undefined, undefined, undefined]);
    t.same(members(4), [2, 6, undefined, 7, undefined]);
    t.same(members(5), [2, 9, 8, undefined, undefined]);
    t.same(guest.run('local t = cjson.decode(...)[1] return t.a, t.b, next(t)', text), [
      1,
      2,
      'a',
      1,
    ]);
  });

  t.test(`${name}: keys that mean something to JavaScript are keys like any other`, async (t) => {
    const text = '{"__proto__":1,"constructor":2,"toJSON":3,"":4,"10":5,"length":6}';
    const code =
      'local v = cjson.decode(...) return v.__proto__, v.constructor, v.toJSON, v[""], v["10"], v.length, v[10]';
    t.same(guest.run(code, text), [1, 2, 3, 4, 5, 6, undefined]);
    t.same(guest.run(code, text.replace('1,', '01,')), [1, 2, 3, 4, 5, 6, undefined]);
    t.equal(again('{"__proto__":{"x":1}}'), '{"__proto__":{"x":1}}');
  });

  t.test(`${name}: nulls leave nothing behind, and lists keep their indices`, async (t) => {
    const code = 'local v = cjson.decode(...) return v.a, #v.b, v.b[2], v.b[3]';
    t.same(guest.run(code, '{"a":null,"b":[1,null,3]}'), [undefined, 1, undefined, 3]);
    for (const text of [
      '[]',
      '{}',
      '[1,null,3]',
      '[null,2]',
      '[[],{}]',
      '{"a":[]}',
      '[1,2,null,4]',
    ]) {
      t.equal(again(text), text);
    }
    t.equal(again('[null]'), '[]');
    t.equal(again('[1,null]'), '[1]');
    const other = opened();
    other.run('cjson.decode_null(true)');
    t.same(
      other.run(
        'local v = cjson.decode(...) return v[1] == cjson.null, type(v[1]), tostring(v[1]), cjson.encode(v)',
        '[null]',
      ),
      [true, 'userdata', 'userdata: (nil)', '[null]'],
    );
    t.equal(other.value('return cjson.decode("null") == cjson.null'), true);
    t.equal(other.value('return cjson.decode([[{"a":null,"b":01}]]).a == cjson.null'), true);
  });

  t.test(`${name}: numbers as strtod reads them`, async (t) => {
    const cases: readonly (readonly [string, number])[] = [
      ['0', 0],
      ['-12.5e3', -12500],
      ['01', 1],
      ['+1', 1],
      ['1.', 1],
      ['-.5', -0.5],
      ['1.e5', 1e5],
      ['0x10', 16],
      ['0X1p4', 16],
      ['0x.8', 0.5],
      ['0x1.8p-1', 0.75],
      ['-0x1F', -31],
      ['0x20000000000001', 2 ** 53],
      ['0x200000000000011', 2 ** 57 + 32],
      ['0x1p-1074', 5e-324],
      ['1e400', Number.POSITIVE_INFINITY],
      ['inf', Number.POSITIVE_INFINITY],
      ['-Infinity', Number.NEGATIVE_INFINITY],
      ['123456789012345678901234567890', 1.2345678901234568e29],
      ['0.1', 0.1],
      ['2.2250738585072011e-308', 2.225073858507201e-308],
      ['9007199254740993', 9007199254740992],
      [`0.${'0'.repeat(400)}1`, 0],
      [`1${'0'.repeat(5000)}e-5000`, 1],
    ];
    for (const [text, expected] of cases) {
      t.equal(decode(text), expected, text.slice(0, 40));
      t.equal(guest.value('return cjson.decode(...)[1]', `[${text}]`), expected);
    }
    t.equal(decode('[NaN,nan(12),-nAn]') === undefined, false);
    t.same(
      guest.run('local v = cjson.decode("[NaN,nan(1_z)]") return v[1] ~= v[1], v[2] ~= v[2]'),
      [true, true],
    );
    t.equal(Object.is(decode('-0'), -0), true);
  });

  t.test(`${name}: strict numbers`, async (t) => {
    const strict = opened();
    strict.run('cjson.decode_invalid_numbers(false)');
    const refused = (text: string) => strict.error('return cjson.decode(...)', text).slice(13);
    for (const text of ['01', '0x1', '-01', '-inf', '-nan', '00']) {
      t.equal(refused(text), 'Expected value but found invalid number at character 1');
    }
    for (const text of ['nan', 'inf', '+1', 'NaN']) {
      t.equal(refused(text), 'Expected value but found invalid token at character 1');
    }
    t.equal(strict.value('return cjson.decode("[1.]")[1]'), 1);
    t.equal(strict.value('return cjson.decode("[0.5]")[1]'), 0.5);
  });

  t.test(`${name}: strings are bytes`, async (t) => {
    t.equal(
      decode('"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00"'),
      'A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80',
    );
    t.equal(decode('"\\u0000\\u0022\\u005c\\u001f"'), '\0"\\\x1f');
    t.equal(decode('"\\\\u00e9"'), '\\u00e9', 'an escaped backslash begins no escape');
    t.equal(decode('"\\"\\\\\\/\\b\\f\\n\\r\\t"'), '"\\/\b\f\n\r\t');
    t.equal(decode('"\xe9\xff\x80\x7f"'), '\xe9\xff\x80\x7f', 'no UTF-8 is asked for');
    t.equal(decode('"a\x01\n\tb"'), 'a\x01\n\tb', 'control characters are taken');
    t.equal(guest.value('return cjson.decode(...)["\\195\\169"]', '{"\\u00e9":1}'), 1);
    const long = 'x'.repeat(100_000);
    t.equal(decode(`["${long}"]`) === undefined, false);
    t.equal(guest.value('return cjson.decode(...)[1]', `["${long}"]`), long);
  });

  t.test(`${name}: what is wrong, and where`, async (t) => {
    const cases: readonly (readonly [string, string])[] = [
      ['', 'Expected value but found T_END at character 1'],
      ['[1,]', 'Expected value but found T_ARR_END at character 4'],
      ['{a:1}', 'Expected object key string but found invalid token at character 2'],
      ['1 2', 'Expected the end but found T_NUMBER at character 3'],
      ['{"a" 1}', 'Expected colon but found T_NUMBER at character 6'],
      ['{"a":1 "b"}', 'Expected comma or object end but found T_STRING at character 8'],
      ['{"a":}', 'Expected value but found T_OBJ_END at character 6'],
      ['{"a":1,}', 'Expected object key string but found T_OBJ_END at character 8'],
      ['[1 true]', 'Expected comma or array end but found T_BOOLEAN at character 4'],
      ['[1 null]', 'Expected comma or array end but found T_NULL at character 4'],
      ['[1:2]', 'Expected comma or array end but found T_COLON at character 3'],
      ['{{', 'Expected object key string but found T_OBJ_BEGIN at character 2'],
      ['{[', 'Expected object key string but found T_ARR_BEGIN at character 2'],
      ['{,', 'Expected object key string but found T_COMMA at character 2'],
      [']', 'Expected value but found T_ARR_END at character 1'],
      ['[tru]', 'Expected value but found invalid token at character 2'],
      ['truex', 'Expected the end but found invalid token at character 5'],
      ['.5', 'Expected value but found invalid token at character 1'],
      ['-', 'Expected value but found invalid number at character 1'],
      ['[1e]', 'Expected comma or array end but found invalid token at character 3'],
      ['"abc', 'Expected value but found unexpected end of string at character 5'],
      ['"ab\0"', 'Expected value but found unexpected end of string at character 4'],
      ['"a\\x"', 'Expected value but found invalid escape code at character 3'],
      ['"\\u12"', 'Expected value but found invalid unicode escape code at character 2'],
      ['"\\ud800"', 'Expected value but found invalid unicode escape code at character 2'],
      ['"\\udc00"', 'Expected value but found invalid unicode escape code at character 2'],
      ['["\\ud800\\u0041"]', 'Expected value but found invalid unicode escape code at character 3'],
      [
        '{"\\ud800":1}',
        'Expected object key string but found invalid unicode escape code at character 3',
      ],
      [' \f1', 'Expected value but found invalid token at character 2'],
      ['\0[1]', 'JSON parser does not support UTF-16 or UTF-32'],
      ['[\0', 'JSON parser does not support UTF-16 or UTF-32'],
      ['['.repeat(1001), 'Found too many nested data structures (1001) at character 1001'],
      ['{"a":'.repeat(1001), 'Found too many nested data structures (1001) at character 5001'],
    ];
    for (const [text, expected] of cases) t.equal(error(text), expected, text.slice(0, 30));
    t.match(guest.error('cjson.decode()'), /bad argument #1 to 'decode' \(expected 1 argument\)$/);
    t.match(
      guest.error('cjson.decode("1", 2)'),
      /bad argument #1 to 'decode' \(expected 1 argument\)$/,
    );
    t.match(guest.error('cjson.decode(nil)'), /\(string expected, got nil\)$/);
  });

  t.test(`${name}: depth costs no stack`, async (t) => {
    const deep = opened();
    deep.run('cjson.decode_max_depth(2^31 - 1) cjson.encode_max_depth(2^31 - 1)');
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    t.equal(deep.value('return cjson.encode(cjson.decode(...))', nested(8000)), nested(8000));
    t.match(
      deep.error('return cjson.decode(...)', '{"a":'.repeat(200_000)),
      /Found too many nested data structures \(8001\) at character 40001$/,
    );
    t.match(
      deep.error('local t = {} for i = 1, 8000 do t = {t} end return cjson.encode(t)'),
      /Cannot serialise, excessive nesting \(8001\)$/,
    );
    deep.run('cjson.decode_max_depth(3)');
    t.match(deep.error('return cjson.decode("[[[[1]]]]")'), /\(4\) at character 4$/);
    t.equal(deep.value('return cjson.decode("[[[1]]]")[1][1][1]'), 1);
  });
});
