/**
 * Messages per second through matchers and router alone: subscriptions only count what they get. One of n filters matches.
 */
import { compileMatcher } from '../lib/protocol/matcher/matcher.ts';
import { Message } from '../lib/protocol/message.ts';
import type { Pack } from '../lib/protocol/pack.ts';
import { Router } from '../lib/router/router.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { MESSAGE_SEED, pinnedMessage } from './pinned-messages.ts';

const FILTERS = [1, 100, 1000];
const MESSAGES = 256;
const WINDOW_MS = 250;
const QUICK_WINDOW_MS = 20;

/** The n-th filter's matcher; of each shape filter 0 alone matches. */
const SHAPES: Readonly<Record<string, (n: number) => string>> = {
  'Type ==': (n) => `Type == 'type ${n}'`,
  'Type == && Logger ==': (n) => `Type == 'type 0' && Logger == 'logger ${n}'`,
  'Fields[] ==': (n) => `Fields[tenant] == 'tenant ${n}'`,
  'Fields[] number': (n) => `Fields[status] >= 200 && Fields[tenant] == 'tenant ${n}'`,
  'Type =~ literal': (n) => `Type =~ /^type ${n}$/`,
  'Payload =~ expression': (n) => `Type == 'type ${n}' && Payload =~ /GET .*articles.[0-9]+/`,
};

export const routing: Benchmark = {
  subject: 'routing',
  conditions: [
    'Matchers and router alone, on one thread: n filters are subscribed, one of which matches every message; a delivery is counted and nothing else.',
    '"decode" includes finding the headers and checking the fields of the message from its bytes, as an input does it once per message.',
  ],
  ratios: [
    {
      name: 'cost of 1,000 filters over 1 (Type ==)',
      of: ['Type ==, 1 filters', 'routed'],
      to: ['Type ==, 1000 filters', 'routed'],
    },
  ],
  aims: [{ case: 'Type ==, 1 filters', measure: 'decode and route', atLeast: 300_000 }],
  parameters: (quick) => ({
    filters: FILTERS,
    messages: MESSAGES,
    seed: MESSAGE_SEED,
    windowMs: quick ? QUICK_WINDOW_MS : WINDOW_MS,
  }),
  async *run(quick) {
    yield* measureAll(quick ? QUICK_WINDOW_MS : WINDOW_MS);
  },
};

function* measureAll(windowMs: number): Iterable<Sample> {
  for (const [shape, expression] of Object.entries(SHAPES)) {
    for (const filters of FILTERS) {
      const field = new Field(expression, filters);
      const name = `${shape}, ${filters} filters`;
      const unit = 'messages/s';
      yield { case: name, measure: 'routed', unit, value: rate(windowMs, () => field.route()) };
      if (shape !== 'Type ==') continue;
      const value = rate(windowMs, () => field.decodeAndRoute());
      yield { case: name, measure: 'decode and route', unit, value };
    }
  }
}

/** Messages per second: half a window to warm up, then a window. Every call routes all messages once. */
function rate(windowMs: number, call: () => void): number {
  const warm = performance.now() + windowMs / 2;
  while (performance.now() < warm) call();
  const started = performance.now();
  let calls = 0;
  let now = started;
  while (now < started + windowMs) {
    call();
    calls++;
    now = performance.now();
  }
  return (calls * MESSAGES * 1000) / (now - started);
}

class Field {
  readonly #router = new Router(() => undefined);
  readonly #packs: readonly Pack[];
  #delivered = 0;
  #expected = 0;

  constructor(expression: (n: number) => string, filters: number) {
    for (let n = 0; n < filters; n++) {
      this.#router.subscribe({
        name: `filter ${n}`,
        kind: 'filter',
        signer: '',
        matcher: compileMatcher(expression(n)),
        deliver: () => {
          this.#delivered++;
          return undefined;
        },
      });
    }
    const shape = { type: 'type 0', logger: 'logger 0', tenant: 'tenant 0' };
    this.#packs = Array.from({ length: MESSAGES }, (_, i) => packOf(pinnedMessage(shape, i), i));
  }

  route(): void {
    for (const pack of this.#packs) this.#router.route(pack);
    this.#check();
  }

  decodeAndRoute(): void {
    for (const pack of this.#packs) {
      this.#router.route(packOf(Message.decode(pack.message.bytes), pack.position));
    }
    this.#check();
  }

  /** A figure for deliveries that did not take place would be a lie. */
  #check(): void {
    this.#expected += MESSAGES;
    if (this.#delivered !== this.#expected) throw new Error('not every message was delivered once');
  }
}

function packOf(message: Message, position: number): Pack {
  return { message, signer: '', loopCount: 0, stream: 1, position, readAtMs: 0 };
}
