import t from 'tap';
import type { Decoder, Source } from '../../../lib/plugin.ts';
import { Message } from '../../../lib/protocol/message.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { type MessageIntake, openIntake } from '../../../lib/router/intake.ts';
import { Router } from '../../../lib/router/router.ts';
import { testContext } from '../../plugin-context.ts';

interface Opened {
  readonly intake: MessageIntake;
  readonly routed: Pack[];
  readonly counters: { records: number; decodeFailures: number };
  /** The output is full from the next message on, until the result is called. */
  close(): () => void;
}

function open(source: Partial<Source> = {}, decoder?: Decoder): Opened {
  const context = testContext('in');
  const router = new Router(() => undefined);
  const routed: Pack[] = [];
  let gate: Promise<void> | undefined;
  router.subscribe({
    name: 'all',
    kind: 'output',
    signer: '',
    matcher: { matches: () => true },
    deliver: (pack) => {
      routed.push(pack);
      return gate;
    },
  });
  const counters = { records: 0, decodeFailures: 0 };
  let offset = 0;
  const intake = openIntake({
    router,
    // Every chunk is a record, whatever its size.
    splitter: {
      useMessageBytes: false,
      push: (chunk, sink) => {
        offset += chunk.length;
        sink({ bytes: chunk, signer: '', endOffset: offset });
      },
      end: () => {},
    },
    decoder,
    source: { origin: { description: 'test', loopback: true }, ...source },
    stream: 3,
    input: 'in',
    clock: context.clock,
    log: context.log,
    maxMessageSize: 1000,
    sendDecodeFailures: false,
    logDecodeFailures: true,
    counters,
  });
  const close = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return () => {
      gate = undefined;
      resolve();
    };
  };
  return { intake, routed, counters, close };
}

const scribble: Decoder = {
  decode: (pack) => {
    if (pack.message.payload === 'bad') throw new Error('refused');
    return [{ ...pack, message: pack.message.with({ type: 'decoded' }) }];
  },
};

t.test('marks are asked for with every record, and win over the source’s headers', async (t) => {
  let count = 0;
  const { intake, routed } = open({
    type: 'source',
    hostname: 'source',
    marks: () => ({
      type: 'marked',
      severity: 6,
      fields: [{ name: 'n', value: ++count, integer: true }],
    }),
  });
  void intake.push(Buffer.from('a'));
  void intake.push(Buffer.from('b'));
  t.same(
    routed.map(({ message: { type, hostname, logger, severity, payload } }) => ({
      type,
      hostname,
      logger,
      severity,
      payload,
    })),
    ['a', 'b'].map((payload) => ({
      type: 'marked',
      hostname: 'source',
      logger: 'in',
      severity: 6,
      payload,
    })),
  );
  t.same(
    routed.map(({ message }) => message.field('n')),
    [1, 2],
  );
});

t.test('a record that its splitter lets be larger than the largest message is one', async (t) => {
  const fields = [{ name: 'query', value: 'q'.repeat(20_000) }];
  const { intake, routed, counters } = open({ marks: () => ({ fields }) });
  void intake.push(Buffer.alloc(300_000, 'x'));
  t.equal(routed[0]?.message.payload.length, 300_000);
  t.equal(counters.decodeFailures, 0);
});

t.test('a message that the input made goes through its decoder, or past it', async (t) => {
  const { intake, routed, counters } = open({}, scribble);
  t.equal(intake.route(Message.create({ payload: '1' }), true), undefined);
  t.equal(intake.route(Message.create({ payload: '2', type: 'own' }), false), undefined);
  t.same(
    routed.map(({ message, stream, position, loopCount }) => [
      message.payload,
      message.type,
      stream,
      position,
      loopCount,
    ]),
    [
      ['1', 'decoded', 3, 1, 0],
      ['2', 'own', 3, 2, 0],
    ],
  );
  void intake.route(Message.create({ payload: 'bad' }), true);
  t.equal(routed.length, 2);
  t.same(counters, { records: 3, decodeFailures: 1 });
});

t.test('a message waits while the pipeline is full', async (t) => {
  const { intake, routed, close } = open();
  const reopen = close();
  void intake.route(Message.create({ payload: '1' }), true);
  const second = intake.route(Message.create({ payload: '2' }), true);
  t.ok(second instanceof Promise);
  t.equal(routed.length, 1);
  reopen();
  await second;
  t.same(
    routed.map(({ message }) => message.payload),
    ['1', '2'],
  );
});
