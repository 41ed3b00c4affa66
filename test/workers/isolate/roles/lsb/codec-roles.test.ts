/** Decoders and encoders with api "lsb", on both engines. */
import t from 'tap';
import { Message } from '../../../../../lib/protocol/message.ts';
import { engineNames, type LsbOptions, LsbSandbox, textOf } from './lsb-sandbox.ts';

const line = Message.create({
  type: 'TcpInput',
  logger: 'TcpInput',
  hostname: 'far',
  payload: 'a=1;b=2',
  timestampNs: 5,
  uuid: new Uint8Array(16),
});

for (const engine of engineNames) {
  const sandbox = (
    kind: 'decoder' | 'encoder',
    body: string,
    options: LsbOptions = {},
  ): LsbSandbox =>
    new LsbSandbox(engine, kind, `function process_message()\n${body}\nend`, options);
  const decoder = (body: string, options: LsbOptions = {}) => sandbox('decoder', body, options);
  const encoder = (body: string, options: LsbOptions = {}) => sandbox('encoder', body, options);
  /** What one call said: statuses, texts, and the text of an end. */
  const said = (s: LsbSandbox): readonly unknown[] => {
    const { bytes, statuses, termination, texts } = s.send({ message: line, loop: 2 });
    return [statuses, texts.map(([, text]) => text), bytes.length, termination?.text];
  };

  t.test(
    `${engine}: what a decoder injects takes the message's place, as it was given`,
    async (t) => {
      const s = decoder(`
      local raw = read_message("raw")
      inject_message({Type = "a", Timestamp = 7, Uuid = "0123456789abcdef", Logger = "own"})
      inject_message(raw)
      inject_message({Payload = read_message("Payload"), Hostname = read_message("Hostname")}, "checkpoint")
      add_to_payload("pay")
      inject_payload("txt", "name", "load")
      local hsr = create_stream_reader("r")
      hsr:find_message(read_message("framed"))
      inject_message(hsr)
      return 0`);
      const { out, bytes, statuses } = s.send({ message: line, loop: 2 });
      t.same(statuses, [0]);
      t.match(out[0], { type: 'a', timestampNs: 7n, logger: 'own', hostname: 'hn' });
      t.equal(out[0]?.uuid, '30313233-3435-3637-3839-616263646566');
      t.same(bytes[1], line.bytes);
      t.match(out[2], { payload: 'a=1;b=2', hostname: 'far', logger: 'lg', pid: 3 });
      t.match(out[3], { type: 'inject_payload', payload: 'payload' });
      t.same(bytes[4], line.bytes);
      t.same(s.loops, [2, 2, 2, 2, 2]);
    },
  );

  t.test(`${engine}: nothing of a message that could not be decoded goes on`, async (t) => {
    t.same(said(decoder('return -1, "no match"')), [[-1], ['no match'], 0, undefined]);
    t.same(said(decoder('inject_message({}) return -1, "half"')), [
      [-1],
      ['Failed after a successful inject_message call: half'],
      0,
      undefined,
    ]);
    t.same(said(decoder('inject_message({}) error("late")')), [
      [1],
      [],
      0,
      'process_message() main.lua:2: late',
    ]);
    const s = decoder(
      'n = (n or 0) + 1 if n == 1 then inject_message({Type = "x"}) return -1 end inject_message({Type = "y"}) return 0',
    );
    s.send({ message: line });
    t.same(
      s.send({ message: line }).out.map(({ type }) => type),
      ['y'],
      'the next one starts afresh',
    );
  });

  t.test(`${engine}: a call that injects nothing leaves the message out`, async (t) => {
    t.same(said(decoder('return 0')), [[-2], [], 0, undefined]);
    t.same(said(decoder('return -2, "a comment"')), [[-2], ['a comment'], 0, undefined]);
    t.same(said(encoder('return 0')), [[-2], [], 0, undefined]);
    t.same(said(encoder('return -2')), [[-2], [], 0, undefined]);
    t.same(said(encoder('add_to_payload("never flushed") return 0')), [[-2], [], 0, undefined]);
  });

  t.test(`${engine}: a decoder cannot run away`, async (t) => {
    const limits = { instructions: Number.POSITIVE_INFINITY };
    t.match(
      decoder('while true do inject_message({}) end', { limits }).send({ message: line })
        .termination,
      {
        code: 'HKT_SANDBOX_INJECT_COUNT',
        text: 'process_message() main.lua:2: inject_message() failed: injection limit exceeded',
        limit: 10_000,
      },
    );
    t.match(
      decoder(
        'local p = require("string").rep("x", 60000) while true do inject_message({Payload = p}) end',
        {
          limits: { ...limits, memoryBytes: 1 << 20 },
        },
      ).send({ message: line }).termination,
      { code: 'HKT_SANDBOX_MEMORY' },
    );
  });

  t.test(`${engine}: nothing is injected outside of process_message`, async (t) => {
    for (const kind of ['decoder', 'encoder'] as const) {
      const s = new LsbSandbox(engine, kind, 'inject_message({})');
      t.equal(s.loadError, 'main.lua:1: inject_message() failed: outside of process_message');
    }
    const payload = new LsbSandbox(engine, 'encoder', 'add_to_payload("x") inject_payload()');
    t.equal(payload.loadError, 'main.lua:1: inject_message() failed: outside of process_message');
  });

  t.test(`${engine}: what an encoder injects last is what is written`, async (t) => {
    const written = (body: string, options: LsbOptions = {}): string => {
      const { bytes, termination } = encoder(body, options).send({ message: line, loop: 1 });
      return termination?.text ?? bytes.map(textOf).join('|');
    };
    t.equal(written('add_to_payload("a", 1.5) inject_payload() return 0'), 'a1.5');
    t.equal(
      written('inject_payload("txt", "name", read_message("Payload"), "\\n") return 0'),
      'a=1;b=2\n',
    );
    t.equal(written('inject_message("bytes\\0\\255") return 0'), 'bytes\0\xff');
    t.equal(
      written('inject_message(read_message("raw", nil, nil, true)) return 0'),
      textOf(line.bytes),
    );
    t.equal(
      written('inject_message(read_message("framed", nil, nil, true)) return 0'),
      `\x1e\x02\x08${String.fromCharCode(line.bytes.length)}\x1f${textOf(line.bytes)}`,
    );
    t.equal(written('inject_message("first") inject_message("second") return 0'), 'second');
    t.equal(written('inject_message("") return 0'), '');
    const message = 'encode_message({Timestamp = 0, Uuid = read_message("Uuid")})';
    t.equal(
      written(`inject_message({Timestamp = 0, Uuid = read_message("Uuid")}) return 0`),
      written(`inject_message(${message}) return 0`),
    );
    t.equal(
      written('inject_message(5) return 0'),
      "process_message() main.lua:2: bad argument #1 to 'inject_message' (table, string or userdata expected, got number)",
    );
    t.equal(
      written(`inject_message("${'x'.repeat(200)}") return 0`, { limits: { messageBytes: 100 } }),
      'process_message() main.lua:2: inject_message() failed: exceeded max_message_size',
    );
    t.equal(
      written('inject_payload(true) return 0'),
      'process_message() main.lua:2: inject_payload() payload_type argument must be a string',
    );
    t.equal(
      written(`inject_message("${'x'.repeat(200)}") return 0`, { limits: { outputBytes: 100 } }),
      'x'.repeat(200),
      'what was made elsewhere is not output',
    );
  });

  t.test(`${engine}: a failed or a skipped message writes nothing`, async (t) => {
    t.same(said(encoder('inject_message("x") return -1, "bad"')), [
      [-1],
      ['Failed after a successful inject_message call: bad'],
      0,
      undefined,
    ]);
    t.same(said(encoder('inject_message("x") return -2')), [[-2], [], 0, undefined]);
    t.same(said(encoder('return 3')), [
      [1],
      [],
      0,
      'process_message() received a termination status code',
    ]);
  });

  t.test(`${engine}: answers of several messages keep their order`, async (t) => {
    const s = decoder(`n = (n or 0) + 1
      for i = 1, n - 1 do inject_message({Payload = n .. "." .. i}) end
      return 0`);
    const { out, statuses } = s.send({ message: line }, { message: line }, { message: line });
    t.same(statuses, [-2, 0, 0]);
    t.same(
      out.map(({ payload }) => payload),
      ['2.1', '3.1', '3.2'],
    );
  });
}
