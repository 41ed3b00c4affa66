import t from 'tap';
import { type BufferGuest, errorOf, header, heka, lsb } from './buffer-guest.ts';

const NAN = Number.NaN;

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
function deltaSteps(cb: BufferGuest, data: BufferGuest): void {
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
