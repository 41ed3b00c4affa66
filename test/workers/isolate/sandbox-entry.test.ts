import t from 'tap';
import { Message } from '../../../lib/protocol/message.ts';
import { HAS_DETAIL, RunStatus } from '../../../workers/isolate/contract.ts';
import type { GuestValue } from '../../../workers/isolate/engine.ts';
import { Register } from '../../../workers/isolate/mailbox.ts';
import { FakeError, type FakeGuest, type FakeScript, fakeEngines } from './fake-engine.ts';
import { TestSandbox, type TestSandboxOptions } from './test-sandbox.ts';

const widget = Message.create({
  type: 'Widget',
  payload: 'p',
  uuid: new Uint8Array(16),
  timestampNs: 5,
});
const ENDED = RunStatus.terminated + HAS_DETAIL;

function sandbox(script: FakeScript, more: Partial<TestSandboxOptions> = {}): TestSandbox {
  return new TestSandbox({ engines: fakeEngines({ main: script }), script: 'main', ...more });
}

/** A sandbox whose process_message is `body`. */
function processing(
  body: (guest: FakeGuest) => readonly GuestValue[] | undefined,
  more: Partial<TestSandboxOptions> = {},
): TestSandbox {
  return sandbox((guest) => guest.define('process_message', () => body(guest) ?? [0]), more);
}

t.test('every event of a batch is run and counted', async (t) => {
  const seen: GuestValue[] = [];
  const s = sandbox((g) => {
    g.define('process_message', () => {
      seen.push(g.call('read_message', 'Payload'));
      return [0];
    });
    g.define('timer_event', (args) => {
      seen.push(...args);
      return [];
    });
  });
  t.same(s.loaded, { logs: [] });
  const { status } = s.send({ message: widget }, { timer: 7e9 }, { timer: 8e9, shutdown: true });
  t.equal(status, RunStatus.done);
  t.same(seen, ['p', 7e9, false, 8e9, true]);
  t.equal(s.register(Register.nextEvent), 3);
  t.equal(s.register(Register.processed), 1);
  t.equal(s.register(Register.timers), 2);
});

t.test('return values of process_message decide as in Heka', async (t) => {
  const run = (
    ...values: GuestValue[]
  ): { status: number; text: string | undefined; code: string | undefined; log: string } => {
    const s = processing(() => values);
    const { status, detail } = s.send({ message: widget });
    return {
      status,
      text: detail.termination?.text,
      code: detail.termination?.code,
      log: detail.logs.map((l) => l.text).join('|'),
    };
  };
  const ended = (code: string, text: string) => ({ status: ENDED, text, code, log: '' });
  t.same(run(0), { status: 0, text: undefined, code: undefined, log: '' });
  t.same(run(0, 'fine'), { status: 0, text: undefined, code: undefined, log: '' });
  t.same(run(0.9), { status: 0, text: undefined, code: undefined, log: '' });
  t.same(run(-1), { status: 0, text: undefined, code: undefined, log: '' });
  t.same(run(-2, ''), { status: 0, text: undefined, code: undefined, log: '' });
  t.same(run(-1, 'bad line'), {
    status: HAS_DETAIL,
    text: undefined,
    code: undefined,
    log: 'bad line',
  });
  t.same(run(1), ended('HKT_SANDBOX_STATUS', ''));
  t.same(run(1, 'user abort'), ended('HKT_SANDBOX_STATUS', 'user abort'));
  const numeric = 'process_message() must return a numeric status code';
  t.same(run(), ended('HKT_SANDBOX_SCRIPT', numeric));
  t.same(run('0'), ended('HKT_SANDBOX_SCRIPT', numeric));
  t.same(
    run(-1, 1),
    ended('HKT_SANDBOX_SCRIPT', 'process_message() must return a nil or string error message'),
  );
});

t.test('a negative status counts as processed and failed', async (t) => {
  const s = processing(() => [-1]);
  s.send({ message: widget }, { message: widget });
  t.equal(s.register(Register.processed), 2);
  t.equal(s.register(Register.failed), 2);
});

t.test('missing functions end the sandbox with upstream texts', async (t) => {
  const s = sandbox(() => {});
  t.match(s.send({ message: widget }).detail, {
    termination: { text: 'process_message() function was not found', code: 'HKT_SANDBOX_SCRIPT' },
  });
  const timer = sandbox(() => {});
  t.match(timer.send({ timer: 1 }).detail.termination, {
    text: 'timer_event() function was not found',
  });
});

t.test('errors and breaches end the sandbox and say what was used', async (t) => {
  const end = (body: (g: FakeGuest) => undefined, more: Partial<TestSandboxOptions> = {}) =>
    processing(body, more).send({ message: widget }).detail.termination;
  t.match(
    end(() => {
      throw new FakeError('counter.lua:3: boom');
    }),
    {
      code: 'HKT_SANDBOX_SCRIPT',
      text: 'process_message() counter.lua:3: boom',
    },
  );
  t.match(
    end(() => {
      throw new FakeError(undefined);
    }),
    {
      text: 'process_message() <nil error message>',
    },
  );
  t.match(
    end((g) => {
      g.burn(2e6);
      return undefined;
    }),
    {
      code: 'HKT_SANDBOX_INSTRUCTIONS',
      text: 'process_message() instruction_limit exceeded',
      limit: 1_000_000,
      used: 2_000_000,
    },
  );
  t.match(
    end(
      (g) => {
        g.allocate(1e9);
        return undefined;
      },
      { host: { memory: () => 1e9 } },
    ),
    {
      code: 'HKT_SANDBOX_MEMORY',
      text: 'process_message() not enough memory',
      limit: 8388608,
      used: 250_000_000,
    },
  );
  const long = end(() => {
    throw new FakeError('x'.repeat(400));
  });
  t.equal(long?.text.length, 255);
});

t.test('timer_event errors carry its name', async (t) => {
  const s = sandbox((g) =>
    g.define('timer_event', () => {
      throw new FakeError('late');
    }),
  );
  t.equal(s.send({ timer: 1 }).detail.termination?.text, 'timer_event() late');
});

t.test('after the end nothing runs any more and the next event is where it stopped', async (t) => {
  let calls = 0;
  const s = processing(() => (++calls === 2 ? [1, 'enough'] : [0]));
  s.feed([{ message: widget }, { message: widget }, { message: widget }]);
  t.equal(s.enter(), ENDED);
  t.equal(s.register(Register.nextEvent), 2);
  t.equal(s.enter(), ENDED);
  t.equal(calls, 2);
  t.equal(s.entry.preserve(), 'sandbox already terminated');
});

t.test('a slice ends between two events and the next entry goes on', async (t) => {
  let now = 0;
  const seen: number[] = [];
  const s = processing(
    (g) => {
      seen.push(now);
      now += 15;
      // The clock is looked at after some work only.
      g.burn(10_000);
      return undefined;
    },
    { clock: () => now },
  );
  s.feed([{ message: widget }, { message: widget }, { message: widget }]);
  t.equal(s.enter(undefined, 20), RunStatus.slice);
  t.equal(s.register(Register.nextEvent), 2);
  t.equal(s.register(Register.processed), 2);
  t.equal(s.enter(undefined, 20), RunStatus.done);
  t.equal(s.register(Register.processed), 1);
  t.same(seen, [0, 15, 30]);
});

t.test(
  'an overlong injection series of one call leaves in order over several entries',
  async (t) => {
    let call = 0;
    const s = processing(
      (g) => {
        call++;
        for (let i = 0; i < 40; i++)
          g.call('inject_payload', 'txt', `${call}.${i}`, 'x'.repeat(400));
        return undefined;
      },
      { limits: { processInject: 40 }, sizes: { outBytes: 4096 } },
    );
    s.feed([{ message: widget }, { message: widget }]);
    const names: unknown[] = [];
    let entries = 0;
    let status: number;
    do {
      status = s.enter();
      entries++;
      for (const { message } of s.drain()) names.push(message.field('payload_name'));
    } while (status === RunStatus.outboundFull && entries < 100);
    t.equal(status, RunStatus.done);
    const expected = [1, 2].flatMap((c) => Array.from({ length: 40 }, (_, i) => `${c}.${i}`));
    t.same(names, expected);
    t.ok(entries > 8);
  },
);

t.test(
  'what a call injected before it broke a limit is delivered before the end is told',
  async (t) => {
    const s = processing(
      (g) => {
        for (let i = 0; i < 20; i++) g.call('inject_payload', 'txt', `${i}`, 'x'.repeat(400));
        g.burn(1e9);
        return undefined;
      },
      { limits: { processInject: 20 }, sizes: { outBytes: 4096 } },
    );
    s.feed([{ message: widget }]);
    const names: unknown[] = [];
    let status: number;
    do {
      status = s.enter();
      for (const { message } of s.drain()) names.push(message.field('payload_name'));
    } while (status === RunStatus.outboundFull);
    t.equal(status, ENDED);
    t.same(
      names,
      Array.from({ length: 20 }, (_, i) => `${i}`),
    );
  },
);

t.test('a call waits for room in the outbound area before it starts', async (t) => {
  let calls = 0;
  const s = processing(
    (g) => {
      calls++;
      g.call('inject_payload', 'txt', '', 'x'.repeat(3000));
      return undefined;
    },
    { sizes: { outBytes: 8192 } },
  );
  s.feed([{ message: widget }, { message: widget }, { message: widget }]);
  t.equal(s.enter(), RunStatus.outboundFull);
  t.equal(calls, 2);
  t.equal(s.drain().length, 2);
  t.equal(s.enter(), RunStatus.done);
  t.equal(s.drain().length, 1);
});

t.test('text is asked for only when much of it is read', async (t) => {
  let name = 'Timestamp';
  const s = processing((g) => {
    g.call('read_message', name);
    return undefined;
  });
  s.send({ message: widget });
  t.equal(s.register(Register.wantsText), 0);
  name = 'Payload';
  s.send({ message: widget });
  t.equal(s.register(Register.wantsText), 0);
  const long = Message.create({ type: 'long', payload: 'x'.repeat(200), timestampNs: 1e9 });
  s.send({ message: long });
  t.equal(s.register(Register.wantsText), 1);
  s.send({ message: widget });
  t.equal(s.register(Register.wantsText), 0);
});

t.test('strings read the same with and without the text of the batch', async (t) => {
  const seen: GuestValue[] = [];
  const s = processing((g) => {
    seen.push(g.call('read_message', 'Payload'), g.call('read_message', 'Fields[f]'));
    return undefined;
  });
  const message = Message.create({
    payload: Uint8Array.of(0, 200, 255),
    fields: [{ name: 'f', value: 'vé' }],
  });
  const text = s.feed([{ message }]);
  s.enter();
  s.feed([{ message }]);
  s.enter(text);
  t.same(seen, ['\0\xc8\xff', 'v\xc3\xa9', '\0\xc8\xff', 'v\xc3\xa9']);
});

t.test('loading fails loudly for what is not there', async (t) => {
  const fail = (more: Partial<TestSandboxOptions>) => sandbox(() => {}, more).loaded.termination;
  const without = { host: { extension: () => undefined } };
  t.match(fail({ spec: { api: 'lsb' }, ...without }), { code: 'HKT_SANDBOX_API' });
  t.match(fail({ spec: { engine: 'compiled' } }), { code: 'HKT_SANDBOX_ENGINE' });
  t.match(fail({ spec: { matcher: 'Type ==' } }), { code: /^HKT_MATCHER_/ });
  t.match(fail({ script: 'none' }), { code: 'HKT_SANDBOX_SCRIPT', text: 'none:1: syntax error' });
});

t.test('limits of the top level have texts without a function name', async (t) => {
  t.match(sandbox((g) => g.burn(2e6)).loaded.termination, {
    code: 'HKT_SANDBOX_INSTRUCTIONS',
    text: 'instruction_limit exceeded',
  });
  t.match(sandbox((g) => g.allocate(1e9), { host: { memory: () => 1e9 } }).loaded.termination, {
    code: 'HKT_SANDBOX_MEMORY',
    text: 'not enough memory',
  });
});

t.test('a fault of the runtime ends the sandbox, not the shard', async (t) => {
  const s = processing(() => {
    throw new TypeError('oops');
  });
  t.match(s.send({ message: widget }).detail.termination, {
    code: 'HKT_SANDBOX_INTERNAL',
    text: /oops/,
  });
});

t.test('usage shows the dearest call and the limits', async (t) => {
  let cost = 500;
  const s = processing((g) => {
    g.burn(cost);
    g.call('add_to_payload', 'abc');
    return undefined;
  });
  s.send({ message: widget });
  cost = 20;
  s.send({ message: widget });
  t.same(s.entry.usage(), {
    instructions: { used: 20, maximum: 500, limit: 1_000_000 },
    output: { used: 6, maximum: 6, limit: 64512 },
    memoryFactor: 4,
    externalBytes: 0,
  });
  t.equal(s.register(Register.instructionsMaximum), 500);
});

t.test(
  'a circular buffer beyond the memory limit ends the sandbox although the guest caught it',
  async (t) => {
    const s = processing((g) => {
      t.throws(() => g.library('circular_buffer', 'new', 1e6, 10, 1));
      return undefined;
    });
    t.match(s.send({ message: widget }).detail.termination, {
      code: 'HKT_SANDBOX_MEMORY',
      text: 'process_message() not enough memory',
    });
  },
);

t.test('bytes of circular buffers are reported', async (t) => {
  const s = sandbox((g) => g.globals.set('cb', g.library('circular_buffer', 'new', 1440, 4, 60)));
  t.ok(s.register(Register.externalBytes) >= 1440 * 4 * 8);
  t.equal(s.entry.usage().externalBytes, s.register(Register.externalBytes));
});

t.test(
  'state goes through preserve and load, and fills the script’s own circular buffer',
  async (t) => {
    const script: FakeScript = (g) => {
      const cb = g.library('circular_buffer', 'new', 3, 1, 60);
      g.globals.set('cb', cb);
      g.globals.set('total', 0);
      g.globals.set('own', g.table());
      g.define('process_message', () => {
        g.globals.set('total', Number(g.globals.get('total')) + 1 / 3);
        g.method(cb, 'add', 60e9, 1, 0.1);
        g.call('inject_payload', 'cbuf', `${Number(g.globals.get('total'))}`, cb);
        return [0];
      });
    };
    const first = sandbox(script);
    first.send({ message: widget });
    const state = first.entry.preserve();
    t.type(state, Uint8Array);
    if (typeof state === 'string') return;
    const second = sandbox(script, { spec: { state } });
    t.equal(second.loaded.termination, undefined);
    const { injected } = second.send({ message: widget });
    t.equal(injected[0]?.message.field('payload_name'), String(2 / 3));
    t.match(injected[0]?.message.payload, /\n0\.2\n/);
    const damaged = state.slice();
    damaged[damaged.length - 3] = 77;
    t.match(sandbox(script, { spec: { state: damaged } }).loaded.termination, {
      code: 'HKT_SANDBOX_STATE',
      text: 'restore_global_data damaged state file: wrong checksum',
    });
    const other = sandbox(
      (g) => {
        script(g);
        g.globals.set('_PRESERVATION_VERSION', 2);
      },
      { spec: { state } },
    );
    t.equal(other.loaded.termination, undefined);
    t.equal(
      other.send({ message: widget }).injected[0]?.message.field('payload_name'),
      String(1 / 3),
    );
  },
);
