import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/bloom-filter/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { preserved, restore, restoreError, tryDamaged } from '../object-forms.ts';

const MODULE = 'bloom_filter';

onBothEngines((name, create) => {
  const made = (script = '', options = {}): ModuleGuest => {
    const guest = new ModuleGuest(create, { [MODULE]: createModule }, options);
    guest.run('require "bloom_filter" require "string"');
    guest.run(script);
    return guest;
  };

  t.test(`${name}: keys are found once they are added`, async (t) => {
    const guest = made('bf = bloom_filter.new(1000, 0.01)');
    t.equal(guest.value('return bloom_filter.version()'), '1.0.0');
    t.same(
      guest.run('return bf:query(1), bf:add(1), bf:add(1), bf:query(1), bf:query("1"), bf:count()'),
      [false, true, false, true, false, 1],
    );
    guest.run(
      'bf:clear() for i = 1, 950 do assert(bf:add(i)) end for i = 1, 950 do assert(bf:query(i)) end',
    );
    t.equal(guest.value('return bf:count()'), 950);
    guest.run('bf:clear() for i = 1, 950 do assert(bf:add(tostring(i))) end');
    t.equal(guest.value('return bf:count()'), 950);
    t.same(guest.run('return bf:clear()'), []);
    t.same(guest.run('return bf:count(), bf:query("1")'), [0, false]);
  });

  t.test(`${name}: the bits of the golden vector`, async (t) => {
    const guest = made('bf = bloom_filter.new(20, 0.01) bf:add("foo") bf:add("bar") bf:add(1)');
    const bits = Buffer.from(preserved(guest, 'bf').slice(-24), 'latin1').toString('hex');
    t.equal(bits, '100820800210c00010000000000001048000026608800440');
    t.equal(guest.value('return bf:count()'), 3);
  });

  t.test(`${name}: sizes at other probabilities`, async (t) => {
    // Bytes that fromstring asks for, from the reference library.
    const guest = made();
    for (const [items, probability, bytes] of [
      [2, 0.5, 1],
      [1000, 0.9, 28],
      [1000, 0.01, 1199],
      [12345, 1e-10, 73955],
    ] as const) {
      t.match(
        guest.error(`bloom_filter.new(${items}, ${probability}):fromstring("")`),
        `fromstring() bytes found: 0, expected ${bytes}`,
      );
    }
    guest.run('bf = bloom_filter.new(1000, 0.9)');
    t.same(
      guest.run('return bf:add(1), bf:query(1), bf:count()'),
      [false, true, 0],
      'no hash at all',
    );
  });

  t.test(`${name}: arguments`, async (t) => {
    const guest = made('bf = bloom_filter.new(20, 0.01)');
    const error = (call: string) => guest.error(`return ${call}`);
    t.match(error('bloom_filter.new(2)'), 'incorrect number of arguments');
    t.match(
      error('bloom_filter.new(nil, 0.01)'),
      "bad argument #1 to 'new' (number expected, got nil)",
    );
    t.match(error('bloom_filter.new(1, 0.01)'), "bad argument #1 to 'new' (items must be > 1)");
    t.match(error('bloom_filter.new(0/0, 0.01)'), 'items must be > 1');
    t.match(error('bloom_filter.new(-5, 0.01)'), 'items must be > 1');
    for (const probability of ['0', '1', '-1', '0/0', '1/0']) {
      t.match(
        error(`bloom_filter.new(2, ${probability})`),
        "bad argument #2 to 'new' (probability must be between 0 and 1)",
      );
    }
    t.match(error('bf:add()'), 'incorrect number of arguments');
    t.match(error('bf:add(1, 2)'), 'incorrect number of arguments');
    t.match(error('bf:add({})'), 'must be a string or number');
    t.match(error('bf:query(true)'), 'must be a string or number');
    t.match(error('bf:clear(1)'), 'incorrect number of arguments');
    t.match(error('bf.add({}, 1)'), 'mozsvc.bloom_filter expected, got table');
  });

  t.test(`${name}: fromstring with and without a count`, async (t) => {
    const guest = made('bf = bloom_filter.new(20, 0.01) bf:add("foo") bf:add("bar") bf:add(1)');
    const bits = preserved(guest, 'bf').slice(-24);
    guest.run('copy = bloom_filter.new(20, 0.01) copy:fromstring(3, ...)', bits);
    t.same(guest.run('return copy:count(), copy:query("foo"), copy:query(1)'), [3, true, true]);
    guest.run('old = bloom_filter.new(20, 0.01) old:fromstring(...)', bits);
    t.same(guest.run('return old:count(), old:query("bar")'), [0, true]);
    t.match(guest.error('bf:fromstring(9, "x")'), 'fromstring() bytes found: 1, expected 24');
    t.equal(guest.value('return bf:count()'), 9, 'the count is taken over before');
    t.match(guest.error('bf:fromstring({})'), 'string expected, got table');
    guest.run('bf:fromstring(-1, ...)', bits);
    t.equal(guest.value('return bf:count()'), 0);
    guest.run('bf:fromstring(0/0, ...)', bits);
    t.equal(guest.value('return bf:count()'), 0);
  });

  t.test(`${name}: a preserved filter comes back`, async (t) => {
    const guest = made('bf = bloom_filter.new(300, 0.001) for i = 1, 200 do bf:add(i) end');
    const data = preserved(guest, 'bf');
    restore(guest, MODULE, data, 'copy');
    t.equal(preserved(guest, 'copy'), data);
    t.same(guest.run('return copy:count(), copy:query(200), copy:add(7)'), [200, true, false]);
    guest.run('own = bloom_filter.new(300, 0.001)');
    t.equal(restore(guest, MODULE, data, 'own', guest.object('own')), guest.object('own'));
    t.equal(preserved(guest, 'own'), data);
    guest.run('other = bloom_filter.new(20, 0.01)');
    t.equal(
      restoreError(guest, MODULE, data, guest.object('other')),
      'fromstring() bytes found: 540, expected 24',
    );
    guest.run('other = bloom_filter.new(302, 0.00104)');
    t.equal(
      restoreError(guest, MODULE, data, guest.object('other')),
      'bloom_filter configuration changed',
    );
    tryDamaged(t, guest, MODULE, data, 'restored:add("x") restored:query(1)');
  });

  t.test(`${name}: bits are counted as memory, hostile sizes are refused`, async (t) => {
    const guest = made('', { memoryBytes: 100_000 });
    for (const size of ['1e12, 0.01', '2^53, 0.5', '1/0, 0.01', '1e6, 0.01']) {
      t.match(guest.error(`bloom_filter.new(${size})`), 'not enough memory', size);
    }
    const before = guest.externalBytes;
    guest.run('kept = bloom_filter.new(10000, 0.01)');
    t.ok(guest.externalBytes - before > 11_900);
    const small = made('', { memoryBytes: 600 });
    t.equal(restoreError(small, MODULE, preserved(guest, 'kept')), 'not enough memory');
  });

  t.test(`${name}: many hashes and long keys are paid for`, async (t) => {
    const guest = made('bf = bloom_filter.new(2, 1e-300) key = string.rep("x", 1000)', {
      instructions: 300_000,
    });
    t.equal(guest.outcome('for i = 1, 1000 do bf:query(key) bf:add(key) end').kind, 'instructions');
  });
});
