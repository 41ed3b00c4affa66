import t from 'tap';
import type { Output } from '../../../lib/plugin.ts';
import { Message } from '../../../lib/protocol/message.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { EncodedAhead } from '../../../lib/sandboxes/encoded-ahead.ts';

function pack(payload: string): Pack {
  return {
    message: Message.create({ type: 't', payload }),
    signer: '',
    loopCount: 0,
    stream: 1,
    position: 0,
    readAtMs: 0,
  };
}

/** Takes the first message at once, and has no room for more until it is stopped. */
class DeafOutput implements Output {
  readonly taken: string[] = [];
  readonly stopped = Promise.withResolvers<void>();

  async start(): Promise<void> {
    this.taken.push('start');
  }

  deliver({ message }: Pack): Promise<void> | undefined {
    this.taken.push(message.payload ?? '');
    return this.taken.length > 2 ? this.stopped.promise : undefined;
  }

  async stop(): Promise<void> {
    this.taken.push('stop');
    this.stopped.resolve();
  }
}

t.test('messages reach the output in their order, whichever is encoded first', async (t) => {
  const output = new DeafOutput();
  const ready: PromiseWithResolvers<void>[] = [];
  const ahead = new EncodedAhead(output, {
    prepare: () => {
      const one = Promise.withResolvers<void>();
      ready.push(one);
      return one.promise;
    },
  });
  await ahead.start();
  for (const payload of ['a', 'b', 'c', 'd']) void ahead.deliver(pack(payload));
  for (const one of ready.reverse()) one.resolve();
  await ahead.stop();
  t.same(output.taken, ['start', 'a', 'b', 'c', 'd', 'stop'], 'a peer without room is no obstacle');
});

t.test('a full house is waited for', async (t) => {
  const output = new DeafOutput();
  const encoded = Promise.withResolvers<void>();
  const ahead = new EncodedAhead(output, { prepare: () => encoded.promise });
  let room: Promise<void> | undefined;
  let given = 0;
  while (room === undefined) {
    room = ahead.deliver(pack('x'));
    given++;
  }
  t.equal(given, 4096);
  encoded.resolve();
  await room;
  await ahead.stop();
  t.equal(output.taken.length, given + 1, 'all and the end');
});
