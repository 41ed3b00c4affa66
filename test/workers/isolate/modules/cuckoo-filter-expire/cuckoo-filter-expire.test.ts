import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/cuckoo-filter-expire/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { preserved, restore, restoreError, tryDamaged } from '../object-forms.ts';

const MODULE = 'cuckoo_filter_expire';
const RECORDS_AT = 22;

onBothEngines((name, create) => {
  const made = (script = '', options = {}): ModuleGuest => {
    const guest = new ModuleGuest(create, { [MODULE]: createModule }, options);
    guest.run('require "cuckoo_filter_expire" require "string"');
    guest.run(script);
    return guest;
  };

  t.test(`${name}: a key is new once, then its distance in intervals is told`, async (t) => {
    const guest = made('cf = cuckoo_filter_expire.new(1024, 1)');
    t.equal(guest.value('return cuckoo_filter_expire.version()'), '1.1.1');
    t.same(guest.run('return cf:current_interval()'), [15300e9, 255]);
    t.same(guest.run('return cf:add("a", 60e9)'), [true, 0]);
    t.same(guest.run('return cf:add("a", 60e9)'), [false, 0]);
    t.same(guest.run('return cf:add("a", 180e9)'), [false, 2]);
    t.same(guest.run('return cf:query("a")'), [true, 3], 'a newer time is noted');
    t.same(guest.run('return cf:add("a", 60e9)'), [false, 2]);
    t.same(guest.run('return cf:query("a")'), [true, 3], 'an older one is not');
    t.same(guest.run('return cf:query("b")'), [false]);
    t.same(guest.run('return cf:count(), cf:delete("a"), cf:delete("a"), cf:count()'), [
      1,
      true,
      false,
      0,
    ]);
  });

  t.test(`${name}: later times move the window on, entries behind it go`, async (t) => {
    const guest = made('cf = cuckoo_filter_expire.new(1024, 1) cf:add("a", 0) cf:add("b", 60e9)');
    t.same(guest.run('return cf:add("c", 256 * 60e9)'), [true, 0]);
    t.same(guest.run('return cf:current_interval()'), [256 * 60e9, 0]);
    t.same(guest.run('return cf:query("a")'), [false]);
    t.same(guest.run('return cf:query("b")'), [true, 1]);
    t.same(guest.run('return cf:add("d", 0)'), [false], 'before the window');
    t.same(guest.run('return cf:count()'), [2]);
    t.same(guest.run('return cf:clear()'), []);
    t.same(guest.run('return cf:current_interval()'), [15300e9, 255]);
  });

  t.test(`${name}: a step of a whole window or more leaves nothing of before`, async (t) => {
    for (const intervals of [256, 300, 512, 700]) {
      const guest = made(
        'cf = cuckoo_filter_expire.new(1024, 1) for i = 1, 100 do cf:add(i, i * 60e9) end',
      );
      guest.run('cf:add("new", (255 + ...) * 60e9)', intervals);
      t.same(guest.run('return cf:count(), (cf:query(100)), (cf:query("new"))'), [1, false, true]);
      t.same(guest.run('return cf:current_interval()'), [
        (255 + intervals) * 60e9,
        (255 + intervals) % 256,
      ]);
    }
  });

  t.test(`${name}: four fifths full, the oldest interval goes`, async (t) => {
    for (const minutes of [1, 60, 1440]) {
      const guest = made('function t(n) return n * minutes * 60e9 end');
      guest.run('minutes = ... cf = cuckoo_filter_expire.new(512, minutes)', minutes);
      guest.run('for i = 1, 410 do cf:add(i, t(1)) end');
      t.same(guest.run('return cf:add(200, t(2))'), [false, 1]);
      t.equal(guest.value('return cf:count()'), 410);
      guest.run('cf:add(411, t(2))');
      t.equal(guest.value('return cf:count()'), 2);
    }
  });

  t.test(`${name}: no two keys of many look the same`, async (t) => {
    const guest = made('', { instructions: 1e9 });
    const script = `
      local cf = cuckoo_filter_expire.new(131072, 1)
      for i = 1, 100000 do cf:add(i, 1) end
      for i = 1, 100000 do assert(cf:query(i)) end
      return cf:count()`;
    t.equal(guest.value(script), 100000);
  });

  t.test(`${name}: arguments`, async (t) => {
    const guest = made('cf = cuckoo_filter_expire.new(1024, 1)');
    const error = (call: string) => guest.error(`return ${call}`);
    const create = 'cuckoo_filter_expire.new';
    t.match(error(`${create}(1024)`), 'incorrect number of arguments');
    t.match(error(`${create}(1024, 1, 3)`), 'incorrect number of arguments');
    t.match(error(`${create}(nil, 1)`), "bad argument #1 to 'new' (number expected, got nil)");
    t.match(error(`${create}(256, 1)`), "bad argument #1 to 'new' (items must be > 256)");
    t.match(error(`${create}(1024, 0)`), "bad argument #2 to 'new' (0 < interval size <= 1440)");
    t.match(error(`${create}(1024, 1441)`), '0 < interval size <= 1440');
    t.match(error(`${create}(1024, 0/0)`), '0 < interval size <= 1440');
    t.match(error('cf:add("foo")'), 'incorrect number of arguments');
    t.match(error('cf:add("foo", {})'), 'number expected, got table');
    t.match(error('cf:add({}, 1)'), 'must be a string or number');
    t.match(error('cf:query({})'), 'must be a string or number');
    t.match(error('cf:clear(1)'), 'incorrect number of arguments');
    for (const time of ['0/0', '1/0', '-1/0', '-1e300', '1e300']) {
      t.same(guest.run(`return cf:add("x", ${time})`), [false], time);
    }
    t.same(guest.run('return cf:current_interval()'), [15300e9, 255]);
    t.equal(guest.value(`return ${create}(1024, nil):add("x", 0)`), true);
  });

  t.test(`${name}: fromstring takes a count and bytes, and an older form`, async (t) => {
    const guest = made(
      'cf = cuckoo_filter_expire.new(257, 1) cf:add("foo", 60e9) cf:add("bar", 120e9)',
    );
    const records = preserved(guest, 'cf').slice(RECORDS_AT);
    t.equal(records.length, 64 * 20);
    guest.run('copy = cuckoo_filter_expire.new(257, 1) copy:fromstring(2, ...)', records);
    t.same(guest.run('return copy:count(), copy:query("bar")'), [2, true, 2]);
    guest.run('old = cuckoo_filter_expire.new(257, 1) old:fromstring(2, 60, ...)', records);
    t.same(guest.run('return old:query("foo")'), [true, 1]);
    t.match(guest.error('cf:fromstring(9, "x")'), 'fromstring() bytes found: 1, expected 1280');
    t.equal(guest.value('return cf:count()'), 9, 'the count is taken over before');
    t.match(guest.error('cf:fromstring("x")'), 'incorrect number of arguments');
  });

  t.test(`${name}: a preserved filter comes back with its current interval`, async (t) => {
    const guest = made(
      'cf = cuckoo_filter_expire.new(257, 5) for i = 1, 100 do cf:add(i, 1e18 + i * 1e12) end',
    );
    const data = preserved(guest, 'cf');
    const interval = guest.run('return cf:current_interval()');
    restore(guest, MODULE, data, 'copy');
    t.equal(preserved(guest, 'copy'), data);
    t.same(guest.run('return copy:current_interval()'), interval);
    t.same(guest.run('return copy:add(50, 0)'), [false], 'the window is the old one');
    t.same(guest.run('return copy:query(50)'), guest.run('return cf:query(50)'));
    t.equal(guest.value('return copy:query(50)'), true);
    guest.run('own = cuckoo_filter_expire.new(259, 5)');
    t.equal(
      restoreError(guest, MODULE, data, guest.object('own')),
      'restored',
      'sizes are rounded',
    );
    guest.run('own = cuckoo_filter_expire.new(257, 5)');
    t.equal(restore(guest, MODULE, data, 'own', guest.object('own')), guest.object('own'));
    t.equal(preserved(guest, 'own'), data);
    guest.run('other = cuckoo_filter_expire.new(257, 6)');
    t.equal(
      restoreError(guest, MODULE, data, guest.object('other')),
      'cuckoo_filter_expire configuration changed',
    );
    guest.run('other = cuckoo_filter_expire.new(600, 5)');
    t.equal(
      restoreError(guest, MODULE, data, guest.object('other')),
      'fromstring() bytes found: 1280, expected 5120',
    );
    tryDamaged(
      t,
      guest,
      MODULE,
      data,
      'pcall(restored.add, restored, "x", 1e18) restored:query(1)',
    );
  });

  t.test(`${name}: entries are counted as memory, hostile sizes are refused`, async (t) => {
    const guest = made('', { memoryBytes: 100_000 });
    for (const size of ['1e12', '2^53', '1/0', '1e300', '1e6']) {
      t.match(guest.error(`cuckoo_filter_expire.new(${size}, 1)`), 'not enough memory', size);
    }
    const before = guest.externalBytes;
    guest.run('kept = cuckoo_filter_expire.new(16000, 1)');
    t.ok(guest.externalBytes - before > 80_000);
    const small = made('', { memoryBytes: 60_000 });
    t.equal(restoreError(small, MODULE, preserved(guest, 'kept')), 'not enough memory');
  });

  t.test(`${name}: looking for what has to go is paid for`, async (t) => {
    const guest = made('cf = cuckoo_filter_expire.new(1e5, 1) cf:add(1, 0)', {
      instructions: 1_000_000,
    });
    const script = 'for i = 256, 2256 do cf:add(i, i * 60e9) end';
    t.equal(guest.outcome(script).kind, 'instructions');
  });
});
