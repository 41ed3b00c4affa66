/** What SandboxDecoder makes of its script's answers. */
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { Message } from '../../../lib/protocol/message.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import type { CodecAnswer, CodecSandbox } from '../../../lib/sandboxes/codec-sandbox.ts';
import { SandboxDecoder } from '../../../lib/sandboxes/sandbox-decoder.ts';
import { sandboxDecoderSpec } from '../../../lib/sandboxes/sandbox-specs.ts';

const pack: Pack = {
  message: Message.create({ payload: 'a line' }),
  signer: '',
  loopCount: 0,
  stream: 0,
  position: 0,
  readAtMs: 0,
};

function decoding(api: 'heka' | 'lsb', answer: CodecAnswer): Promise<readonly Pack[]> {
  const section = sectionOf(sandboxDecoderSpec, { api }, 'lines');
  const sandbox = { process: async () => answer } as unknown as CodecSandbox; // all that a decoder asks of it
  return new SandboxDecoder(section, [sandbox], async () => undefined).decode(pack);
}

t.test(
  'a decoder of lua_sandbox 1.x leaves a message out by its status, one of Heka fails',
  async (t) => {
    const skipped: CodecAnswer = { status: -2, text: '', outputs: [] };
    t.same(await decoding('lsb', skipped), []);
    await t.rejects(decoding('heka', skipped), { code: 'HKT_PLUGIN_DECODE_SANDBOX' });
    const failed: CodecAnswer = { status: -1, text: 'no match', outputs: [] };
    await t.rejects(decoding('lsb', failed), { message: /no match/ });
  },
);

t.test('what was injected takes the place of the message', async (t) => {
  const outputs = ['one', 'two'].map((payload) => Message.create({ payload }).bytes);
  const packs = await decoding('lsb', { status: 0, text: '', outputs });
  t.same(
    packs.map(({ message }) => message.payload),
    ['one', 'two'],
  );
});
