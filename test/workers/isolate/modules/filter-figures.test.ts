/**
 * The figures of the probabilistic modules with many keys, as the reference gives them. The modules are called without the
 * guest: a million calls of it take long.
 */
import t from 'tap';
import type { GuestValue, HostFunction } from '../../../../workers/isolate/engine.ts';
import { createModule as bloomFilter } from '../../../../workers/isolate/modules/bloom-filter/module.ts';
import { createModule as cuckooFilter } from '../../../../workers/isolate/modules/cuckoo-filter/module.ts';
import { createModule as cuckooFilterExpire } from '../../../../workers/isolate/modules/cuckoo-filter-expire/module.ts';
import { createModule as hyperloglog } from '../../../../workers/isolate/modules/hyperloglog/module.ts';
import type { ModuleFactory } from '../../../../workers/isolate/modules/native-module.ts';
import { engines } from '../../../conformance/engines.ts';
import { ModuleGuest } from './module-guest.ts';

const MILLION = 1_000_000;

/** A new object's methods, given the arguments of `new`. */
function made(
  factory: ModuleFactory,
  ...args: readonly GuestValue[]
): (name: string, ...args: readonly GuestValue[]) => GuestValue {
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine');
  const guest = new ModuleGuest(engine.create, { module: factory });
  const construct = guest.modules.get('module')?.open().functions['new'];
  if (typeof construct !== 'function') throw new Error('no new');
  const object = construct(args);
  if (typeof object !== 'object' || !('methods' in object)) throw new Error('no object');
  return (name, ...rest) => {
    const method: HostFunction | undefined = object.methods[name];
    const result = method?.([object, ...rest]);
    return Array.isArray(result) ? result[0] : (result as GuestValue); // not an array: one value
  };
}

t.test('a Bloom filter for two million items, with one million', async (t) => {
  const filter = made(bloomFilter, 2 * MILLION, 0.01);
  for (let i = 0; i < MILLION; i++) filter('add', i);
  t.equal(filter('count'), 999_970);
});

t.test('a cuckoo filter for two million items, with one million', async (t) => {
  const filter = made(cuckooFilter, 2 * MILLION);
  for (let i = 0; i < MILLION; i++) filter('add', i);
  t.equal(filter('count'), 999_983);
});

t.test('a cuckoo filter that is four fifths full, of numbers and of strings', async (t) => {
  for (const [keyOf, count] of [
    [(i: number) => i, 799_977],
    [String, 799_967],
  ] as const) {
    const filter = made(cuckooFilter, MILLION);
    for (let i = 1; i <= 800_000; i++) filter('add', keyOf(i));
    t.equal(filter('count'), count);
    let found = 0;
    for (let i = 1; i <= 800_000; i++) if (filter('query', keyOf(i)) === true) found++;
    t.equal(found, 800_000);
    let deleted = 0;
    for (let i = 1; i <= 800_000; i++) if (filter('delete', keyOf(i)) === true) deleted++;
    t.equal(deleted, count);
    t.equal(filter('count'), 0);
  }
});

t.test('an expiring cuckoo filter takes no two of 800,000 keys for the same', async (t) => {
  const filter = made(cuckooFilterExpire, MILLION, 1);
  for (let i = 1; i <= 800_000; i++) filter('add', String(i), 1);
  t.equal(filter('count'), 800_000);
});

t.test('a HyperLogLog of one million numbers', async (t) => {
  const set = made(hyperloglog);
  for (let i = 0; i < MILLION; i++) set('add', i);
  t.equal(set('count'), 1_006_268);
});
