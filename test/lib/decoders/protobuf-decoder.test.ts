import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { payloadRegexDecoder } from '../../../lib/decoders/payload-regex-decoder.ts';
import { decodesMessageBytes, protobufDecoder } from '../../../lib/decoders/protobuf-decoder.ts';
import { packOf, testContext } from '../../plugin-context.ts';

t.test('only the protobuf decoder says that a record’s bytes are the message', async (t) => {
  const context = testContext('x');
  const decoder = protobufDecoder.create(sectionOf(protobufDecoder.spec), context);
  const regex = payloadRegexDecoder.create(
    sectionOf(payloadRegexDecoder.spec, { match_regex: '(a)' }),
    context,
  );
  t.equal(decodesMessageBytes(decoder), true);
  t.equal(decodesMessageBytes(regex), false);
  t.equal(decodesMessageBytes(undefined), false);
});

t.test('a pack passes through unchanged', async (t) => {
  const pack = packOf({ type: 'a' });
  const decoder = protobufDecoder.create(sectionOf(protobufDecoder.spec), testContext('x'));
  t.equal((await decoder.decode(pack))[0], pack);
});
