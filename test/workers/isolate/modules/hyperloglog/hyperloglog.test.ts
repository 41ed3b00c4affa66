import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/hyperloglog/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { outputOf, preserved, restore, restoreError, tryDamaged } from '../object-forms.ts';

const MODULE = 'hyperloglog';
const TEXT_BYTES = 12304;
const HEADER_BYTES = 16;

onBothEngines((name, create) => {
  const made = (script = '', options = {}): ModuleGuest => {
    const guest = new ModuleGuest(
      create,
      { [MODULE]: createModule },
      { instructions: 1e9, ...options },
    );
    guest.run('require "hyperloglog" require "string"');
    guest.run(script);
    return guest;
  };
  const registerBytes = (guest: ModuleGuest): [number, number][] => {
    const text = String(guest.value('return tostring(hll)'));
    t.equal(text.length, TEXT_BYTES);
    const bytes = [...Buffer.from(text.slice(HEADER_BYTES), 'latin1').entries()];
    return bytes.filter(([, byte]) => byte !== 0);
  };

  t.test(`${name}: a key sets one register, once`, async (t) => {
    const guest = made('hll = hyperloglog.new()');
    t.equal(guest.value('return hyperloglog.version()'), '1.0.1');
    t.same(guest.run('return hll:count(), hll:add("foo"), hll:add("foo"), hll:count()'), [
      0,
      true,
      false,
      1,
    ]);
    t.same(registerBytes(guest), [[5511, 0x05]], 'register 7348 is 5');
    const header = Buffer.from(String(guest.value('return tostring(hll)')), 'latin1');
    t.equal(header.subarray(0, 16).toString('hex'), '48594c4c000000000100000000000000');
    guest.run('hll = hyperloglog.new() hll:add(123)');
    t.same(registerBytes(guest), [[238, 0x10]], 'register 318 is 1');
    t.equal(String(guest.value('return tostring(hll)')).charCodeAt(15), 0x80, 'not counted yet');
  });

  t.test(`${name}: estimates are those of Redis`, async (t) => {
    const guest = made('hll = hyperloglog.new() for i = 0, 99999 do hll:add(i) end');
    t.equal(guest.value('return hll:count()'), 100070);
    t.equal(guest.value('return hll:count()'), 100070, 'the second time from the header');
    guest.run('all = hyperloglog.new() for i = 1, 110000 do all:add(string.format("%08d", i)) end');
    t.equal(guest.value('return all:count()'), 110505);
    t.same(guest.run('return all:clear()'), []);
    t.equal(guest.value('return all:count()'), 0);
  });

  t.test(`${name}: unions, merged and counted`, async (t) => {
    const guest = made(`
      function fill(hll, from, to)
        for i = from, to do hll:add(string.format("%08d", i)) end
        return hll
      end
      first = fill(hyperloglog.new(), 1, 50000)
      second = hyperloglog.new():merge(first)
      third = fill(hyperloglog.new(), 50001, 100000)`);
    t.same(guest.run('return first:count(), second:count(), third:count()'), [49932, 49932, 50151]);
    guest.run('fill(second, 100001, 110000)');
    t.equal(guest.value('return hyperloglog.count(first, second)'), 59872);
    t.equal(guest.value('return hyperloglog.count(first, second, third)'), 110383);
    t.equal(guest.value('return first:merge(first) == first'), true);
    t.equal(guest.value('return second:merge(third):merge(first):count()'), 110505);
  });

  t.test(`${name}: arguments are counted first`, async (t) => {
    const guest = made('hll = hyperloglog.new()');
    const error = (call: string) => guest.value(`return select(2, pcall(${call}))`);
    t.equal(error('hyperloglog.new, 2'), "bad argument #1 to '?' (incorrect number of arguments)");
    t.equal(error('hyperloglog.count'), "bad argument #0 to '?' (incorrect number of arguments)");
    t.equal(
      error('hyperloglog.count, hll'),
      "bad argument #1 to '?' (incorrect number of arguments)",
    );
    t.equal(
      error('hyperloglog.count, hll, 1'),
      "bad argument #2 to '?' (mozsvc.hyperloglog expected, got number)",
    );
    t.equal(error('hll.add, hll'), "bad argument #1 to '?' (incorrect number of arguments)");
    t.equal(error('hll.add, hll, {}'), "bad argument #2 to '?' (must be a string or number)");
    t.equal(error('hll.count, hll, 1'), "bad argument #2 to '?' (incorrect number of arguments)");
    t.equal(error('hll.clear, hll, 1'), "bad argument #2 to '?' (incorrect number of arguments)");
    t.equal(
      error('hll.merge, hll, {}'),
      "bad argument #2 to '?' (mozsvc.hyperloglog expected, got table)",
    );
    t.equal(
      error('hll.fromstring, hll, {}'),
      "bad argument #2 to '?' (string expected, got table)",
    );
    t.equal(error('hll.fromstring, hll, "      "'), 'fromstring() bytes found: 6, expected 12304');
  });

  t.test(`${name}: fromstring takes what tostring gives, and nothing else`, async (t) => {
    const guest = made('hll = hyperloglog.new() for i = 1, 5000 do hll:add(i) end hll:count()');
    guest.run('copy = hyperloglog.new() copy:fromstring(tostring(hll))');
    t.equal(guest.value('return copy:count() == hll:count()'), true);
    t.equal(guest.value('return tostring(copy) == tostring(hll)'), true);
    const text = String(guest.value('return tostring(hll)'));
    t.match(
      guest.error('copy:fromstring(...)', `X${text.slice(1)}`),
      'fromstring() HYLL header not found',
    );
    for (const at of [4, 5]) {
      const wrong = `${text.slice(0, at)}\x01${text.slice(at + 1)}`;
      t.match(
        guest.error('copy:fromstring(...)', wrong),
        'fromstring() invalid encoding',
        String(at),
      );
    }
    guest.run(
      'copy:fromstring(...)',
      `${text.slice(0, 8)}\xff\xff\xff\xff\xff\xff\xff\x7f${text.slice(16)}`,
    );
    t.equal(guest.value('return copy:count()'), 2 ** 63, 'the cached estimate is believed');
  });

  t.test(`${name}: its output is the raw form`, async (t) => {
    const guest = made('hll = hyperloglog.new() hll:add(1)');
    t.equal(outputOf(guest, 'hll', TEXT_BYTES), guest.value('return tostring(hll)'));
    t.equal(outputOf(guest, 'hll', TEXT_BYTES - 1), 'output_limit exceeded');
  });

  t.test(`${name}: a preserved set comes back`, async (t) => {
    const guest = made('hll = hyperloglog.new() for i = 1, 5000 do hll:add(i) end');
    const data = preserved(guest, 'hll');
    restore(guest, MODULE, data, 'copy');
    t.equal(preserved(guest, 'copy'), data);
    t.equal(guest.value('return copy:count() == hll:count()'), true);
    guest.run('own = hyperloglog.new() own:add("x")');
    t.equal(restore(guest, MODULE, data, 'own', guest.object('own')), guest.object('own'));
    t.equal(preserved(guest, 'own'), data);
    tryDamaged(t, guest, MODULE, data, 'restored:add("x") restored:count()');
  });

  t.test(`${name}: memory and work are counted`, async (t) => {
    const small = made('', { memoryBytes: 30_000 });
    small.run('first = hyperloglog.new() second = hyperloglog.new()');
    t.match(small.error('hyperloglog.new()'), 'not enough memory');
    const data = preserved(small, 'first');
    t.equal(restoreError(small, MODULE, data), 'not enough memory');
    const guest = made('hll = hyperloglog.new()', { instructions: 500_000 });
    t.equal(
      guest.outcome('for i = 1, 1000 do hyperloglog.count(hll, hll) end').kind,
      'instructions',
    );
    const other = made('hll = hyperloglog.new()', { instructions: 500_000 });
    t.equal(other.outcome('for i = 1, 10000 do local s = tostring(hll) end').kind, 'instructions');
  });
});
