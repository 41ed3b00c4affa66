import t from 'tap';
import { everyWay, plain } from './lpeg-guest.ts';

everyWay((name, make) => {
  const guest = make({ instructions: 100_000_000 });
  const value = (code: string) => guest.value(`return ${code}`);
  const values = (code: string) => guest.run(`return ${code}`);
  const error = (code: string) => plain(guest.error(`return ${code}`));
  /** How a chunk ends under a small instruction limit. */
  const ends = (code: string, instructions = 200_000) => {
    const small = make({ instructions });
    return small.outcome(code).kind;
  };

  t.test(`${name}: the stack is bounded as upstream's`, async (t) => {
    const overflow = 'backtrack stack overflow (current limit is 400)';
    const nested = 'm.P{ "S", S = "a" * m.V"S" * "b" + "" }';
    t.equal(error(`m.match(${nested}, ("a"):rep(500))`), overflow);
    t.equal(value(`m.match(${nested}, ("a"):rep(198) .. ("b"):rep(198))`), 397);
    t.equal(error(`m.match(${nested}, ("a"):rep(200) .. ("b"):rep(200))`), overflow);
    // One entry for each call, and none for the loop.
    const loops = 'm.P{ ("a" * m.V(1))^0 * "b" + "c" }';
    t.equal(value(`m.match(${loops}, ("a"):rep(390) .. "c" .. ("b"):rep(390))`), 782);
    t.equal(error(`m.match(${loops}, ("a"):rep(400) .. "c" .. ("b"):rep(400))`), overflow);
  });

  t.test(`${name}: setmaxstack`, async (t) => {
    const own = make({ instructions: 100_000_000 });
    const deep = (depth: number) =>
      `local p = m.P{ "0" * m.V(1) + "0" } return m.match(p, ("0"):rep(${depth}))`;
    t.match(own.error(deep(10_000)), 'backtrack stack overflow (current limit is 400)');
    own.run('m.setmaxstack(20000)');
    t.match(own.error(deep(10_000)), 'backtrack stack overflow (current limit is 20000)');
    own.run('m.setmaxstack(20004)');
    t.equal(own.value(deep(10_000)), 10_001);
    own.run('m.setmaxstack(100)');
    t.match(own.error(deep(10_000)), 'backtrack stack overflow (current limit is 100)');
    t.equal(own.value(deep(190)), 191, 'it is never smaller than the default');
    t.same(own.run('return m.setmaxstack(400)'), []);
    for (const limit of ['0', '-1', '2^31']) {
      t.equal(error(`m.setmaxstack(${limit})`), "bad argument #1 to 'setmaxstack' (out of range)");
    }
  });

  t.test(`${name}: captures of a deep recursion come in order`, async (t) => {
    const own = make({ instructions: 100_000_000 });
    own.run('m.setmaxstack(100000)');
    t.same(
      own.run(`
        local p = m.P{ "S", S = m.C"(" * m.V"S"^-1 * m.Cp() * ")" * m.Cmt(true, function(s, i) return i, "t" .. i end) }
        local t = m.match(m.Ct(p), ("("):rep(3000) .. (")"):rep(3000))
        return #t, t[1], t[3000], t[3001], t[3002], t[#t - 1], t[#t]`),
      [9000, '(', '(', 3001, 't3002', 6000, 't6001'],
    );
    t.equal(
      own.value(`
        local p = m.P{ "S", S = "(" * m.V"S" * ")" + "(" * m.V"S" * "]" + m.C"x" * m.Cc(1) }
        return m.match(p, ("("):rep(12) .. "x" .. ("]"):rep(12))`),
      'x',
    );
  });

  t.test(`${name}: what upstream bounds is bounded`, async (t) => {
    t.equal(error('m.match(m.C(1)^0, ("a"):rep(9000))'), 'stack overflow (too many captures)');
    t.equal(
      error('m.match(m.C(1)^0 / next, ("a"):rep(9000))'),
      'stack overflow (too many captures)',
    );
    t.equal(value('select("#", m.match(m.C(1)^0, ("a"):rep(7000)))'), 7000);
    t.equal(value('#m.match(m.Ct(m.C(1)^0), ("a"):rep(20000))'), 20_000, 'a table may have more');
    t.equal(
      plain(guest.error('local p = m.C(1) for i = 1, 300 do p = m.Ct(p) end return p:match"x"')),
      'subcapture nesting too deep',
    );
    t.equal(
      plain(
        guest.error('local p = m.P"a" / "b" for i = 1, 2000 do p = m.Cs(p) end return p:match"a"'),
      ),
      'subcapture nesting too deep',
    );
    const many = `
      local count = 0
      local function seq(n)
        if n == 1 then count = count + 1 return m.Cc(count) end
        local half = math.floor(n / 2)
        return seq(half) * seq(n - half)
      end `;
    t.same(
      guest.run(`${many}
        local p = m.Ct(seq(65535))
        local t = p:match("")
        local function refused(f)
          local ok, message = pcall(f)
          return not ok and message:gsub("^.-: ", "")
        end
        return #t, t[65535], (refused(function() return p / next end)), (refused(function() return p * m.Cc(0) end))`),
      [65_535, 65_535, 'too many Lua values in pattern', 'too many Lua values in pattern'],
    );
    t.equal(
      guest.value(`${many} local p = seq(1000) for i = 1, 20 do p = p * p end return m.type(p)`),
      'pattern',
      'the same values are counted once',
    );
  });

  t.test(`${name}: patterns that are larger than what they are made of`, async (t) => {
    t.same(values('m.match(m.P"a"^100000000, "aaa")'), [undefined]);
    t.same(values('m.match((m.P"a" + "b" * m.P"c")^100000000, "aaa")'), [undefined]);
    t.equal(value('m.match(m.P"a"^-100000000, "aaa")'), 4);
    t.equal(value('m.match((m.P"a" * "b")^-100000000, "abab")'), 5);
    t.same(values('m.match(m.P(1000000000), "aaa")'), [undefined]);
    t.equal(value('m.match(m.P(-1000000000), "aaa")'), 1);
    t.same(values('m.match(m.P"a"^(2^40), "aaa")'), [undefined]);
    t.equal(
      guest.value(
        'local p = m.P"a" for i = 1, 10 do p = p * p end return m.match(p, ("a"):rep(1100))',
      ),
      1025,
    );
    t.same(
      guest.run(
        'local p = m.P"a" for i = 1, 100 do p = p * p end return m.match(p, ("a"):rep(1000))',
      ),
      [undefined],
    );
    t.equal(
      guest.value(
        'local p = m.P"x" for i = 1, 60 do p = p + m.C(p) * "y" * p end return (m.match(p, "x"))',
      ),
      2,
    );
    t.equal(
      guest.value(
        'local p = m.P"a" for i = 1, 20000 do p = p * "a" end return m.match(p, ("a"):rep(20001))',
      ),
      20_002,
    );
    t.equal(
      guest.value(
        'local p = m.P"a" for i = 1, 20000 do p = "a" * p end return m.match(p, ("a"):rep(20001))',
      ),
      20_002,
    );
    t.equal(
      guest.value(
        'local p = m.P"k0;" for i = 1, 3000 do p = p + ("k" .. i .. ";") end return m.match(p, "k2999;")',
      ),
      7,
    );
    t.equal(
      guest.value('local p = m.P"a" for i = 1, 8000 do p = -p end return m.match(p, "a")'),
      1,
      'nested deep',
    );
    t.equal(
      guest.value(
        'local p = m.P"a" for i = 1, 2000 do p = (p * "b")^-1 + "c" end return m.match(p, "x")',
      ),
      1,
    );
    t.equal(
      guest.value(
        'local p = m.S"" for i = 0, 255, 2 do p = p + string.char(i) end return m.match(p^0, ("\\2\\4"):rep(50))',
      ),
      101,
    );
  });

  t.test(`${name}: work without end hits the instruction limit`, async (t) => {
    for (const code of [
      // Exponential choices and repetitions.
      'local p = m.P"a" for i = 1, 40 do p = (p * "x" + p * "y" + p) end return m.match(p * "z", ("a"):rep(50))',
      'return m.match({ "S", S = "a" * m.V"S" * "x" + "a" * m.V"S" * "y" + "a" }, ("a"):rep(60))',
      'local p = m.P"a" for i = 1, 60 do p = p * p end return m.match(p^-1 * "b" + p, ("a"):rep(1000)) or m.match((p + 1)^0 * "z", ("a"):rep(1e6))',
      'local p = m.Cc(1) for i = 1, 60 do p = p * p end return m.match(p, "")',
      'return m.match((m.P""^-1000000000), "a")',
      'return m.match(((-m.P"x")^-1000000000), "a")',
      // A square of the subject's length.
      'return m.match((#m.P"a"^1 * 1)^0, ("a"):rep(100000))',
      'return m.match((#(m.P"a"^0 * "b") + 1)^0, ("a"):rep(100000))',
      'return m.match({ (1 - m.P"b")^0 * "b" + 1 * m.V(1) }, ("a"):rep(100000))',
      'return m.match({ m.P"a"^-90000 * "b" + 1 * m.V(1) }, ("a"):rep(100000))',
      'local s = ("a"):rep(100000) while true do m.match((1 - m.P"b")^0, s) end',
      // Captures of captures.
      'local p = m.Cg(m.C(1), 1) for i = 1, 60 do p = p * m.Cg(m.Cb(i) * m.Cb(i), i + 1) end return m.match(p * (m.Cb(61) / 1), "a")',
      'local p = m.P(1)^0 / "%0%0" for i = 1, 40 do p = p / "%1%1" end return #m.match(p, ("a"):rep(100))',
      // Patterns made and compiled.
      'while true do m.match(m.P"a" + m.S"bc"^0, "abc") end',
      'local p = m.P"a" while true do p = p * m.C(p) + "b" m.match(p, "x") end',
      'while true do m.P{ "S", S = m.V"A" + m.V"B", A = "a" * m.V"S", B = "b" * m.V"A" } end',
      'while true do m.locale() end',
      'while true do m.match(m.Cmt(1, function() return true end)^0, ("a"):rep(1000)) end',
    ]) {
      t.match(ends(code), /^(instructions|error)$/, code);
    }
  });

  t.test(`${name}: and is not charged for when it is ordinary`, async (t) => {
    t.equal(
      ends(
        'local p = m.Ct((m.C(m.R"az"^1) + 1)^0) local s = ("hello world "):rep(10) for i = 1, 300 do p:match(s) end',
        100_000,
      ),
      'returned',
    );
    t.equal(ends('return m.match((1 - m.P"\\n")^0 * -1, ("a"):rep(1000000))', 150_000), 'returned');
  });

  t.test(`${name}: memory that captures need is the sandbox's`, async (t) => {
    const small = make({ instructions: 1e9, memoryBytes: 1_000_000 });
    t.match(
      small.error('return m.match(m.Ct(m.Cp()^-1000000 * (m.Cp() * 1)^0), ("a"):rep(200000))'),
      'not enough memory',
    );
    t.equal(
      small.value('return #m.match(m.Ct((m.Cp() * 1)^0), ("a"):rep(10000))'),
      10_000,
      'it goes on',
    );
    t.match(
      small.error(
        'local p = m.Cs((m.P(1) / ("x"):rep(1000))^0) return #m.match(p, ("a"):rep(10000))',
      ),
      'not enough memory',
    );
    small.run('m.setmaxstack(20000000)');
    t.match(
      small.error('return m.match({ "(" * m.V(1) * ")" + "x" }, ("("):rep(500000))'),
      'not enough memory',
      'a deep stack, too',
    );
    t.equal(small.value('return m.match({ "(" * m.V(1) * ")" + "x" }, "((x))")'), 6);
  });

  t.test(`${name}: long subjects`, async (t) => {
    t.equal(value('m.match((m.P"ab" + "c")^0, ("abc"):rep(300000))'), 900_001);
    t.equal(value('m.match({ "END" + 1 * m.V(1) }, ("x"):rep(1000000) .. "END")'), 1_000_004);
    t.equal(value('#m.match(m.C((1 - m.P"\\n")^0), ("x"):rep(1000000))'), 1_000_000);
    t.equal(value('#m.match(m.Cs((m.P"a" / "bb" + 1)^0), ("a"):rep(100000))'), 200_000);
    t.equal(value('m.match(("x"):rep(100000), ("x"):rep(100001))'), 100_001);
  });

  t.test(`${name}: recursion of matches in matches is bounded`, async (t) => {
    t.match(
      guest.error(`
        local p
        p = m.P(1) / function(s) return p:match(s) end
        return p:match("a")`),
      /overflow/,
    );
    t.match(
      guest.error(`
        local p
        p = m.P{ "S", S = "(" * m.V"S" * ")" + m.Cmt(true, function(s, i) return p:match(s) end) }
        return p:match(("("):rep(150) .. (")"):rep(150))`),
      /overflow/,
    );
    t.equal(value('m.match(m.P"a", "a")'), 2, 'and leaves the module usable');
  });
});
