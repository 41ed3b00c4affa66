/** The stream readers of inputs, on both engines; what they find is compared with a plain reading of the same rules. */
import t from 'tap';
import { frame } from '../../../../../lib/protocol/framing.ts';
import { Message } from '../../../../../lib/protocol/message.ts';
import { engineNames, type LsbOptions, LsbSandbox, textOf } from './lsb-sandbox.ts';

const UUID = '00000000-0000-4000-a000-000000000001';

const MINIMAL = `\x0a\x10${'\0'.repeat(16)}\x10\x06`;
const FRAMED = `\x1e\x02\x08\x14\x1f${MINIMAL}`;

/** A byte string as a Lua literal. */
function lua(text: string): string {
  return `"${[...text].map((c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`).join('')}"`;
}

for (const engine of engineNames) {
  /** What the body logs with print; `hsr` is a stream reader. */
  const printed = (body: string, options: LsbOptions = {}): readonly string[] => {
    const s = new LsbSandbox(
      engine,
      'input',
      `require "string" require "io"
      hsr = create_stream_reader("test")
      function try(...) print(select(2, pcall(...))) end
      function process_message(text)\n${body}\nreturn 0 end`,
      { ...options, config: { log_level: 7, ...options.config } },
    );
    if (s.loadError !== undefined) return [s.loadError];
    s.poll();
    const { logs, termination } = s.detail();
    return [
      ...logs.map(({ text }) => text),
      ...(termination === undefined ? [] : [termination.text]),
    ];
  };

  t.test(`${engine}: it holds a message that it decoded`, async (t) => {
    t.same(
      printed(`
        try(inject_message, hsr)
        try(hsr.decode_message, hsr, true)
        try(hsr.decode_message, hsr, "")
        try(hsr.decode_message, hsr, 5)
        try(hsr.decode_message, hsr, "x")
        print(hsr:decode_message(${lua(MINIMAL)}))
        print(hsr:read_message("Timestamp"), hsr:read_message("size"), #hsr:read_message("framed"), hsr:read_message("Type"))
        print(select("#", inject_message(hsr)), hsr:read_message("Timestamp"))
        try(hsr.decode_message, hsr, ${lua(`${MINIMAL}\xff`)})
        print(hsr:read_message("Timestamp"))
        try(inject_message, hsr)
        try(hsr.decode_message) try(hsr.decode_message, hsr) try(hsr.decode_message, 5, "") try(hsr.decode_message, hsr, "", 1)`),
      [
        'inject_message() attempted to inject a nil message',
        'buffer must be string',
        'empty protobuf string',
        'buffer must be string',
        'invalid protobuf string',
        '6\t20\t25\tnil',
        '0\t6',
        'invalid protobuf string',
        'nil',
        'inject_message() attempted to inject a nil message',
        "bad argument #1 to '?' (lsb.heka_stream_reader expected, got no value)",
        "bad argument #0 to '?' (incorrect number of arguments)",
        "bad argument #1 to '?' (lsb.heka_stream_reader expected, got number)",
        "bad argument #0 to '?' (incorrect number of arguments)",
      ],
    );
  });

  t.test(`${engine}: it reads a message's parts, and checks its arguments`, async (t) => {
    const message = Message.create({
      type: 'T',
      fields: [
        { name: 'f', value: ['a', 'b'] },
        { name: 'f', value: 3 },
      ],
    });
    t.same(
      printed(`
        hsr:find_message(${lua(textOf(frame(message.bytes)))})
        print(hsr:read_message("Type"), hsr:read_message("Fields[f]"), hsr:read_message("Fields[f]", 0, 1), hsr:read_message("Fields[f]", 1))
        print(hsr:read_message("Fields[f]", 2), hsr:read_message("Severity"))
        try(hsr.read_message)
        try(hsr.read_message, hsr, 1, 2, 3, 4)
        try(hsr.read_message, 1, 2)
        try(hsr.read_message, hsr)
        try(hsr.read_message, hsr, "nonsense")
        try(hsr.read_message, hsr, "Fields[f]", -1)`),
      [
        'T\ta\tb\t3',
        'nil\t7',
        'read_message() incorrect number of arguments',
        'read_message() incorrect number of arguments',
        "bad argument #1 to '?' (lsb.heka_stream_reader expected, got number)",
        'heka_read_message() incorrect number of arguments',
        "heka_read_message() field: 'nonsense' not supported/recognized",
        "bad argument #2 to '?' (field index must be >= 0)",
      ],
    );
  });

  t.test(`${engine}: it finds frames in strings and says how much is missing`, async (t) => {
    t.same(
      printed(`
        print(hsr:find_message(${lua(FRAMED)}))
        print(hsr:find_message(nil))
        print(hsr:find_message(${lua('\0\0\0\0\0\x1e\x02\x08\x14\x1f')}))
        print(hsr:find_message(""))
        print(hsr:find_message(${lua(MINIMAL.slice(0, 18))}))
        print(hsr:find_message(${lua(`${MINIMAL.slice(18)}${FRAMED}`)}))
        print(hsr:find_message(nil))
        print(hsr:find_message("no frame at all"))
        print(hsr:find_message(nil))`),
      [
        'true\t25\t8192',
        'false\t0\t8192',
        'false\t5\t20',
        'false\t0\t20',
        'false\t0\t2',
        'true\t25\t0',
        'true\t25\t8192',
        'false\t15\t8192',
        'false\t0\t8192',
      ],
    );
  });

  t.test(`${engine}: the steps of the upstream's reader test`, async (t) => {
    const steps: readonly (readonly [string, boolean, number])[] = [
      [FRAMED, true, 25],
      [`\x1e\x80\x08\x14${'x'.repeat(126)}\x1f${MINIMAL}`, true, 151],
      ...[...`\x1e\x02\x08\x14\x1f`].map((c) => [c, false, 0] as const),
      [MINIMAL.slice(0, 18), false, 0],
      [`${MINIMAL.slice(18)}\x1e\x02\x08\x14\x1f`, true, 25],
      [MINIMAL, true, 25],
      [MINIMAL, false, 20],
      [`\x1e\x02\x08\x15\x1f${MINIMAL}\0`, false, 26],
      ['\x1e\x02\x08\x00\x1f', false, 5],
      ['\x1e\x02\x08\x14\x01\x1f', false, 6],
      ['\x1e\x02\x09\x14\x1f', false, 5],
      ['\x1e\x02\x08\x65\x1f', false, 5],
      ['\x1e\x01\x08\x1f', false, 4],
      [`\x1e\x02\x08\x80\x1f`, false, 5],
      [`\x1e\x0b\x08${'\x80'.repeat(9)}\x01\x1f`, false, 14],
      [`\x1e\x02\x08\x14\x1f\x1e\x02\x08\x14\x1f${MINIMAL}`, true, 30],
      [FRAMED, true, 25],
    ];
    t.same(
      printed(steps.map(([text]) => `print(hsr:find_message(${lua(text)}))`).join('\n'), {
        config: { max_message_size: 100 },
      }).map((line) => line.split('\t').slice(0, 2).join(' ')),
      steps.map(([, found, consumed]) => `${found} ${consumed}`),
    );
  });

  t.test(`${engine}: any frame's content can be had undecoded`, async (t) => {
    t.same(
      printed(`
        print(hsr:find_message(${lua('\x1e\x02\x08\x05\x1fhello')}, false))
        print(hsr:read_message("raw"), hsr:read_message("size"), #hsr:read_message("framed"))
        print(hsr:read_message("Timestamp"), hsr:read_message("Uuid"), hsr:read_message("Payload"))
        inject_message(hsr, 1)
        print(hsr:find_message(${lua('\x1e\x02\x08\x05\x1fhello')}, true))`),
      ['true\t10\t8192', 'hello\t5\t10', '0\tnil\tnil', 'false\t10\t8192'],
    );
    const s = new LsbSandbox(
      engine,
      'input',
      `local hsr = create_stream_reader("x")
      function process_message(text) hsr:find_message(text, false) inject_message(hsr, 9) return 0 end`,
    );
    s.poll('\x1e\x02\x08\x05\x1fhello');
    t.same(s.deliveries.at(-1), {
      messages: [Uint8Array.from(Buffer.from('hello'))],
      checkpoint: 9,
    });
  });

  t.test(`${engine}: it reads from files as far as there is room`, async (t) => {
    const big = textOf(frame(Message.create({ payload: 'y'.repeat(10_000) }).bytes));
    const files = { 'one.pb': FRAMED, 'many.pb': FRAMED + big + FRAMED, 'text.log': 'just text\n' };
    t.same(
      printed(
        `local fh = assert(io.open("one.pb"))
        print(hsr:find_message(fh))
        print(hsr:find_message(fh))
        print(hsr:find_message(fh))
        fh:close()
        try(hsr.find_message, hsr, fh)
        fh = assert(io.open("text.log"))
        print(hsr:find_message(fh))
        fh:close()
        hsr:find_message(nil)
        fh = assert(io.open("many.pb"))
        local found, consumed, read
        local sizes = {}
        repeat
          repeat
            found, consumed, read = hsr:find_message(fh)
            if found then sizes[#sizes + 1] = hsr:read_message("size") end
          until not found
        until read == 0
        print(unpack(sizes))`,
        { files },
      ),
      [
        'false\t0\t25',
        'true\t25\t0',
        'false\t0\t0',
        'attempt to use a closed file',
        'false\t0\t10',
        `20\t${big.length - 6}\t20`,
      ],
    );
  });

  t.test(`${engine}: its buffer is bounded by the longest message`, async (t) => {
    t.same(
      printed(
        `hsr = create_stream_reader("small")
        print(hsr:find_message(""))
        try(hsr.find_message, hsr, ("x"):rep(359))
        print(hsr:find_message(("x"):rep(358)))
        try(hsr.decode_message, hsr, ("x"):rep(359))`,
        { config: { max_message_size: 100 } },
      ),
      [
        'false\t0\t358',
        'buffer reallocation failed name:small',
        'false\t358\t358',
        'buffer reallocation failed name:small',
      ],
    );
    t.same(
      printed(
        `print(hsr:find_message(("\\30\\200"):rep(5000)))
        try(hsr.find_message, hsr, ("x"):rep(70000))`,
      ),
      ['false\t9798\t16182', 'buffer reallocation failed name:test'],
      'it grows to powers of two',
    );
  });

  t.test(`${engine}: arguments of find_message and create_stream_reader`, async (t) => {
    t.same(
      printed(`
        try(hsr.find_message) try(hsr.find_message, hsr) try(hsr.find_message, hsr, nil, true, 1)
        try(hsr.find_message, 5, nil)
        try(hsr.find_message, hsr, assert)
        try(hsr.find_message, hsr, 5)
        try(hsr.find_message, hsr, nil, "str")
        try(hsr.find_message, hsr, nil, nil)
        try(hsr.find_message, hsr, hsr)
        try(create_stream_reader) try(create_stream_reader, "a", "b") try(create_stream_reader, {})
        try(create_stream_reader, ("x"):rep(255))
        print(type(create_stream_reader(("x"):rep(254))), type(create_stream_reader(5)))`),
      [
        "bad argument #0 to '?' (incorrect number of arguments)",
        "bad argument #0 to '?' (incorrect number of arguments)",
        "bad argument #0 to '?' (incorrect number of arguments)",
        "bad argument #1 to '?' (lsb.heka_stream_reader expected, got number)",
        'buffer must be a nil, string, userdata (FILE*)',
        'buffer must be a nil, string, userdata (FILE*)',
        "bad argument #3 to '?' (boolean expected, got string)",
        "bad argument #3 to '?' (boolean expected, got nil)",
        "bad argument #2 to '?' (FILE* expected, got userdata)",
        "bad argument #0 to '?' (incorrect number of arguments)",
        "bad argument #0 to '?' (incorrect number of arguments)",
        "bad argument #1 to '?' (string expected, got table)",
        "bad argument #1 to '?' (name is too long)",
        'userdata\tuserdata',
      ],
    );
  });

  t.test(`${engine}: readers count into the memory limit`, async (t) => {
    const s = new LsbSandbox(
      engine,
      'input',
      `readers = {}
      function process_message()
        for i = 1, 1000 do readers[i] = create_stream_reader("r") end
        return 0
      end`,
      { limits: { memoryBytes: 1 << 20 }, host: { memory: () => 1 << 20 } },
    );
    t.equal(s.poll(), undefined);
    t.match(s.detail().termination, {
      code: 'HKT_SANDBOX_MEMORY',
      text: 'process_message() not enough memory',
    });
  });

  t.test(
    `${engine}: hostile streams are paid for, and end no later than the instructions do`,
    async (t) => {
      const s = new LsbSandbox(
        engine,
        'input',
        `local hsr = create_stream_reader("r")
      function process_message(text)
        while true do hsr:find_message(text) end
      end`,
        { limits: { instructions: 1_000_000 } },
      );
      t.equal(s.poll(`\x1e\x03\x08\x80\x40\x1f`.repeat(1000)), undefined);
      t.equal(s.detail().termination?.code, 'HKT_SANDBOX_INSTRUCTIONS');
    },
  );

  t.test(`${engine}: cut into pieces of any size a stream gives the same messages`, async (t) => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1e6);
    t.comment(`SEED=${seed}`);
    let state = seed + 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const junk = [
      '',
      '\x1e',
      '\x1e\x02\x08',
      'junk',
      '\x1f\x1e\x1e',
      '\x1e\x02\x08\x03\x1fabc',
      '\x1e\x00\x1f',
    ];
    for (let round = 0; round < 20; round++) {
      let stream = '';
      const expected: string[] = [];
      for (let i = 0; i < 1 + random(8); i++) {
        const payload = `${round}.${i}.${'p'.repeat(random(300))}`;
        expected.push(payload);
        stream += junk[random(junk.length)] ?? '';
        // Not random: what looks like a header across two records would be one.
        const message = Message.create({ payload, uuid: UUID, timestampNs: 1_000_000_000n });
        stream += textOf(frame(message.bytes));
      }
      const pieces: string[] = [];
      for (let at = 0; at < stream.length; ) {
        const length = 1 + random(200);
        pieces.push(stream.slice(at, at + length));
        at += length;
      }
      const lines = printed(
        `local seen = {}
        for _, piece in ipairs {${pieces.map(lua).join(', ')}} do
          local found = hsr:find_message(piece)
          while found do
            seen[#seen + 1] = hsr:read_message("Payload")
            found = hsr:find_message(nil)
          end
        end
        for _, payload in ipairs(seen) do print(payload) end`,
      );
      t.same(lines, expected, `round ${round}`);
    }
  });
}
