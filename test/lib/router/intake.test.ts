import t from 'tap';
import type { Decoder, Intake, Source, SplitRecord, Splitter } from '../../../lib/plugin.ts';
import type { Message } from '../../../lib/protocol/message.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { type IntakeOptions, openIntake } from '../../../lib/router/intake.ts';
import { Router } from '../../../lib/router/router.ts';
import { MANUAL_START_MS } from '../../manual-clock.ts';
import { testContext } from '../../plugin-context.ts';
import { messageOf } from '../../sandbox-spec.ts';

/** Lines; a line that begins with "@name " is signed by that name. */
class Lines implements Splitter {
  readonly useMessageBytes: boolean = false;
  #offset = 0;
  #rest = '';

  push(chunk: Uint8Array, sink: (record: SplitRecord) => void): void {
    const lines = (this.#rest + Buffer.from(chunk).toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#give(line, 1, sink);
  }

  end(sink: (record: SplitRecord) => void): void {
    if (this.#rest !== '') this.#give(this.#rest, 0, sink);
  }

  #give(line: string, delimiter: number, sink: (record: SplitRecord) => void): void {
    this.#offset += line.length + delimiter;
    const [, signer = ''] = /^@(\w+) /.exec(line) ?? [];
    sink({ bytes: this.encode(line), signer, endOffset: this.#offset });
  }

  encode(line: string): Uint8Array {
    return Buffer.from(line, 'latin1');
  }
}

/** Lines that become the payloads of encoded messages; "broken" becomes bytes that are no message. */
class Framed extends Lines {
  override readonly useMessageBytes = true;

  override encode(line: string): Uint8Array {
    return line === 'broken' ? Uint8Array.of(0xff) : messageOf(line, { type: 'framed' }).bytes;
  }
}

function setUp(more: Partial<IntakeOptions> & { readonly source?: Source } = {}) {
  const context = testContext('Lines');
  const routed: Pack[] = [];
  const offsets: number[] = [];
  const router = new Router(() => undefined);
  /** While set, the output is full after each message. */
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
  const intake: Intake = openIntake({
    router,
    splitter: new Lines(),
    decoder: undefined,
    stream: 9,
    input: 'Lines',
    clock: context.clock,
    log: context.log,
    maxMessageSize: 1000,
    sendDecodeFailures: false,
    logDecodeFailures: true,
    counters,
    ...more,
    source: {
      origin: { description: 'test', loopback: true },
      onRouted: (offset) => offsets.push(offset),
      ...more.source,
    },
  });
  return {
    intake,
    router,
    routed,
    offsets,
    counters,
    context,
    payloads: () => routed.map(({ message }) => message.payload),
    close: (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
  };
}

t.test('records become payload messages with the headers of their source', (t) => {
  const { intake, routed, offsets, counters } = setUp({
    source: {
      origin: { description: 'file', loopback: true },
      logger: 'access',
      type: 'log',
      hostname: 'web-1',
    },
  });
  t.equal(intake.push(Buffer.from('one\ntw')), undefined);
  t.equal(intake.push(Buffer.from('o\n')), undefined);
  t.same(
    routed.map(({ message, stream, position, signer, loopCount, readAtMs, origin }) => {
      const { payload, logger, type, hostname, timestampNs } = message;
      return {
        payload,
        logger,
        type,
        hostname,
        timestampNs,
        stream,
        position,
        signer,
        loopCount,
        readAtMs,
        origin: origin?.description,
      };
    }),
    ['one', 'two'].map((payload, i) => ({
      payload,
      logger: 'access',
      type: 'log',
      hostname: 'web-1',
      timestampNs: BigInt(MANUAL_START_MS) * 1_000_000n,
      stream: 9,
      position: 4 * (i + 1),
      signer: '',
      loopCount: 0,
      readAtMs: MANUAL_START_MS,
      origin: 'file',
    })),
  );
  t.same(offsets, [4, 8]);
  t.equal(counters.records, 2);
  t.end();
});

t.test('without headers of its own the Logger is the name of the input', (t) => {
  const { intake, routed } = setUp();
  void intake.push(Buffer.from('one\n'));
  t.equal(routed[0]?.message.logger, 'Lines');
  t.equal(routed[0]?.message.type, '');
  t.end();
});

t.test('records that are messages go on as they are, with their signer', (t) => {
  const { intake, routed, counters, context } = setUp({ splitter: new Framed() });
  void intake.push(Buffer.from('@ops hello\nbroken\nlast\n'));
  t.same(
    routed.map(({ message, signer }) => [message.type, message.payload, signer]),
    [
      ['framed', '@ops hello', 'ops'],
      ['framed', 'last', ''],
    ],
  );
  t.match(counters, { records: 3, decodeFailures: 1 });
  t.match(context.errors, [/Decoder 'Lines' error/]);
  t.end();
});

t.test('the rest of a stream is delivered at its end', (t) => {
  const { intake, payloads } = setUp();
  void intake.push(Buffer.from('one\nrest'));
  t.equal(intake.end(), undefined);
  t.same(payloads(), ['one', 'rest']);
  t.end();
});

t.test('a record as long as the splitter lets through is not lost for its headers', (t) => {
  const { intake, payloads } = setUp({ maxMessageSize: 100 });
  const line = 'x'.repeat(300);
  void intake.push(Buffer.from(`${line}\n`));
  t.same(payloads(), [line]);
  t.end();
});

t.test(
  'an offset is told after its record was handed over, from where the source began',
  async (t) => {
    const told: string[] = [];
    const { intake, close, payloads } = setUp({
      source: {
        origin: { description: 'file', loopback: true },
        startOffset: 100,
        onRouted: (offset) => told.push(`${offset} ${payloads().length}`),
      },
    });
    const open = close();
    const pushed = intake.push(Buffer.from('a\nb\nc\n'));
    t.same(told, ['102 1'], 'the router took one and is full');
    open();
    await pushed;
    t.same(told, ['102 1', '104 2', '106 3']);
  },
);

t.test('back pressure keeps the order, and the input waits until all is through', async (t) => {
  const { intake, close, payloads, router } = setUp();
  const open = close();
  const pushed = intake.push(Buffer.from('1\n2\n3\n4\n'));
  t.ok(pushed instanceof Promise);
  t.same(payloads(), ['1']);
  router.inject({ ...packOf('injected'), stream: 0 });
  open();
  await pushed;
  t.same(payloads(), ['1', 'injected', '2', '3', '4']);
});

t.test('sources that wait for one router each keep their own order', async (t) => {
  const { router, close, payloads, context, counters } = setUp();
  const source = { origin: { description: 'test', loopback: true } };
  const open = close();
  router.route(packOf('0'));
  const pushes = ['a', 'b', 'c'].map((name) => {
    const intake = openIntake({
      router,
      splitter: new Lines(),
      decoder: undefined,
      source,
      stream: 1,
      input: name,
      clock: context.clock,
      log: context.log,
      maxMessageSize: 1000,
      sendDecodeFailures: false,
      logDecodeFailures: true,
      counters,
    });
    return intake.push(Buffer.from([1, 2, 3, 4].map((i) => `${name}${i}\n`).join('')));
  });
  open();
  for (const pushed of pushes) await pushed;
  for (const name of ['a', 'b', 'c']) {
    t.same(
      payloads().filter((payload) => payload.startsWith(name)),
      [1, 2, 3, 4].map((i) => `${name}${i}`),
    );
  }
});

t.test('a decoder may make several messages of one, or none', (t) => {
  const decoder: Decoder = {
    decode: (pack) =>
      pack.message.payload.split('').map((letter) => ({ ...pack, message: messageOf(letter) })),
  };
  const { intake, payloads } = setUp({ decoder });
  void intake.push(Buffer.from('abc\n\nd\n'));
  t.same(payloads(), ['a', 'b', 'c', 'd']);
  t.end();
});

t.test('a decoder that takes its time is waited for, in order', async (t) => {
  const waiting: (() => void)[] = [];
  const decoder: Decoder = {
    decode: (pack) =>
      new Promise((resolve, reject) => {
        waiting.push(() => {
          if (pack.message.payload === 'bad') reject(new Error('no good'));
          else resolve([pack]);
        });
      }),
  };
  const { intake, payloads, offsets, counters } = setUp({ decoder });
  const pushed = intake.push(Buffer.from('a\nbad\nb\n'));
  while (waiting.length > 0) {
    t.equal(waiting.length, 1, 'one at a time');
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await pushed;
  t.same(payloads(), ['a', 'b']);
  t.same(offsets, [2, 6, 8]);
  t.equal(counters.decodeFailures, 1);
});

const refusing: Decoder = {
  decode: (pack) => {
    if (pack.message.payload.startsWith('bad')) throw new Error(`refused ${'x'.repeat(1000)}`);
    return [pack];
  },
};

t.test('what cannot be decoded is counted and logged, ten times one by one', (t) => {
  const { intake, payloads, counters, context } = setUp({ decoder: refusing });
  void intake.push(Buffer.from(`${'bad\n'.repeat(50)}good\n`));
  t.same(payloads(), ['good']);
  t.equal(counters.decodeFailures, 50);
  t.equal(context.errors.length, 10);
  t.match(context.errors.at(-1), /further ones are counted/);
  t.end();
});

t.test('log_decode_failures = false keeps the log quiet', (t) => {
  const { intake, counters, context } = setUp({ decoder: refusing, logDecodeFailures: false });
  void intake.push(Buffer.from('bad\n'));
  t.equal(counters.decodeFailures, 1);
  t.same(context.errors, []);
  t.end();
});

t.test('send_decode_failures sends the original with what was wrong', (t) => {
  const { intake, routed } = setUp({ decoder: refusing, sendDecodeFailures: true });
  void intake.push(Buffer.from('bad one\n'));
  const message: Message | undefined = routed[0]?.message;
  t.equal(message?.payload, 'bad one');
  t.equal(message?.field('decode_failure'), true);
  const text = String(message?.field('decode_error'));
  t.match(text, /^refused x+$/);
  t.equal(text.length, 500);
  t.end();
});

function packOf(payload: string): Pack {
  return {
    message: messageOf(payload),
    signer: '',
    loopCount: 0,
    stream: 1,
    position: 0,
    readAtMs: 0,
  };
}
