import t from 'tap';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { InjectedMessages } from '../../../lib/router/injected-messages.ts';
import { Router } from '../../../lib/router/router.ts';
import { inputPack } from '../../sandbox-spec.ts';

const WAITING = 1024;
const injected = (payload: string): Pack => ({ ...inputPack(payload), stream: 0 });

function setUp() {
  const router = new Router(() => undefined);
  let finished = 0;
  const reader = new InjectedMessages(router, () => finished++);
  return { router, reader, finished: () => finished };
}

async function payloads(reader: InjectedMessages, count: number): Promise<string[]> {
  const read: string[] = [];
  for (let i = 0; i < count; i++) {
    const { done, value } = await reader.next();
    read.push(done === true ? 'done' : value.payload);
  }
  return read;
}

t.test('reads what is injected, in order, and nothing that came from outside', async (t) => {
  const { router, reader } = setUp();
  router.inject(injected('a'));
  router.route(inputPack('outside'));
  router.inject(injected('b'));
  t.same(await payloads(reader, 2), ['a', 'b']);
});

t.test('readers that wait get messages in the order in which they asked', async (t) => {
  const { router, reader } = setUp();
  const asked = [reader.next(), reader.next(), reader.next()];
  router.inject(injected('a'));
  router.inject(injected('b'));
  reader.finish();
  const results = await Promise.all(asked);
  t.same(
    results.map(({ done, value }) => (done === true ? 'done' : value.payload)),
    ['a', 'b', 'done'],
  );
});

t.test('a full queue blocks the router, and each message read makes room', async (t) => {
  const { router, reader } = setUp();
  for (let i = 0; i < WAITING + 2; i++) router.inject(injected(String(i)));
  const room = router.room();
  t.ok(room instanceof Promise);
  t.same(await payloads(reader, 1), ['0']);
  t.ok(router.room() instanceof Promise, 'the next one came in from the router');
  await payloads(reader, 2);
  await room;
  t.equal(router.room(), undefined);
  t.same(await payloads(reader, 1), ['3']);
});

t.test('at the end all that was injected is still read, also what the router held', async (t) => {
  const { router, reader, finished } = setUp();
  for (let i = 0; i < WAITING + 100; i++) router.inject(injected(String(i)));
  reader.finish();
  reader.finish();
  t.equal(finished(), 1);
  t.equal(router.room(), undefined);
  router.inject(injected('too late'));
  const read = await payloads(reader, WAITING + 101);
  t.equal(read.at(-2), String(WAITING + 99));
  t.equal(read.at(-1), 'done');
});

t.test('a loop that is left holds nothing back', async (t) => {
  const { router, reader, finished } = setUp();
  for (let i = 0; i < WAITING + 100; i++) router.inject(injected(String(i)));
  for await (const message of reader) {
    if (message.payload === '3') break;
  }
  t.equal(finished(), 1);
  t.equal(router.room(), undefined);
  t.same(await payloads(reader, 1), ['done']);
});
