import t from 'tap';
import { onRjson, written } from './rjson-guest.ts';

const TEXT = '{"array":[1,"string",true,false,[3,4],{"foo":"bar"},null]}';

onRjson((name, opened) => {
  t.test(`${name}: the module`, async (t) => {
    const guest = opened();
    t.same(guest.run('return rjson.version(), require "rjson" == rjson'), ['1.1.4', true]);
  });

  t.test(`${name}: values are found by names and indices from 0`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...)', TEXT);
    t.same(
      guest.run(`
        local a = doc:find("array")
        local types = {}
        for i = 0, 6 do types[#types + 1] = doc:type(doc:find(a, i)) end
        return doc:type(), doc:type(a), unpack(types)`),
      ['object', 'array', 'number', 'string', 'boolean', 'boolean', 'array', 'object', 'null'],
    );
    t.same(
      guest.run(`
        return doc:find("array", "key"), doc:find("array", 7), doc:find("array", -1), doc:find(true), doc:find(nil),
          doc:find("array", 5, "missing"), doc:find("array", 5, 0), doc:find("array", 1, 0)`),
      Array.from({ length: 8 }, () => undefined),
    );
    t.same(
      guest.run(
        'return doc:value(doc:find("array", 1)), doc:value(doc:find("array", 1.9)), doc:value(doc:find("array", 2)), doc:value(doc:find("array", 6))',
      ),
      ['string', 'string', true, undefined],
    );
    t.equal(
      guest.value('return doc:value(doc:find("array\\0rest", 0))'),
      1,
      'a name ends at its NUL',
    );
    guest.run('big = rjson.parse(...)', '[9007199254740993,-0.5]');
    t.same(guest.run('return big:value(big:find(0)), big:value(big:find(1))'), [2 ** 53, -0.5]);
  });

  t.test(`${name}: of equal names the first one is found, and all are counted`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...)', '{"a":1,"a":2}');
    t.same(guest.run('return doc:value(doc:find("a")), doc:size()'), [1, 2]);
    const many = `{${Array.from({ length: 50 }, (_, i) => `"k${i % 40}":${i}`).join(',')}}`;
    guest.run('doc = rjson.parse(...)', many);
    t.same(
      guest.run('return doc:value(doc:find("k5")), doc:value(doc:find("k39")), doc:find("k40")'),
      [5, 39, undefined],
    );
  });

  t.test(`${name}: sizes and values of the wrong kind`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...) a = doc:find("array")', TEXT);
    t.same(
      guest.run(
        'return doc:size(), doc:size(a), doc:size(doc:find(a, 1)), doc:size(nil), doc:value(nil), doc:type(nil), doc:iter(nil), doc:make_field(nil)',
      ),
      [1, 7, 6, undefined, undefined, undefined, undefined, undefined],
    );
    const error = (call: string) => guest.error(`return doc:${call}`).replace('guest.lua:1: ', '');
    t.equal(error('size(doc:find(a, 0))'), 'attempt to get length of a number');
    t.equal(error('size(doc:find(a, 2))'), 'attempt to get length of a boolean');
    t.equal(error('size(doc:find(a, 6))'), 'attempt to get length of a NULL');
    t.equal(error('value()'), 'value() not allowed on an object');
    t.equal(error('value(a)'), 'value() not allowed on an array');
    t.equal(error('iter(doc:find(a, 2))'), 'iter() not allowed on a primitive type');
    t.match(error('type(a, a)'), /\(invalid number of arguments\)$/);
    t.match(error('type("a")'), /\(userdata expected, got string\)$/);
    t.match(guest.error('return doc.type("x")'), /mozsvc\.rjson expected, got string/);
  });

  t.test(`${name}: handles to one value are equal, and good in their document only`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...) other = rjson.parse(...)', TEXT);
    t.same(
      guest.run(`
        local a = doc:find("array", 5)
        return type(a), a == doc:find("array", 5), a == doc:find("array", 4), a == other:find("array", 5),
          doc:find() == doc:find(), ({[a] = 1})[doc:find("array", 5)]`),
      ['userdata', true, false, false, true, 1],
    );
    for (const call of [
      'value(other:find("array"))',
      'find(other, "array")',
      'find(other:find(), "array")',
      'remove(other:find(), "array")',
    ]) {
      t.equal(guest.error(`return doc:${call}`), 'guest.lua:1: invalid value', call);
    }
  });

  t.test(`${name}: iterators`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...)', '{"b":[10,20],"a":{"x":1,"y":2}}');
    t.same(
      guest.run(`
        local out = {}
        for k, v in doc:iter() do
          for i, w in doc:iter(v) do out[#out + 1] = k .. i .. "=" .. doc:value(w) end
        end
        return unpack(out)`),
      ['b0=10', 'b1=20', 'ax=1', 'ay=2'],
    );
    t.same(
      guest.run('local it = doc:iter(doc:find("b")) it() it() return select("#", it()), it()'),
      [2, undefined, undefined],
    );
  });

  t.test(
    `${name}: parsing again makes handles and iterators bad, but for the root's handle`,
    async (t) => {
      const guest = opened();
      guest.run(
        'doc = rjson.parse(...) root = doc:find() b = doc:find("b") it = doc:iter(b) all = doc:iter()',
        '{"b":[1]}',
      );
      t.equal(guest.value('return doc:parse(...) == doc', '{"b":[2,3]}'), true);
      t.match(guest.error('return doc:value(b)'), /invalid value$/);
      t.match(guest.error('return it()'), /iterator has been invalidated$/);
      t.match(guest.error('return all()'), /iterator has been invalidated$/);
      t.same(guest.run('return doc:type(root), doc:size(doc:find("b"))'), ['object', 2]);
      t.match(guest.error('return doc:parse("{")'), /offset:1 Missing a name/);
      t.same(guest.run('return doc:value(), doc:type(), doc:find("b")'), [
        undefined,
        'null',
        undefined,
      ]);
      t.match(guest.error('return doc:parse({})'), /string expected, got table/);
    },
  );

  t.test(`${name}: what is removed becomes a document of its own`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...)', '{"main":{"m1":1},"payload":{"values":[1,2,3]},"last":0}');
    t.same(
      guest.run(`
        local values = doc:find("payload", "values")
        local it = doc:iter(values)
        local first = {it()}
        gone = doc:remove("payload")
        local second = {it()}
        return first[1], doc:value(first[2]), second[1], doc:value(second[2]), gone:value(gone:find("values", 2)),
          doc:size(), doc:find("payload")`),
      [0, 1, 1, 2, 3, 2, undefined],
    );
    t.equal(
      guest.object('doc').output?.(1000),
      '{"main":{"m1":1},"last":0}',
      'the last one fills the gap',
    );
    t.equal(guest.object('gone').output?.(1000), '{"values":[1,2,3]}');
    t.match(
      guest.error(
        'local main = doc:find("main") local it = doc:iter(main) doc:remove("main") return it()',
      ),
      /iterator has been invalidated$/,
    );
    t.same(
      guest.run(
        'return doc:remove("x"), doc:remove("last", 0), gone:remove("values", 3), doc:remove(true)',
      ),
      [undefined, undefined, undefined, undefined],
    );
    t.match(guest.error('doc:remove()'), /cannot remove the root$/);
    t.match(guest.error('doc:remove(doc:find("last"))'), /cannot remove the root$/);
    t.equal(guest.value('return gone:remove("values", 0):value()'), 1);
    t.equal(guest.object('gone').output?.(1000), '{"values":[2,3]}');
    t.equal(
      guest.value('gone:parse("[7]") return gone:value(gone:find(0))'),
      7,
      'and may be parsed again',
    );
  });

  t.test(`${name}: what is removed without a copy stays in its document`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...)', '{"list":[1,[2,3]],"x":{"y":1}}');
    t.same(
      guest.run(`
        local old = doc:find("list", 1)
        local inner = doc:find("list", 1, 0)
        local new = doc:remove_shallow("list", 1)
        return old == new, pcall(doc.value, doc, old), doc:value(inner), doc:size(new), doc:value(doc:find(new, 1)),
          doc:size(doc:find("list"))`),
      [false, false, 2, 2, 3, 1],
    );
    t.equal(guest.object('doc').output?.(1000), '{"list":[1],"x":{"y":1}}');
    guest.run('handle = doc:remove_shallow(doc:find("x"), "y")');
    t.equal(guest.object('handle').output?.(10), '1', 'a handle is written as its value');
    guest.run('doc:parse("1")');
    t.equal(written(guest.object('handle'), 10), 'invalid value');
  });

  t.test(`${name}: fields for messages`, async (t) => {
    const guest = opened();
    guest.run('doc = rjson.parse(...)', '{"a":[18446744073709551615]}');
    guest.run('field = doc:make_field(doc:find("a")) value = field.value whole = doc:make_field()');
    t.same(
      guest.run(
        'return field.userdata == doc, field.representation, value == doc:find("a"), whole.value == doc:find()',
      ),
      [true, 'json', true, true],
    );
    t.equal(guest.object('value').output?.(100), '[18446744073709551615]');
  });

  t.test(`${name}: documents are not preserved, and cost what they do`, async (t) => {
    const guest = opened({ instructions: 50_000 });
    guest.run('doc = rjson.parse("{}")');
    t.equal(guest.object('doc').preserve, undefined);
    t.equal(
      guest.outcome(
        'local doc = rjson.parse("[" .. string.rep("0,", 3000) .. "0]") while true do for _ in doc:iter() do end end',
      ).kind,
      'instructions',
    );
  });
});
