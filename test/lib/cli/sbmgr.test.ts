import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import { sbmgrCommand } from '../../../lib/cli/sbmgr.ts';
import { decodeControlRequest } from '../../../lib/protocol/control.ts';
import { messageDigest } from '../../../lib/signing/signer.ts';
import { ManualClock } from '../../manual-clock.ts';
import { controlServer, type Received } from './control-server.ts';
import { fakeIo } from './fake-io.ts';

const SCRIPT = 'function process_message() return 0 end\n';
const CONFIG = '[Example]\ntype = "SandboxFilter"\nmessage_matcher = "TRUE"\n';

interface Run {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly received: readonly Received[];
}

async function run(
  test: Tap,
  args: readonly string[],
  onMessage: (received: Received, clock: ManualClock) => void,
  signer = '[signer]\nname = "Devs"\nhmac_hash = "sha1"\nhmac_key = "secret"\nversion = 3\n',
): Promise<Run> {
  const clock = new ManualClock();
  const server = await controlServer((received) => onMessage(received, clock));
  const cwd = test.testdir({
    'sbmgr.toml': `ip_address = "127.0.0.1:${server.port}"\n${signer}`,
    'a.lua': SCRIPT,
    'a.toml': CONFIG,
  });
  const io = fakeIo({ cwd });
  const exit = await runCommand(sbmgrCommand(clock), 'heka-sbmgr', args, io);
  await server.close();
  return { exit, out: io.out, err: io.err, received: server.received };
}

const LOAD = ['-action=load', '-script=a.lua', '-scriptconfig=a.toml'];
type Tap = { testdir: typeof t.testdir };

t.test('a load goes out signed, and its answer is printed', async (t) => {
  const { exit, out, err, received } = await run(t, LOAD, (got) =>
    got.reply({ name: 'Mgr-Example', text: 'Mgr-Example runs' }),
  );
  t.equal(exit, 0);
  t.equal(out, 'Mgr-Example runs\n');
  t.equal(err, '');
  const [got] = received;
  if (got === undefined) throw new Error('nothing arrived');
  const { action, config, script } = decodeControlRequest(got.message);
  t.equal(action, 'load');
  t.equal(config, CONFIG);
  t.equal(Buffer.from(script).toString(), SCRIPT);
  t.equal(got.message.timestampNs, BigInt(new ManualClock().now()) * 1_000_000n);
  t.equal(got.header?.signer, 'Devs');
  t.equal(got.header?.keyVersion, 3);
  t.same(
    Buffer.from(got.header?.hmac ?? []),
    Buffer.from(messageDigest('sha1', 'secret', got.message.bytes)),
  );
});

t.test('an unload sends the name of the filter, a reload sends script and config', async (t) => {
  const unload = await run(t, ['-action', 'unload', '-filtername', 'Example'], (got) =>
    got.reply({ action: 'unload' }),
  );
  t.equal(unload.exit, 0);
  t.match(
    unload.received.map(({ message }) => decodeControlRequest(message)),
    [{ action: 'unload', name: 'Example', config: undefined }],
  );
  const reload = await run(t, ['-action=reload', ...LOAD.slice(1)], (got) => got.reply({}));
  t.match(
    reload.received.map(({ message }) => decodeControlRequest(message)),
    [{ action: 'reload', config: CONFIG }],
  );
});

t.test('a refusal is exit 1 with the code and text of the manager', async (t) => {
  const { exit, out, err } = await run(t, LOAD, (got) =>
    got.reply({ code: 'HKT_X', name: 'Mgr-Example', text: 'already running' }),
  );
  t.equal(exit, 1);
  t.equal(out, '');
  t.match(err, /HKT_TOOL_REFUSED load of Mgr-Example was refused: HKT_X already running\n/);
});

t.test('an answer cannot steer the terminal', async (t) => {
  const { out } = await run(t, LOAD, (got) => got.reply({ text: 'a\u001b[2Jb' }));
  t.equal(out, 'a\\x1b[2Jb\n');
});

t.test('json prints the answer as one line and keeps the exit code', async (t) => {
  const { exit, out, err, received } = await run(t, [...LOAD, '-format=json'], (got) =>
    got.reply({ code: 'HKT_X', name: 'Mgr-Example', text: 'no' }),
  );
  t.equal(exit, 1);
  t.equal(err, '');
  t.same(JSON.parse(out), {
    request: received[0]?.message.uuid,
    code: 'HKT_X',
    action: 'load',
    name: 'Mgr-Example',
    text: 'no',
  });
});

t.test('an answer to another request is not ours', async (t) => {
  const { exit, out } = await run(t, LOAD, (got) => {
    got.reply({ request: '00000000-0000-4000-8000-000000000000', text: 'not yours' });
    got.reply({ text: 'yours' });
  });
  t.equal(exit, 0);
  t.equal(out, 'yours\n');
});

t.test('silence is a warning and exit 0, after the timeout and not before', async (t) => {
  const { exit, out, err } = await run(t, [...LOAD, '-timeout=3s'], (_got, clock) => {
    clock.advance(2999);
    t.equal(clock.pending, 1, 'still waiting');
    clock.advance(1);
    t.equal(clock.pending, 0);
  });
  t.equal(exit, 0);
  t.equal(out, '');
  t.match(err, /^warning: no answer from 127\.0\.0\.1:\d+\. An old hekad never answers/);
});

t.test('a timeout of 0 sends and does not wait', async (t) => {
  const { exit, out, err, received } = await run(t, [...LOAD, '-timeout=0'], () => {});
  t.equal(exit, 0);
  t.equal(out + err, '');
  t.equal(received.length, 1, 'it arrived before the connection was closed');
});

t.test('a connection that closes without an answer is exit 1', async (t) => {
  const { exit, err } = await run(t, LOAD, ({ socket }) => socket.end());
  t.equal(exit, 1);
  t.match(err, /HKT_TOOL_CLOSED 127\.0\.0\.1:\d+ closed the connection without an answer/);
});

t.test('a connection that breaks is exit 1', async (t) => {
  const { exit, err } = await run(t, LOAD, ({ socket }) => socket.resetAndDestroy());
  t.equal(exit, 1);
  t.match(err, /HKT_TOOL_SEND connection to 127\.0\.0\.1:\d+ broke: /);
});

t.test('garbage and foreign messages before the answer are passed over', async (t) => {
  const { exit, out } = await run(t, LOAD, (got) => {
    got.socket.write(Buffer.from([0x1e, 0x02, 0x08, 0x02, 0x1f, 0xff, 0xff, 1, 2, 3]));
    got.reply({ text: 'fine' });
  });
  t.equal(exit, 0);
  t.equal(out, 'fine\n');
});

t.test('nobody listening is exit 1', async (t) => {
  const server = await controlServer();
  await server.close();
  const cwd = t.testdir({
    'sbmgr.toml': `ip_address = "127.0.0.1:${server.port}"\n`,
    'a.lua': SCRIPT,
    'a.toml': CONFIG,
  });
  const io = fakeIo({ cwd });
  t.equal(await runCommand(sbmgrCommand(new ManualClock()), 'heka-sbmgr', LOAD, io), 1);
  t.match(io.err, /HKT_TOOL_CONNECT cannot connect to 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});

t.test('without a signer section messages go unsigned', async (t) => {
  const { exit, received } = await run(t, LOAD, (got) => got.reply({}), '');
  t.equal(exit, 0);
  t.equal(received[0]?.header, undefined);
});

t.test('unknown keys of the configuration are warnings with their place', async (t) => {
  const { exit, err } = await run(
    t,
    LOAD,
    (got) => got.reply({}),
    'use_tsl = true\n[signer]\nname = "x"\nhmac_hsh = "md5"\n',
  );
  t.equal(exit, 0);
  t.match(err, /warning: sbmgr\.toml:2:1: HKT_CONFIG_UNKNOWN_KEY .*use_tsl.*use_tls/);
  t.match(err, /warning: sbmgr\.toml:5:1: HKT_CONFIG_UNKNOWN_KEY .*signer\.hmac_hsh.*hmac_hash/);
});

t.test('faults of the configuration are all shown, and exit 1', async (t) => {
  const cwd = t.testdir({
    'bad.toml': 'ip_address = "nowhere"\n[signer]\nhmac_hash = "rot13"\nversion = -1\n',
    'broken.toml': 'ip_address = \n',
    'empty.toml': '',
  });
  const shown = async (config: string): Promise<string> => {
    const io = fakeIo({ cwd });
    const args = [`-config=${config}`];
    t.equal(await runCommand(sbmgrCommand(new ManualClock()), 'heka-sbmgr', args, io), 1);
    return io.err;
  };
  const bad = await shown('bad.toml');
  t.match(bad, /bad\.toml:1:14: HKT_CONFIG_VALUE .*ip_address/);
  t.match(bad, /bad\.toml:3:13: HKT_CONFIG_VALUE .*signer\.hmac_hash.*rot13/);
  t.match(bad, /bad\.toml:4:11: HKT_CONFIG_\w+ .*signer\.version/);
  t.match(bad, /HKT_TOOL_CONFIG bad\.toml: 3 faults/);
  t.match(await shown('broken.toml'), /HKT_CONFIG_SYNTAX/);
  t.match(await shown('empty.toml'), /HKT_CONFIG_REQUIRED .*ip_address/);
  t.match(await shown('none.toml'), /HKT_TOOL_FILE cannot read none\.toml/);
});

t.test('wrong calls end before anything is sent', async (t) => {
  const fault = async (args: readonly string[]): Promise<string> => {
    const { exit, err, received } = await run(t, args, () => {});
    t.equal(received.length, 0);
    return `${exit} ${err}`;
  };
  t.match(
    await fault(['-action=laod']),
    /^1 .*HKT_TOOL_ACTION Invalid action: laod \(did you mean 'load'\?\)/,
  );
  t.match(await fault(['load']), /^2 .*HKT_TOOL_USAGE unexpected argument 'load'/);
  t.match(await fault(['-script=none.lua']), /^1 .*HKT_TOOL_FILE cannot read none\.lua/);
  t.match(await fault([...LOAD, '-scriptconfig=none.toml']), /^1 .*cannot read none\.toml/);
  t.match(await fault([...LOAD, '-max-message-size=100']), /^1 .*HKT_MESSAGE_TOO_BIG/);
});

t.test('an interrupt ends the wait', async (t) => {
  const server = await controlServer(() => io.abort());
  const cwd = t.testdir({
    'sbmgr.toml': `ip_address = "127.0.0.1:${server.port}"\n`,
    'a.lua': SCRIPT,
    'a.toml': CONFIG,
  });
  const io = fakeIo({ cwd });
  t.equal(await runCommand(sbmgrCommand(new ManualClock()), 'heka-sbmgr', LOAD, io), 1);
  t.match(io.err, /interrupted/);
  await server.close();
});

t.test('with TLS the certificate of the daemon is checked', async (t) => {
  const cwd = t.testdir({ 'a.lua': SCRIPT, 'a.toml': CONFIG });
  const key = join(cwd, 'key.pem');
  const cert = join(cwd, 'cert.pem');
  try {
    const make = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${cert}`;
    execFileSync('openssl', make.split(' '), { stdio: 'ignore' });
  } catch {
    t.comment('skipped: openssl, which makes the certificate, is not there');
    return;
  }
  const { writeFileSync } = await import('node:fs');
  const server = await controlServer((got) => got.reply({ text: 'over TLS' }), {
    key: readFileSync(key),
    cert: readFileSync(cert),
  });
  const config = (tls: string): void => {
    const address = `ip_address = "localhost:${server.port}"\nuse_tls = true\n`;
    writeFileSync(join(cwd, 'sbmgr.toml'), `${address}[tls]\nmin_version = "TLS12"\n${tls}`);
  };
  config(`root_cafile = "${cert}"\nclient_auth = "NoClientCert"\n`);
  const trusted = fakeIo({ cwd });
  t.equal(await runCommand(sbmgrCommand(new ManualClock()), 'heka-sbmgr', LOAD, trusted), 0);
  t.equal(trusted.out, 'over TLS\n');
  t.match(trusted.err, /warning: .*client_auth/, 'a key of the server side has no effect');
  config('');
  const untrusted = fakeIo({ cwd });
  t.equal(await runCommand(sbmgrCommand(new ManualClock()), 'heka-sbmgr', LOAD, untrusted), 1);
  t.match(untrusted.err, /HKT_TOOL_CONNECT .*self.signed/);
  await server.close();
});
