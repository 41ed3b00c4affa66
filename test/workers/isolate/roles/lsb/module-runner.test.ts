/** The sandboxes that run decoder and encoder modules, with modules that ship and with small ones, on both engines. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { GuestConfigValue } from '../../../../../lib/protocol/batch.ts';
import { Message } from '../../../../../lib/protocol/message.ts';
import { ModuleFinder } from '../../../../../workers/module-finder.ts';
import { engineNames, LsbSandbox, textOf } from './lsb-sandbox.ts';

const root = path.resolve(import.meta.dirname, '../../../../../lua');
const scriptOf = (kind: string): string =>
  readFileSync(path.join(root, 'hekate/sandboxes', kind, 'module.lua'), 'latin1');
const directories = ['lpeg/modules', 'lpeg/io_modules', 'syslog/modules', 'syslog/io_modules'].map(
  (folder) => path.join(root, folder),
);
const finder = new ModuleFinder();

/** Modules of these tests. */
const OWN: Readonly<Record<string, string>> = {
  'decoders.pairs': `
    local string = require "string"
    local cfg = read_config("decoders_pairs") or {}
    local M = {}
    function M.decode(data, headers, mutable)
      assert(mutable == true)
      if data == "throw" then error("thrown", 0) end
      if data == "object" then error({}) end
      if data == "drop" then return end
      local found = false
      for key, value in string.gmatch(data, "(%w+)=(%w+)") do
        headers.Type = cfg.type
        headers.Fields = headers.Fields or {}
        headers.Fields[key] = value
        inject_message(headers)
        found = true
      end
      if not found then return "no pairs" end
      if data:find("bad$") then return "half of it" end
    end
    return M`,
  'encoders.shout': `
    local string = require "string"
    local payload = read_message("Payload", nil, nil, true)
    return { encode = function()
      local text = tostring(payload)
      if text == "throw" then error("no", 0) end
      if text == "skip" then return nil end
      if text == "reference" then return payload end
      return string.upper(text)
    end }`,
  'encoders.none': 'return {}',
};

for (const engine of engineNames) {
  const runner = (
    kind: 'decoder' | 'encoder',
    config: { readonly [key: string]: GuestConfigValue },
  ): LsbSandbox =>
    new LsbSandbox(engine, kind, scriptOf(kind), {
      config,
      limits: { instructions: 100_000_000, memoryBytes: 1 << 26 },
      spec: { chunkName: 'module.lua', nativeModules: ['lpeg'], moduleDirectories: directories },
      host: {
        findModule: (name) => {
          const own = OWN[name];
          return own === undefined ? finder.find(directories, name) : [own, `${name}.lua`];
        },
      },
    });

  t.test(
    `${engine}: a decoder module gets the payload and the message's headers and fields`,
    async (t) => {
      const s = runner('decoder', {
        decoder_module: 'decoders.pairs',
        decoders_pairs: { type: 'pair' },
      });
      t.equal(s.loadError, undefined);
      const message = Message.create({
        timestampNs: 5,
        type: 'TcpInput',
        logger: 'in',
        hostname: 'far',
        severity: 3,
        pid: 9,
        envVersion: '2',
        payload: 'a=1 b=2',
        fields: [
          { name: 'text', value: 'x' },
          { name: 'text', value: 'second' },
          { name: 'list', value: [1, 2] },
          { name: 'size', value: 10, representation: 'B' },
          { name: 'flag', value: false },
          { name: 'raw', value: Uint8Array.of(0, 255) },
        ],
      });
      const { out, statuses } = s.send({ message });
      t.same(statuses, [0]);
      t.equal(out.length, 2);
      t.match(out[1], {
        timestampNs: 5n,
        type: 'pair',
        logger: 'in',
        hostname: 'far',
        severity: 3,
        pid: 9,
        envVersion: '2',
        payload: '',
      });
      t.not(out[0]?.uuid, message.uuid);
      t.not(out[0]?.uuid, out[1]?.uuid);
      const fields = Object.fromEntries(
        (out[1]?.fields() ?? []).map((field) => [field.name, field]),
      );
      t.match(fields, {
        a: { values: ['1'] },
        b: { values: ['2'] },
        text: { values: ['x'] },
        list: { values: [1, 2] },
        size: { values: [10], representation: 'B' },
        flag: { values: [false] },
      });
      t.same(fields['raw']?.values, [Uint8Array.of(0, 255)]);
      t.equal(
        out[0]?.field('b'),
        undefined,
        'each message is made of what it was when it was injected',
      );
    },
  );

  t.test(`${engine}: what a decoder module says becomes the message's answer`, async (t) => {
    const s = runner('decoder', { decoder_module: 'decoders.pairs' });
    const say = (payload: string) => {
      const { bytes, statuses, texts } = s.send({ message: Message.create({ payload }) });
      return [statuses[0], texts[0]?.[1] ?? '', bytes.length];
    };
    t.same(say('a=1'), [0, '', 1]);
    t.same(say('nothing'), [-1, 'no pairs', 0]);
    t.same(say('throw'), [-1, 'thrown', 0]);
    t.match(say('object'), [-1, /^table: /, 0]);
    t.same(say('drop'), [-2, '', 0]);
    t.same(say('a=1 bad'), [-1, 'Failed after a successful inject_message call: half of it', 0]);
    t.same(say(''), [-1, 'no pairs', 0]);
    t.same(say('a=1'), [0, '', 1], 'and the next message is none the worse');
  });

  t.test(`${engine}: decoders that ship: syslog with sub-decoders`, async (t) => {
    const s = runner('decoder', {
      decoder_module: 'decoders.syslog',
      decoders_syslog: { sub_decoders: { sshd: 'lpeg.linux.sshd' } },
    });
    t.equal(s.loadError, undefined);
    const payload =
      '<38>Dec 31 12:30:45 web1 sshd[1234]: Accepted publickey for foobar from 192.168.1.1 port 4567 ssh2: RSA aa:bb';
    const { out, statuses } = s.send({
      message: Message.create({ payload, hostname: 'far', logger: 'udp' }),
    });
    t.same(statuses, [0]);
    t.match(out[0], { hostname: 'web1', logger: 'udp', severity: 6, pid: 1234 });
    t.equal(out[0]?.field('programname'), 'sshd');
    t.equal(out[0]?.field('sshd_authmsg'), 'Accepted');
    t.equal(out[0]?.field('remote_addr'), '192.168.1.1');
    t.match(s.send({ message: Message.create({ payload: 'no syslog' }) }).texts, [
      [0, 'decoders.syslog parse failed'],
    ]);
  });

  t.test(`${engine}: grammars and alternatives in the place of a decoder module`, async (t) => {
    const grammar = runner('decoder', { decoder_module: 'lpeg.linux.sshd' });
    const payload = 'Accepted publickey for foobar from 192.168.1.1 port 4567 ssh2: RSA aa:bb';
    t.equal(
      grammar.send({ message: Message.create({ payload }) }).out[0]?.field('remote_addr'),
      '192.168.1.1',
    );
    t.same(grammar.send({ message: Message.create({ payload: 'none' }) }).texts, [
      [0, 'parse failed'],
    ]);
    t.match(
      runner('decoder', { decoder_module: 'lpeg.ip_address#nothing' }).loadError,
      /no grammar defined/,
    );
    const printf = runner('decoder', {
      decoder_module: [[['%s took %d ms', 'name', 'ms']]],
    });
    t.equal(printf.loadError, undefined);
    const { out } = printf.send({ message: Message.create({ payload: 'job took 17 ms' }) });
    t.match(out[0], { payload: 'job took 17 ms' });
    t.equal(out[0]?.field('ms'), 17);
  });

  t.test(`${engine}: what is missing is told when the sandbox is loaded`, async (t) => {
    t.equal(runner('decoder', {}).loadError, 'module.lua:24: decoder_module must be set');
    t.match(
      runner('decoder', { decoder_module: 'decoders.none' }).loadError,
      /module 'decoders.none' not found/,
    );
    t.match(runner('decoder', { decoder_module: 5 }).loadError, /invalid type: number/);
    t.match(runner('encoder', {}).loadError, /encoder_module must be set to a string/);
    t.match(
      runner('encoder', { encoder_module: 'encoders.none' }).loadError,
      /encoders.none does not provide an encode function/,
    );
  });

  t.test(`${engine}: what an encoder module returns is written`, async (t) => {
    const s = runner('encoder', { encoder_module: 'encoders.shout' });
    const write = (payload: string) => {
      const { bytes, statuses, texts } = s.send({ message: Message.create({ payload }) });
      return [statuses[0], texts[0]?.[1] ?? '', bytes.map(textOf).join('|')];
    };
    t.same(write('loud'), [0, '', 'LOUD']);
    t.same(write('skip'), [-2, '', '']);
    t.same(write('throw'), [-1, 'no', '']);
    t.same(write('reference'), [0, '', 'reference']);
    t.same(write(''), [0, '', '']);
  });
}
