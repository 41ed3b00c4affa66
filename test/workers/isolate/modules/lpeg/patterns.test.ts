import t from 'tap';
import { everyWay, plain } from './lpeg-guest.ts';

everyWay((name, make) => {
  const guest = make();
  const value = (code: string) => guest.value(`return ${code}`);
  const values = (code: string) => guest.run(`return ${code}`);
  const error = (code: string) => plain(guest.error(`return ${code}`));

  t.test(`${name}: match gives the position behind the match, the captures, or nil`, async (t) => {
    t.equal(value('m.match("a", "abc")'), 2);
    t.equal(value('m.P"ab":match("abc")'), 3);
    t.same(values('m.match("b", "abc")'), [undefined]);
    t.same(values('m.match(m.C"a" * m.Cp(), "abc")'), ['a', 2]);
    t.equal(value('m.match("1", 123)'), 2, 'a number is a subject');
    t.equal(value('m.match(m.P(true), "abc", 3)'), 3);
    t.equal(value('m.match(m.P(true), "abc", -1)'), 3, 'from the end');
    t.equal(value('m.match(m.P(true), "abc", 10)'), 4, 'beyond the end');
    t.equal(value('m.match(m.P(true), "abc", -10)'), 1, 'before the beginning');
    t.equal(value('m.match(m.P(true), "abc", 0)'), 4, 'zero counts from the end');
    t.equal(value('m.match(m.P(true), "abc", nil)'), 1);
    t.equal(value('m.match("c", "abc", "3")'), 4);
    t.same(values('m.match(1, "", 1)'), [undefined]);
  });

  t.test(`${name}: values stand for patterns`, async (t) => {
    t.equal(value('m.match("", "abc")'), 1);
    t.equal(value('m.match(2, "abc")'), 3);
    t.same(values('m.match(4, "abc")'), [undefined]);
    t.equal(value('m.match(0, "")'), 1);
    t.equal(value('m.match(-1, "")'), 1);
    t.same(values('m.match(-1, "a")'), [undefined]);
    t.equal(value('m.match(-3, "aa")'), 1);
    t.same(values('m.match(-2, "aa")'), [undefined]);
    t.equal(value('m.match(true, "")'), 1);
    t.same(values('m.match(false, "")'), [undefined]);
    t.equal(value('m.match({ "x", x = m.P"a" }, "a")'), 2);
    t.equal(value('m.match(function(s, i) return #s + i end, "abc")'), 4);
    t.equal(value('m.match(2.9, "abc")'), 3, 'numbers are cut');
    t.equal(value('m.match("a\\0b", "a\\0bc")'), 4);
    t.equal(error('m.P()'), "bad argument #1 to 'P' (value expected)");
    t.equal(error('m.P(nil)'), "bad argument #1 to 'P' (lpeg-pattern expected, got nil)");
    t.equal(
      error('m.P(newproxy())'),
      "bad argument #1 to 'P' (lpeg-pattern expected, got userdata)",
    );
    t.equal(error('m.match()'), "bad argument #1 to 'match' (lpeg-pattern expected, got no value)");
    t.equal(error('m.match("a")'), "bad argument #2 to 'match' (string expected, got no value)");
    t.equal(error('m.match("a", {})'), "bad argument #2 to 'match' (string expected, got table)");
    t.equal(
      error('m.match("a", "a", "x")'),
      "bad argument #3 to 'match' (number expected, got string)",
    );
    t.equal(error('m.P"a" * nil'), "bad argument #2 to '?' (lpeg-pattern expected, got nil)");
  });

  t.test(`${name}: sets and ranges`, async (t) => {
    t.equal(value('m.match(m.S"abc"^1, "cabd")'), 4);
    t.same(values('m.match(m.S"", "a")'), [undefined]);
    t.equal(value('m.match(m.R("az", "09")^1, "a1-")'), 3);
    t.same(values('m.match(m.R(), "a")'), [undefined]);
    t.same(values('m.match(m.R"za", "m")'), [undefined], 'a range the wrong way round is empty');
    t.equal(value('m.match(m.R"\\0\\255"^0, "\\0\\127\\128\\255")'), 5);
    t.equal(error('m.R("abc")'), "bad argument #1 to 'R' (range must have two characters)");
    t.equal(error('m.R("az", "")'), "bad argument #2 to 'R' (range must have two characters)");
    t.equal(error('m.S()'), "bad argument #1 to 'S' (string expected, got no value)");
  });

  t.test(`${name}: every set of bytes is told from its complement`, async (t) => {
    const code = `
      local all = {}
      for i = 0, 255 do all[i] = string.char(i) end
      local wrong = {}
      for _, text in ipairs{"a", "ab", "az", "\\0", "\\255", "\\0\\255", "aceg", "\\128\\129", "09AZaz_", all[34] .. all[92]} do
        local set, inside = m.S(text), {}
        for i = 1, #text do inside[text:sub(i, i)] = true end
        for i = 0, 255 do
          local byte, expected = all[i], inside[all[i]] and 2 or nil
          local other = not expected and 2 or nil
          if m.match(set, byte) ~= expected or m.match(1 - set, byte) ~= other
            or m.match(set^0 * -1, byte .. byte) ~= (expected and 3) or m.match((1 - set)^1, byte .. byte) ~= (other and 3)
            or m.match(-set * 1 + set * m.Cc"in", byte) ~= (expected and "in" or 2) then
            wrong[#wrong + 1] = text .. i
          end
        end
      end
      return table.concat(wrong, ",")`;
    t.equal(guest.value(code), '');
  });

  t.test(`${name}: sequence, choice, difference`, async (t) => {
    t.equal(value('m.match(m.P"a" * "b" * 1, "abc")'), 4);
    t.equal(value('m.match("a" * m.P"b", "abc")'), 3);
    t.equal(value('m.match(m.P"ab" + "a", "ac")'), 2);
    t.same(values('m.match((m.P"a" + "ab") * "c", "abc")'), [undefined], 'no way back');
    t.equal(value('m.match(m.P(1) - "a", "b")'), 2);
    t.same(values('m.match(m.P(1) - "a", "a")'), [undefined]);
    t.same(values('m.match(m.P"ab" - m.P"a" * "b", "ab")'), [undefined]);
    t.equal(value('m.match(m.R"az"^1 - ("for" * -m.R"az"), "foreach")'), 8);
    t.equal(value('m.match(-m.P"a" * 1, "b")'), 2);
    t.equal(value('m.match(#m.P"ab" * 1, "abc")'), 2);
    t.same(values('m.match(#m.P"x" * 1, "abc")'), [undefined]);
    t.equal(value('m.match(#m.C"a", "abc")'), 1, 'what a predicate captured is dropped');
    t.equal(value('m.match(-m.C"a" + m.Cc(1), "abc")'), 1);
  });

  t.test(`${name}: repetitions`, async (t) => {
    t.equal(value('m.match(m.P"ab"^0, "ababa")'), 5);
    t.equal(value('m.match(m.P"ab"^2, "ababab")'), 7);
    t.same(values('m.match(m.P"ab"^3, "abab")'), [undefined]);
    t.equal(value('m.match(m.P"ab"^-1, "abab")'), 3);
    t.equal(value('m.match(m.P"ab"^-2, "ababab")'), 5);
    t.equal(value('m.match(m.P"ab"^-2, "x")'), 1);
    t.equal(value('m.match(m.P"a"^"2", "aaa")'), 4, 'a text that is a number');
    t.same(values('m.match(m.P"a"^0 * "a", "aaa")'), [undefined], 'greedy, and no way back');
    t.equal(value('m.match(m.P""^-3, "a")'), 1);
    t.equal(value('m.match((m.P"a" + "b" * m.P"c"^0)^0, "abcca")'), 6);
    t.same(values('m.match(m.Cc(1)^-3, "")'), [1, 1, 1]);
    for (const body of ['""', '"x"^0', '"x"^-1', '-m.P"a"', '#m.P"a"', 'm.Cp()']) {
      const pattern = body.startsWith('"x"') ? `m.P${body}` : `m.P(${body})`;
      t.equal(error(`(${pattern})^0`), 'loop body may accept empty string', body);
    }
    t.equal(error('m.P"a"^"x"'), "bad argument #2 to '?' (number expected, got string)");
  });

  t.test(`${name}: many turns of a loop count as they are written`, async (t) => {
    const code = `
      local p, q, r = m.P"ab"^37, m.S"ab"^37, m.P"ab"^-37
      local wrong = {}
      for i = 30, 45 do
        local s = ("ab"):rep(i)
        if m.match(p, s) ~= (i >= 37 and 2 * i + 1 or nil) then wrong[#wrong + 1] = "p" .. i end
        if m.match(q, ("a"):rep(i)) ~= (i >= 37 and i + 1 or nil) then wrong[#wrong + 1] = "q" .. i end
        if m.match(r, s) ~= 2 * math.min(i, 37) + 1 then wrong[#wrong + 1] = "r" .. i end
        if m.match(m.S"ab"^-37, ("a"):rep(i)) ~= math.min(i, 37) + 1 then wrong[#wrong + 1] = "s" .. i end
        if m.match(37, ("a"):rep(i)) ~= (i >= 37 and 38 or nil) then wrong[#wrong + 1] = "n" .. i end
      end
      return table.concat(wrong, ",")`;
    t.equal(guest.value(code), '');
  });

  t.test(`${name}: look-behind`, async (t) => {
    t.equal(value('m.match(1 * m.B"a", "ab")'), 2);
    t.same(values('m.match(m.B"a", "ab")'), [undefined], 'nothing is before the beginning');
    t.equal(value('m.match(m.B"a", "ab", 2)'), 2, 'what is before init counts');
    t.equal(value('m.match(-m.B(1), "a")'), 1);
    t.equal(value('m.match(250 * m.B(250), ("a"):rep(250))'), 251);
    t.equal(error('m.B(m.P"a"^1)'), "bad argument #1 to 'B' (pattern may not have fixed length)");
    t.equal(error('m.B(m.C"a")'), "bad argument #1 to 'B' (pattern have captures)");
    t.equal(error('m.B(256)'), "bad argument #1 to 'B' (pattern too long to look behind)");
    t.equal(error('m.B(m.V"x")'), "bad argument #1 to 'B' (pattern may not have fixed length)");
  });

  t.test(`${name}: type, version, locale and what is for debugging`, async (t) => {
    t.equal(value('m.type(m.P"a")'), 'pattern');
    t.same(values('m.type("a")'), [undefined]);
    t.same(values('m.type()'), [undefined]);
    t.equal(value('m.version()'), '1.0.2');
    t.equal(value('type(m.version)'), 'function');
    t.equal(value('require "lpeg" == lpeg'), true, 'the module is a global, too');
    t.equal(value('m.locale(m) == m and m.match(m.alpha^1 * m.digit, "ab1")'), 4);
    const classes = `
      local t, s = m.locale(), {}
      for name, class in pairs{alnum = "%w", alpha = "%a", cntrl = "%c", digit = "%d", lower = "%l", punct = "%p",
        space = "%s", upper = "%u", xdigit = "%x", graph = "[%w%p]", print = "[%w%p ]"} do
        for i = 0, 255 do
          local byte = string.char(i)
          if (m.match(t[name], byte) == 2) ~= (byte:find(class) == 1) then s[#s + 1] = name .. i end
        end
      end
      return table.concat(s, ",")`;
    t.equal(guest.value(classes), '');
    t.equal(error('m.locale(1)'), "bad argument #1 to 'locale' (table expected, got number)");
    t.equal(error('m.ptree("a")'), 'function only implemented in debug mode');
    t.equal(error('m.pcode(m.P"a")'), 'function only implemented in debug mode');
    t.equal(
      error('m.pcode("a")'),
      "bad argument #1 to 'pcode' (lpeg-pattern expected, got string)",
    );
  });

  t.test(
    `${name}: patterns share a metatable, and operations with nothing to do give their operand`,
    async (t) => {
      t.equal(value('getmetatable(m.P"a") == getmetatable(m.C"b" + 1)'), true);
      t.equal(value('getmetatable(m.P(1)).__mul("a", "b"):match("ab")'), 3);
      t.equal(
        guest.value('local p = m.P"a" return p == p * true and p == p + false and p == m.P(p)'),
        true,
      );
      t.equal(value('m.P"a" == m.P"a"'), false);
      t.equal(value('m.P"a":C():match("a")'), 'a', 'functions of the module are methods');
      t.equal(value('m.P"a".match("b", "b")'), 2);
      t.equal(
        plain(guest.error('return m.P"a" .. m.P"b"')),
        'attempt to concatenate a userdata value',
      );
    },
  );

  t.test(`${name}: the examples of LPeg's manual`, async (t) => {
    t.same(
      guest.run(`
        local p = m.R"az"^1 * -1
        return p:match("hello"), m.match(p, "hello"), p:match("1 hello")`),
      [6, 6, undefined],
    );
    t.same(
      guest.run(`
        m.locale(m)
        local space = m.space^0
        local name = m.C(m.alpha^1) * space
        local pair = m.Cg(name * "=" * space * name) * (m.S(",;") * space)^-1
        local t = m.Cf(m.Ct("") * pair^0, rawset):match("a=b, c = hi; next = pi")
        return t.a, t.c, t.next`),
      ['b', 'hi', 'pi'],
    );
    t.same(
      guest.run(`
        local sep = m.P","
        local elem = m.C((1 - sep)^0)
        return m.match(elem * (sep * elem)^0, "a,bc,,d")`),
      ['a', 'bc', '', 'd'],
    );
    t.same(
      guest.run(`
        local I = m.Cp()
        local function anywhere(p) return m.P{ I * p * I + 1 * m.V(1) } end
        local function other(p) return (1 - m.P(p))^0 * I * p * I end
        local a, b = anywhere("world"):match("hello world!")
        return a, b, other("world"):match("hello world!")`),
      [7, 12, 7, 12],
    );
    t.same(
      guest.run(`
        local t = m.locale()
        local p = m.P{ [1] = m.Cp() * "log" + t.alpha^0 * (1 - t.alpha)^1 * m.V(1) }
        return p:match("blog analog log")`),
      [13],
    );
    t.same(
      guest.run(`
        local b = m.P{ "(" * ((1 - m.S"()") + m.V(1))^0 * ")" }
        return b:match("(a(b)(c))"), b:match("(a(b)")`),
      [10, undefined],
    );
    t.same(
      guest.run(`
        local function gsub(s, p, r) return m.match(m.Cs((m.P(p) / r + 1)^0), s) end
        return gsub("hello world", "o", "0"), gsub("abc", m.S"ac", {a = "x"}), gsub("ab", 1, string.upper)`),
      ['hell0 w0rld', 'xbc', 'AB'],
    );
    t.same(
      guest.run(`
        local field = '"' * m.Cs(((m.P(1) - '"') + m.P'""' / '"')^0) * '"' + m.C((1 - m.S',\\n"')^0)
        local record = field * (',' * field)^0 * (m.P'\\n' + -1)
        return record:match('a,"b ""c"" d",,e')`),
      ['a', 'b "c" d', '', 'e'],
    );
    t.same(
      guest.run(`
        local function f2(s) local a, b = s:byte(1, 2) return string.char(a * 64 + b - 12416) end
        local utf8 = m.R("\\0\\127") + m.R("\\194\\195") * m.R("\\128\\191") / f2
        local function er(_, i) error("invalid encoding at position " .. i, 0) end
        local p = m.Cs(utf8^0) * (-1 + m.P(er))
        return p:match("a\\195\\169"), select(2, pcall(p.match, p, "a\\200"))`),
      ['a\xe9', 'invalid encoding at position 2'],
    );
    t.same(
      guest.run(`
        local equals = m.P"="^0
        local open = "[" * m.Cg(equals, "init") * "[" * m.P"\\n"^-1
        local close = "]" * m.C(equals) * "]"
        local closeeq = m.Cmt(close * m.Cb("init"), function(s, i, a, b) return a == b end)
        local long = open * m.C((m.P(1) - closeeq)^0) * close / 1
        return long:match("[==[\\nx]=]y]]z]==]!")`),
      ['x]=]y]]z'],
    );
    t.same(
      guest.run(`
        local Space = m.S" \\n\\t"^0
        local Number = m.C(m.P"-"^-1 * m.R"09"^1) * Space
        local TermOp, FactorOp = m.C(m.S"+-") * Space, m.C(m.S"*/") * Space
        local Open, Close, V = "(" * Space, ")" * Space, m.V
        local function eval(a, op, b)
          if op == "+" then return a + b elseif op == "-" then return a - b elseif op == "*" then return a * b else return a / b end
        end
        local G = m.P{ "Exp",
          Exp = m.Cf(V"Term" * m.Cg(TermOp * V"Term")^0, eval),
          Term = m.Cf(V"Factor" * m.Cg(FactorOp * V"Factor")^0, eval),
          Factor = Number / tonumber + Open * V"Exp" * Close,
        }
        return m.match(G, "3 + 5*9 / (1+1) - 12")`),
      [13.5],
    );
  });
});

t.test('comparing a long text is paid for, whether it is there or not', (t) => {
  everyWay((name, make) => {
    for (const [text, what] of [
      ['("a"):rep(100000)', 'there'],
      ['("a"):rep(99999) .. "b"', 'not there'],
    ]) {
      const guest = make({ instructions: 200_000 });
      t.throws(
        () =>
          guest.run(`local p, s = m.P(${text}), ("a"):rep(100000)
          for _ = 1, 1000 do p:match(s) end`),
        /^limit: instructions/,
        `${name}, ${what}`,
      );
    }
  });
  t.end();
});
