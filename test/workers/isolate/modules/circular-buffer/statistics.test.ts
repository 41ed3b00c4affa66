import t from 'tap';
import type { GuestValue } from '../../../../../workers/isolate/engine.ts';
import { CircularBuffer } from '../../../../../workers/isolate/modules/circular-buffer/buffer-object.ts';
import { circularBufferModule } from '../../../../../workers/isolate/modules/circular-buffer/module.ts';
import { FakeTable } from '../../fake-engine.ts';
import { heka } from './buffer-guest.ts';

t.test('compute gives statistics of the values that are there', async (t) => {
  const cb = heka(5, 2, 1);
  for (const [row, value] of [1, 2, 3, 4, -2].entries()) cb.call('set', (row + 1) * 1e9, 1, value);
  cb.call('set', 3e9, 2, -7);
  const at = (...args: readonly GuestValue[]) => cb.all('compute', ...args);
  t.same(at('sum', 1), [8, 5]);
  t.same(at('avg', 1), [1.6, 5]);
  t.same(at('min', 1), [-2, 5]);
  t.same(at('max', 1, 1e9, 3e9), [3, 3]);
  t.same(at('variance', 1, 1e9, 4e9), [1.25, 4]);
  t.same(at('sd', 1, 1e9, 4e9), [Math.sqrt(1.25), 4]);
  t.same(at('max', 2), [-7, 1]);
  t.same(at('sum', 2, 4e9, 5e9), [0, 0]);
  t.ok(Number.isNaN(at('avg', 2, 4e9, 5e9)[0]));
  t.same(at('sum', 1, 0, 5e9), [undefined, 0]);
});

t.test('mannwhitneyu gives U1 and a one-sided probability', async (t) => {
  const cb = heka(40, 1, 1);
  const first = [7, 3, 6, 2, 4, 3, 5, 5];
  const second = [3, 5, 6, 4, 6, 5, 7, 5];
  for (const [i, v] of first.entries()) cb.call('set', i * 1e9, 1, v);
  for (const [i, v] of second.entries()) cb.call('set', (20 + i) * 1e9, 1, v);
  // Expected values: counted by hand over all pairs; probabilities with Python's math.erfc.
  const close = (got: GuestValue, expected: number) =>
    t.ok(Math.abs(Number(got) / expected - 1) < 1e-12, `${Number(got)} is ${expected}`);
  const [u1, p] = cb.all('mannwhitneyu', 1, 0, 7e9, 20e9, 27e9);
  t.equal(u1, 23);
  close(p, 0.18060905238025945);
  close(cb.all('mannwhitneyu', 1, 0, 7e9, 20e9, 27e9, false)[1], 0.16683324254148552);
  const apart = heka(40, 1, 1);
  for (let i = 0; i < 40; i++) apart.call('set', i * 1e9, 1, i);
  const [zero, tail] = apart.all('mannwhitneyu', 1, 0, 19e9, 20e9, 39e9);
  t.equal(zero, 0);
  close(tail, 3.397807564086694e-8);
  t.same(cb.all('mannwhitneyu', 1, 0, 7e9, 20e9, 99e9), []);
  t.same(cb.all('mannwhitneyu', 1, 10e9, 15e9, 30e9, 35e9), [], 'all values are equal');
});

t.test('statistics are paid for by the rows of their column, sorting them most', async (t) => {
  let paid = 0;
  const memory = {
    reserve: () => true,
    add: () => ({}),
    charge: (instructions: number) => {
      paid += instructions;
    },
  };
  const { open } = circularBufferModule({
    api: 'heka',
    memory,
    createTable: () => new FakeTable(),
  });
  const construct = open().functions['new'];
  const buffer = typeof construct === 'function' ? construct([1000, 50, 1]) : undefined;
  if (!(buffer instanceof CircularBuffer)) throw new Error('no buffer');
  const price = (name: string, ...args: readonly GuestValue[]): number => {
    paid = 0;
    buffer.methods[name]?.([buffer, ...args]);
    return paid;
  };
  t.equal(price('compute', 'sum', 1), 250);
  t.equal(price('mannwhitneyu', 1, 0, 400e9, 500e9, 900e9), 1000);
});
