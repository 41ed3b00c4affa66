import v8 from 'node:v8';
import vm from 'node:vm';
import t from 'tap';
import { compileMatcher } from '../../../lib/protocol/matcher/matcher.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { Router, type Subscription } from '../../../lib/router/router.ts';
import { limits } from '../../../native-limits/limits.ts';
import { settle } from '../../fake-cell.ts';
import { inputPack } from '../../sandbox-spec.ts';

function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc()');
}

function setUp() {
  const dropped: string[] = [];
  const faults: string[] = [];
  const order: string[] = [];
  const router = new Router(
    (pack, waiting) => dropped.push(`${pack.message.payload} ${waiting}`),
    (receiver, text) => faults.push(`${receiver} ${text}`),
  );
  const receiver = (
    name: string,
    more: Partial<Subscription> & { readonly where?: string } = {},
  ): Subscription => {
    const { where = 'TRUE', ...rest } = more;
    const subscription: Subscription = {
      name,
      kind: 'filter',
      signer: '',
      matcher: compileMatcher(where),
      deliver: (pack) => {
        order.push(`${name} ${pack.message.payload}`);
        return undefined;
      },
      ...rest,
    };
    router.subscribe(subscription);
    return subscription;
  };
  return { router, order, dropped, faults, receiver };
}

const injected = (payload: string): Pack => ({ ...inputPack(payload), stream: 0, loopCount: 1 });

t.test('a message goes to all that want it, filters before outputs', (t) => {
  const { router, order, receiver } = setUp();
  receiver('output', { kind: 'output' });
  receiver('first', { where: "Type == 'a'" });
  receiver('second');
  router.route(inputPack('m', { type: 'a' }));
  router.route(inputPack('n', { type: 'b' }));
  t.same(order, ['first m', 'second m', 'output m', 'second n', 'output n']);
  t.match(router.counters, { routed: 2, unmatched: 0 });
  t.end();
});

t.test('a message that nobody wants is counted', (t) => {
  const { router, receiver } = setUp();
  receiver('picky', { where: 'FALSE' });
  router.route(inputPack('m'));
  t.match(router.counters, { routed: 1, unmatched: 1 });
  t.end();
});

t.test('who names a signer gets only messages that this signer signed', (t) => {
  const { router, order, receiver } = setUp();
  receiver('signed', { signer: 'ops' });
  receiver('any');
  router.route(inputPack('unsigned'));
  router.route(inputPack('signed', {}, 'ops'));
  router.route(inputPack('other', {}, 'dev'));
  t.same(order, ['any unsigned', 'signed signed', 'any signed', 'any other']);
  t.end();
});

t.test('a receiver that throws loses its message alone', (t) => {
  const { router, order, faults, receiver } = setUp();
  receiver('broken', {
    deliver: () => {
      throw new Error('broken');
    },
  });
  receiver('whole');
  router.route(inputPack('m'));
  t.same(order, ['whole m']);
  t.same(faults, ['broken broken']);
  t.equal(router.room(), undefined);
  t.end();
});

t.test("an output's promise blocks the router until it settles, however it does", async (t) => {
  const { router, receiver } = setUp();
  for (const end of ['resolve', 'reject'] as const) {
    const gate = Promise.withResolvers<void>();
    const output = receiver('slow', { kind: 'output', deliver: () => gate.promise });
    router.route(inputPack('m'));
    const room = router.room();
    t.ok(room instanceof Promise, 'blocked');
    t.equal(router.room(), room, 'one promise for all who wait');
    if (end === 'resolve') gate.resolve();
    else gate.reject(new Error('it failed'));
    await room;
    t.equal(router.room(), undefined);
    router.unsubscribe(output);
  }
});

t.test('a full receiver blocks the router until it says otherwise and wakes it', async (t) => {
  const { router, receiver } = setUp();
  let full = false;
  receiver('shard', { full: () => full });
  router.route(inputPack('m'));
  t.equal(router.room(), undefined);
  full = true;
  router.route(inputPack('n'));
  const room = router.room();
  router.wake();
  t.equal(router.room(), room, 'still full');
  full = false;
  router.wake();
  await room;
  t.equal(router.room(), undefined);
});

t.test('a full receiver that did not get the message does not block it', (t) => {
  const { router, receiver } = setUp();
  receiver('elsewhere', { where: 'FALSE', full: () => true });
  router.route(inputPack('m'));
  t.equal(router.room(), undefined);
  t.end();
});

t.test('injected messages wait for room and go before new input', async (t) => {
  const { router, order, receiver } = setUp();
  let full = true;
  receiver('shard', { full: () => full });
  router.route(inputPack('input 1'));
  router.inject(injected('injected 1'));
  router.inject(injected('injected 2'));
  t.same(order, ['shard input 1']);
  const input = (async () => {
    for (let room = router.room(); room !== undefined; room = router.room()) await room;
    router.route(inputPack('input 2'));
  })();
  full = false;
  router.wake();
  await input;
  t.same(order, ['shard input 1', 'shard injected 1', 'shard injected 2', 'shard input 2']);
  t.match(router.counters, { routed: 4, injected: 2, injectDropped: 0 });
});

t.test('what a delivery injects comes after what was injected before it', (t) => {
  const { router, order, receiver } = setUp();
  receiver('chain', {
    deliver: (pack) => {
      const { payload } = pack.message;
      order.push(payload);
      if (payload === 'a') {
        router.inject(injected('b'));
        router.inject(injected('c'));
      }
      if (payload === 'b') router.inject(injected('d'));
      return undefined;
    },
  });
  router.inject(injected('a'));
  t.same(order, ['a', 'b', 'c', 'd']);
  t.end();
});

t.test('beyond its bound an injected message is dropped and counted', (t) => {
  const { router, dropped, receiver, order } = setUp();
  const { value: bound } = limits.injectQueue;
  let full = true;
  receiver('shard', { full: () => full });
  router.route(inputPack('input'));
  const pack = injected('x');
  for (let i = 0; i < bound; i++) router.inject(pack);
  t.same(dropped, []);
  router.inject(injected('one too many'));
  t.same(dropped, [`one too many ${bound}`]);
  t.match(router.counters, { injected: bound, injectDropped: 1 });
  full = false;
  router.wake();
  t.equal(order.length, bound + 1, 'all others arrive');
  router.inject(injected('room again'));
  t.equal(order.at(-1), 'shard room again');
  t.end();
});

t.test('the queue of injected messages is bounded in bytes too', (t) => {
  const { router, dropped, receiver } = setUp();
  const { value: bound } = limits.injectQueueBytes;
  let full = true;
  receiver('shard', { full: () => full, deliver: () => undefined });
  router.route(inputPack('input'));
  const large = injected('x'.repeat(1024 * 1024));
  const count = Math.floor(bound / large.message.bytes.length);
  for (let i = 0; i < count; i++) router.inject(large);
  t.equal(dropped.length, 0);
  router.inject(large);
  t.equal(dropped.length, 1);
  full = false;
  router.wake();
  full = true;
  router.route(inputPack('input'));
  for (let i = 0; i < count; i++) router.inject(large);
  t.equal(dropped.length, 1, 'what was routed does not count any more');
  t.end();
});

t.test('a queue that never runs empty does not keep what it has routed', async (t) => {
  const { router, receiver } = setUp();
  const collected: string[] = [];
  const registry = new FinalizationRegistry<string>((name) => collected.push(name));
  let full = true;
  receiver('shard', { full: () => full, deliver: () => undefined });
  router.route(inputPack('input'));
  (() => {
    const first = injected('first');
    registry.register(first, 'first');
    router.inject(first);
  })();
  router.inject(injected('second'));
  // Room for one message at a time, with another one behind it always.
  let deliveries = 0;
  receiver('counter', {
    full: () => full,
    deliver: () => {
      deliveries++;
      full = true;
      return undefined;
    },
  });
  full = false;
  router.wake();
  t.equal(deliveries, 1);
  collectGarbage();
  await settle(3);
  t.same(collected, ['first']);
});

t.test('unsubscribing the one that blocks wakes those who wait', async (t) => {
  const { router, receiver, order } = setUp();
  const stuck = receiver('stuck', { full: () => true });
  receiver('other');
  router.route(inputPack('m'));
  const room = router.room();
  router.inject(injected('n'));
  router.unsubscribe(stuck);
  await room;
  t.equal(router.room(), undefined);
  t.same(order, ['stuck m', 'other m', 'other n']);
});

t.test('a subscription takes effect once, and its end at once', (t) => {
  const { router, order, receiver } = setUp();
  const one = receiver('one');
  router.subscribe(one);
  router.route(inputPack('m'));
  router.unsubscribe(one);
  router.route(inputPack('n'));
  t.same(order, ['one m']);
  t.end();
});
