/** What native modules read of messages in sandboxes of lua_sandbox 1.x: the current one, and those of stream readers. */
import t from 'tap';
import { extensionCode } from '../../../../../lib/cells/isolate-code.ts';
import { frame } from '../../../../../lib/protocol/framing.ts';
import { Message } from '../../../../../lib/protocol/message.ts';
import { engineNames, LsbSandbox, textOf } from './lsb-sandbox.ts';

const extensions = await extensionCode();
/** A native module as the bundler makes them. */
const PROBE = `(shared) => {
  const { holdsMessage } = shared['workers/isolate/modules/native-module'];
  return (parts) => ({ name: 'probe', open: () => ({ name: 'probe', functions: {
    text: ([name]) => parts.messageText(name, 0, 0),
    held: ([object, name]) => holdsMessage(object) ? object.messageText(name, 0, 0) : 'no holder',
  } }) });
}`;
const host = {
  extension: (name: string) => (name === 'module/probe' ? PROBE : extensions[name]),
};
const spec = { nativeModules: ['probe'] };
const message = Message.create({
  uuid: Buffer.from('0123456789abcdef'),
  payload: 'p',
  fields: [
    { name: 'f', value: Uint8Array.of(0, 255) },
    { name: 'n', value: 5 },
  ],
});

for (const engine of engineNames) {
  t.test(`${engine}: the current message, as lua_sandbox reads it`, async (t) => {
    for (const kind of ['filter', 'output', 'decoder', 'encoder'] as const) {
      const s = new LsbSandbox(
        engine,
        kind,
        `require "probe"
        print(pcall(probe.text, "Payload"))
        function process_message()
          print(probe.text("Payload"), probe.text("Uuid"), probe.text("Type"), probe.text("Fields[f]") == "\\0\\255", probe.text("Fields[n]"))
          return 0
        end`,
        { host, spec, config: { log_level: 7 } },
      );
      t.same(s.loadLogs[0]?.text, 'false\tno active message', kind);
      t.same(s.send({ message }).logs, ['7 p\t0123456789abcdef\tnil\ttrue\tnil'], kind);
    }
  });

  t.test(`${engine}: the message of a stream reader, which is all that an input has`, async (t) => {
    const s = new LsbSandbox(
      engine,
      'input',
      `require "probe"
      local hsr = create_stream_reader("r")
      function process_message(framed)
        print(pcall(probe.text, "Payload"))
        print(pcall(probe.held, hsr, "Payload"))
        hsr:find_message(framed)
        print(probe.held(hsr, "Payload"), probe.held(hsr, "Type"), probe.held(hsr, "Fields[n]"))
        print(probe.held(require("io").stdin), probe.held(5), probe.held({}), probe.held())
        return 0
      end`,
      { host, spec, config: { log_level: 7 } },
    );
    s.poll(textOf(frame(message.bytes)));
    t.same(
      s.detail().logs.map(({ text }) => text),
      [
        'false\tno active message',
        'false\tno active message',
        'p\tnil\tnil',
        'no holder\tno holder\tno holder\tno holder',
      ],
    );
  });
}
