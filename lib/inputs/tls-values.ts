/**
 * The values of TLS settings as upstream spells them, and what OpenSSL calls them. What OpenSSL has no more, or nobody
 * should use, is told apart from what is misspelt.
 */
import { createHash } from 'node:crypto';
import type { SecureVersion } from 'node:tls';

/** Oldest first. */
const VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;
type Version = (typeof VERSIONS)[number];

const openSslVersions: Readonly<Record<Version, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

const ciphers: ReadonlyMap<string, string> = new Map([
  ['RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
  ['RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA'],
  ['ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA'],
  ['ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA'],
  ['ECDHE_RSA_WITH_AES_128_CBC_SHA', 'ECDHE-RSA-AES128-SHA'],
  ['ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA'],
  ['ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  // Younger than upstream.
  ['ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
  ['AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
  ['CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
]);

/** Ciphers of upstream that OpenSSL has dropped. */
const BROKEN: ReadonlySet<string> = new Set([
  'RSA_WITH_RC4_128_SHA',
  'RSA_WITH_3DES_EDE_CBC_SHA',
  'ECDHE_ECDSA_WITH_RC4_128_SHA',
  'ECDHE_RSA_WITH_RC4_128_SHA',
  'ECDHE_RSA_WITH_3DES_EDE_CBC_SHA',
]);

const TICKET_KEY_BYTES = 32;
/** What Node asks for: a name, and keys for encryption and authentication, of 16 bytes each. */
const NODE_TICKET_KEY_BYTES = 48;

function isVersion(text: string): text is Version {
  return VERSIONS.some((version) => version === text);
}

/** What is wrong with a version; `key` is MinVersion or MaxVersion. */
export function versionFault(key: string, value: string): string | undefined {
  if (value === 'SSL30') return 'SSL 3.0 is broken and not built; use TLS12 or TLS13';
  return isVersion(value) ? undefined : `Invalid ${key}: ${value}`;
}

export function secureVersion(value: string): SecureVersion {
  return isVersion(value) ? openSslVersions[value] : 'TLSv1.2';
}

/** OpenSSL signs no handshake of this version at its usual level of security. */
export function isOldVersion(value: string): boolean {
  return value === 'TLS10' || value === 'TLS11';
}

/** What is wrong with a range of versions; "" for `max` is no bound. */
export function versionRangeFault(min: string, max: string): string | undefined {
  if (max === '' || !isVersion(min) || !isVersion(max)) return undefined;
  return VERSIONS.indexOf(max) < VERSIONS.indexOf(min)
    ? `MaxVersion (${max}) must be newer than MinVersion (${min})`
    : undefined;
}

/** What is wrong with a list of ciphers. */
export function cipherFault(names: readonly string[]): string | undefined {
  for (const name of names) {
    if (BROKEN.has(name)) return `${name} is broken, and OpenSSL does not have it any more`;
    if (!ciphers.has(name)) return `Invalid cipher string: ${name}`;
  }
  return undefined;
}

export interface VersionRange {
  readonly min: string;
  /** "" is no bound. */
  readonly max: string;
}

/** The versions that a list of ciphers leaves: OpenSSL would add its own ciphers for TLS 1.3 to a list that has none. */
export function versionsOf(names: readonly string[], min: string, max: string): VersionRange {
  const ofTls13 = openSslCiphers(names).filter((name) => name.startsWith('TLS_')).length;
  if (names.length === 0) return { min, max };
  if (ofTls13 === names.length) return { min: 'TLS13', max };
  return { min, max: ofTls13 > 0 || (max !== '' && max !== 'TLS13') ? max : 'TLS12' };
}

/** True when a cipher of the list can be used with a version from `min` to `max` ("" is no bound). */
export function ciphersFit(names: readonly string[], min: string, max: string): boolean {
  const left = versionsOf(names, min, max);
  return versionRangeFault(left.min, left.max) === undefined;
}

export function openSslCiphers(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => ciphers.get(name) ?? []);
}

/** What is wrong with a key of session tickets, without showing any of it. */
export function ticketKeyFault(hex: string): string | undefined {
  if (hex === '') return undefined;
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) return 'must be hexadecimal';
  const length = hex.length / 2;
  return length === TICKET_KEY_BYTES ? undefined : `Invalid SessionTicketKey length: ${length}`;
}

/** The keys that follow from upstream's one: the same for every daemon that has it. */
export function ticketKeys(hex: string): Buffer {
  const hash = createHash('sha512').update(Buffer.from(hex, 'hex')).digest();
  return hash.subarray(0, NODE_TICKET_KEY_BYTES);
}
