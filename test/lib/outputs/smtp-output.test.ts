import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { SmtpOutput, smtpOutput } from '../../../lib/outputs/smtp-output.ts';
import type { Encoder } from '../../../lib/plugin.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { makeCertificates } from '../../certificates.ts';
import {
  outputContext,
  packOf,
  type TestContext,
  testContext,
  until,
} from '../../plugin-context.ts';
import { type Mail, type SmtpOptions, SmtpPeer } from '../../smtp-peer.ts';

const plain: Encoder = {
  framedByDefault: false,
  encode: (message) => (message.payload === '' ? undefined : message.payloadBytes),
};

interface Made {
  readonly output: SmtpOutput;
  readonly context: TestContext;
}

function make(port: number, values: Record<string, ConfigValue> = {}): Made {
  const context = testContext('alerts');
  const section = sectionOf(smtpOutput.spec, {
    message_matcher: 'TRUE',
    encoder: 'PayloadEncoder',
    host: `127.0.0.1:${port}`,
    send_to: ['a@example.com', 'b@example.com'],
    ...values,
  });
  return { context, output: new SmtpOutput(section, outputContext(context, plain)) };
}

function put(output: SmtpOutput, ...payloads: readonly (string | Uint8Array)[]): void {
  for (const payload of payloads) {
    const message = Message.create({ uuid: new Uint8Array(16), payload }, 10_000_000);
    void output.deliver({ ...packOf({}), message });
  }
}

async function stop({ output, context }: Made): Promise<void> {
  let stopped = false;
  const done = output.stop().then(() => {
    stopped = true;
  });
  await until(() => stopped, context.clock, 100);
  await done;
}

async function peerFor(
  t: { teardown(close: () => Promise<void>): void },
  options: SmtpOptions = {},
): Promise<SmtpPeer> {
  const peer = await new SmtpPeer(options).listen();
  t.teardown(() => peer.close());
  return peer;
}

/** Headers without their folding, and the body's bytes. */
function parts({ text }: Mail): { readonly headers: readonly string[]; readonly body: Buffer } {
  const end = text.indexOf('\r\n\r\n');
  return {
    headers: text
      .slice(0, end)
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n'),
    body: Buffer.from(text.slice(end + 4), 'base64'),
  };
}

t.test('each message is a mail with upstream’s headers, its bytes in base64', async (t) => {
  const peer = await peerFor(t);
  const made = make(peer.port);
  await made.output.start();
  const odd = Uint8Array.from({ length: 300 }, (_, i) => i & 255);
  put(made.output, 'hello', '', odd, '.\r\n..\nlast');
  await until(() => peer.mails.length === 3);
  const [first] = peer.mails;
  t.match(first, {
    from: 'heka@localhost.localdomain',
    to: ['a@example.com', 'b@example.com'],
    login: '',
    encrypted: false,
  });
  t.same(
    peer.mails.map((mail) => parts(mail).body),
    [Buffer.from('hello'), Buffer.from(odd), Buffer.from('.\r\n..\nlast')],
  );
  const headers = first === undefined ? [] : parts(first).headers;
  for (const expected of [
    'From: heka@localhost.localdomain',
    'Subject: Heka [alerts]',
    'MIME-Version: 1.0',
    'Content-Transfer-Encoding: base64',
  ]) {
    t.ok(headers.includes(expected), expected);
  }
  t.ok(headers.some((line) => /^Content-Type: text\/plain; charset="?utf-8"?$/.test(line)));
  t.notOk(
    headers.some((line) => /^(?:To|Cc):/i.test(line)),
    'recipients are not shown',
  );
  for (const mail of peer.mails) {
    t.ok(
      mail.text.split('\r\n').every((line) => line.length <= 78),
      'no line is long',
    );
  }
  await until(() => made.output.counters['sent'] === 3);
  await stop(made);
  await until(() => peer.open === 0);
});

t.test(
  'the subject and the sender are those of the settings, and cannot add headers',
  async (t) => {
    const peer = await peerFor(t);
    const made = make(peer.port, {
      subject: 'größer\r\nBcc: x@example.com',
      send_from: 'me@example.com',
    });
    await made.output.start();
    put(made.output, 'x');
    await until(() => peer.mails.length === 1);
    const headers = peer.mails.flatMap((mail) => parts(mail).headers);
    t.ok(headers.includes('From: me@example.com'));
    t.notOk(headers.some((line) => /^bcc/i.test(line)));
    t.match(
      headers.find((line) => line.startsWith('Subject:')),
      /^Subject: (?:=\?UTF-8\?[QB]\?.*\?= ?)+/i,
    );
    await stop(made);
  },
);

t.test('send_interval: the first goes at once, those of the interval together', async (t) => {
  const peer = await peerFor(t);
  const made = make(peer.port, { send_interval: 60 });
  await made.output.start();
  put(made.output, 'one');
  await until(() => made.output.counters['sent'] === 1);
  put(made.output, 'two', 'three');
  await made.context.clock.advanceAsync(59_000);
  t.equal(peer.connections, 1);
  made.context.clock.advance(1000);
  await until(() => made.output.counters['sent'] === 2);
  put(made.output, 'four');
  await stop(made);
  t.same(
    peer.mails.map((mail) => parts(mail).body.toString()),
    ['one', 'two\r\n\r\nthree', 'four'],
    'and a shutdown does not wait',
  );
});

t.test('a server that cannot take mails now gets them later', async (t) => {
  const gone = await new SmtpPeer().listen();
  const { port } = gone;
  await gone.close();
  const made = make(port);
  await made.output.start();
  put(made.output, 'x');
  await until(() => made.context.errors.length === 1);
  t.match(made.context.errors[0], /sending error: 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  const peer = await new SmtpPeer().listen(port);
  t.teardown(() => peer.close());
  const troubles = [
    (command: string) => (command === 'GREETING' ? '421 busy' : undefined),
    (command: string) => (command.startsWith('RCPT') ? '451 later' : undefined),
    (command: string) => (command === 'END OF DATA' ? '452 full' : undefined),
  ];
  for (const trouble of troubles) {
    const seen = peer.connections;
    peer.answer = trouble;
    await until(() => peer.connections > seen && peer.open === 0, made.context.clock, 100);
  }
  peer.answer = () => undefined;
  await until(() => peer.mails.length === 1, made.context.clock, 100);
  t.equal(made.context.errors.length, 1);
  await until(() => made.context.infos.length === 1);
  await stop(made);
});

t.test('a mail that the server refuses for good is dropped and counted', async (t) => {
  const peer = await peerFor(t);
  const made = make(peer.port);
  await made.output.start();
  for (const refused of ['MAIL', 'END OF DATA']) {
    peer.answer = (command) => (command.startsWith(refused) ? '550 never' : undefined);
    const before = made.output.counters['dropped'] ?? 0;
    put(made.output, 'bad');
    await until(() => made.output.counters['dropped'] === before + 1);
    t.match(made.context.errors.at(-1), /dropped a mail that 127.* refused: .*550 never/);
  }
  peer.answer = (command) => (command.includes('b@example.com') ? '550 unknown' : undefined);
  put(made.output, 'half');
  await until(() => peer.mails.length === 1);
  t.same(peer.mails[0]?.to, ['a@example.com']);
  await until(() => made.context.errors.length === 3);
  t.match(made.context.errors[2], /recipients b@example\.com/);
  t.match(made.output.counters, { sent: 1, dropped: 2 });
  await stop(made);
});

t.test('CRAM-MD5 logs in without showing the password', async (t) => {
  const peer = await peerFor(t, { user: { name: 'me', password: 'geheim' } });
  const made = make(peer.port, { auth: 'CRAMMD5', user: 'me', password: 'geheim' });
  await made.output.start();
  put(made.output, 'x');
  await until(() => peer.mails.length === 1);
  t.equal(peer.mails[0]?.login, 'me');
  await stop(made);
  const wrong = make(peer.port, { auth: 'CRAMMD5', user: 'me', password: 'falsch' });
  await wrong.output.start();
  put(wrong.output, 'x');
  await until(() => wrong.context.errors.length === 1);
  t.match(wrong.context.errors[0], /sending error: .*535/);
  await stop(wrong);
  t.equal(wrong.output.counters['dropped'], 0, 'a wrong password costs no message');
  t.notMatch(
    [...peer.commands, ...wrong.context.errors, ...made.context.errors].join(),
    /geheim|falsch/,
  );
});

t.test('Plain logs in at this machine, and elsewhere only over TLS', async (t) => {
  const peer = await peerFor(t, { user: { name: 'me', password: 'geheim' } });
  const made = make(peer.port, { auth: 'Plain', user: 'me', password: 'geheim' });
  await made.output.start();
  put(made.output, 'x');
  await until(() => peer.mails.length === 1);
  t.equal(peer.mails[0]?.login, 'me');
  await stop(made);
  // A name of this machine that does not look like one.
  peer.commands.length = 0;
  const other = make(peer.port, {
    host: `127.1:${peer.port}`,
    auth: 'Plain',
    user: 'me',
    password: 'geheim',
  });
  await other.output.start();
  put(other.output, 'x');
  await until(() => other.context.errors.length === 1);
  t.match(other.context.errors[0], /STARTTLS/);
  t.notOk(
    peer.commands.some((command) => command.startsWith('AUTH')),
    'no password went out',
  );
  await stop(other);
});

t.test('STARTTLS is used when it is offered, and the certificate is verified', async (t) => {
  const files = makeCertificates(t.testdir());
  if (files === undefined) {
    t.pass('skipped: there is no openssl command');
    return;
  }
  const tls = { cert: files.serverCert, key: files.serverKey };
  const peer = await peerFor(t, { tls });
  const made = make(peer.port);
  await made.output.start();
  put(made.output, 'x');
  await until(() => made.context.errors.length === 1);
  t.match(made.context.errors[0], /sending error: .*(?:certificate|unable to verify)/i);
  t.same(peer.mails, [], 'nothing goes to a server that nobody knows');
  await stop(made);
});

t.test('a server that says nothing does not hold a shutdown', async (t) => {
  const peer = await peerFor(t);
  peer.answer = () => '';
  const made = make(peer.port);
  await made.output.start();
  put(made.output, 'x');
  await until(() => peer.connections === 1);
  await stop(made);
  t.equal(made.output.counters['lost'], 1);
  await until(() => peer.open === 0);
});

t.test('wrong settings are refused with upstream’s texts', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(smtpOutput.spec, {
      message_matcher: 'TRUE',
      encoder: 'x',
      send_to: ['a@b'],
      ...values,
    });
  };
  t.doesNotThrow(() => check({}));
  t.throws(() => check({ send_to: [] }), /send_to must contain at least one recipient/);
  t.throws(() => check({ host: 'localhost' }), /Host must contain a port specifier/);
  t.throws(() => check({ auth: 'plain' }), /Invalid auth type: plain/);
  t.throws(() => check({ encoder: '' }), /encoder required/);
});
