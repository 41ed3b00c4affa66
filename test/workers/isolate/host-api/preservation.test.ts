import t from 'tap';
import { crc32, STATE_HEADER_BYTES } from '../../../../lib/protocol/state-file.ts';
import type { GuestValue } from '../../../../workers/isolate/engine.ts';
import { PreserveError, packState } from '../../../../workers/isolate/host-api/preservation.ts';
import { restoreState } from '../../../../workers/isolate/host-api/restoration.ts';
import { circularBufferModule } from '../../../../workers/isolate/modules/circular-buffer/module.ts';
import { RestoreError } from '../../../../workers/isolate/modules/native-module.ts';
import { FakeTable, fakeFunction, fakeTable } from '../fake-engine.ts';

const LIBRARIES: ReadonlySet<string> = new Set(['string', 'math', 'circular_buffer']);

const module = circularBufferModule({
  api: 'heka',
  memory: { reserve: (bytes) => bytes < 1e6, add: () => ({}), charge: () => undefined },
  createTable: () => new FakeTable(),
});
const modules = new Map([[module.name, module]]);

function restored(bytes: Uint8Array, into: FakeTable = new FakeTable()): FakeTable | false {
  const done = restoreState(bytes, {
    globals: into,
    createTable: () => new FakeTable(),
    module: (name) => modules.get(name),
  });
  return done && into;
}

function failure(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (error) {
    if (error instanceof RestoreError || error instanceof PreserveError) return error.text;
    throw error;
  }
}

/** Puts a right header in front of a body. */
function sealed(body: Uint8Array): Uint8Array {
  const file = new Uint8Array(STATE_HEADER_BYTES + body.length);
  file.set([0x48, 0x4b, 0x53, 0x31]);
  const view = new DataView(file.buffer);
  file.set(body, STATE_HEADER_BYTES);
  view.setUint32(4, body.length, true);
  view.setUint32(8, crc32(file, STATE_HEADER_BYTES, file.length), true);
  return file;
}

t.test('the worked example of the format is true', async (t) => {
  const globals = fakeTable({ count: 5 });
  const loop = fakeTable();
  loop.set(1, loop);
  globals.set('t', loop);
  const bytes = packState(globals, LIBRARIES);
  t.equal(
    Buffer.from(bytes).toString('hex'),
    '484b5331' +
      '1f000000' +
      '42d20994' +
      '0000000000000000' +
      '02' +
      '0102' +
      '1305636f756e74' +
      '1505' +
      '130174' +
      '1401' +
      '0101' +
      '1501' +
      '1401',
  );
});

t.test('crc32 is the common one', async (t) => {
  t.equal(crc32(new TextEncoder().encode('123456789'), 0, 9), 0xcbf43926);
});

t.test('every double, byte string and boolean comes back exactly', async (t) => {
  const values: GuestValue[] = [
    0,
    -0,
    1,
    -1,
    0.1,
    1 / 3,
    1e-10,
    0.123456789012,
    5e-324,
    1.7976931348623157e308,
    Infinity,
    -Infinity,
    Number.NaN,
    -2147483648,
    -2147483647,
    2147483647,
    2147483648,
    2 ** 53,
    '',
    '\0\xff\n"\\',
    'x'.repeat(70000),
    true,
    false,
  ];
  const globals = fakeTable({ list: fakeTable(values) });
  const back = restored(packState(globals, LIBRARIES));
  if (back === false) return t.fail('not restored');
  const list = back.get('list');
  values.forEach((value, i) => {
    const got = list instanceof FakeTable ? list.get(i + 1) : undefined;
    t.ok(Object.is(got, value), `value ${i}`);
  });
});

t.test('shared tables stay shared, cycles stay cycles', async (t) => {
  const a = fakeTable({ type: 'a' });
  const b = fakeTable({ type: 'b', a });
  a.set('b', b);
  const back = restored(packState(fakeTable({ a, b, again: a }), LIBRARIES));
  if (back === false) return t.fail('not restored');
  const ra = back.get('a') as FakeTable; // a table was preserved
  const rb = back.get('b') as FakeTable; // likewise
  t.equal(ra.get('b'), rb);
  t.equal(rb.get('a'), ra);
  t.equal(back.get('again'), ra);
});

t.test('a nesting of 100,000 tables survives', async (t) => {
  let inner = fakeTable({ leaf: 1 });
  for (let i = 0; i < 100_000; i++) inner = fakeTable({ t: inner });
  const back = restored(packState(fakeTable({ deep: inner }), LIBRARIES));
  if (back === false) return t.fail('not restored');
  let depth = 0;
  for (
    let at = back.get('deep');
    at instanceof FakeTable && at.get('t') !== undefined;
    at = at.get('t')
  )
    depth++;
  t.equal(depth, 100_000);
});

t.test('what is no data is skipped', async (t) => {
  const withMetatable = fakeTable({ x: 1 });
  withMetatable.hasMetatable = true;
  const globals = fakeTable({
    f: fakeFunction(),
    co: fakeFunction('thread'),
    m: withMetatable,
    math: fakeTable({ floor: fakeFunction(), pi: Math.PI }),
    string: fakeTable({ mine: 1 }),
    nested: fakeTable({ f: fakeFunction(), m: withMetatable, keep: 1 }),
    _VERSION: 'Lua 5.1',
    _PRESERVATION_VERSION: 3,
    [`key with spaces`]: 'kws',
  });
  globals.set('_G', globals);
  (globals.get('nested') as FakeTable).set('g', globals); // made above
  globals.set(5, 'five');
  globals.set(true, 'yes');
  const back = restored(packState(globals, LIBRARIES));
  if (back === false) return t.fail('not restored');
  t.same(new Set(back.map.keys()), new Set([5, 'key with spaces', 'nested', 'string', true]));
  t.same([...(back.get('nested') as FakeTable).map.keys()], ['keep']); // as above
});

t.test('a key of another type is an error when its value would be preserved', async (t) => {
  const keyed = (key: GuestValue, value: GuestValue) => {
    const table = fakeTable();
    table.set(key, value);
    return failure(() => packState(fakeTable({ t: table }), LIBRARIES));
  };
  t.equal(keyed(fakeFunction(), 'foo'), "serialize_data cannot preserve type 'function'");
  t.equal(keyed(fakeTable(), 1), "serialize_data cannot preserve type 'table'");
  t.equal(keyed(fakeFunction('userdata'), 1), "serialize_data cannot preserve type 'userdata'");
  t.equal(keyed(fakeFunction(), fakeFunction()), 'no error');
});

t.test('another preservation version starts clean, none takes what is there', async (t) => {
  const bytes = packState(fakeTable({ _PRESERVATION_VERSION: 2.9, x: 1 }), LIBRARIES);
  t.equal(restored(bytes, fakeTable({ _PRESERVATION_VERSION: 3 })), false);
  t.match(restored(bytes, fakeTable({ _PRESERVATION_VERSION: 2 })), FakeTable);
  t.match(restored(bytes), FakeTable);
});

t.test(
  'circular buffers: a global of the script is filled, a shared one stays shared',
  async (t) => {
    const create = module.open().functions['new'];
    if (typeof create !== 'function') throw new Error('no new');
    const cb = (): GuestValue => create([2, 1, 1]) as GuestValue; // one object
    const data = cb();
    if (typeof data !== 'object' || data.kind !== 'object') throw new Error('no object');
    data.methods['add']?.([data, 0, 1, 0.1]);
    const bytes = packState(fakeTable({ data, ref: data, nested: fakeTable({ data }) }), LIBRARIES);
    const own = cb();
    const globals = fakeTable({ data: own });
    restored(bytes, globals);
    t.equal(globals.get('data'), own);
    t.equal(globals.get('ref'), own);
    t.equal((globals.get('nested') as FakeTable).get('data'), own); // a table was preserved
    if (typeof own !== 'object' || own.kind !== 'object') throw new Error('no object');
    t.equal(own.methods['get']?.([own, 0, 1]), 0.1);
    const other = fakeTable({ data: 5 });
    restored(bytes, other);
    t.match(other.get('data'), { kind: 'object' });
    t.equal(
      failure(() =>
        restoreState(bytes, {
          globals: new FakeTable(),
          createTable: () => new FakeTable(),
          module: () => undefined,
        }),
      ),
      "module 'circular_buffer' not found",
    );
  },
);

t.test('files that are damaged or not ours are told apart and change nothing', async (t) => {
  const bytes = packState(fakeTable({ x: 1, y: fakeTable([1, 2, 3]) }), LIBRARIES);
  const why = (file: Uint8Array) => failure(() => restored(file));
  t.equal(why(new Uint8Array(0)), 'not a state file');
  t.equal(
    why(new TextEncoder().encode('if _PRESERVATION_VERSION and')),
    'state file was written by Heka',
  );
  t.equal(why(bytes.subarray(0, 8)), 'damaged state file: truncated');
  t.equal(why(bytes.subarray(0, bytes.length - 1)), 'damaged state file: truncated');
  for (let i = STATE_HEADER_BYTES; i < bytes.length; i++) {
    const bad = bytes.slice();
    bad[i] = (bad[i] ?? 0) ^ 4;
    t.equal(why(bad), 'damaged state file: wrong checksum');
  }
});

t.test('hostile files with a right checksum are errors, not crashes', async (t) => {
  const version = [0, 0, 0, 0, 0, 0, 0, 0];
  const why = (...body: number[]) =>
    failure(() => restored(sealed(Uint8Array.from([...version, ...body]))));
  const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
  t.equal(why(), 'damaged state file: truncated');
  t.equal(why(...huge), 'damaged state file: node count');
  t.equal(why(0), 'damaged state file: no table of globals');
  t.equal(why(1, 1, ...huge), 'damaged state file: entry count');
  t.equal(why(1, 1, 1, 0x13, ...huge), 'damaged state file: truncated');
  t.equal(why(1, 1, 1, 0x13, 1, 97, 0x14, 0), 'damaged state file: reference');
  t.equal(why(1, 1, 1, 0x13, 1, 97, 0x14, 5), 'damaged state file: reference');
  t.equal(why(1, 1, 1, 0x14, 0, 0x11, 0), 'damaged state file: reference');
  t.equal(why(2, 1, 1, 0x14, 1, 0x11, 1, 0), 'damaged state file: key');
  t.equal(why(1, 1, 1, 0x12, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0x11), 'damaged state file: key');
  t.equal(why(1, 1, 1, 0x15, 0x80, 0x80, 0x80, 0x80, 0x80, 1), 'damaged state file: number');
  t.equal(why(1, 7, 0), 'damaged state file: node tag');
  t.equal(why(1, 1, 1, 0x11, 0x99, 0), 'damaged state file: value tag');
  t.equal(why(1, 1, 0, 0), 'damaged state file: bytes after the last node');
  t.equal(why(1, 2, 1, 97, 0), 'damaged state file: no table of globals');
  t.equal(why(2, 1, 0, 2, 1, 97, 0), "module 'a' not found");
});

t.test('random states make the round trip', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e6);
  t.comment(`SEED=${seed}`);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 200; round++) {
    const tables = Array.from({ length: 1 + next(8) }, () => fakeTable());
    const scalar = (): GuestValue => {
      switch (next(5)) {
        case 0:
          return next(2) === 0;
        case 1:
          return (next(2 ** 32) - 2 ** 31) * (next(2) === 0 ? 1 : 0.37);
        case 2:
          return String.fromCharCode(...Array.from({ length: next(40) }, () => next(256)));
        case 3:
          return next(1000);
        default:
          return 2 ** (next(2000) - 1000);
      }
    };
    for (const table of tables) {
      for (let i = next(12); i > 0; i--) {
        table.set(scalar(), next(3) === 0 ? tables[next(tables.length)] : scalar());
      }
    }
    const globals = fakeTable({ root: tables[0] });
    for (const [i, table] of tables.entries()) globals.set(`t${i}`, table);
    const bytes = packState(globals, LIBRARIES);
    const back = restored(bytes);
    if (back === false) return t.fail('not restored');
    // The same content in the same order gives the same bytes, so this compares everything.
    if (Buffer.compare(packState(back, LIBRARIES), bytes) !== 0)
      return t.fail(`round ${round} differs`);
    const bad = bytes.slice(STATE_HEADER_BYTES);
    for (let i = 0; i < 20; i++) {
      bad[next(bad.length)] = next(256);
      failure(() => restored(sealed(bad)));
    }
  }
  t.pass();
});
