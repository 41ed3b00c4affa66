import t from 'tap';
import { createLpeg, GENERATION } from '../../../../../workers/isolate/modules/lpeg/module.ts';
import type { Generation } from '../../../../../workers/isolate/modules/lpeg/program.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

onBothEngines((name, create) => {
  const guestWith = (generation: Generation): ModuleGuest => {
    const guest = new ModuleGuest(create, { lpeg: (parts) => createLpeg(parts, generation) });
    guest.run('require "string" m = require "lpeg"');
    return guest;
  };
  /** Counts how often code is made. */
  const counting = (make: Generation['generate']) => {
    const counter = { made: 0 };
    const generation: Generation = {
      ...GENERATION,
      generate: (parameters, body) => {
        counter.made++;
        return make?.(parameters, body);
      },
    };
    return { counter, guest: guestWith(generation) };
  };

  t.test(`${name}: a pattern becomes JavaScript when it has proved worth it`, async (t) => {
    const { counter, guest } = counting(GENERATION.generate);
    guest.run('p = m.C(m.R"az"^1)');
    for (let match = 1; match <= 10; match++) {
      t.equal(guest.value('return p:match("abc1")'), 'abc');
      t.equal(counter.made, match > GENERATION.matches ? 1 : 0, `match ${match}`);
    }
    guest.run('for i = 1, 100 do m.match(m.P"a" * i, "a") end');
    t.equal(counter.made, 1, 'not one that is matched once');
    t.equal(guest.value('return m.match((m.P"ab")^0, ("ab"):rep(5000))'), 10_001);
    t.equal(counter.made, 2, 'but for a long subject');
  });

  t.test(
    `${name}: where no code may be made from strings, patterns stay with the machine`,
    async (t) => {
      const { counter, guest } = counting(() => {
        throw new EvalError('Code generation from strings disallowed for this context');
      });
      guest.run(
        'p = m.P{ "S", S = m.C(m.R"09"^1) / tonumber + 1 * m.V"S" } q = m.Cs((m.P"a" / "b" + 1)^0)',
      );
      for (let match = 1; match <= 20; match++) {
        t.equal(guest.value('return p:match("x = 42")'), 42);
        t.equal(guest.value('return q:match("banana")'), 'bbnbnb');
      }
      t.equal(counter.made, 1, 'it is tried once');
    },
  );

  t.test(`${name}: the code of a pattern holds nothing of its texts and names`, async (t) => {
    const texts: string[] = [];
    const { guest } = counting((parameters, body) => {
      texts.push(body);
      return GENERATION.generate?.(parameters, body);
    });
    guest.run(`
      local evil = "'\\"\`\\\\\\n*/}); throw 'evil' //"
      local long = evil:rep(4)
      local rules = { evil, [evil] = m.Cg(m.C(evil), evil) * m.Cb(evil) * long * (m.P(1) / evil) * m.Cc(evil) * m.V(long), [long] = m.S(evil)^0 }
      p = m.P(rules)
      subject = evil .. long .. "x"`);
    for (let match = 0; match < 6; match++) {
      t.equal(guest.value('return select("#", p:match(subject))'), 3);
    }
    t.equal(texts.length, 1);
    t.notMatch(texts.join(), 'evil');
  });
});
