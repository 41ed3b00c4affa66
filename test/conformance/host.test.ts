/**
 * The engine from the host's side: globals, calls, host functions and objects, table views.
 */
import t from 'tap';
import {
  GuestArgumentError,
  GuestError,
  type GuestTable,
  type GuestValue,
  type HostObject,
} from '../../workers/isolate/engine.ts';
import { engines } from './engines.ts';
import { type GuestSettings, makeGuest as makeGuestWith, outcomeText } from './guest.ts';

function isTable(value: GuestValue): value is GuestTable {
  return typeof value === 'object' && value.kind === 'table';
}

function counter(type = 'test.counter'): HostObject {
  let count = 0;
  return {
    kind: 'object',
    type,
    externalBytes: 0,
    methods: {
      add: ([, by]) => {
        if (typeof by !== 'number') throw new GuestArgumentError(2, 'number expected');
        count += by;
        return count;
      },
      self: ([self]) => self,
      __tostring: () => `counter ${count}`,
    },
  };
}

for (const factory of engines) {
  const makeGuest = (settings?: GuestSettings) => makeGuestWith(factory, settings);

  t.test(`${factory.name}: values go in and come out unchanged`, async (t) => {
    const engine = makeGuest();
    for (const value of [
      undefined,
      true,
      false,
      0,
      -1.5,
      2 ** 53,
      '',
      'a\0\xff',
      'x'.repeat(1000),
    ]) {
      engine.setGlobal('value', value);
      t.equal(engine.getGlobal('value'), value);
      engine.run('function same(x) return x end', '');
      t.strictSame(engine.call('same', [value]), { kind: 'returned', values: [value] });
    }
  });

  t.test(
    `${factory.name}: a call gives its values, or says that there is no such function`,
    async (t) => {
      const engine = makeGuest();
      engine.run('function f(...) return select("#", ...), ... end none = 5', '');
      t.strictSame(engine.call('f', ['a', undefined]), {
        kind: 'returned',
        values: [2, 'a', undefined],
      });
      t.strictSame(engine.call('missing', []), { kind: 'missing' });
      t.strictSame(engine.call('none', []), { kind: 'missing' });
      t.strictSame(engine.call('print', []), { kind: 'returned', values: [] });
    },
  );

  t.test(`${factory.name}: error values without a text have none`, async (t) => {
    const engine = makeGuest();
    t.equal(outcomeText(engine, engine.run('error()', '')), 'no text');
    t.equal(outcomeText(engine, engine.run('error({})', '')), 'no text');
    t.equal(outcomeText(engine, engine.run('error(5, 0)', '')), '5');
  });

  t.test(`${factory.name}: errors of host functions carry the position of the guest`, async (t) => {
    const engine = makeGuest();
    engine.setGlobal('fail', () => {
      throw new GuestError('went wrong');
    });
    engine.setGlobal('picky', () => {
      throw new GuestArgumentError(2, 'not like that');
    });
    const text = (source: string): string => outcomeText(engine, engine.run(source, 'c.lua'));
    t.equal(text('\nfail()'), 'c.lua:2: went wrong');
    t.equal(text('picky()'), "c.lua:1: bad argument #2 to 'picky' (not like that)");
    t.equal(text('return pcall(fail)'), 'false | went wrong');
    t.equal(text('return pcall(picky)'), "false | bad argument #2 to '?' (not like that)");
    t.equal(
      text('local t = {go = picky} t:go()'),
      "c.lua:1: bad argument #1 to 'go' (not like that)",
    );
    engine.setGlobal('broken', () => {
      throw new Error('a defect of the host');
    });
    t.throws(() => engine.run('pcall(broken)', ''), { message: 'a defect of the host' });
  });

  t.test(
    `${factory.name}: a host function sees how many arguments there were and may return several values`,
    async (t) => {
      const engine = makeGuest();
      engine.setGlobal('count', (args) => args.length);
      engine.setGlobal('swap', ([a, b]) => [b, a]);
      engine.setGlobal('none', () => []);
      const source = 'return count(), count(nil), count(1, nil), swap(1, "x"), select("#", none())';
      t.equal(outcomeText(engine, engine.run(source, '')), '0 | 1 | 2 | x | 0');
      const large = Array.from({ length: 3000 }, (_, i) => i);
      engine.setGlobal('large', () => large);
      t.equal(outcomeText(engine, engine.run('return select("#", large())', '')), '3000');
    },
  );

  t.test(`${factory.name}: a view shows the very table`, async (t) => {
    const engine = makeGuest();
    engine.run('list = {10, 20, x = "y", [1.5] = true} alias = list self = {} self.me = self', '');
    const list = engine.getGlobal('list');
    const alias = engine.getGlobal('alias');
    if (!isTable(list) || !isTable(alias)) throw new Error('no table');
    t.equal(list.identity, alias.identity);
    t.equal(list.length(), 2);
    t.equal(list.get('x'), 'y');
    t.equal(list.get(1), 10);
    t.equal(list.get('nothing'), undefined);
    t.equal(list.hasMetatable, false);
    t.strictSame(
      [...list.entries()],
      [
        [1, 10],
        [2, 20],
        ['x', 'y'],
        [1.5, true],
      ],
    );
    list.set(3, 'three');
    list.set('x', undefined);
    t.equal(
      outcomeText(engine, engine.run('return #list, list[3], list.x', '')),
      '3 | three | nil',
    );
    t.throws(() => list.set(undefined, 1), GuestError);
    t.throws(() => list.set(Number.NaN, 1), GuestError);
    const own = engine.getGlobal('self');
    const me = isTable(own) ? own.get('me') : undefined;
    t.ok(isTable(own) && isTable(me) && own.identity === me.identity);
  });

  t.test(`${factory.name}: a table made by the host is a guest table`, async (t) => {
    const engine = makeGuest();
    const table = engine.createTable();
    table.set('a', 1);
    const inner = engine.createTable();
    inner.set(1, 'first');
    table.set('inner', inner);
    engine.setGlobal('made', table);
    t.equal(
      outcomeText(engine, engine.run('return made.a, made.inner[1], #made.inner', '')),
      '1 | first | 1',
    );
    const globals = engine.globals();
    t.equal(globals.get('made') !== undefined, true);
    t.ok([...globals.entries()].some(([key]) => key === 'made'));
  });

  t.test(`${factory.name}: functions pass through the host unharmed`, async (t) => {
    const engine = makeGuest();
    let kept: GuestValue;
    engine.setGlobal('keep', ([value]) => {
      kept = value;
      return undefined;
    });
    engine.setGlobal('give', () => kept);
    const source = 'local f = function() return 7 end keep(f) return give() == f, give()()';
    t.equal(outcomeText(engine, engine.run(source, '')), 'true | 7');
    t.equal(outcomeText(engine, engine.run('keep(print) return give() == print', '')), 'true');
    t.equal(
      outcomeText(
        engine,
        engine.run(
          'local c = coroutine.create(function() end) keep(c) return give() == c, type(c)',
          '',
        ),
      ),
      'true | thread',
    );
  });

  t.test(`${factory.name}: a host object is a userdata with methods`, async (t) => {
    const engine = makeGuest();
    const object = counter();
    engine.setGlobal('c', object);
    engine.setGlobal('other', counter('test.other'));
    const text = (source: string): string => outcomeText(engine, engine.run(source, 'c.lua'));
    t.equal(
      text('return type(c), c:add(2), c:add(3), tostring(c)'),
      'userdata | 2 | 5 | counter 5',
    );
    t.equal(text('return c:self() == c'), 'true');
    t.equal(engine.getGlobal('c'), object);
    t.equal(
      text('c.add(5)'),
      "c.lua:1: bad argument #1 to 'add' (test.counter expected, got number)",
    );
    t.equal(
      text('c.add()'),
      "c.lua:1: bad argument #1 to 'add' (test.counter expected, got no value)",
    );
    t.equal(
      text('c.add(other, 1)'),
      "c.lua:1: bad argument #1 to 'add' (test.counter expected, got userdata)",
    );
    t.equal(text('c:add("x")'), "c.lua:1: bad argument #1 to 'add' (number expected)");
    t.equal(text('c.x = 1'), "c.lua:1: attempt to index global 'c' (a userdata value)");
  });

  t.test(`${factory.name}: toText calls the tostring of the guest`, async (t) => {
    const engine = makeGuest();
    t.equal(engine.toText(1e15), '1e+15');
    t.equal(engine.toText(undefined), 'nil');
    engine.run('obj = setmetatable({}, {__tostring = function() return "mine" end})', '');
    t.equal(engine.toText(engine.getGlobal('obj')), 'mine');
    engine.run('function tostring(x) return "T" end', '');
    t.equal(engine.toText(5), 'T');
    engine.setGlobal('show', ([value]) => engine.toText(value));
    t.equal(outcomeText(engine, engine.run('return show({})', '')), 'T');
  });

  t.test(
    `${factory.name}: the memory estimate reaches the meter, and long strings of the host do not stay`,
    async (t) => {
      const engine = makeGuest({ memory: 1024 * 1024 });
      engine.setGlobal('read', () => 'x'.repeat(1000));
      engine.run('keep = {} function go() for i = 1, 10000 do keep[i] = read() .. i end end', '');
      t.equal(engine.call('go', []).kind, 'memory');
    },
  );

  t.test(
    `${factory.name}: a defect of a host function comes out of coroutines and callbacks, too`,
    async (t) => {
      const engine = makeGuest();
      engine.setGlobal('broken', () => {
        throw new Error('a defect of the host');
      });
      for (const source of [
        'coroutine.wrap(function() broken() end)()',
        'coroutine.resume(coroutine.create(function() pcall(broken) end))',
        '("x"):gsub("x", broken)',
        'xpcall(broken, function() end)',
      ]) {
        t.throws(() => engine.run(source, ''), { message: 'a defect of the host' }, source);
        t.equal(outcomeText(engine, engine.run('return "alive"', '')), 'alive');
      }
    },
  );
}
