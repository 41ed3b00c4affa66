import t from 'tap';
import { GuestError } from '../../../../../workers/isolate/engine.ts';
import { onRjson } from './rjson-guest.ts';

onRjson((name, opened) => {
  const guest = opened();
  const validate = (schema: string, text: string) =>
    guest.run(
      'local s, d = ... return rjson.parse(d):validate(rjson.parse_schema(s))',
      schema,
      text,
    );
  const holds = (schema: string, text: string) => validate(schema, text)[0];
  const report = (schema: string, text: string) => JSON.parse(String(validate(schema, text)[2]));

  t.test(`${name}: what conforms and what does not`, async (t) => {
    const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
      ['{}', ['1', 'null', '[]', '{"a":1}'], []],
      ['5', ['1', '{}'], []],
      ['{"type":"integer"}', ['1', '-5', '18446744073709551615'], ['1.0', '"1"', 'null']],
      ['{"type":"number"}', ['1', '1.5'], ['"1"', 'true']],
      ['{"type":["null","string"]}', ['null', '""'], ['0', 'false', '[]', '{}']],
      ['{"type":"unknown"}', [], ['1', 'null']],
      [
        '{"enum":[1,"a",{"x":[1,2],"y":null}]}',
        ['1', '1.0', '"a"', '{"y":null,"x":[1,2]}'],
        ['2', '"A"', '{"x":[2,1],"y":null}'],
      ],
      ['{"enum":[9007199254740993]}', ['9007199254740993'], ['9007199254740992']],
      ['{"minimum":5}', ['5', '"x"', '18446744073709551615'], ['4', '-9223372036854775808', '4.9']],
      ['{"minimum":5,"exclusiveMinimum":true}', ['6', '5.1'], ['5', '5.0']],
      ['{"maximum":9007199254740993}', ['9007199254740993'], ['9007199254740994']],
      ['{"maximum":-1.5,"exclusiveMaximum":true}', ['-2'], ['-1.5', '0']],
      [
        '{"multipleOf":3}',
        ['9', '-9', '0', '9223372036854775806'],
        ['10', '9223372036854775807', '1.5'],
      ],
      ['{"multipleOf":0.5}', ['1', '1.5'], ['1.25']],
      ['{"multipleOf":0}', ['1', '1.25'], []],
      [
        '{"minLength":2,"maxLength":3}',
        ['"ab"', '"\xc3\xa9\xc3\xa9\xc3\xa9"', '"\xff"', '1'],
        ['"a"', '"abcd"', '"\xc3\xa9"'],
      ],
      ['{"pattern":"^[a-c]+$"}', ['"abc"', '5'], ['"abd"', '""']],
      ['{"pattern":"["}', ['"anything"'], []],
      ['{"required":["a","b"]}', ['{"a":1,"b":2}', '[]'], ['{"a":1}', '{}']],
      ['{"minProperties":1,"maxProperties":2}', ['{"a":1}'], ['{}', '{"a":1,"b":2,"c":3}']],
      ['{"properties":{"a":{"type":"string"}}}', ['{"a":"x","b":1}'], ['{"a":1}']],
      ['{"properties":{"a":{}},"additionalProperties":false}', ['{"a":1}'], ['{"b":1}']],
      ['{"required":["r"],"additionalProperties":false}', ['{"r":1}'], ['{"r":1,"b":1}']],
      ['{"additionalProperties":{"type":"null"}}', ['{"a":null}'], ['{"a":1}']],
      [
        '{"patternProperties":{"^x":{"type":"null"}},"additionalProperties":false}',
        ['{"x1":null}'],
        ['{"x1":1}', '{"y":1}'],
      ],
      [
        '{"patternProperties":{"a":{"type":"string"}},"properties":{"ab":{"minLength":2}}}',
        ['{"ab":"xy"}'],
        ['{"ab":"x"}', '{"ab":1}'],
      ],
      ['{"dependencies":{"a":["b","c"]}}', ['{"a":1,"b":1,"c":1}', '{"b":1}'], ['{"a":1,"b":1}']],
      ['{"dependencies":{"a":{"minProperties":2}}}', ['{"a":1,"b":1}', '{}'], ['{"a":1}']],
      ['{"items":{"type":"string"}}', ['["a"]', '[]', '"x"'], ['["a",1]']],
      [
        '{"items":[{"type":"string"},{"type":"null"}]}',
        ['["a",null,5]', '["a"]'],
        ['[1]', '["a",1]'],
      ],
      ['{"items":[{}],"additionalItems":false}', ['[1]'], ['[1,2]']],
      ['{"items":[{}],"additionalItems":{"type":"null"}}', ['[1,null]'], ['[1,2]']],
      ['{"minItems":1,"maxItems":2}', ['[1]'], ['[]', '[1,2,3]']],
      [
        '{"uniqueItems":true}',
        ['[1,2,"1",[1],{"a":1}]'],
        ['[1,2,1.0]', '[{"a":1,"b":2},{"b":2,"a":1}]', '[[],[]]'],
      ],
      ['{"allOf":[{"type":"integer"},{"minimum":3}]}', ['3'], ['2', '"a"']],
      ['{"anyOf":[{"type":"string"},{"minimum":3}]}', ['"a"', '3'], ['2']],
      ['{"oneOf":[{"type":"integer"},{"minimum":3}]}', ['2', '3.5'], ['3', '2.5']],
      ['{"not":{"type":"null"}}', ['1'], ['null']],
      [
        '{"definitions":{"a~/b":{"type":"null"}},"properties":{"x":{"$ref":"#/definitions/a~0~1b"}}}',
        ['{"x":null}'],
        ['{"x":1}'],
      ],
      [
        '{"properties":{"next":{"$ref":"#"}},"required":["v"]}',
        ['{"v":1,"next":{"v":2}}'],
        ['{"v":1,"next":{}}'],
      ],
      [
        '{"properties":{"x":{"$ref":"#/nowhere"},"y":{"$ref":"other.json#/a","type":"null"}}}',
        ['{"x":1,"y":null}'],
        ['{"y":1}'],
      ],
      ['{"a":{"$ref":"#/b"},"b":{"$ref":"#/a"},"items":{"$ref":"#/a"}}', ['[1]'], []],
    ];
    for (const [schema, good, bad] of cases) {
      for (const text of good) t.equal(holds(schema, text), true, `${schema} ${text}`);
      for (const text of bad) t.equal(holds(schema, text), false, `${schema} ${text}`);
    }
  });

  t.test(`${name}: the violation is told with its places`, async (t) => {
    const schema =
      '{"properties":{"EnvVersion":{"pattern":"^\\\\d+"},"a b":{"items":{"type":["string","number"]}}}}';
    t.same(validate(schema, '{"EnvVersion":"unknown"}'), [
      false,
      'SchemaURI: #/properties/EnvVersion Keyword: pattern DocumentURI: #/EnvVersion',
      '{"pattern":{"actual":"unknown","instanceRef":"#/EnvVersion","schemaRef":"#/properties/EnvVersion"}}',
    ]);
    t.same(validate(schema, '{"a b":["x",null]}'), [
      false,
      'SchemaURI: #/properties/a%20b/items Keyword: type DocumentURI: #/a%20b/1',
      '{"type":{"expected":["string","number"],"actual":"null","instanceRef":"#/a%20b/1","schemaRef":"#/properties/a%20b/items"}}',
    ]);
    t.same(validate(schema, '{}'), [true, undefined]);
  });

  t.test(`${name}: reports`, async (t) => {
    const here = { instanceRef: '#', schemaRef: '#' };
    t.same(report('{"minimum":5,"exclusiveMinimum":true}', '5'), {
      minimum: { actual: 5, expected: 5, exclusiveMinimum: true, ...here },
    });
    t.match(String(validate('{"maximum":1.5}', '2')[2]), '"actual":2.0,"expected":1.5');
    t.same(report('{"required":["a","b"]}', '{"b":1}'), { required: { missing: ['a'], ...here } });
    t.same(report('{"maxItems":1}', '[1,2]'), { maxItems: { actual: 2, expected: 1, ...here } });
    t.same(report('{"uniqueItems":true}', '[1,2,1]'), {
      uniqueItems: { duplicates: [0, 2], ...here },
    });
    t.same(report('{"items":[{}],"additionalItems":false}', '[1,2]'), {
      additionalItems: { disallowed: 1, ...here },
    });
    t.equal(
      validate('{"items":[{}],"additionalItems":false}', '[1,2]')[1],
      'SchemaURI: # Keyword: items DocumentURI: #/1',
    );
    t.same(report('{"additionalProperties":false}', '{"x":1}'), {
      additionalProperties: { disallowed: 'x', ...here },
    });
    t.same(report('{"dependencies":{"a":["b"],"c":{"minProperties":9}}}', '{"a":1,"c":1}'), {
      dependencies: {
        errors: {
          a: ['b'],
          c: {
            minProperties: {
              actual: 2,
              expected: 9,
              instanceRef: '#',
              schemaRef: '#/dependencies/c',
            },
          },
        },
        ...here,
      },
    });
    t.same(report('{"anyOf":[{"type":"null"},{"enum":[2]}]}', '1'), {
      anyOf: {
        errors: [
          {
            type: {
              expected: ['null'],
              actual: 'integer',
              instanceRef: '#',
              schemaRef: '#/anyOf/0',
            },
          },
          { enum: { instanceRef: '#', schemaRef: '#/anyOf/1' } },
        ],
        ...here,
      },
    });
    t.same(report('{"allOf":[{"minimum":5},{"minimum":6},{}]}', '1'), {
      minimum: [
        { actual: 1, expected: 5, instanceRef: '#', schemaRef: '#/allOf/0' },
        { actual: 1, expected: 6, instanceRef: '#', schemaRef: '#/allOf/1' },
      ],
    });
    t.same(report('{"oneOf":[{},{}]}', '1'), { oneOf: { errors: [{}, {}], ...here } });
    t.same(report('{"not":{}}', '1'), { not: here });
    t.same(report('{"patternProperties":{"a":{"type":"null"}}}', '{"a":1}'), {
      type: {
        expected: ['null'],
        actual: 'integer',
        instanceRef: '#/a',
        schemaRef: '#/patternProperties/a',
      },
    });
  });

  t.test(
    `${name}: expressions that the host cannot take are refused, not passed over`,
    async (t) => {
      t.throws(
        () => validate('{"pattern":"a(?=b)"}', '"ab"'),
        /validate\(\) pattern is not supported: a\(\?=b\)$/,
      );
      const strict = opened({
        host: (operation, [pattern]) => {
          throw new GuestError(`${operation}: ${String(pattern)} is refused`);
        },
      });
      const outcome = (pattern: string) =>
        strict.outcome('return rjson.parse([["x"]]):validate(rjson.parse_schema(...))', [
          JSON.stringify({ pattern }),
        ]);
      t.match(outcome('x'), {
        kind: 'error',
        text: /not supported: x: regex\.search: x is refused$/,
      });
      t.match(outcome('['), { kind: 'returned', values: [true, undefined] });
    },
  );

  t.test(`${name}: a removed value is checked as a document`, async (t) => {
    t.equal(
      guest.value(
        'local doc = rjson.parse([[{"a":[1,2]}]]) return doc:remove("a"):validate(rjson.parse_schema([[{"type":"array","oneOf":[{"items":{"type":"number"}}]}]]))',
      ),
      true,
    );
    t.match(
      guest.error('return rjson.parse("1"):validate("x")'),
      /mozsvc\.rjson_schema expected, got string/,
    );
  });

  t.test(`${name}: hostile schemas end in an error`, async (t) => {
    const outcome = (schema: string, text: string) =>
      opened({ instructions: 300_000 }).outcome(
        'local s, d = ... return rjson.parse(d):validate(rjson.parse_schema(s))',
        [schema, text],
      );
    t.match(outcome('{"allOf":[{"$ref":"#"}]}', '1'), {
      kind: 'error',
      text: /nested too deeply$/,
    });
    t.equal(
      outcome(
        '{"items":{"$ref":"#"},"anyOf":[{"not":{"type":"null"}},{"items":{"$ref":"#"}}],"allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}',
        `${'['.repeat(100)}1${']'.repeat(100)}`,
      ).kind,
      'instructions',
      'alternatives within alternatives',
    );
    t.equal(
      outcome('{"items":{"pattern":"a*"}}', `[${'"x",'.repeat(20_000)}1]`).kind,
      'instructions',
    );
    t.match(outcome('{"items":{"$ref":"#"}}', `${'['.repeat(900)}1${']'.repeat(900)}`), {
      text: /nested too deeply$/,
    });
    t.equal(
      outcome(`{"enum":[${'['.repeat(900)}${']'.repeat(900)}]}`, '1').kind,
      'returned',
      'deep values in a schema are only compared',
    );
  });
});
