import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import t from 'tap';
import type { ServiceValue } from '../../../workers/isolate/modules/native-module.ts';
import { zlibService } from '../../../workers/services/zlib-service.ts';

const TEXT = Array.from({ length: 3000 }, (_, i) => `line ${i * i}\n`).join('');

function service() {
  const { operations, close } = zlibService();
  const call = (name: string, ...args: ServiceValue[]): readonly ServiceValue[] =>
    operations[name]?.(args) ?? [];
  /** All that a stream makes of a text, and its last answer. */
  const push = (id: ServiceValue, text: string, flush = 'none') => {
    let answer = call('push', id, text, flush);
    let output = String(answer[0]);
    while (answer[1] === true) {
      answer = call('more', id);
      output += String(answer[0]);
    }
    return { output, answer };
  };
  return { call, push, close };
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

t.test('what is deflated is what zlib inflates, in each of its forms', async (t) => {
  const { call, push } = service();
  for (const [bits, inflate] of [
    [15, inflateSync],
    [31, gunzipSync],
  ] as const) {
    const [id] = call('deflate', -1, bits);
    const first = push(id, TEXT).output;
    const { answer, output } = push(id, 'end', 'finish');
    t.equal(inflate(Buffer.from(first + output, 'latin1')).toString(), `${TEXT}end`);
    t.same(answer.slice(2), [true, TEXT.length + 3, first.length + output.length]);
    t.throws(() => call('push', id, 'x', 'none'), 'it is over');
  }
});

t.test('a flush brings out what went in', async (t) => {
  const { call, push } = service();
  const [down] = call('deflate', 9, -15);
  const [up] = call('inflate', -15);
  for (const part of ['first', 'second', 'third']) {
    const { output } = push(down, part, 'sync');
    t.equal(push(up, output).output, part);
  }
});

t.test('it inflates byte by byte, whatever the form', async (t) => {
  const { call, push } = service();
  for (const [bits, bytes] of [
    [47, deflateSync(TEXT)],
    [47, gzipSync(TEXT)],
    [-15, deflateRawSync(TEXT)],
  ] as const) {
    const [id] = call('inflate', bits);
    let output = '';
    let ended: ServiceValue = false;
    for (const byte of bytes) {
      const pushed = push(id, String.fromCharCode(byte));
      output += pushed.output;
      ended = pushed.answer[2];
    }
    t.equal(output, TEXT);
    t.equal(ended, true);
  }
});

t.test('what lies behind the end is not taken', async (t) => {
  const { call, push } = service();
  const bytes = latin1(gzipSync('short'));
  const [id] = call('inflate', 47);
  const { answer, output } = push(id, `${bytes}rubbish`);
  t.equal(output, 'short');
  t.same(answer.slice(2), [true, bytes.length, 5]);
});

t.test('a bomb comes in pieces, as far as the guest asks for them', async (t) => {
  const { call } = service();
  const bomb = latin1(deflateSync(Buffer.alloc(50_000_000)));
  const [id] = call('inflate', 47);
  let answer = call('push', id, bomb, 'none');
  for (let i = 0; i < 10; i++) {
    t.equal(String(answer[0]).length, 65536);
    answer = call('more', id);
  }
  t.equal(answer[1], true);
  t.same(call('drop', id), []);
  t.throws(() => call('more', id), /no such zlib stream/);
});

t.test('damaged data, and bits that there are not', async (t) => {
  const { call, push } = service();
  const [id] = call('inflate', 47);
  t.throws(() => push(id, 'this is no zlib'), /^InvalidInput: .*checksum failed$/);
  const broken = gzipSync(TEXT);
  broken[broken.length - 6] = 0x55;
  const [other] = call('inflate', 47);
  t.throws(() => push(other, latin1(broken)), /^InvalidInput: /);
  t.throws(() => call('deflate', 77, 15), /^InternalError: /);
  t.throws(() => call('inflate', 99), /^InternalError: /);
  t.throws(() => call('inflate', 'x'), /a number is missing/);
});

t.test('a guest has 256 streams and no more', async (t) => {
  const { call } = service();
  for (let i = 0; i < 256; i++) t.type(call('inflate', 47)[0], 'number');
  t.same(call('inflate', 47), []);
  call('drop', 1);
  t.type(call('inflate', 47)[0], 'number');
});

t.test('gunzip gives a whole text, or nothing', async (t) => {
  const { call } = service();
  const bytes = latin1(gzipSync(TEXT));
  t.same(call('gunzip', bytes, TEXT.length), [TEXT]);
  t.same(call('gunzip', bytes, TEXT.length - 1), [undefined], 'longer than allowed');
  t.same(call('gunzip', bytes.slice(0, 100), 1e6), [undefined], 'cut short');
  t.same(call('gunzip', 'no gzip', 1e6), [undefined]);
  t.same(call('gunzip', latin1(gzipSync(Buffer.alloc(1e8))), 8192), [undefined], 'a bomb');
  t.throws(() => call('gunzip', bytes, 0));
  t.throws(() => call('gunzip', undefined, 5));
});
