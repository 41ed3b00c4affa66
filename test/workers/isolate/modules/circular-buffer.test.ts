import t from 'tap';
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostObject,
} from '../../../../workers/isolate/engine.ts';
import { circularBufferModule } from '../../../../workers/isolate/modules/circular-buffer.ts';
import {
  type NativeModule,
  RestoreError,
} from '../../../../workers/isolate/modules/native-module.ts';
import { FakeTable } from '../fake-engine.ts';

const NO_LIMIT = 1e9;
const NAN = Number.NaN;

function moduleOf(
  api: 'heka' | 'lsb' = 'heka',
  roomBytes: number = NO_LIMIT,
): Required<NativeModule> {
  let used = 0;
  const memory = {
    reserve: (bytes: number) => used + bytes <= roomBytes,
    charge: () => undefined,
    add: (bytes: number) => {
      used += bytes;
      return {};
    },
  };
  return circularBufferModule({ api, memory, createTable: () => new FakeTable() });
}

/** A buffer with its methods as a script would call them. */
class Guest {
  readonly object: HostObject;
  readonly module: Required<NativeModule>;

  constructor(module: Required<NativeModule>, object: HostObject) {
    this.module = module;
    this.object = object;
  }

  all(name: string, ...args: readonly GuestValue[]): readonly GuestValue[] {
    const result = this.object.methods[name]?.([this.object, ...args]);
    return Array.isArray(result) ? result : [result as GuestValue]; // not an array: one value
  }

  call(name: string, ...args: readonly GuestValue[]): GuestValue {
    return this.all(name, ...args)[0];
  }

  get text(): string {
    return this.object.output?.(NO_LIMIT) ?? 'none';
  }

  /** The lines after the header. */
  get rows(): string[] {
    return this.text.split('\n').slice(1, -1);
  }

  get state(): string {
    return this.object.preserve?.().data ?? '';
  }
}

function made(module: Required<NativeModule>, ...args: readonly GuestValue[]): Guest {
  const create = module.open().functions['new'];
  if (typeof create !== 'function') throw new Error('no new');
  return new Guest(module, create(args) as HostObject); // new returns one object
}

const heka = (...args: readonly GuestValue[]): Guest => made(moduleOf(), ...args);
const lsb = (...args: readonly GuestValue[]): Guest => made(moduleOf('lsb'), ...args);

function header(...columns: readonly (readonly [string, string, string])[]): string {
  const info = columns.map(
    ([name, unit, aggregation]) =>
      `{"name":"${name}","unit":"${unit}","aggregation":"${aggregation}"}`,
  );
  return `"column_info":[${info.join(',')}]`;
}

/** The error of a call, as "#argument text". */
function errorOf(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (error) {
    if (error instanceof GuestArgumentError) return `#${error.argument} ${error.text}`;
    if (error instanceof GuestError) return error.text;
    throw error;
  }
}

t.test('cbuf text of the worked example', async (t) => {
  const cb = heka(3, 2, 60);
  t.equal(cb.call('set_header', 1, 'HTTP 200'), 1);
  t.equal(cb.call('set_header', 2, 'Bytes', 'KiB', 'max'), 2);
  t.equal(cb.call('add', 60e9, 1, 5), 5);
  t.equal(cb.call('set', 120e9, 2, 7.5), 7.5);
  const columns = header(['HTTP_200', 'count', 'sum'], ['Bytes', 'KiB', 'max']);
  t.equal(
    cb.text,
    `{"time":0,"rows":3,"columns":2,"seconds_per_row":60,${columns}}\nnan\tnan\n5\tnan\nnan\t7.5\n`,
  );
  cb.call('add', 240e9, 1, 1);
  t.match(cb.text, /^\{"time":120,/);
  t.same(cb.rows, ['nan\t7.5', 'nan\tnan', '1\tnan']);
});

t.test('cbufd text of the worked example, and nothing when nothing changed', async (t) => {
  const cb = heka(3, 2, 60, true);
  t.equal(cb.call('format', 'cbufd'), cb.object);
  t.equal(cb.object.payloadType?.(), 'cbufd');
  t.equal(cb.text, '');
  cb.call('set_header', 2, 'Bytes', 'KiB', 'max');
  cb.call('add', 60e9, 1, 5);
  cb.call('set', 120e9, 2, 7.5);
  t.same(cb.rows, ['60\t5\tnan', '120\tnan\t7.5']);
  t.equal(cb.text, '');
});

t.test('without enable_delta there are no deltas', async (t) => {
  const cb = heka(3, 1, 1);
  cb.call('add', 0, 1, 1);
  cb.call('format', 'cbufd');
  t.equal(cb.text, '');
});

/** The steps of upstream's own delta test, for both forms of the module. */
function deltaSteps(cb: Guest, data: Guest): void {
  for (const [ts, times] of [
    [0, 1],
    [1e9, 2],
    [2e9, 3],
  ] as const) {
    for (let i = 0; i < times; i++) {
      if (data.call('add', ts, 1, 1) !== undefined)
        data.call('set', ts, 3, data.call('get', ts, 1));
      data.call('set', ts, 2, 1);
    }
  }
  cb.call('set_header', 2, 'Min', 'count', 'min');
  cb.call('format', 'cbufd');
}

t.test('deltas of the 0.x form', async (t) => {
  const cb = heka(2, 2, 1, true);
  const data = heka(3, 3, 1, true);
  deltaSteps(cb, data);
  t.same(data.rows, ['1\t1\t1', '2\t1\t2', '3\t1\t3']);
  data.call('format', 'cbufd');
  t.same(data.rows, ['0\t1\t1\t1', '1\t2\t1\t2', '2\t3\t1\t3']);
  t.equal(data.text, '');
  data.call('add', 2e9, 1, NAN);
  data.call('set', 2e9, 3, data.call('get', 2e9, 1));
  t.same(data.rows, ['2\tnan\tnan\tnan'], 'a cell that became nan is a change');

  const step = (...calls: readonly (readonly [string, number, number, number])[]): string[] => {
    for (const [name, ...args] of calls) cb.call(name, ...args);
    return cb.rows;
  };
  t.same(step(['set', 0, 1, 3], ['set', 0, 2, 6]), ['0\t3\t6']);
  t.same(step(['set', 0, 1, 5], ['set', 0, 2, 5]), ['0\t2\t5']);
  t.same(step(['add', 0, 1, 3], ['add', 0, 2, 3]), ['0\t3\t8']);
  t.same(step(['add', 0, 1, 1], ['set', 0, 1, NAN], ['add', 0, 2, 1]), ['0\tnan\t9']);
  t.same(step(['add', 0, 1, 1], ['add', 0, 1, NAN], ['add', 0, 2, 1]), ['0\tnan\t10']);
  t.same(step(['add', 0, 1, 1], ['set', 0, 2, NAN]), ['0\t1\tnan']);
  t.same(step(['add', 0, 1, 1], ['set', 0, 2, 9], ['add', 0, 2, NAN]), ['0\t1\tnan']);
  t.same(step(['set', 0, 1, 0], ['set', 0, 2, 0]), ['0\t-2\t0']);
  t.same(step(['add', 0, 1, 0], ['add', 0, 2, 0]), []);
  cb.call('fromstring', '1 1 1 2 3 4 0 3 4');
  t.same(cb.rows, ['0\t3\t4']);
  for (let i = 0; i < 2; i++) data.call('set', 0, 1, Infinity);
  data.call('set', 0, 2, -Infinity);
  data.call('add', 0, 2, 1);
  data.call('set', 0, 3, data.call('get', 0, 1));
  t.same(data.rows, ['0\tinf\t-inf\tinf']);
});

t.test('a minimum’s delta is its new value however often it changed', async (t) => {
  const cb = heka(2, 1, 1, true);
  cb.call('set_header', 1, 'm', 'count', 'min');
  cb.call('set', 0, 1, 6);
  cb.call('set', 0, 1, 5);
  cb.call('set', 0, 1, 7);
  cb.call('format', 'cbufd');
  t.same(cb.rows, ['0\t5']);
});

t.test('deltas of the 1.x form, with annotations', async (t) => {
  const cb = lsb(2, 2, 1);
  const data = lsb(3, 3, 1);
  deltaSteps(cb, data);
  data.call('format', 'cbufd');
  t.same(data.rows, ['0\t1\t1\t1', '1\t2\t1\t2', '2\t3\t1\t3']);
  cb.call('set', 0, 1, 3);
  cb.call('set', 0, 2, 6);
  t.same(cb.rows, ['0\t3\t6']);
  cb.call('fromstring', '1 1 1 2 3 4 0 3 4');
  t.same(cb.rows, ['0\t3\t4']);
  cb.call('annotate', 1e9, 1, 'info', 'delta anno');
  const columns = header(['Column_1', 'count', 'sum'], ['Min', 'count', 'min']);
  t.equal(
    cb.text,
    `{"time":0,"rows":2,"columns":2,"seconds_per_row":1,${columns},"annotations":[{"x":1000,"col":1,"shortText":"i","text":"delta anno"}]}\n`,
  );
  t.equal(cb.text, '');
});

t.test('the 1.x golden vectors', async (t) => {
  const cb = lsb(3, 2, 1);
  cb.call('set_header', 1, 'Add');
  cb.call('add', 0, 1, 1);
  cb.call('add', 1e9, 1, 1.5);
  cb.call('add', 2e9, 1, 0.1234567891);
  cb.call('set', 2e9, 2, Infinity);
  cb.call('add', 3e9, 1, 2 ** 40);
  cb.call('annotate', 3e9, 1, 'info', 'hi "q" / \\ \t\x01x');
  cb.call('annotate', 1e9, 2, 'alert', 'second', false);
  const notes = String.raw`"annotations":[{"x":1000,"col":2,"shortText":"a","text":"second"},{"x":3000,"col":1,"shortText":"i","text":"hi \"q\" \/ \\ \t x"}]`;
  t.ok(cb.text.includes(notes));
  t.match(cb.text, /^\{"time":1,/);
  t.same(cb.rows, ['1.5\tnan', '0.12345679\tinf', '1099511627776\tnan']);
  cb.call('format', 'cbufd');
  t.same(cb.rows, ['1\t1.5\tnan', '2\t0.12345679\tinf', '3\t1099511627776\tnan']);
  cb.call('set_header', 1, 'req/s total', 'KiB/s*x', 'max');
  cb.call('set_header', 2, 'a_very_long_name_here', 'toolongunit', 'min');
  t.same(cb.all('get_header', 1), ['req_s_total', 'KiB/s*x', 'max']);
  t.same(cb.all('get_header', 2), ['a_very_long_nam', 'toolong', 'min']);
  t.equal(cb.call('current_time'), 3e9);
  t.equal(cb.call('get', 4e9, 1), undefined);
});

t.test('annotations leave with their row', async (t) => {
  const cb = lsb(2, 2, 60);
  cb.call('annotate', 0, 1, 'info', 'old\xf0');
  cb.call('annotate', 60e9, 2, 'alert', 'alert');
  cb.call('annotate', 120e9, 2, 'info', 'out of range');
  cb.call('set', 120e9, 1, NAN);
  t.match(
    cb.text,
    /"annotations":\[\{"x":60000,"col":2,"shortText":"a","text":"alert"\}\]\}\nnan\tnan\nnan\tnan\n$/,
  );
});

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

t.test('fromstring takes upstream’s text and refuses the rest', async (t) => {
  const cb = heka(2, 2, 1);
  cb.call('fromstring', '5 1 1 2 nan -inf');
  t.equal(cb.call('current_time'), 5e9);
  t.same(cb.rows, ['1\t2', 'nan\t-inf']);
  const wrong = (text: string) => errorOf(() => cb.call('fromstring', text));
  t.equal(wrong('5 1 1 2 3'), 'fromstring() too few values: 3, expected 4');
  t.equal(wrong('5 1 1 2 3 4 5'), 'fromstring() too many values, more than: 4');
  t.equal(wrong(''), 'fromstring() too few values: 0, expected 4');
  t.equal(wrong('x'), 'fromstring() too few values: 0, expected 4');
  t.equal(wrong('5 9 1 2 3 4'), 'fromstring() invalid time or row');
  t.equal(
    errorOf(() => heka(2, 2, 1, true).call('fromstring', '5 1 1 2 3 4 5')),
    'fromstring() invalid delta',
  );
  t.same(cb.rows, ['1\t2', 'nan\t-inf'], 'nothing changed');
});

t.test('preserved buffers come back to the bit, deltas and annotations included', async (t) => {
  for (const api of ['heka', 'lsb'] as const) {
    const module = moduleOf(api);
    const args = api === 'heka' ? [3, 2, 60, true] : [3, 2, 60];
    const cb = made(module, ...args);
    cb.call('set_header', 2, 'Bytes', 'KiB/s*', 'max');
    cb.call('add', 60e9, 1, 1 / 3);
    cb.call('set', 120e9, 2, 5e-324);
    cb.call('set', 240e9, 1, -0);
    if (api === 'lsb') cb.call('annotate', 240e9, 2, 'alert', 'say "x"', true);
    cb.call('format', 'cbufd');
    const { state } = cb;
    t.equal(cb.state, state, 'preserving changes nothing');
    const back = new Guest(module, module.restore(state, undefined));
    t.equal(back.state, state);
    t.equal(back.text, cb.text);
    const own = made(module, ...args);
    t.equal(module.restore(state, own.object), own.object, 'the script’s own buffer is filled');
    own.call('format', 'cbufd');
    t.equal(own.state, state);
  }
});

t.test('a state of other dimensions does not fit', async (t) => {
  const { state, module } = heka(3, 2, 60);
  const into = (...args: readonly GuestValue[]): string => {
    try {
      module.restore(state, made(module, ...args).object);
      return 'restored';
    } catch (error) {
      if (error instanceof RestoreError) return error.text;
      throw error;
    }
  };
  t.equal(into(4, 2, 60), 'fromstring() too few values: 6, expected 8');
  t.equal(into(2, 2, 60), 'fromstring() too many values, more than: 4');
  t.equal(into(2, 3, 60), 'circular buffer configuration changed');
  t.equal(into(3, 2, 61), 'circular buffer configuration changed');
  t.equal(into(3, 2, 60), 'restored');
});

t.test('no damaged state gets past the checks', async (t) => {
  const module = moduleOf('lsb');
  const cb = made(module, 4, 2, 1);
  cb.call('annotate', 0, 1, 'info', 'note');
  const { state } = cb;
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e6);
  t.comment(`SEED=${seed}`);
  let random = seed;
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    random = (random * 1103515245 + 12345) % 2147483648;
    const at = random % state.length;
    const code = (random >>> 8) & 0xff;
    const bad =
      i % 3 === 0
        ? state.slice(0, at)
        : state.slice(0, at) + String.fromCharCode(code) + state.slice(at + 1);
    try {
      const back = new Guest(module, module.restore(bad, undefined));
      t.type(back.text, 'string');
      back.call('add', 1e9, 1, 1);
    } catch (error) {
      if (!(error instanceof RestoreError) && !(error instanceof GuestError)) throw error;
      refused++;
    }
  }
  t.ok(refused >= 1000, 'every shortened state is refused');
});

t.test('memory is asked for before it is taken', async (t) => {
  const module = moduleOf('heka', 100_000);
  t.equal(
    errorOf(() => made(module, 1e9, 1e9, 1)),
    'not enough memory',
  );
  t.equal(
    errorOf(() => made(module, 2, 2 ** 40, 1)),
    'not enough memory',
  );
  t.equal(
    errorOf(() => made(module, 10_000, 2, 1)),
    'not enough memory',
  );
  t.ok(made(module, 1000, 2, 1).object.externalBytes >= 16000);
});

t.test('output stops at the limit and keeps the deltas', async (t) => {
  const cb = heka(100, 2, 1, true);
  for (let i = 0; i < 100; i++) cb.call('add', i * 1e9, 1, i);
  t.equal(
    errorOf(() => cb.object.output?.(200)),
    'output_limit exceeded',
  );
  cb.call('format', 'cbufd');
  t.equal(
    errorOf(() => cb.object.output?.(200)),
    'output_limit exceeded',
  );
  t.equal(cb.rows.length, 99, 'adding 0 is no change');
});
