import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue, Section } from '../../../lib/config/spec.ts';
import { tcpInput } from '../../../lib/inputs/tcp-input.ts';
import { clientTlsOptions, serverTlsOptions } from '../../../lib/inputs/tls-options.ts';
import { ciphersFit, openSslCiphers, ticketKeys } from '../../../lib/inputs/tls-values.ts';
import { tcpOutput } from '../../../lib/outputs/tcp-output.ts';
import { type Certificates, makeCertificates } from '../../certificates.ts';

type Values = Record<string, ConfigValue>;

function serverSection(tls: Values): Section {
  return sectionOf(tcpInput.spec, { address: '127.0.0.1:0', use_tls: true, tls });
}

function clientSection(tls: Values): Section {
  return sectionOf(tcpOutput.spec, { message_matcher: 'TRUE', use_tls: true, tls });
}

const made = makeCertificates(t.testdir());

/** A server with these settings; its port. */
async function serve(
  t: { teardown(close: () => void): void },
  files: Certificates,
  tls: Values,
): Promise<number> {
  const section = serverSection({ cert_file: files.serverCert, key_file: files.serverKey, ...tls });
  const server = createServer(await serverTlsOptions(section.section('tls')), (socket) => {
    socket.on('error', () => {});
    socket.end('hello');
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port; // a TCP server's
}

interface Spoken {
  readonly version: string;
  readonly cipher: string;
  readonly session: Buffer | undefined;
  readonly reused: boolean;
}

/** Shakes hands and reads to the end, so that a session ticket has come. */
async function speak(port: number, options: ConnectionOptions): Promise<Spoken> {
  let session: Buffer | undefined;
  const socket: TLSSocket = connect({ ...options, port, host: '127.0.0.1' });
  socket.on('session', (given: Buffer) => {
    session = given;
  });
  let agreed = { version: '', cipher: '', reused: false };
  socket.once('secureConnect', () => {
    agreed = {
      version: String(socket.getProtocol()),
      cipher: socket.getCipher().name,
      reused: socket.isSessionReused(),
    };
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.resume();
  });
  return { ...agreed, session };
}

async function clientOptions(files: Certificates, tls: Values = {}): Promise<ConnectionOptions> {
  const section = clientSection({ root_cafile: files.ca, ...tls });
  return await clientTlsOptions(section.section('tls'), '127.0.0.1');
}

t.test('values that mean nothing are faults with upstream’s texts', async (t) => {
  const pair = { cert_file: 'c', key_file: 'k' };
  const server = (tls: Values): void => void serverSection({ ...pair, ...tls });
  const client = (tls: Values): void => void clientSection(tls);
  for (const check of [server, client]) {
    t.throws(() => check({ max_version: 'TLS1.2' }), /Invalid MaxVersion: TLS1\.2/);
    t.throws(() => check({ max_version: 'SSL30' }), /SSL 3\.0 is broken/);
    t.throws(
      () => check({ min_version: 'TLS13', max_version: 'TLS12' }),
      /MaxVersion \(TLS12\) must be newer than MinVersion \(TLS13\)/,
    );
    t.throws(
      () => check({ max_version: 'TLS11' }),
      /MaxVersion \(TLS11\) must be newer than MinVersion \(TLS12\)/,
    );
    t.throws(() => check({ ciphers: ['AES128-SHA'] }), /Invalid cipher string: AES128-SHA/);
    t.throws(
      () => check({ ciphers: ['ECDHE_RSA_WITH_RC4_128_SHA'] }),
      /RC4_128_SHA is broken, and OpenSSL does not have it/,
    );
    t.throws(
      () => check({ ciphers: ['RSA_WITH_AES_128_CBC_SHA'], min_version: 'TLS13' }),
      /none of them belongs to a version that may be spoken/,
    );
    t.doesNotThrow(() => check({ min_version: 'TLS12', max_version: 'TLS12', ciphers: [] }));
  }
  const secret = 'ab'.repeat(31);
  t.throws(() => server({ session_ticket_key: secret }), /Invalid SessionTicketKey length: 31/);
  t.throws(() => server({ sesion_ticket_key: `${secret}zz` }), /must be hexadecimal/);
  const key = 'ab'.repeat(32);
  t.throws(
    () => server({ session_ticket_key: key, sesion_ticket_key: key }),
    /given under both of its names/,
  );
  for (const tls of [{ session_ticket_key: secret }, { session_ticket_key: `${secret}zz` }]) {
    try {
      server(tls);
    } catch (fault) {
      t.notMatch(String(fault), /abab/, 'a key is not shown');
    }
  }
  for (const key of ['prefer_server_ciphers', 'session_tickets_disabled']) {
    t.throws(() => client({ [key]: true }), /a setting of the server's side/);
  }
});

t.test('a list of ciphers must fit the versions', async (t) => {
  const old = ['RSA_WITH_AES_128_CBC_SHA'];
  const young = ['AES_256_GCM_SHA384'];
  t.ok(ciphersFit([], 'TLS13', 'TLS13'));
  t.ok(ciphersFit(old, 'TLS12', ''));
  t.notOk(ciphersFit(old, 'TLS13', ''));
  t.ok(ciphersFit(young, 'TLS12', ''));
  t.notOk(ciphersFit(young, 'TLS12', 'TLS12'));
  t.ok(ciphersFit([...old, ...young], 'TLS12', 'TLS12'));
  t.same(openSslCiphers(['ECDHE_RSA_WITH_AES_128_GCM_SHA256', ...young]), [
    'ECDHE-RSA-AES128-GCM-SHA256',
    'TLS_AES_256_GCM_SHA384',
  ]);
});

t.test('every cipher of the list is one that OpenSSL has', async (t) => {
  const { getCiphers } = await import('node:tls');
  const names = [
    'RSA_WITH_AES_128_CBC_SHA',
    'RSA_WITH_AES_256_CBC_SHA',
    'ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
    'ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
    'ECDHE_RSA_WITH_AES_128_CBC_SHA',
    'ECDHE_RSA_WITH_AES_256_CBC_SHA',
    'ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    'ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    'ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
    'ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    'AES_128_GCM_SHA256',
    'AES_256_GCM_SHA384',
    'CHACHA20_POLY1305_SHA256',
  ];
  const known = new Set(getCiphers());
  const found = openSslCiphers(names);
  t.equal(found.length, names.length);
  for (const name of found) t.ok(known.has(name.toLowerCase()), name);
});

t.test('keys of tickets follow from upstream’s key', async (t) => {
  const hex = randomBytes(32).toString('hex');
  t.equal(ticketKeys(hex).length, 48);
  t.same(ticketKeys(hex), ticketKeys(hex.toUpperCase()));
  t.notSame(ticketKeys(hex), ticketKeys(randomBytes(32).toString('hex')));
});

t.test('handshakes', async (t) => {
  if (made === undefined) {
    t.pass('skipped: there is no openssl command');
    return;
  }
  const files: Certificates = made;

  await t.test('max_version is the highest version that is spoken', async (t) => {
    const any = await serve(t, files, {});
    t.match(await speak(any, await clientOptions(files)), { version: 'TLSv1.3' });
    const old = await clientOptions(files, { max_version: 'TLS12' });
    t.match(await speak(any, old), { version: 'TLSv1.2' });
    const capped = await serve(t, files, { max_version: 'TLS12' });
    t.match(await speak(capped, await clientOptions(files)), { version: 'TLSv1.2' });
    const young = await clientOptions(files, { min_version: 'TLS13' });
    await t.rejects(speak(capped, young));
    const ancient = await serve(t, files, { min_version: 'TLS10', max_version: 'TLS11' });
    await t.rejects(speak(ancient, await clientOptions(files)));
    const range = { min_version: 'TLS10', max_version: 'TLS10' };
    t.match(await speak(ancient, await clientOptions(files, range)), { version: 'TLSv1' });
  });

  await t.test('ciphers are those of the list, in the order of who counts', async (t) => {
    const [a, b] = ['ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE_ECDSA_WITH_AES_256_CBC_SHA'];
    const cipher = async (server: Values, client: Values): Promise<Spoken> =>
      await speak(await serve(t, files, server), await clientOptions(files, client));
    t.match(await cipher({ ciphers: [b] }, {}), {
      cipher: 'ECDHE-ECDSA-AES256-SHA',
      version: 'TLSv1.2',
    });
    t.match(await cipher({}, { ciphers: [a] }), { cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    const orders = { ciphers: [a, b] };
    const other = { ciphers: [b, a] };
    t.match(await cipher(orders, other), { cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    t.match(await cipher({ ...orders, prefer_server_ciphers: false }, other), {
      cipher: 'ECDHE-ECDSA-AES256-SHA',
    });
    t.match(await cipher({}, { ciphers: ['CHACHA20_POLY1305_SHA256'] }), {
      version: 'TLSv1.3',
      cipher: 'TLS_CHACHA20_POLY1305_SHA256',
    });
    await t.rejects(cipher({ ciphers: [a] }, { ciphers: [b] }));
  });

  await t.test('a session is resumed, also by a server that shares the key', async (t) => {
    const key = randomBytes(32).toString('hex');
    for (const max_version of ['TLS12', 'TLS13']) {
      const options = await clientOptions(files, { max_version });
      const resumed = async (first: Values, second: Values): Promise<boolean> => {
        const { session } = await speak(await serve(t, files, first), options);
        const again = session === undefined ? options : { ...options, session };
        return (await speak(await serve(t, files, second), again)).reused;
      };
      const shared = { session_ticket_key: key };
      t.ok(await resumed(shared, { sesion_ticket_key: key }), `${max_version}: shared`);
      t.notOk(await resumed({}, {}), `${max_version}: each its own`);
      const off = { ...shared, session_tickets_disabled: true };
      t.notOk(await resumed(off, off), `${max_version}: disabled`);
      t.notOk(await resumed(off, shared), `${max_version}: disabled at first`);
    }
  });

  await t.test('a peer that speaks no TLS is refused', async (t) => {
    const port = await serve(t, files, {});
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end('GET / HTTP/1.0\r\n\r\n');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    await closed;
    t.notMatch(text, /hello/);
  });
});
