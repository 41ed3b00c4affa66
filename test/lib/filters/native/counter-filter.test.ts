import t from 'tap';
import { sectionOf } from '../../../../lib/config/section.ts';
import { counterFilter } from '../../../../lib/filters/native/counter-filter.ts';
import type { MessageInit } from '../../../../lib/protocol/message.ts';
import { packOf, testContext } from '../../../plugin-context.ts';

function counter() {
  const context = testContext('Count');
  const injected: { readonly message: MessageInit; readonly loopCount: number }[] = [];
  const filter = counterFilter.create(sectionOf(counterFilter.spec), {
    ...context,
    inject: (message, loopCount) => {
      injected.push({ message, loopCount });
      return true;
    },
    accumulator: () => {
      throw new Error('it has none');
    },
  });
  const tick = (ms: number, messages: number, loopCount = 0): void => {
    for (let i = 0; i < messages; i++) filter.deliver({ ...packOf({}), loopCount });
    context.clock.advance(ms);
    filter.timer?.();
  };
  return { injected, tick };
}

t.test(
  'a tick tells how many messages there were in all, and the rate since the last one',
  async (t) => {
    const { injected, tick } = counter();
    tick(5_000, 12);
    tick(5_000, 0);
    tick(5_000, 1);
    t.same(injected, [
      {
        message: {
          type: 'heka.counter-output',
          logger: 'Count',
          payload: 'Got 12 messages. 2.40 msg/sec',
        },
        loopCount: 0,
      },
      {
        message: {
          type: 'heka.counter-output',
          logger: 'Count',
          // A tick without messages says nothing, and its time belongs to the next rate.
          payload: 'Got 13 messages. 0.10 msg/sec',
        },
        loopCount: 0,
      },
    ]);
  },
);

t.test('every ten rates are followed by a summary of them', async (t) => {
  const { injected, tick } = counter();
  for (let i = 1; i <= 20; i++) tick(1_000, i);
  t.equal(injected.length, 22);
  t.equal(injected[10]?.message.payload, 'AGG Sum. Min: 1.00    Max: 10.00    Mean: 5.50');
  t.equal(injected[21]?.message.payload, 'AGG Sum. Min: 11.00    Max: 20.00    Mean: 15.50');
});

t.test('its messages follow from the last one that it got', async (t) => {
  const { injected, tick } = counter();
  tick(1_000, 1, 3);
  t.equal(injected[0]?.loopCount, 3);
});

t.test(
  'without settings it counts everything but its own messages, every five seconds',
  async (t) => {
    const section = sectionOf(counterFilter.spec);
    t.equal(section.string('message_matcher'), "Type != 'heka.counter-output'");
    t.equal(section.number('ticker_interval'), 5);
  },
);
