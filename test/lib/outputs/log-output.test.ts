import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { payloadEncoder } from '../../../lib/encoders/payload-encoder.ts';
import { LogOutput, logOutput } from '../../../lib/outputs/log-output.ts';
import type { Encoder } from '../../../lib/plugin.ts';
import { outputContext, packOf, type TestContext, testContext } from '../../plugin-context.ts';

function output(encoder?: Encoder): { readonly output: LogOutput; readonly context: TestContext } {
  const context = testContext('log');
  const payload = payloadEncoder.create(sectionOf(payloadEncoder.spec), context);
  return { context, output: new LogOutput(outputContext(context, encoder ?? payload)) };
}

t.test('each message becomes one log entry without a doubled newline', async (t) => {
  const { output: log, context } = output();
  log.deliver(packOf({ payload: 'one' }));
  log.deliver(packOf({ payload: 'two\nlines' }));
  t.same(context.infos, ['one', 'two\nlines']);
  t.same(log.counters, { written: 2, refused: 0 });
});

t.test('what a message holds cannot steer the terminal', async (t) => {
  const { output: log, context } = output();
  log.deliver(packOf({ payload: 'a\u001b[2Jb\rc\u009bd\u0000e\tf\u202eg\u007f' }));
  t.same(context.infos, ['a\\x1b[2Jb\\x0dc\\x9bd\\x00e\tf\\u202eg\\x7f']);
});

t.test(
  'a message that the encoder refuses is counted and logged, the next one is written',
  async (t) => {
    const { output: log, context } = output({
      framedByDefault: false,
      encode: (message) => {
        if (message.payload === 'bad') throw new Error('no');
        return message.payload === 'skip' ? undefined : message.payloadBytes;
      },
    });
    for (const payload of ['bad', 'skip', 'good']) log.deliver(packOf({ payload }));
    t.same(context.infos, ['good']);
    t.same(context.errors, ["can't encode: no"]);
    t.equal(log.counters['refused'], 1);
  },
);

t.test('without an encoder the output cannot be made', async (t) => {
  t.throws(() => new LogOutput(outputContext(testContext('log'), undefined)), {
    code: 'HKT_PLUGIN_ENCODER_REQUIRED',
  });
  t.throws(() => sectionOf(logOutput.spec, { message_matcher: 'TRUE' }), /Encoder required/);
});
