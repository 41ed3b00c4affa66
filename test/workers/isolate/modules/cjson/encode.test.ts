import t from 'tap';
import { numberText } from '../../../../../workers/isolate/lua-text/number-text.ts';
import { createModule } from '../../../../../workers/isolate/modules/cjson/module.ts';
import { ModuleGuest, type ModuleGuestOptions, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const opened = (options: ModuleGuestOptions = {}) => {
    const guest = new ModuleGuest(create, { cjson: createModule }, { outputBytes: 0, ...options });
    guest.run('require "cjson" require "string"');
    return guest;
  };
  const guest = opened();
  const encode = (expression: string) => guest.value(`return cjson.encode(${expression})`);
  const error = (expression: string) =>
    guest.error(`return cjson.encode(${expression})`).slice('guest.lua:1: '.length);

  t.test(`${name}: scalars`, async (t) => {
    t.equal(encode('nil'), 'null');
    t.equal(encode('cjson.null'), 'null');
    t.equal(encode('true'), 'true');
    t.equal(encode('false'), 'false');
    t.equal(encode('"a"'), '"a"');
    t.equal(encode('12'), '12');
    t.equal(
      encode('{1, 2, {a = "b/c\\"\\\\\\n\\127\\195\\169\\1"}}'),
      '[1,2,{"a":"b\\/c\\"\\\\\\n\\u007f\xc3\xa9\\u0001"}]',
    );
    t.equal(encode('"\\8\\9\\10\\12\\13\\11\\31\\0"'), '"\\b\\t\\n\\f\\r\\u000b\\u001f\\u0000"');
    t.equal(encode('{["k/\\1\\127"] = 1}'), '{"k\\/\\u0001\\u007f":1}');
  });

  t.test(`${name}: an empty list stays one, but for Heka`, async (t) => {
    const script = `local l = cjson.decode("[]")
      local e = {1} e[1] = nil
      return cjson.encode(l) .. cjson.encode({l, {}}) .. cjson.encode({"\\127", l})`;
    t.equal(guest.value(script), '[][[],{}]["\\u007f",[]]');
    const heka = opened({ api: 'heka' });
    t.equal(heka.value(script), '{}[{},{}]["\\u007f",{}]');
  });

  t.test(`${name}: numbers have 14 digits`, async (t) => {
    const cases: readonly (readonly [string, string])[] = [
      ['0.1', '0.1'],
      ['1/3', '0.33333333333333'],
      ['1e15', '1e+15'],
      ['123456789012345678', '1.2345678901235e+17'],
      ['-0', '-0'],
      ['100', '100'],
      ['1e100', '1e+100'],
      ['99999999999999', '99999999999999'],
      ['99999999999999.9', '1e+14'],
      ['73123525409951.5', '73123525409952'],
      ['0.0001', '0.0001'],
      ['0.00001', '1e-05'],
      ['-2.5', '-2.5'],
      ['1.7e18', '1.7e+18'],
    ];
    for (const [number, text] of cases) {
      t.equal(encode(`{${number}}`), `[${text}]`);
      t.equal(encode(number), text, 'by itself');
    }
  });

  t.test(`${name}: numbers are written as the number formatter writes them`, async (t) => {
    let state = 20_240;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state / 2 ** 32;
    };
    const bits = new DataView(new ArrayBuffer(8));
    const values: number[] = [];
    while (values.length < 4000) {
      const kind = values.length % 5;
      let value = Math.round(random() * 1e6) / 1000;
      if (kind === 1) value = Math.round((random() - 0.5) * 1e17);
      else if (kind === 2) value = (random() - 0.5) * 10 ** Math.round(random() * 40 - 20);
      else if (kind === 3) value = Math.round(random() * 1e15) / 2 ** Math.round(random() * 8);
      else if (kind === 4) {
        bits.setFloat64(0, random());
        bits.setInt16(0, Math.round((random() - 0.5) * 2 ** 16));
        value = bits.getFloat64(0);
      }
      if (Number.isFinite(value)) values.push(value);
    }
    const list = guest.engine.createList(values);
    const written = guest.value('return cjson.encode(...)', list);
    t.equal(written, `[${values.map(numberText).join(',')}]`);
    guest.run('cjson.encode_max_depth(1000)');
    const alone = values.slice(0, 300);
    t.same(
      alone.map((value) => guest.value('return cjson.encode(...)', value)),
      alone.map(numberText),
    );
  });

  t.test(`${name}: precision`, async (t) => {
    const precise = opened();
    precise.run('cjson.encode_number_precision(3)');
    t.equal(precise.value('return cjson.encode({1/3, 12345, 0.5})'), '[0.333,1.23e+04,0.5]');
    precise.run('cjson.encode_number_precision(17)');
    t.equal(precise.value('return cjson.encode({0.1, 3})'), '[0.10000000000000001,3]');
  });

  t.test(`${name}: numbers that JSON does not have`, async (t) => {
    const list = '{0/0, 1/0, -1/0}';
    t.equal(error(list), 'Cannot serialise number: must not be NaN or Infinity');
    t.equal(error('{[1/0] = 1}'), 'Cannot serialise number: must not be NaN or Infinity');
    const other = opened();
    other.run('cjson.encode_invalid_numbers(true)');
    t.equal(other.value(`return cjson.encode(${list})`), '[NaN,Infinity,-Infinity]');
    t.equal(other.value('return cjson.encode({[1/0] = 1})'), '{"Infinity":1}');
    other.run('cjson.encode_invalid_numbers("null")');
    t.equal(other.value(`return cjson.encode(${list})`), '[null,null,null]');
  });

  t.test(`${name}: lists and objects`, async (t) => {
    const cases: readonly (readonly [string, string])[] = [
      ['{[1] = 1, [3] = 3}', '[1,null,3]'],
      ['{[1] = 1, x = 3}', '{"1":1,"x":3}'],
      ['{[1.5] = 1}', '{"1.5":1}'],
      ['{[0] = 1}', '{"0":1}'],
      ['{[-1] = 1}', '{"-1":1}'],
      ['{[2^40] = 1}', '{"1099511627776":1}'],
      ['{[10] = 1}', '[null,null,null,null,null,null,null,null,null,1]'],
      ['{["1"] = 1}', '{"1":1}'],
      ['{}', '{}'],
      ['{nil}', '[]'],
      ['{nil, nil}', '[]'],
      ['{{}, {nil}}', '[{},[]]'],
      ['{1, nil, 3}', '[1,null,3]'],
      ['(function() local t = {1} t[1] = nil return t end)()', '[]'],
      ['(function() local t = {1} t.x = 1 t.x = nil t[1] = nil return t end)()', '{}'],
      ['(function() local t = {} t.x = 1 t.x = nil return t end)()', '{}'],
      ['(function() local t = {1, 2} t.x = 3 return t end)()', '{"1":1,"2":2,"x":3}'],
      ['setmetatable({1}, {__index = {5, 6}})', '[1]'],
    ];
    for (const [expression, text] of cases) t.equal(encode(expression), text, expression);
  });

  t.test(`${name}: objects of like forms, in long and short lists`, async (t) => {
    const objects = [
      '{"a":1,"b":"x/y"}',
      '{"a":2}',
      '{"a":3,"c":[]}',
      '{"b":4,"a":5}',
      '{"a":6,"b":7,"c":8}',
      '{}',
      '{"a":{"a":9}}',
      '{"a":"\x7f"}',
    ];
    for (const times of [1, 2, 3, 9]) {
      const text = `[${Array.from({ length: times }, () => objects.join(',')).join(',')}]`;
      const written = guest.value('return cjson.encode(cjson.decode(...))', text);
      t.equal(written, text.replaceAll('/', '\\/').replaceAll('\x7f', '\\u007f'));
    }
    t.equal(encode(`{${'1,'.repeat(40)}nil,1}`), `[${'1,'.repeat(40)}null,1]`);
    t.equal(error(`{${'1,'.repeat(40)}tostring}`), 'Cannot serialise function: type not supported');
    const depth = opened();
    depth.run('cjson.encode_max_depth(1)');
    t.equal(depth.value(`return cjson.encode({${'1,'.repeat(40)}1})`), `[${'1,'.repeat(40)}1]`);
    t.match(depth.error(`return cjson.encode({${'1,'.repeat(40)}{}})`), /excessive nesting \(2\)$/);
  });

  t.test(`${name}: excessively sparse lists`, async (t) => {
    t.equal(error('{[11] = 1}'), 'Cannot serialise table: excessively sparse array');
    t.equal(
      encode('{1, 2, 3, 4, 5, [12] = 1, [13] = 1, [15] = 2}'),
      '[1,2,3,4,5,null,null,null,null,null,null,1,1,null,2]',
    );
    t.equal(encode('{1, 2, 3, 4, 5, [12] = 1}'), '[1,2,3,4,5,null,null,null,null,null,null,1]');
    t.equal(
      error(`{${'nil,'.repeat(30)}1}`),
      'Cannot serialise table: excessively sparse array',
      'also in the array part',
    );
    const other = opened();
    other.run('cjson.encode_sparse_array(true, 2, 10)');
    t.equal(other.value('return cjson.encode({[11] = 1})'), '{"11":1}');
    other.run('cjson.encode_sparse_array(false, 0, 0)');
    t.equal(other.value('return cjson.encode({[4] = 1})'), '[null,null,null,1]');
    other.run('cjson.encode_sparse_array(false, 1, 0)');
    t.match(other.error('return cjson.encode({1, nil, 3})'), /excessively sparse array$/);
  });

  t.test(`${name}: what cannot be written`, async (t) => {
    t.equal(error('tostring'), 'Cannot serialise function: type not supported');
    t.equal(error('{tostring}'), 'Cannot serialise function: type not supported');
    t.equal(
      error('{[tostring] = 1}'),
      'Cannot serialise function: table key must be a number or string',
    );
    t.equal(
      error('{[true] = 1}'),
      'Cannot serialise boolean: table key must be a number or string',
    );
    t.equal(
      error('{x = {[{}] = 1}}'),
      'Cannot serialise table: table key must be a number or string',
    );
    t.equal(
      error('(function() local t = {} t[1] = t return t end)()'),
      'Cannot serialise, excessive nesting (1001)',
    );
    t.match(guest.error('cjson.encode()'), /bad argument #1 to 'encode' \(expected 1 argument\)$/);
    t.match(guest.error('cjson.encode(1, 2)'), /\(expected 1 argument\)$/);
  });

  t.test(`${name}: the output limit, with the room that strings reserve`, async (t) => {
    const limited = opened({ outputBytes: 64 });
    const fits = (expression: string) =>
      limited.value(`return (pcall(cjson.encode, ${expression}))`);
    t.equal(fits('string.rep("x", 10)'), true);
    t.equal(fits('string.rep("x", 11)'), false);
    t.equal(fits('string.rep("\\1", 10)'), true);
    t.equal(fits('{1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}'), true);
    t.equal(fits('{1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}'), false);
    t.equal(fits('{[string.rep("x", 10)] = 1}'), true);
    t.equal(fits('{a = "1", b = {c = "23456789"}}'), false);
    t.equal(
      limited.error('return cjson.encode(string.rep("x", 100))'),
      'guest.lua:1: strbuf output_limit exceeded',
    );
    t.equal(
      guest.value('return #cjson.encode(string.rep("x", 1000000))'),
      1_000_002,
      '0 is no limit',
    );
  });
});
