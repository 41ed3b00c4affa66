import t from 'tap';
import type { GuestValue } from '../../../../../workers/isolate/engine.ts';
import { FakeTable } from '../../fake-engine.ts';
import { errorOf, heka, lsb } from './buffer-guest.ts';

const NAN = Number.NaN;

t.test('1.x refuses to make a value undone', async (t) => {
  const cb = lsb(2, 1, 1);
  cb.call('set', 0, 1, 1);
  t.equal(
    errorOf(() => cb.call('set', 0, 1, NAN)),
    'cannot uninitialize a value',
  );
  t.equal(
    errorOf(() => cb.call('add', 0, 1, NAN)),
    'cannot uninitialize a value',
  );
  cb.call('set', 0, 1, Infinity);
  t.equal(
    errorOf(() => cb.call('add', 0, 1, -Infinity)),
    'add produced a NAN',
  );
  t.equal(
    errorOf(() => lsb(2, 257, 1)),
    '#2 columns must be > 0 and <= 256',
  );
});

t.test('1.x ranges', async (t) => {
  const cb = lsb(5, 1, 1);
  for (let i = 1; i <= 5; i++) cb.call('set', i * 1e9, 1, i);
  const range = (...args: readonly GuestValue[]) => {
    const table = cb.call('get_range', ...args);
    return table instanceof FakeTable ? [...table.map.values()] : table;
  };
  t.same(range(1), [1, 2, 3, 4, 5]);
  t.same(range(1, 3e9, 4e9), [3, 4]);
  t.same(range(1, 3e9, undefined), [3, 4, 5]);
  t.equal(range(1, 11e9, 14e9), undefined);
  t.equal(
    errorOf(() => range(1, 2e9, 1e9)),
    '#4 end must be >= start',
  );
});

t.test('arguments are checked with upstream’s texts', async (t) => {
  t.equal(
    errorOf(() => heka(2)),
    '#0 incorrect number of arguments',
  );
  t.equal(
    errorOf(() => heka(undefined, 1, 1)),
    '#1 number expected, got nil',
  );
  t.equal(
    errorOf(() => heka(1, 1, 1)),
    '#1 rows must be > 1',
  );
  t.equal(
    errorOf(() => heka(2, 0, 1)),
    '#2 columns must be > 0',
  );
  t.equal(
    errorOf(() => heka(2, 1, 0)),
    '#3 seconds_per_row is out of range',
  );
  t.equal(
    errorOf(() => heka(NAN, NAN, NAN)),
    '#1 rows must be > 1',
  );
  const cb = heka(2, 1, 1);
  t.equal(
    errorOf(() => cb.call('set', 0, 2, 1)),
    '#3 column out of range',
  );
  t.equal(
    errorOf(() => cb.call('set', 0, 0, 1)),
    '#3 column out of range',
  );
  t.equal(
    errorOf(() => cb.call('set', undefined, 1, 1)),
    '#2 number expected, got nil',
  );
  t.equal(
    errorOf(() => cb.call('set', 0)),
    '#0 incorrect number of arguments',
  );
  t.equal(
    errorOf(() => cb.object.methods['get']?.([1, 1, 1])),
    '#1 lsb.circular_buffer expected, got number',
  );
  t.equal(
    errorOf(() => cb.call('format', 'invalid')),
    "#2 invalid option 'invalid'",
  );
  t.equal(
    errorOf(() => cb.call('format', 'cbuf', true)),
    '#0 incorrect number of arguments',
  );
  t.equal(
    errorOf(() => cb.call('set_header', 1, 'x', 'y', 'avg')),
    "#5 invalid option 'avg'",
  );
  t.equal(
    errorOf(() => cb.call('compute', 'sum', 1, 2e9, 1e9)),
    '#5 end must be >= start',
  );
  t.equal(
    errorOf(() => cb.call('mannwhitneyu', 1, 0, 1e9, 1e9, 2e9)),
    '#4 ranges must not overlap',
  );
});

t.test('times outside of the buffer read as nil, later ones move it forward', async (t) => {
  const cb = heka(10, 1, 1);
  t.equal(cb.call('get', 10e9, 1), undefined);
  t.equal(cb.call('set', 20e9, 1, 1), 1);
  t.equal(cb.call('get', 10e9, 1), undefined);
  t.equal(cb.call('add', 10e9, 1, 1), undefined);
  for (const ns of [NAN, Infinity, -Infinity, -5e9, 1e300]) {
    t.equal(cb.call('add', ns, 1, 1), undefined, String(ns));
  }
  t.equal(cb.call('current_time'), 20e9);
  t.ok(Number.isNaN(cb.call('set', 30.9e9, 1, NAN)));
  t.equal(cb.call('current_time'), 30e9);
  t.same(cb.all('get_configuration'), [10, 1, 1]);
});
