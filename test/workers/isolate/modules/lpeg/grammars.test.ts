import t from 'tap';
import { everyWay, plain } from './lpeg-guest.ts';

everyWay((name, make) => {
  const guest = make();
  const value = (code: string) => guest.value(`return ${code}`);
  const values = (code: string) => guest.run(`return ${code}`);
  const error = (code: string) => plain(guest.error(`return ${code}`));

  t.test(`${name}: rules and calls`, async (t) => {
    t.equal(value('m.match({ "(" * (m.V(1) + (1 - m.S"()"))^0 * ")" }, "(a(b)c)")'), 8);
    t.equal(
      value('m.match({ "x", x = m.V"y" * "b", y = m.P"a" }, "ab")'),
      3,
      'the initial rule by its name',
    );
    t.equal(value('m.match({ m.V(2), m.P"abc" }, "abc")'), 4, 'numbers are names');
    t.equal(value('m.match({ 2, m.P"a" }, "a")'), 2, 'a number names the initial rule');
    t.equal(
      guest.value(`
        local t = {}
        return m.match({ m.V(next), [next] = m.V(t) * m.V(true), [t] = m.P"a", [true] = m.P"b" }, "ab")`),
      3,
      'so is any value',
    );
    t.equal(value('m.match(m.P{ "S", S = "a" * m.V"S" * "b" + "c" } * -1, "aacbb")'), 6);
    t.same(values('m.match(m.P{ "S", S = m.C("a" * m.V"S"^-1) }, "aaa")'), ['aaa', 'aa', 'a']);
  });

  t.test(`${name}: grammars within grammars have names of their own`, async (t) => {
    t.equal(
      value(
        'm.match(m.P{ "S", S = m.P{ "S", S = m.P"x" } * m.V"T", T = m.P{ "T", T = "y" * m.V"T"^-1 } }, "xyyy")',
      ),
      5,
    );
    t.equal(
      guest.value(`
        local inner = m.P{ "N", N = "(" * m.V"N"^-1 * ")" }
        return m.match({ "N", N = "[" * (inner + m.V"N")^0 * "]" }, "[(())[()]]")`),
      11,
    );
    t.equal(
      guest.value(`
        local rule = m.V"x" * m.V"y"
        local a = m.P{ "s", s = rule, x = m.P"1", y = m.P"2" }
        local b = m.P{ "s", s = rule * rule, x = m.P"3", y = a }
        return m.match(b, "312312")`),
      7,
      'one pattern in two grammars',
    );
  });

  t.test(`${name}: what is no grammar is refused`, async (t) => {
    t.equal(error('m.P{}'), 'grammar has no initial rule');
    t.equal(error('m.P{ "x" }'), 'grammar has no initial rule');
    t.equal(error('m.P{ {} }'), "initial rule '1' is not a pattern");
    t.equal(error('m.P{ "x", x = "y" }'), "initial rule 'x' is not a pattern");
    t.equal(error('m.P{ m.P"a", x = 1 }'), "rule 'x' is not a pattern");
    t.equal(error('m.P{ m.P"a", [{}] = 1 }'), "rule '(a table)' is not a pattern");
    t.equal(error('m.P{ m.V"x" }'), "rule 'x' undefined in given grammar");
    t.equal(error('m.P{ m.V(true) }'), "rule '(a boolean)' undefined in given grammar");
    t.equal(error('m.match(m.V"x", "")'), "rule 'x' used outside a grammar");
    t.equal(error('m.match(m.P"a" * m.C(m.V(1))^0, "")'), "rule '1' used outside a grammar");
    t.equal(error('m.V()'), "bad argument #1 to 'V' (non-nil value expected)");
    const rules = 'local t = {} for i = 1, 251 do t[i] = m.P"a" end ';
    t.equal(
      plain(guest.error(`${rules} return m.P(t)`)),
      "bad argument #1 to 'P' (grammar has too many rules)",
    );
    t.equal(
      plain(guest.error(`${rules} return "a" * m.P"b" * t`)),
      "bad argument #2 to '?' (grammar has too many rules)",
    );
    t.equal(guest.value(`${rules} t[251] = nil return m.match(t, "a")`), 2);
  });

  t.test(`${name}: rules that cannot advance are refused`, async (t) => {
    for (const [rules, rule] of [
      ['m.V(1)', '1'],
      ['m.V(1) * "a"', '1'],
      ['#m.P"a" * m.V(1)', '1'],
      ['-m.V(1)', '1'],
      ['m.P"a"^-1 * m.V(1)', '1'],
      ['m.C(m.Cp() * m.V(1))', '1'],
      ['1 * m.V(2), m.V(2)', '2'],
      ['m.V(2), m.V(1)', '1'],
      ['m.V(2), m.V(3), m.V(2)', '3'],
      ['m.V(2) * "x", m.P"a"^0 * m.V(3), m.V(1) + "y"', '2'],
    ] as const) {
      t.equal(error(`m.P{ ${rules} }`), `rule '${rule}' may be left recursive`, rules);
    }
    t.equal(
      error('m.P{ "a", a = m.V"b" * m.V"c" * m.V"a", b = m.V"c", c = m.P"" }'),
      "rule 'a' may be left recursive",
    );
    t.equal(error('m.P{ m.V(2)^0, m.P"" }'), "empty loop in rule '1'");
    t.equal(error('m.P{ "x" * m.V(2), m.V(3)^1, -m.P"a" }'), "empty loop in rule '2'");
    t.equal(
      plain(
        guest.error(
          'local t = {} for i = 1, 249 do t[i] = m.V(i + 1) end t[250] = m.V(1) return m.P(t)',
        ),
      ),
      'too many left calls in grammar',
    );
    t.equal(
      guest.value(
        'local t = {} for i = 1, 249 do t[i] = m.V(i + 1) end t[250] = m.P"a" return m.match(t, "a")',
      ),
      2,
      'a long way is no circle',
    );
    t.equal(
      value('m.match({ m.P"a" * m.V(2)^-1, m.V(1) + "" }, "aaa")'),
      4,
      'what may be empty may be optional',
    );
    t.equal(
      value('m.match({ m.P"a", m.V(3)^0, m.P"" }, "a")'),
      2,
      'a rule that nobody calls is not looked at',
    );
  });

  t.test(`${name}: a rule that ends with a rule takes no stack`, async (t) => {
    t.equal(value('m.match({ "a" * m.V(1) + "b" }, ("a"):rep(100000) .. "b")'), 100_002);
    t.equal(value('m.match({ "a" * m.V(1) + "" }, ("a"):rep(100000))'), 100_001);
    t.equal(
      guest.value(`
        local even = m.P{
          "0" * m.V(2) + "1" * m.V(3) + -1,
          "0" * m.V(1) + "1" * m.V(4),
          "0" * m.V(4) + "1" * m.V(1),
          "0" * m.V(3) + "1" * m.V(2),
        }
        return even:match(("0110"):rep(25000)), even:match(("011"):rep(20001))`),
      100_001,
      'rules by turns',
    );
    t.equal(
      guest.value(`
        local long = m.P"a"
        for i = 1, 30 do long = long * m.P"b"^-1 * (m.P"c" + "d")^-1 end
        return m.match({ "x" * m.V(1) + long * m.V(1) + "y" }, ("xa"):rep(40000) .. "y")`),
      80_002,
      'also at the end of large parts',
    );
    t.same(
      guest.run(`
        local big = m.P(true)
        for i = 1, 450 do big = big + m.P("k" .. i .. ";") * m.V(1) end
        local p = m.P{ m.V(2) + "end", big - "" + "go" * m.V(1) }
        return (m.match({ "go" * m.V(1) + "end" }, ("go"):rep(30000) .. "end"))`),
      [60_004],
    );
  });

  t.test(`${name}: a search goes on from each place`, async (t) => {
    t.same(
      values('m.match({ m.Cp() * "ab" * m.Cp() + 1 * m.V(1) }, ("a"):rep(50) .. "b")'),
      [50, 52],
    );
    t.same(values('m.match({ m.C(m.R"09"^1) + 1 * m.V(1) }, "no number before 42 or 43")'), ['42']);
    t.same(values('m.match({ m.C(m.P"x" * m.P(2)) + 1 * m.V(1) }, "abx")'), [undefined]);
    t.equal(
      value('m.match({ "0" * m.V(1) + "0" }, "000")'),
      4,
      'a step that may be taken back is no search',
    );
    t.same(
      guest.run(`
        local found = {}
        for _, stop in ipairs{"x", '"', "xy", "\\\\"} do
          local p = m.P{ m.Cp() * m.S(stop) + 1 * m.V(1) }
          for i = 0, 40 do
            local s = ("a"):rep(i) .. stop .. ("b"):rep(20) .. stop
            if p:match(s) ~= i + 1 or p:match(s, i + 1 + #stop) ~= i + 21 + #stop then found[#found + 1] = stop .. i end
          end
        end
        return table.concat(found, ",")`),
      [''],
    );
    t.equal(
      guest.value(`
        local text = '"' * m.C(((1 - m.S'"\\\\')^1 + m.P"\\\\" * 1)^0) * '"'
        local list = m.Ct(text * ("," * text)^0)
        local long = ("x"):rep(30)
        local parts = {}
        for i = 1, 20 do parts[i] = i % 3 == 0 and long .. '\\\\"' .. i or long:sub(1, i) end
        local t = list:match('"' .. table.concat(parts, '","') .. '"')
        local wrong = #t - #parts
        for i = 1, #parts do if t[i] ~= parts[i] then wrong = wrong + 1 end end
        return wrong`),
      0,
      'searched for from different places, with a way back',
    );
  });
});
