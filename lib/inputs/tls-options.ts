/**
 * The `tls` section of inputs and outputs that speak TLS: upstream's keys, and a refusal that says why for those of the
 * other side. Files are read when the plugin starts, so that a missing one is an error and not a failing handshake.
 */
import { constants, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type SecureContextOptions,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { FieldSpec, Section } from '../config/spec.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import {
  cipherFault,
  ciphersFit,
  isOldVersion,
  openSslCiphers,
  secureVersion,
  ticketKeyFault,
  ticketKeys,
  versionFault,
  versionRangeFault,
  versionsOf,
} from './tls-values.ts';

const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

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
    check: (value) => versionFault('MinVersion', String(value)),
  },
  max_version: {
    kind: 'string',
    default: '',
    doc: 'Highest version that is spoken; empty is the highest that both sides know.',
    example: '"TLS12"',
    check: (value) => (value === '' ? undefined : versionFault('MaxVersion', String(value))),
  },
  ciphers: {
    kind: 'strings',
    default: [],
    doc: "Cipher suites to offer, in order of preference, by upstream's names; those of TLS 1.3 are AES_128_GCM_SHA256 and the like, and without one of them TLS 1.3 is not spoken. Empty is OpenSSL's choice.",
    example: '["ECDHE_RSA_WITH_AES_128_GCM_SHA256"]',
    check: (value) => cipherFault(Array.isArray(value) ? value.map(String) : []),
  },
};

const preferServerField: FieldSpec = {
  kind: 'bool',
  default: true,
  doc: "The server's order of ciphers counts, not the client's.",
};
const ticketsDisabledField: FieldSpec = {
  kind: 'bool',
  default: false,
  doc: 'Give clients no tickets with which they resume sessions.',
};
const ticketKeyField: FieldSpec = {
  kind: 'string',
  default: '',
  doc: 'Key of session tickets, 32 bytes in hexadecimal: servers that share it resume the sessions of each other. Empty is a new one at every start.',
  example: '"%ENV[TICKET_KEY]"',
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
    prefer_server_ciphers: preferServerField,
    session_tickets_disabled: ticketsDisabledField,
    session_ticket_key: ticketKeyField,
    sesion_ticket_key: {
      ...ticketKeyField,
      doc: "The same under the name that upstream's code has.",
    },
    root_cafile: { ...without(rootCaField), refused: otherSide('client') },
    server_name: { ...without(serverNameField), refused: otherSide('client') },
    insecure_skip_verify: { ...without(skipVerifyField), refused: otherSide('client') },
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
    prefer_server_ciphers: { ...without(preferServerField), refused: otherSide('server') },
    session_tickets_disabled: { ...without(ticketsDisabledField), refused: otherSide('server') },
    session_ticket_key: { ...without(ticketKeyField), refused: otherSide('server') },
    sesion_ticket_key: { ...without(ticketKeyField), refused: otherSide('server') },
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

/** For the lint of a PluginSpec with use_tls. */
export function lintServerTls(section: Section): readonly TlsFault[] {
  if (!section.bool('use_tls')) return [];
  const tls = section.section('tls');
  if (tls.string('cert_file') === '') return fault('cert_file', new HekateError('HKT_TLS_PAIR'));
  if (tls.string('key_file') === '') return fault('key_file', new HekateError('HKT_TLS_PAIR'));
  const auth = tls.string('client_auth');
  if (verifiesClients(auth) && tls.string('client_cafile') === '') {
    return fault('client_auth', new HekateError('HKT_TLS_CLIENT_CA', [auth]));
  }
  return [...ticketFaults(tls), ...versionFaults(tls)];
}

/** For the lint of a PluginSpec with use_tls. */
export function lintClientTls(section: Section): readonly TlsFault[] {
  return section.bool('use_tls') ? clientTlsFaults(section.section('tls')) : [];
}

/** What is wrong with the `tls` section of a client that uses it. */
export function clientTlsFaults(tls: Section): readonly TlsFault[] {
  return (tls.string('cert_file') === '') === (tls.string('key_file') === '')
    ? versionFaults(tls)
    : fault('cert_file', new HekateError('HKT_TLS_PAIR'));
}

function versionFaults(tls: Section): readonly TlsFault[] {
  const min = tls.string('min_version');
  const max = tls.string('max_version');
  const range = versionRangeFault(min, max);
  if (range !== undefined) return [{ key: 'tls.max_version', text: range }];
  return ciphersFit(tls.strings('ciphers'), min, max)
    ? []
    : [{ key: 'tls.ciphers', text: 'none of them belongs to a version that may be spoken' }];
}

/** The value is a secret, so a fault shows none of it. */
function ticketFaults(tls: Section): readonly TlsFault[] {
  const keys = ['session_ticket_key', 'sesion_ticket_key'];
  if (keys.every((key) => tls.string(key) !== '')) {
    return [{ key: 'tls.session_ticket_key', text: 'is given under both of its names' }];
  }
  return keys.flatMap((key) => {
    const text = ticketKeyFault(tls.string(key));
    return text === undefined ? [] : [{ key: `tls.${key}`, text }];
  });
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
  const names = tls.strings('ciphers');
  const { min, max } = versionsOf(names, tls.string('min_version'), tls.string('max_version'));
  const ciphers = cipherList(names, isOldVersion(min));
  const options: SecureContextOptions = {
    minVersion: secureVersion(min),
    ...(max === '' ? {} : { maxVersion: secureVersion(max) }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ciphers === '' ? {} : { ciphers }),
  };
  try {
    createSecureContext(options);
  } catch (thrown) {
    throw new HekateError('HKT_TLS_FILE', ['cert_file', certFile, errorText(thrown)], thrown);
  }
  return options;
}

/** OpenSSL's list; "" is its own choice. */
function cipherList(names: readonly string[], oldVersion: boolean): string {
  const list = openSslCiphers(names);
  if (!oldVersion) return list.join(':');
  return [...(list.length === 0 ? ['DEFAULT'] : list), '@SECLEVEL=0'].join(':');
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
  const ticketKey = tls.string('session_ticket_key') || tls.string('sesion_ticket_key');
  return {
    ...(await commonOptions(tls)),
    ...(ca === undefined ? {} : { ca }),
    honorCipherOrder: tls.bool('prefer_server_ciphers'),
    ...(tls.bool('session_tickets_disabled') ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}),
    ...(ticketKey === '' ? {} : { ticketKeys: ticketKeys(ticketKey) }),
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
