import t from 'tap';
import { onRjson, written } from './rjson-guest.ts';

onRjson((name, opened) => {
  const guest = opened();
  const output = (text: string) => {
    guest.run('doc = rjson.parse(...)', text);
    return guest.object('doc').output?.(1_000_000);
  };
  const error = (text: string, validate = false) =>
    guest.error('local text, validate = ... return rjson.parse(text, validate)', text, validate);

  t.test(`${name}: what is written is what was read, without white space`, async (t) => {
    for (const text of [
      'null',
      'true',
      '-1',
      '"a"',
      '[]',
      '{}',
      '[1,"string",true,false,[3,4],{"foo":"bar"},null]',
      '{"b":1,"a":{"c":[]},"b":2}',
      '18446744073709551615',
      '-9223372036854775808',
      '9007199254740993',
      '4294967296',
    ]) {
      t.equal(output(` ${text.replaceAll(',', ' ,\n')} `), text);
    }
  });

  t.test(`${name}: forms of numbers and strings`, async (t) => {
    const cases: readonly (readonly [string, string])[] = [
      ['-0', '0'],
      ['-0.0', '-0.0'],
      ['1.0', '1.0'],
      ['1e2', '100.0'],
      ['0.5', '0.5'],
      ['1e21', '1e21'],
      ['1.5E-7', '1.5e-7'],
      ['0.000001', '0.000001'],
      ['18446744073709551616', '18446744073709552000.0'],
      ['-9223372036854775809', '-9223372036854776000.0'],
      ['1e-400', '0.0'],
      ['"\\u00e9\\ud83d\\ude00\\/"', '"\xc3\xa9\xf0\x9f\x98\x80/"'],
      ['"\\u001f\\u007f\\n\\"\\\\"', '"\\u001F\x7f\\n\\"\\\\"'],
      ['"\\udc00"', '"\xed\xb0\x80"'],
      ['"\xff"', '"\xff"'],
    ];
    for (const [text, expected] of cases) t.equal(output(text), expected, text);
  });

  t.test(`${name}: what is wrong, and where`, async (t) => {
    const cases: readonly (readonly [string, string])[] = [
      ['', '0 The document is empty.'],
      [' \n', '2 The document is empty.'],
      ['1 2', '2 The document root must not be followed by other values.'],
      ['{', '1 Missing a name for object member.'],
      ['{1:2}', '1 Missing a name for object member.'],
      ['{"a" 1}', '5 Missing a colon after a name of object member.'],
      ['{"a":1 "b"', "7 Missing a comma or '}' after an object member."],
      ['[1 2]', "3 Missing a comma or ']' after an array element."],
      ['[1,]', '3 Invalid value.'],
      ['[nul]', '4 Invalid value.'],
      ['[-]', '2 Invalid value.'],
      ['01', '1 The document root must not be followed by other values.'],
      ['[1.]', '3 Miss fraction part in number.'],
      ['[1e+]', '4 Miss exponent in number.'],
      ['[1e309]', '1 Number too big to be stored in double.'],
      [`[1${'0'.repeat(310)}]`, '1 Number too big to be stored in double.'],
      ['"abc', '4 Missing a closing quotation mark in string.'],
      ['"a\nb"', '2 Invalid encoding in string.'],
      ['"a\\x"', '2 Invalid escape character in string.'],
      ['"\\u00g0"', '1 Incorrect hex digit after \\u escape in string.'],
      ['"\\ud800x"', '1 The surrogate pair in string is invalid.'],
      ['"\\ud800\\u0041"', '1 The surrogate pair in string is invalid.'],
      ['["a\0b"]', '3 Missing a closing quotation mark in string.'],
    ];
    for (const [text, expected] of cases) {
      t.equal(error(text), `guest.lua:1: failed to parse offset:${expected}`, text.slice(0, 20));
      t.match(
        guest.error('return rjson.parse_schema(...)', text),
        `failed to parse offset:${expected}`,
      );
    }
    t.match(guest.error('return rjson.parse()'), /\(string expected, got no value\)$/);
  });

  t.test(`${name}: UTF-8 is looked at when asked for`, async (t) => {
    for (const text of [
      '{"f\xa0o":1}',
      '{"a":"\xc3"}',
      '["\xed\xa0\x80"]',
      '["\xf4\x90\x80\x80"]',
      '["\xc0\x80"]',
    ]) {
      t.match(error(text, true), /failed to parse offset:\d Invalid encoding in string\.$/, text);
      t.equal(output(text), text);
    }
    t.match(error('{"f\xa0o":"bar"}', true), /offset:3 /);
    guest.run('assert(rjson.parse(..., true))', '["\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa9"]');
  });

  t.test(`${name}: depth and memory are bounded`, async (t) => {
    t.equal(output('['.repeat(1000) + ']'.repeat(1000)), '['.repeat(1000) + ']'.repeat(1000));
    t.match(error('['.repeat(1001)), /offset:1001 Terminate parsing due to Handler error\.$/);
    t.match(error('{"a":'.repeat(200_000)), /offset:5001 Terminate/);
    const small = opened({ memoryBytes: 1_000_000 });
    t.match(
      small.error('return rjson.parse("[" .. string.rep("1,", 100000) .. "1]")'),
      /memory allocation failed$/,
    );
    t.equal(small.externalBytes, 0);
    small.run('doc = rjson.parse("[" .. string.rep("1,", 1000) .. "1]")');
    t.ok(small.externalBytes > 50_000, 'its bytes count');
    t.equal(small.object('doc').externalBytes, small.externalBytes);
    const poor = opened({ instructions: 20_000 });
    t.equal(poor.outcome('rjson.parse(...)', [`[${'1,'.repeat(200_000)}1]`]).kind, 'instructions');
  });

  t.test(`${name}: output stops at its limit`, async (t) => {
    guest.run('doc = rjson.parse(...)', `["${'x'.repeat(100)}"]`);
    t.equal(written(guest.object('doc'), 50), 'output_limit exceeded');
    t.equal(guest.object('doc').output?.(104)?.length, 104);
  });
});
