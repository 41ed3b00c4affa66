import t from 'tap';
import { GuestError, type GuestValue } from '../../../../../workers/isolate/engine.ts';
import { RestoreError } from '../../../../../workers/isolate/modules/native-module.ts';
import { BufferGuest, errorOf, heka, made, moduleOf } from './buffer-guest.ts';

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
    const back = new BufferGuest(module, module.restore(state, undefined));
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
      const back = new BufferGuest(module, module.restore(bad, undefined));
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
