import './registers.ts';
import { test } from 'tap';
import { LuaError } from '../../../../workers/isolate/lua/runtime/errors.ts';
import { registerFields } from '../../../../workers/isolate/lua/runtime/fields.ts';
import { Breach, beginCall, endCall } from '../../../../workers/isolate/lua/runtime/meter.ts';
import {
  border,
  fillEmpty,
  mapOf,
  rawGet,
  rawSet,
} from '../../../../workers/isolate/lua/runtime/tables.ts';
import { Cursor, next } from '../../../../workers/isolate/lua/runtime/traversal.ts';
import {
  EMPTY,
  type Fields,
  LuaTable,
  type LuaValue,
} from '../../../../workers/isolate/lua/runtime/values.ts';

const FIELD_NAMES = ['alpha', 'beta', 'gamma', 'constructor', '__proto__', 'length', 'x', 'y'];
registerFields(FIELD_NAMES);

/** What compiled code does for `t.name = value`. */
function setField(t: LuaTable, name: string, value: LuaValue): void {
  const property = `$${name}`;
  if (property in t || rawGet(t, name) !== undefined) rawSet(t, name, value);
  else if (value !== undefined) (t as unknown as Fields)[property] = value;
}

/** A seeded generator (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
}

function viaCursor(t: LuaTable): [LuaValue, LuaValue][] {
  const entries: [LuaValue, LuaValue][] = [];
  for (const cursor = new Cursor(t); cursor.advance(); ) entries.push([cursor.key, cursor.value]);
  return entries;
}

function viaNext(t: LuaTable): [LuaValue, LuaValue][] {
  const entries: [LuaValue, LuaValue][] = [];
  for (let key = next(t, undefined); key !== undefined; key = next(t, key)) {
    entries.push([key, $second]);
  }
  return entries;
}

function keysOf(t: LuaTable): LuaValue[] {
  return viaCursor(t).map(([key]) => key);
}

/** The value of the error of Lua that is raised. */
function errorOf(f: () => unknown): LuaValue {
  try {
    f();
  } catch (error) {
    if (error instanceof LuaError) return error.value;
    throw error;
  }
  return undefined;
}

function list(...values: LuaValue[]): LuaTable {
  const t = new LuaTable();
  values.forEach((value, i) => {
    rawSet(t, i + 1, value);
  });
  return t;
}

/** Everything that must hold of a table at all times; what a stack overflow may leave out only if `strictly`. */
function flaw(
  t: LuaTable,
  model: ReadonlyMap<LuaValue, LuaValue>,
  strictly = true,
): string | undefined {
  const { arr, hash } = t;
  if (arr !== EMPTY && arr.length === 0) return 'an array part of its own is empty';
  if (arr.length > 1 && arr[arr.length - 1] === undefined) return 'the array part ends in nil';
  const n = border(t);
  if (hash !== null) {
    const dead = hash.keys.filter((_, slot) => hash.values[slot] === undefined).length;
    if (strictly ? hash.dead !== dead : hash.dead > dead) return 'dead keys are miscounted';
    if (strictly && hash.keys.length !== hash.values.length) return 'as many keys as values';
    if (hash.values.length > hash.keys.length) return 'a value without a key';
    for (const [key, slot] of mapOf(hash)) {
      if (hash.keys[slot] !== key) return 'a key is not in its slot';
      if (hash.values[slot] === undefined || typeof key !== 'number') continue;
      if (Number.isInteger(key) && key >= 0 && key <= (strictly ? n + 1 : n)) {
        return `${key} is in the hash`;
      }
    }
  }
  if (strictly && model.get(n + 1) !== undefined) return `${n} is no border`;
  if (n > 0 && model.get(n) === undefined) return `${n} is no border`;
  for (const [key, value] of model) if (rawGet(t, key) !== value) return `value of ${String(key)}`;
  const walked = viaCursor(t);
  if (walked.length !== model.size) return `the cursor found ${walked.length} of ${model.size}`;
  for (const [key, value] of walked) if (model.get(key) !== value) return `walked ${String(key)}`;
  const stepped = viaNext(t);
  if (stepped.length !== walked.length) return 'next and the cursor differ';
  for (const [i, [key]] of stepped.entries())
    if (walked[i]?.[0] !== key) return 'their order differs';
  return undefined;
}

/** Gives a table its first entries in one go; `plain` without repeated keys and nils. */
function fillAtOnce(
  table: LuaTable,
  model: Map<LuaValue, LuaValue>,
  random: (below: number) => number,
  plain: boolean,
): void {
  const keys: LuaValue[] = [];
  const values: LuaValue[] = [];
  for (let i = random(40); i > 0; i--) {
    const key = random(2) === 0 ? `key${random(30)}` : (FIELD_NAMES[random(8)] ?? '');
    const value = random(5) === 0 && !plain ? undefined : random(1000) / 4;
    if (plain && model.has(key)) continue;
    keys.push(key);
    values.push(value);
    if (value === undefined) model.delete(key);
    else model.set(key, value);
  }
  fillEmpty(table, keys, values, plain);
}

test('a table behaves as a map from keys to values under random stores', (t) => {
  const objects: LuaValue[] = [new LuaTable(), new LuaTable(), () => undefined, true, false];
  const seeds = Array.from({ length: 150 }, (_, i) => i + 1);
  for (const seed of seeds) {
    const random = generator(seed);
    const table = new LuaTable();
    const model = new Map<LuaValue, LuaValue>();
    const range = [4, 12, 40, 300][seed % 4] ?? 4;
    const clearing = [2, 4, 10][seed % 3] ?? 2;
    const style = seed % 5;
    if (seed % 3 === 0) fillAtOnce(table, model, random, seed % 2 === 0);
    for (let step = 0; step < 600; step++) {
      let key: LuaValue;
      const kind = random(10);
      if (style === 0 || kind < 5) key = random(range);
      else if (kind === 5) key = border(table) + 1;
      else if (kind === 6) key = FIELD_NAMES[random(FIELD_NAMES.length)];
      else if (kind === 7) key = `key${random(range)}`;
      else if (kind === 8) key = [-1, 0.5, -0, 2 ** 31, 2 ** 53, -(2 ** 40), 1e300][random(7)];
      else key = objects[random(objects.length)];
      if (style === 1 && typeof key === 'number') key = range - key;
      const value = random(clearing) === 0 ? undefined : random(1000) / 4;
      if (kind === 6 && typeof key === 'string' && random(2) === 0) setField(table, key, value);
      else rawSet(table, key, value);
      const plain = key === 0 ? 0 : key;
      if (value === undefined) model.delete(plain);
      else model.set(plain, value);
      if (step % 20 === 0 || step > 590) {
        const wrong = flaw(table, model);
        if (wrong !== undefined) {
          t.fail(`seed ${seed}, step ${step}: ${wrong}`);
          t.end();
          return;
        }
      }
    }
  }
  t.pass(`${seeds.length} seeds`);
  t.end();
});

test('everything can be cleared while it is walked over', (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = generator(seed);
    const fill = (): LuaTable => {
      const table = new LuaTable();
      for (let i = 0; i < 40; i++) {
        rawSet(table, random(60), i);
        rawSet(table, `k${random(30)}`, i);
        setField(table, FIELD_NAMES[random(FIELD_NAMES.length)] ?? '', i);
      }
      return table;
    };
    const first = fill();
    const expected = keysOf(first).length;
    let steps = 0;
    for (let key = next(first, undefined); key !== undefined; key = next(first, key)) {
      rawSet(first, key, undefined);
      steps++;
    }
    if (steps !== expected) t.fail(`seed ${seed}: next made ${steps} of ${expected} steps`);
    t.equal(next(first, undefined), undefined, 'nothing is left');
    const second = fill();
    const all = keysOf(second);
    const seen: LuaValue[] = [];
    for (const cursor = new Cursor(second); cursor.advance(); ) {
      seen.push(cursor.key);
      // Clears this entry and one that may come later or be gone, and gives others new values.
      rawSet(second, cursor.key, undefined);
      const other = all[random(all.length)];
      if (rawGet(second, other) !== undefined)
        rawSet(second, other, random(2) === 0 ? 1 : undefined);
    }
    t.equal(new Set(seen).size, seen.length, 'no key was met twice');
    t.equal(new Cursor(second).advance(), false, 'every key that was left was met');
  }
  t.end();
});

test('the order is that of the array, 0, fields and then other keys as they came', (t) => {
  const table = new LuaTable();
  rawSet(table, 'later', 1);
  rawSet(table, 0, 1);
  setField(table, 'y', 1);
  rawSet(table, 1, 1);
  setField(table, 'x', 1);
  rawSet(table, -5, 1);
  rawSet(table, 2, 1);
  rawSet(table, 'beta', 1);
  t.same(keysOf(table), [1, 2, 0, 'y', 'x', 'later', -5, 'beta']);
  t.same(
    viaNext(table).map(([key]) => key),
    keysOf(table),
  );
  t.end();
});

test('two walks with next may alternate, also over the same table', (t) => {
  const tables = Array.from({ length: 12 }, (_, i) => {
    const table = list(1, 2, i);
    for (const name of FIELD_NAMES) setField(table, name, name);
    rawSet(table, 'other', 1);
    return table;
  });
  const walks = [...tables, ...tables].map((table) => {
    return { table, key: next(table, undefined), steps: 0 };
  });
  for (let round = 0; round < 20; round++) {
    for (const walk of walks) {
      if (walk.key === undefined) continue;
      walk.steps++;
      walk.key = next(walk.table, walk.key);
    }
  }
  t.same(
    walks.map((walk) => walk.steps),
    walks.map(() => 12),
  );
  t.end();
});

test('a field that compiled code adds during a walk does not make next go round', (t) => {
  const table = new LuaTable();
  setField(table, 'x', 1);
  setField(table, 'y', 1);
  const first = next(table, undefined);
  setField(table, 'alpha', 1);
  t.equal(next(table, first), 'y');
  t.equal(next(table, 'alpha'), undefined);
  t.equal(next(table, 'y'), 'alpha');
  t.equal(next(table, 'x'), 'y');
  t.end();
});

test('a loop over a table that it adds to ends', (t) => {
  const table = list(1, 2, 3);
  rawSet(table, 'a', 1);
  let steps = 0;
  for (const cursor = new Cursor(table); cursor.advance() && steps < 1000; steps++) {
    rawSet(table, border(table) + 1, 1);
    rawSet(table, `new${steps}`, 1);
  }
  t.ok(steps >= 4 && steps < 20, `${steps} steps`);
  t.end();
});

test('next answers with two results, or one nil, and refuses keys that are not there', (t) => {
  const table = list('a');
  t.equal(next(table, undefined), 1);
  t.equal($count, 2);
  t.equal($second, 'a');
  t.equal(next(table, 1), undefined);
  t.equal($count, 1);
  for (const key of ['x', 1.5, -1, true, table, 'alpha', Number.NaN]) {
    t.equal(
      errorOf(() => next(table, key)),
      "invalid key to 'next'",
    );
  }
  t.equal(
    errorOf(() => next(new LuaTable(), 5)),
    "invalid key to 'next'",
  );
  t.end();
});

test('nil and NaN are no keys, and read as nil', (t) => {
  const table = list(1);
  rawSet(table, 'x', 1);
  t.equal(
    errorOf(() => rawSet(table, undefined, 1)),
    'table index is nil',
  );
  t.equal(
    errorOf(() => rawSet(table, Number.NaN, 1)),
    'table index is NaN',
  );
  t.equal(rawGet(table, undefined), undefined);
  t.equal(rawGet(table, Number.NaN), undefined);
  t.end();
});

test('a list may be filled from its end, from 0, from 2 or with gaps', (t) => {
  const backwards = new LuaTable();
  for (let i = 1000; i >= 1; i--) rawSet(backwards, i, i / 2);
  t.equal(border(backwards), 1000);
  t.equal(backwards.arr.length, 1001);
  t.equal(rawGet(backwards, 700), 350);

  const fromZero = new LuaTable();
  for (let i = 0; i < 100; i++) rawSet(fromZero, i, i);
  t.equal(fromZero.hash, null);
  t.equal(border(fromZero), 99);

  const fromTwo = new LuaTable();
  for (let i = 2; i <= 100; i++) rawSet(fromTwo, i, i);
  t.equal(fromTwo.arr.length, 101);

  const sparse = new LuaTable();
  for (let i = 1; i <= 1000; i++) rawSet(sparse, i * 100, i);
  t.ok(sparse.arr.length <= 1, 'no array part');
  rawSet(sparse, 2 ** 31, 1);
  t.equal(rawGet(sparse, 2 ** 31), 1);
  t.end();
});

test('a queue takes no more room than its entries', (t) => {
  const queue = new LuaTable();
  let most = 0;
  for (let i = 1; i <= 50_000; i++) {
    rawSet(queue, i, i);
    if (i > 10) rawSet(queue, i - 10, undefined);
    most = Math.max(most, queue.arr.length + (queue.hash?.keys.length ?? 0));
  }
  t.ok(most < 200, `${most} slots`);
  t.equal(keysOf(queue).length, 10);
  t.end();
});

test('keys that come and go take no more room than those that are there', (t) => {
  const table = new LuaTable();
  let most = 0;
  for (let i = 0; i < 10_000; i++) {
    rawSet(table, `key${i}`, i);
    rawSet(table, `key${i - 20}`, undefined);
    most = Math.max(most, table.hash?.keys.length ?? 0);
  }
  t.ok(most < 100, `${most} slots`);
  t.equal(table.hash?.map?.size, table.hash?.keys.length);
  t.end();
});

test('a stack overflow finds every table whole', (t) => {
  let struck = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = generator(seed);
    const table = new LuaTable();
    const model = new Map<LuaValue, LuaValue>();
    let stores: [LuaValue, LuaValue][] = [];
    let done = 0;
    // Stores at the end of the stack, and on the way back where there is more and more of it.
    const dive = (): void => {
      try {
        dive();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        struck++;
      }
      const store = stores[done];
      if (store === undefined) return;
      done++;
      rawSet(table, store[0], store[1]);
    };
    for (let round = 0; round < 20; round++) {
      const wanted = new Map<LuaValue, LuaValue>();
      for (let i = 0; i < 15; i++) {
        const key = random(3) === 0 ? `key${random(40)}` : random(40);
        wanted.set(key, random(4) === 0 ? undefined : random(1000));
      }
      stores = [...wanted];
      done = 0;
      dive();
      for (const [key, value] of wanted) {
        const now = rawGet(table, key);
        if (now !== value && now !== model.get(key)) t.fail(`seed ${seed}: ${String(key)}`);
        if (now === undefined) model.delete(key);
        else model.set(key, now);
      }
      const wrong = flaw(table, model, false);
      if (wrong !== undefined) t.fail(`seed ${seed}: ${wrong}`);
    }
  }
  t.ok(struck > 2000, `${struck} stores or calls were struck`);
  t.end();
});

test('work that grows with a table is paid for', (t) => {
  const limited = (instructionLimit: number): (() => void) => {
    const state = {
      meter: { instructionLimit, stringLimit: 1e6, pollMemory: () => false },
      breach: undefined,
    };
    beginCall(state);
    return () => endCall(state);
  };
  const table = new LuaTable();
  for (let i = 1; i <= 100_000; i++) rawSet(table, i, i);
  for (let i = 1; i < 100_000; i++) rawSet(table, i, undefined);
  const end = limited(1000);
  t.throws(() => next(table, undefined), Breach);
  end();
  const endOther = limited(1000);
  t.throws(() => new Cursor(table).advance(), Breach);
  endOther();
  let asked = 0;
  const state = {
    meter: { instructionLimit: 1e9, stringLimit: 1e6, pollMemory: () => ++asked > 3 },
    breach: undefined,
  };
  beginCall(state);
  const growing = new LuaTable();
  t.throws(() => {
    for (let i = 1; i < 1e7; i++) rawSet(growing, i, i);
  }, Breach);
  t.ok(border(growing) < 100_000, `memory was looked at before ${border(growing)} entries`);
  endCall(state);
  t.end();
});
