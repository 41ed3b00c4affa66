import t from 'tap';
import { everyWay, plain } from './lpeg-guest.ts';

everyWay((name, make) => {
  const guest = make();
  const value = (code: string) => guest.value(`return ${code}`);
  const values = (code: string) => guest.run(`return ${code}`);
  const error = (code: string) => plain(guest.error(`return ${code}`));

  t.test(`${name}: no value at all gives the position behind the match`, async (t) => {
    for (const pattern of [
      'm.P"a" / function() end',
      'm.P"a" * m.Cc()',
      'm.P"a" / 0',
      'm.C"a" / {}',
      'm.Cg("a", "x")',
      'm.Cg(m.C"a" / 0, "x")',
    ]) {
      t.equal(value(`m.match(${pattern}, "abc")`), 2, pattern);
    }
    t.equal(value('m.match(m.Cc(false), "a")'), false, 'false is a value');
    t.same(values('m.match(m.Cc(nil), "a")'), [undefined], 'and so is nil');
    t.same(values('m.match(m.P"a" / { a = false }, "a")'), [false]);
  });

  t.test(`${name}: texts, positions, constants, arguments`, async (t) => {
    t.same(values('m.match(m.C(m.C"a" * m.C"b"), "ab")'), ['ab', 'a', 'b']);
    t.same(values('m.match(m.Cp() * "a" * m.Cp(), "ab")'), [1, 2]);
    t.same(values('m.match(m.Cc(1, nil, "x") * m.Cc() * m.Cc(2), "")'), [1, undefined, 'x', 2]);
    t.equal(value('m.match(m.C(300), ("a"):rep(300)) == ("a"):rep(300)'), true);
    t.same(values('m.match(m.Carg(1) * m.Carg(3) * m.Carg(2), "", 1, "x", nil, {}) == "x"'), [
      true,
    ]);
    t.same(values('select("#", m.match(m.Carg(1) * m.Carg(2), "", 1, nil, nil))'), [2]);
    t.equal(error('m.match(m.Carg(2), "a", 1, "x")'), 'reference to absent extra argument #2');
    t.equal(error('m.match(m.Carg(1), "a")'), 'reference to absent extra argument #1');
    for (const number of ['0', '-1', '32768', '2^40']) {
      t.equal(error(`m.Carg(${number})`), "bad argument #1 to 'Carg' (invalid argument index)");
    }
    t.equal(error('m.Carg("x")'), "bad argument #1 to 'Carg' (number expected, got string)");
  });

  t.test(`${name}: groups and references to them`, async (t) => {
    t.equal(value('m.match(m.Cg("a"), "a")'), 'a', 'the text, when there are no values');
    t.same(values('m.match(m.Cg(m.C(1) * m.Cp()), "a")'), ['a', 2]);
    t.same(values('m.match(m.Cg(m.C(1) * m.Cp(), "n") * m.Cb"n", "a")'), ['a', 2]);
    t.same(values('m.match(m.Cg(1, "n") * m.Cg(1, "n") * m.Cb"n", "ab")'), ['b'], 'the last one');
    t.same(values('m.match(m.C(m.Cg(1, "n")) * m.Cg(1, "o") * m.Cb"o", "ab")'), ['a', 'b']);
    t.same(
      values('m.match(m.Cg(1, "n") * m.C(m.C(1) * m.Cb"n"), "ab")'),
      ['b', 'b', 'a'],
      'from within a capture that is not complete',
    );
    t.equal(
      error('m.match(m.C(m.Cg(1, "n")) * m.Cb"n", "ab")'),
      "back reference 'n' not found",
      'not into a complete capture',
    );
    t.equal(error('m.match(m.Cb"x", "")'), "back reference 'x' not found");
    t.equal(error('m.match(m.Cb({}), "")'), "back reference '(null)' not found");
    t.equal(error('m.Cb()'), "bad argument #1 to 'Cb' (value expected)");
    t.equal(
      value('m.match(m.Cg(1, next) * m.Cg(1, 2.5) * m.Cb(next), "ab")'),
      'a',
      'any value is a name',
    );
    t.same(
      values(
        'm.match(m.Cg(m.Cc(1), "n") * m.Cg(m.Cb"n" / function(x) return x + 1 end, "n") * m.Cb"n", "")',
      ),
      [2],
    );
  });

  t.test(`${name}: tables`, async (t) => {
    t.same(values('#m.match(m.Ct("a"), "a")'), [0]);
    t.same(values('unpack(m.match(m.Ct(m.C(1)^0), "abc"))'), ['a', 'b', 'c']);
    t.same(
      guest.run(`
        local t = m.match(m.Ct(m.Cg(m.Cc(10), "hi") * m.C(1)^0 * m.Cg(m.Cc(20), "ho")), "ab")
        return t.hi, t.ho, #t, t[1], t[2]`),
      [10, 20, 2, 'a', 'b'],
    );
    t.same(
      guest.run(`
        local t = m.match(m.Ct(m.Cg(m.Cc(1, 2), "n") * m.Cg(1, "t")), "a")
        return t.n, t.t`),
      [1, 'a'],
      'the first value of a group, or its text',
    );
    t.same(values('m.match(m.Ct(m.Cc(1, nil, 3)), "")[3]'), [3]);
    t.same(values('next(m.match(m.Ct(m.Cg(m.Cc(nil), "x")), ""))'), [undefined]);
    t.equal(error('m.match(m.Ct(m.Cg(1, 0/0)), "a")'), 'table index is NaN');
    t.same(
      guest.run(`
        local p = m.Ct(m.Cg(m.C(1), 1) * m.C(1) * m.Cg(m.C(1), 1) * m.Cg(m.C(1), 3) * m.C(1) * m.C(1))
        local t = m.match(p, "abcdef")
        return t[1], t[2], t[3]`),
      ['c', 'e', 'f'],
      'a later one takes the place of an earlier one',
    );
    t.same(
      guest.run(`
        local inner = m.Ct(m.Cg(m.C(1), "x") * m.Cg(m.C(1), "y"))
        local t = m.match(m.Ct(m.Cg(inner, "p") * m.Cg(inner, "q") * inner), "abcdef")
        return t.p.x, t.p.y, t.q.x, t.q.y, t[1].x, t[1].y`),
      ['a', 'b', 'c', 'd', 'e', 'f'],
    );
  });

  t.test(`${name}: tables of the same names again and again`, async (t) => {
    const code = `
      local name = m.R"az"^1
      local p = m.Ct((m.Cg(m.C"1", "one") + m.Cg(m.C"2", "two") + m.Cg(m.C"3", "one") + m.Cg(m.C(name) / "%0", "text"))^0)
      local wrong = {}
      for round = 1, 30 do
        for _, s in ipairs{"12", "21", "1", "", "13", "ab2", "2ab1", "31", "112233"} do
          local expected, got = {}, m.match(p, s)
          for c in s:gmatch"%d" do expected[c == "2" and "two" or "one"] = c end
          expected.text = s:match"%a+"
          for _, k in ipairs{"one", "two", "text"} do
            if expected[k] ~= got[k] then wrong[#wrong + 1] = s .. k .. round end
          end
          local fields = 0
          for k in pairs(got) do fields = fields + 1 end
          for k in pairs(expected) do fields = fields - 1 end
          if fields ~= 0 then wrong[#wrong + 1] = s .. round end
        end
      end
      return table.concat(wrong, ",")`;
    t.equal(guest.value(code), '');
    t.equal(
      guest.value(`
        local p, all = m.P(true), {}
        for i = 1, 120 do p = p * (m.Cg(m.P"a" * m.Cc(i), "k" .. i) + 1) end
        p = m.Ct(p)
        local sum = 0
        for round = 1, 8 do
          local s = {}
          for i = 1, 120 do s[i] = (i * round) % 7 < 3 and "a" or "b" end
          local t = p:match(table.concat(s))
          for i = 1, 120 do if t["k" .. i] ~= (s[i] == "a" and i or nil) then sum = sum + 1 end end
        end
        return sum`),
      0,
      'more names, and more sequences of names, than are remembered',
    );
  });

  t.test(`${name}: substitutions`, async (t) => {
    t.equal(value('m.match(m.Cs((m.P"a" / "b" + 1)^0), "banana")'), 'bbnbnb');
    t.equal(value('m.match(m.Cs(m.C"a" * 1), "ab")'), 'ab');
    t.equal(
      value('m.match(m.Cs((m.R"09" / { ["1"] = 7 } + 1)^0), "x1y2")'),
      'x7y2',
      'a number is a text, no value keeps it',
    );
    t.equal(value('m.match(m.Cs(m.Cs(m.P"a" / "x") * m.Cs((m.P"b" / "yy")^0)), "abb")'), 'xyyyy');
    t.equal(value('m.match(m.Cs(m.Cc(1, 2) * "a"), "a")'), '1a', 'the first value counts');
    t.equal(
      value('m.match(m.Cs(m.Cg(m.C"a" / "x", "n") * "b"), "ab")'),
      'ab',
      'named groups have none',
    );
    t.equal(
      error('m.match(m.Cs(m.C"a" / { a = true }), "ab")'),
      'invalid replacement value (a boolean)',
    );
    t.equal(error('m.match(m.Cs(m.Cc(nil)), "a")'), 'invalid replacement value (a nil)');
    t.equal(error('m.match(m.Cs(m.Ct"a"), "a")'), 'invalid replacement value (a table)');
    t.equal(
      guest.value(`
        local s = ("abc"):rep(20000)
        return m.match(m.Cs((m.P"b" / "<%0>" + 1)^0), s) == (s:gsub("b", "<b>"))`),
      true,
      'many pieces',
    );
  });

  t.test(`${name}: strings with captures`, async (t) => {
    t.equal(value('m.match(m.C(1) * m.C(1) / "%2%1%0%%x", "ab")'), 'baab%x');
    t.equal(value('m.match(m.Cp() / "%1", "a")'), '1');
    t.equal(value('m.match(m.Cc(1.5) / "%1", "a")'), '1.5');
    t.equal(
      value('m.match(m.P"a" / "x%", "a")'),
      'x\0',
      'what follows a last percent sign is a zero',
    );
    t.equal(value('m.match(m.P"a" / "%y", "a")'), 'y');
    t.equal(value('m.match(m.C(m.C(1)^0) / "%1 %2 %9", "123456789abc")'), '123456789abc 1 8');
    t.equal(
      value('m.match(m.C(1)^0 / "%2-%9", "abcdefghijkl")'),
      'b-i',
      'more captures than can be named',
    );
    t.equal(value('m.match(m.Cs(m.P(1) / "<%0>") / "%1%1", "a")'), '<a><a>');
    t.equal(error('m.match(m.P"a" / "%2", "a")'), 'invalid capture index (2)');
    t.equal(error('m.match(m.C"a" / "%2", "a")'), 'invalid capture index (2)');
    t.equal(error('m.match(m.Ct(m.Cc(1)) / "%1", "ab")'), 'invalid capture value (a table)');
    t.equal(error('m.match(m.Cc(nil) / "%1", "a")'), 'invalid capture value (a nil)');
    t.equal(error('m.match((m.P(true) / 0) / "%1", "a")'), 'no values in capture index 1');
    t.equal(error('m.match(m.Cg(m.C(1), "n") / "%1", "a")'), 'no values in capture index 1');
    t.equal(error('m.P"a" / nil'), "bad argument #2 to '?' (invalid replacement value)");
    t.equal(error('"a" / m.P"a"'), "bad argument #2 to '?' (invalid replacement value)");
  });

  t.test(`${name}: values by number, table and function`, async (t) => {
    t.equal(value('m.match(m.C(1) * m.C(1) / 2, "ab")'), 'b');
    t.equal(value('m.match(m.P"a" / 1, "ab")'), 'a', 'the text is the first of no values');
    t.equal(error('m.match(m.C"a" / 2, "ab")'), "no capture '2'");
    t.equal(error('m.P"a" / -1'), "bad argument #1 to '?' (invalid number)");
    t.equal(error('m.P"a" / 40000'), "bad argument #1 to '?' (invalid number)");
    t.equal(value('m.match(m.C(1)^0 / { ab = 1, a = 2 }, "ab")'), 2, 'by the first value');
    t.equal(value('m.match(m.Cp() / { "one" }, "a")'), 'one');
    t.same(values('m.match(m.C(1)^0 / function(...) return select("#", ...), ... end, "ab")'), [
      2,
      'a',
      'b',
    ]);
    t.same(
      values('m.match(m.P(1) / string.upper * m.P(1) / string.byte, "ab")'),
      [65],
      'of what the inner one gave',
    );
    t.same(values('m.match((m.P(1) / string.upper) * (m.P(1) / string.byte), "ab")'), ['A', 98]);
  });

  t.test(`${name}: numbers are what tonumber gives`, async (t) => {
    const code = `
      local p, wrong = m.P(1)^0 / tonumber, {}
      for _, s in ipairs{"0", "1", "-1", "007", "3.25", "-0.5", ".5", "5.", "-", "", ".", "1e3", "0x10", " 7 ", "123456789012345", "1234567890123456",
        "99999999999999999999", "0.1", "123.456", "1.2.3", "--1", "1a", "abc", "-0", "0.000001", "1_000", "+1", "١"} do
        local got, expected = m.match(p, s), tonumber(s)
        if got ~= expected or (got == 0 and 1 / got ~= 1 / expected) then wrong[#wrong + 1] = s end
      end
      return table.concat(wrong, ",")`;
    t.equal(guest.value(code), '');
    t.same(values('m.match(m.C"10" * m.Cc(16) / tonumber, "10")'), [16], 'with a base');
    t.same(values('m.match(m.Ct(m.Cg(m.R"09"^1 / tonumber, "n")), "42").n'), [42]);
    t.same(
      values('m.match(m.Ct(m.Cg(m.P"x" / tonumber, "n")), "x").n'),
      [undefined],
      'nil is a value',
    );
    t.equal(
      guest.value(
        'local tonumber = function(s) return s .. "!" end return m.match(m.P"1" / tonumber, "1")',
      ),
      '1!',
      "a function of the guest's own is called",
    );
  });

  t.test(`${name}: folds`, async (t) => {
    t.equal(
      value(
        'm.match(m.Cf(m.Cc(0) * (m.C(1) / tonumber)^0, function(a, b) return a + b end), "123")',
      ),
      6,
    );
    t.same(
      values('m.match(m.Cf(m.Cc(1, 2, 3), error), "")'),
      [1],
      'the first value of the first capture',
    );
    t.equal(
      value(
        'm.match(m.Cf(m.C(1) * m.Cg(m.C(1) * m.C(1))^0, function(a, b, c) return a .. "(" .. b .. c .. ")" end), "abcde")',
      ),
      'a(bc)(de)',
    );
    t.same(values('m.match(m.Cf(m.Cc(1) * m.Cc(2), function() end), "")'), [undefined]);
    t.equal(error('m.match(m.Cf(m.P(1), error), "a")'), 'no initial value for fold capture');
    t.equal(error('m.match(m.Cf(m.C(1) / {}, error), "a")'), 'no initial value for fold capture');
    t.equal(
      error('m.match(m.Cf(m.P(500), error), ("a"):rep(600))'),
      'no initial value for fold capture',
    );
    t.equal(error('m.Cf("a")'), "bad argument #2 to 'Cf' (function expected, got no value)");
  });

  t.test(`${name}: folds of pairs into a table`, async (t) => {
    guest.run(`
      word = m.C(m.R"az"^1)
      pairs_of = function(first, f) return m.Cf(first * (m.Cg(word * "=" * (m.R"09"^1 / tonumber + word) * m.P","^-1))^0, f or rawset) end
      shown = function(t)
        local list = {}
        for k, v in pairs(t) do list[#list + 1] = k .. "=" .. tostring(v) end
        table.sort(list)
        return table.concat(list, " ")
      end`);
    const fold = (subject: string, first = 'm.Ct""') =>
      guest.value(`return shown(m.match(pairs_of(${first}), ...))`, subject);
    for (let round = 0; round < 12; round++) {
      t.equal(fold('a=1,b=x,c=3'), 'a=1 b=x c=3');
      t.equal(fold('c=1,b=x,a=3'), 'a=3 b=x c=1', 'another order');
      t.equal(fold('a=1,b=2,a=3'), 'a=3 b=2', 'the last of equal names');
      t.equal(fold(''), '');
    }
    t.equal(
      fold('a=1', 'm.Ct(m.Cg(m.Cc(9), "z"))'),
      'a=1 z=9',
      'a table that has something already',
    );
    t.equal(
      guest.value('local own = {z = 9} m.match(pairs_of(m.Cc(own)), "a=1") return shown(own)'),
      'a=1 z=9',
      'a table that others know',
    );
    t.equal(
      guest.value(`
        local p = m.Cf(m.Ct"" * m.Cg(m.C(1) * m.Cc(1)) * m.Cg(m.Cp() * m.Cc(2)) * m.Cg(m.C(1) * m.Cc(nil)) * m.Cg(m.C(1) * m.Cc(4, 5)), rawset)
        return shown(m.match(p, "abc"))`),
      '2=2 a=1 c=4',
      'numbers, nil and values beyond the second',
    );
    t.equal(
      plain(
        guest.error('return m.match(m.Cf(m.Ct"" * m.Cg(m.C(1) * m.Cc(1)) * m.C(1), rawset), "ab")'),
      ).replace(/'.*?'/, "'?'"),
      "bad argument #3 to '?' (value expected)",
    );
    t.equal(
      guest.value(`
        local wrong = 0
        for i = 1, 60 do
          local k = "key" .. i
          local t = m.match(m.Cf(m.Ct"" * m.Cg(m.C(m.P(1)^1) * m.Cc(i)), rawset), k)
          if t[k] ~= i or next(t, k) ~= nil then wrong = wrong + 1 end
        end
        local p = m.Cf(m.Ct"" * m.Cg(m.C((1 - m.P",")^1) * m.Cc(7) * m.P","^-1)^0, rawset)
        for i = 1, 60 do
          local t = p:match("a" .. i .. ",b" .. i % 3)
          if t["a" .. i] ~= 7 or t["b" .. i % 3] ~= 7 then wrong = wrong + 1 end
        end
        return wrong`),
      0,
      'names that are always new',
    );
  });

  t.test(`${name}: match-time captures`, async (t) => {
    t.equal(value('m.match(m.Cmt("a", function(s, i) return i end), "ab")'), 2);
    t.equal(value('m.match(m.Cmt("a", function() return true end), "ab")'), 2);
    t.equal(value('m.match(m.Cmt("a", function(s, i) return i + 1 end), "ab")'), 3);
    t.equal(
      value('m.match(m.Cmt("a", function(s, i) return tostring(i + 1) end), "ab")'),
      3,
      'a text that is a number',
    );
    t.equal(value('m.match(m.Cmt("a", function(s, i) return i + 0.9 end), "ab")'), 2);
    for (const nothing of ['false', 'nil', '']) {
      t.same(values(`m.match(m.Cmt("a", function() return ${nothing} end), "ab")`), [undefined]);
    }
    for (const position of ['i - 1', 'i + 2', '0', '2^60', '{}', '"x"', '0/0']) {
      t.equal(
        error(`m.match(m.Cmt("a", function(s, i) return ${position} end), "ab")`),
        'invalid position returned by match-time capture',
        position,
      );
    }
    t.same(
      values(
        'm.match(m.Cmt(m.C(1) * m.Cp(), function(s, i, ...) return true, s, i, ... end), "ab")',
      ),
      ['ab', 2, 'a', 2],
    );
    t.same(
      values('m.match(m.Cmt(1, function(s, i, c) return true, c end), "ab")'),
      ['a'],
      'the text when there are none',
    );
    t.same(
      values(
        'm.match(m.Cmt(m.Cmt(1, function() return true, 1, 2 end), function(_, _, ...) return true, ... end) * m.Cc(3), "ab")',
      ),
      [1, 2, 3],
      'within each other',
    );
    t.same(
      values('m.match(m.Cmt(1, function() return true, "x" end) * "b" + m.C(1) * "c", "ac")'),
      ['a'],
      'what was captured goes when the match fails',
    );
    t.equal(
      value(
        'm.match(m.Cs((m.Cmt(m.C(1), function(_, _, c) return c == "a", "<" .. c .. ">" end) + 1)^0), "banana")',
      ),
      'b<a>n<a>n<a>',
    );
    t.equal(value('m.match((m.P(1) * function(s, i) return i % 2 == 0 end)^0 + 1, "ab")'), 2);
    t.equal(error('m.Cmt("a", 1)'), "bad argument #2 to 'Cmt' (function expected, got number)");
    t.same(
      values(
        'm.match(m.Cg(m.Carg(1), "a") * m.Cmt(m.Cb"a", function(s, i, x) return i, x + 1 end), "", 1, 41)',
      ),
      [42],
    );
  });

  t.test(`${name}: functions are called in order, once the match has succeeded`, async (t) => {
    t.equal(
      guest.value(`
        local log = {}
        local function f(name) return function(...) log[#log + 1] = name .. table.concat({...}, "") return name end end
        local p = ((m.C(1) / f"x") * (m.C(1) / f"y") / f"z" * "c" + m.P(2) / f"w") * m.Cmt(true, function(s, i) log[#log + 1] = "t" return i end)
        p:match("abd") p:match("abc")
        return table.concat(log, " ")`),
      't wab t xa yb zxy',
    );
  });

  t.test(`${name}: a capture's function may match, also with the same pattern`, async (t) => {
    t.same(
      guest.run(`
        local p
        p = m.P{ (m.C(m.R"az") + "(" * (m.C((1 - m.S"()")^0) / function(s) return m.match(p, s) end) * ")")^0 }
        return p:match("a(bc)d(e)f")`),
      ['a', 'b', 'c', 'd', 'e', 'f'],
    );
    t.same(
      guest.run(`
        local p
        local function inner(s, i)
          local at = m.match(m.P"x"^1 * m.Cp(), s, i)
          local a, b = m.match(m.C(1) * m.C(1), "12")
          return at or i, a .. b
        end
        p = m.C(1) * m.Cmt(true, inner) * m.C(1)
        return p:match("axxxb")`),
      ['a', '12', 'b'],
    );
    t.equal(
      guest.value(`
        local depth = 0
        local p
        p = m.Cmt(m.P"a", function(s, i)
          depth = depth + 1
          if depth < 20 then p:match(s, i) end
          return true
        end) * m.C(m.P(1)^0)
        return p:match(("a"):rep(30)) .. depth`),
      `${'a'.repeat(29)}20`,
    );
  });

  t.test(`${name}: an error in a function leaves the module usable`, async (t) => {
    t.same(
      guest.run(`
        local bad = function() error("no", 0) end
        local results = {}
        for i, p in ipairs{m.C(1) / bad, m.Cmt(m.C(1), bad), m.Ct(m.Cg(m.P(1) / bad, "x")), m.Cs(m.P(1) / bad), m.Cf(m.Cc(1) * m.Cc(2), bad)} do
          for round = 1, 6 do
            local ok, message = pcall(m.match, p, "a")
            results[i] = tostring(ok) .. message
          end
        end
        local ok, value = pcall(m.match, m.C(1) / function() return (m.match(m.C(1)^0 * m.Cp(), "abc")) end, "z")
        return table.concat(results, " "), ok, value, m.match(m.C(1) * m.C(1), "ab")`),
      ['falseno falseno falseno falseno falseno', true, 'a', 'a', 'b'],
    );
    t.same(
      guest.run(`
        local p = m.C(1) * m.Cmt(1, function(s, i)
          local ok = pcall(m.match, m.C(1) * (m.P(1) / function() error{} end), "xyz")
          return not ok, "caught"
        end) * m.C(1)
        for i = 1, 6 do p:match("abc") end
        return p:match("abc")`),
      ['a', 'caught', 'c'],
      'and a match that is under way',
    );
  });
});
