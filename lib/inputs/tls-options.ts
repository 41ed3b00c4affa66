/**
 * The `tls` section of TcpInput and TcpOutput: upstream's keys that mean something here, and a refusal that says so for
 * the others. Files are read when the plugin starts, so that a missing one is an error and not a failing handshake.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { FieldSpec, Section } from '../config/spec.ts';
import { errorText, HekateError } from '../protocol/errors.ts';

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

/** OpenSSL signs no TLS 1.0 or 1.1 handshake at its default level. */
const OLD_VERSION_CIPHERS = 'DEFAULT@SECLEVEL=0';

const openSsl = "the choice is OpenSSL's; min_version keeps weak ones out";

const certificateFields: Readonly<Record<string, FieldSpec>> = {
  cert_file: {
    kind: 'string',
    default: '',
    doc: 'PEM file with the certificate to present, and its chain.',
    example: '"/etc/hekate/tls/cert.pem"',
  },
  key_file: {
    kind: 'string',
    default: '',
    doc: "PEM file with the certificate's private key.",
    example: '"/etc/hekate/tls/key.pem"',
  },
  min_version: {
    kind: 'string',
    default: 'TLS12',
    doc: 'Lowest version that is spoken: TLS10, TLS11, TLS12 or TLS13.',
    example: '"TLS13"',
    check: (value) => {
      if (value === 'SSL30') return 'SSL 3.0 is broken and not built; use TLS12 or TLS13';
      return Object.hasOwn(VERSIONS, String(value))
        ? undefined
        : `Invalid MinVersion: ${String(value)}`;
    },
  },
};

const refusedFields: Readonly<Record<string, FieldSpec>> = {
  ciphers: { kind: 'strings', doc: 'Cipher suites.', refused: openSsl },
  prefer_server_ciphers: { kind: 'bool', doc: 'Cipher order.', refused: openSsl },
  max_version: {
    kind: 'string',
    doc: 'Highest version.',
    refused: 'the highest version that both sides know is used',
  },
  session_tickets_disabled: {
    kind: 'bool',
    doc: 'Session resumption.',
    refused: 'session tickets are always on',
  },
  sesion_ticket_key: {
    kind: 'string',
    doc: "Session ticket key (upstream's spelling).",
    refused: 'ticket keys are made anew at every start',
  },
  session_ticket_key: {
    kind: 'string',
    doc: 'Session ticket key.',
    refused: 'ticket keys are made anew at every start',
  },
};

const otherSide = (side: string): string => `it is a setting of the ${side}'s side`;

const clientAuthField: FieldSpec = {
  kind: 'choice',
  choices: CLIENT_AUTH,
  default: 'NoClientCert',
  doc: 'Whether clients must present a certificate, and whether it is verified.',
};
const clientCaField: FieldSpec = {
  kind: 'string',
  default: '',
  doc: "PEM file with the authorities of clients' certificates.",
};
const rootCaField: FieldSpec = {
  kind: 'string',
  default: '',
  doc: "PEM file with the authorities of servers' certificates; empty trusts the usual ones.",
};
const serverNameField: FieldSpec = {
  kind: 'string',
  default: '',
  doc: "Name that the server's certificate must be for; empty takes it from the address.",
};
const skipVerifyField: FieldSpec = {
  kind: 'bool',
  default: false,
  doc: 'Accept any certificate of the server. For tests only.',
};

export const serverTlsField: FieldSpec = {
  kind: 'section',
  doc: 'Settings of TLS; only used with use_tls.',
  fields: {
    ...certificateFields,
    client_auth: clientAuthField,
    client_cafile: clientCaField,
    root_cafile: { ...without(rootCaField), refused: otherSide('client') },
    server_name: { ...without(serverNameField), refused: otherSide('client') },
    insecure_skip_verify: { ...without(skipVerifyField), refused: otherSide('client') },
    ...refusedFields,
  },
};

export const clientTlsField: FieldSpec = {
  kind: 'section',
  doc: 'Settings of TLS; only used with use_tls.',
  fields: {
    ...certificateFields,
    root_cafile: rootCaField,
    server_name: serverNameField,
    insecure_skip_verify: skipVerifyField,
    client_auth: { ...without(clientAuthField), refused: otherSide('server') },
    client_cafile: { ...without(clientCaField), refused: otherSide('server') },
    ...refusedFields,
  },
};

function without(field: FieldSpec): FieldSpec {
  const { default: _default, ...rest } = field;
  return rest;
}

type TlsFault = { readonly key: string; readonly text: string };

function fault(key: string, error: HekateError): readonly TlsFault[] {
  return [{ key: `tls.${key}`, text: error.message }];
}

/** For a PluginSpec's lint. */
export function lintServerTls(section: Section): readonly TlsFault[] {
  if (!section.bool('use_tls')) return [];
  const tls = section.section('tls');
  if (tls.string('cert_file') === '') return fault('cert_file', new HekateError('HKT_TLS_PAIR'));
  if (tls.string('key_file') === '') return fault('key_file', new HekateError('HKT_TLS_PAIR'));
  const auth = tls.string('client_auth');
  return verifiesClients(auth) && tls.string('client_cafile') === ''
    ? fault('client_auth', new HekateError('HKT_TLS_CLIENT_CA', [auth]))
    : [];
}

/** For a PluginSpec's lint. */
export function lintClientTls(section: Section): readonly TlsFault[] {
  if (!section.bool('use_tls')) return [];
  const tls = section.section('tls');
  return (tls.string('cert_file') === '') === (tls.string('key_file') === '')
    ? []
    : fault('cert_file', new HekateError('HKT_TLS_PAIR'));
}

function verifiesClients(auth: string): boolean {
  return auth === 'VerifyClientCertIfGiven' || auth === 'RequireAndVerifyClientCert';
}

async function readPem(key: string, path: string, marker: string): Promise<string | undefined> {
  if (path === '') return undefined;
  try {
    const text = await readFile(path, 'latin1');
    if (!text.includes(marker)) throw new Error('No PEM encoded data of that kind found');
    // OpenSSL skips what it cannot read in a list of authorities: say it instead.
    if (key.endsWith('_cafile')) new X509Certificate(text);
    return text;
  } catch (thrown) {
    throw new HekateError('HKT_TLS_FILE', [key, path, errorText(thrown)], thrown);
  }
}

async function commonOptions(tls: Section): Promise<SecureContextOptions> {
  const certFile = tls.string('cert_file');
  const cert = await readPem('cert_file', certFile, '-----BEGIN CERTIFICATE-----');
  const key = await readPem('key_file', tls.string('key_file'), 'PRIVATE KEY-----');
  const version = tls.string('min_version');
  const options: SecureContextOptions = {
    minVersion: VERSIONS[version] ?? 'TLSv1.2',
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(version === 'TLS10' || version === 'TLS11' ? { ciphers: OLD_VERSION_CIPHERS } : {}),
  };
  try {
    createSecureContext(options);
  } catch (thrown) {
    throw new HekateError('HKT_TLS_FILE', ['cert_file', certFile, errorText(thrown)], thrown);
  }
  return options;
}

/** Options of a TLS server. Rejects with HKT_TLS_*. */
export async function serverTlsOptions(tls: Section): Promise<TlsOptions> {
  if (tls.string('cert_file') === '' || tls.string('key_file') === '') {
    throw new HekateError('HKT_TLS_PAIR');
  }
  const auth = tls.string('client_auth');
  const ca = await readPem(
    'client_cafile',
    tls.string('client_cafile'),
    '-----BEGIN CERTIFICATE-----',
  );
  if (verifiesClients(auth) && ca === undefined) {
    throw new HekateError('HKT_TLS_CLIENT_CA', [auth]);
  }
  return {
    ...(await commonOptions(tls)),
    ...(ca === undefined ? {} : { ca }),
    requestCert: auth !== 'NoClientCert',
    rejectUnauthorized: auth === 'RequireAndVerifyClientCert',
  };
}

/** Why a client's certificate is refused after the handshake, or undefined. */
export function clientCertificateFault(tls: Section, socket: TLSSocket): string | undefined {
  const auth = tls.string('client_auth');
  const given = socket.getPeerX509Certificate() !== undefined;
  if (auth === 'RequireAnyClientCert' && !given) return 'no client certificate';
  if (auth === 'VerifyClientCertIfGiven' && given && !socket.authorized) {
    return String(socket.authorizationError);
  }
  return undefined;
}

/** Options of a TLS client that connects to `host`. Rejects with HKT_TLS_*. */
export async function clientTlsOptions(tls: Section, host: string): Promise<ConnectionOptions> {
  if ((tls.string('cert_file') === '') !== (tls.string('key_file') === '')) {
    throw new HekateError('HKT_TLS_PAIR');
  }
  const ca = await readPem('root_cafile', tls.string('root_cafile'), '-----BEGIN CERTIFICATE-----');
  const name = tls.string('server_name') || host;
  return {
    ...(await commonOptions(tls)),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: !tls.bool('insecure_skip_verify'),
    // An IP address must not be sent as a server name, but it is what the certificate is checked against.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  };
}
