import t from 'tap';
import type { LoadTask, Report, StateAnswer } from '../../../lib/protocol/batch.ts';
import {
  BATCH_PROTOCOL_VERSION,
  packEnvelope,
  unpackEnvelope,
} from '../../../lib/protocol/batch.ts';
import { batchOf, specOf } from '../../sandbox-spec.ts';

t.test('a batch comes back as it was, typed arrays and all', (t) => {
  const batch = batchOf(['one', '', 'thr\u00e9e'], [7, 9], {
    loops: Uint8Array.of(0, 255, 3),
    streams: Uint32Array.of(0, 0xffff_ffff, 5),
    positions: Float64Array.of(0, 2 ** 53 - 1, 7),
    timers: [{ ns: 1.7e18, shutdown: true }],
    generation: 3,
    sequence: 2 ** 31,
  });
  const back = unpackEnvelope<typeof batch>(packEnvelope(batch));
  t.same(
    { ...back, bytes: Buffer.from(back.bytes) },
    { ...batch, bytes: Buffer.from(batch.bytes) },
  );
  t.ok(back.offsets instanceof Uint32Array);
  t.ok(back.loops instanceof Uint8Array);
  t.ok(back.positions instanceof Float64Array);
  t.ok(back.deliveries[0]?.events instanceof Int32Array);
  t.end();
});

t.test('a spec comes back as it was: byte strings, states and nested configuration', (t) => {
  const script = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
  const config = { flag: false, deep: { list: [1.5, 'a', [true]], __proto__x: 'y' }, big: 2 ** 40 };
  const state = Uint8Array.of(0, 255, 128);
  const task: LoadTask = {
    version: BATCH_PROTOCOL_VERSION,
    kind: 'load',
    generation: 0,
    spec: specOf(1, script, { config, state }),
  };
  const back = unpackEnvelope<LoadTask>(packEnvelope(task));
  t.equal(back.spec.script, script);
  t.same(back.spec.config, config);
  t.same([...(back.spec.state ?? [])], [0, 255, 128]);
  t.end();
});

t.test('what is packed has a buffer of its own, so that it can be transferred', (t) => {
  const first = packEnvelope(batchOf(['a'], [1]));
  const second = packEnvelope(batchOf(['b'], [1]));
  t.not(first.buffer, second.buffer);
  t.equal(first.byteOffset, 0);
  t.equal(first.byteLength, first.buffer.byteLength);
  t.end();
});

t.test('an envelope of another version is refused', (t) => {
  const answer: StateAnswer = { version: 2, kind: 'states', generation: 0, states: [] };
  t.throws(() => unpackEnvelope(packEnvelope(answer)), { code: 'HKT_BATCH_VERSION' });
  t.end();
});

t.test('a report of a megabyte keeps every byte', (t) => {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) & 255);
  const report: Report = {
    version: BATCH_PROTOCOL_VERSION,
    kind: 'report',
    generation: 1,
    sequence: 2,
    unfinished: true,
    results: [],
    bytes,
    offsets: Uint32Array.of(0, bytes.length),
    loops: Uint8Array.of(1),
    sources: Uint32Array.of(4_000_000_000),
  };
  const back = unpackEnvelope<Report>(packEnvelope(report));
  t.equal(Buffer.compare(back.bytes, bytes), 0);
  t.equal(back.sources[0], 4_000_000_000);
  t.equal(back.unfinished, true);
  t.end();
});
