import { PassThrough } from 'node:stream';
import t from 'tap';
import { StdinInput } from '../../../lib/inputs/stdin-input.ts';
import { TestIntake, testContext, until } from '../../plugin-context.ts';

t.test('the stream is read to its end, and then the input is over', async (t) => {
  const stream = new PassThrough();
  const input = new StdinInput(testContext('stdin'), stream);
  let intake: TestIntake | undefined;
  await input.start((source) => {
    intake = new TestIntake(source);
    return intake;
  });
  stream.write('a\n');
  stream.end('b');
  t.equal(await input.done, undefined);
  t.equal(intake?.text, 'a\nb');
  t.equal(intake?.ended, true);
  t.equal(intake?.source.origin.loopback, true);
  await input.stop();
});

t.test('stopping ends an input whose stream stays open', async (t) => {
  const stream = new PassThrough();
  const input = new StdinInput(testContext('stdin'), stream);
  let intake: TestIntake | undefined;
  await input.start((source) => {
    intake = new TestIntake(source);
    return intake;
  });
  stream.write('a');
  await until(() => intake?.text === 'a');
  await input.stop();
  t.equal(intake?.ended, true);
  t.equal(await input.done, undefined);
});

t.test('a stream that fails ends the input with its error', async (t) => {
  const stream = new PassThrough();
  const context = testContext('stdin');
  const input = new StdinInput(context, stream);
  await input.start((source) => new TestIntake(source));
  stream.destroy(new Error('EIO'));
  t.match(await input.done, { code: 'HKT_PLUGIN_READ' });
  t.match(context.errors, [/cannot read 'standard input': EIO/]);
});
