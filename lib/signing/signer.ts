/**
 * Signing: an HMAC over a message's bytes, carried in the header of its frame (Heka 0.11, client/encoders.go).
 * md5 and sha1 are upstream's; sha256 and sha512 are Hekate's and are refused by upstream. Keys never appear in errors.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import { HekateError } from '../protocol/errors.ts';
import { frame, HashFunction, type HashName } from '../protocol/framing.ts';
import { DEFAULT_MAX_MESSAGE_SIZE } from '../protocol/message.ts';

/** Largest key version: it is a uint32 on the wire. */
export const MAX_KEY_VERSION = 0xffffffff;

/** One signing key. The daemon knows it as `<name>_<keyVersion>`. */
export interface Signer {
  readonly name: string;
  readonly keyVersion: number;
  readonly hash: HashName;
  /** Used as its UTF-8 bytes. */
  readonly key: string;
}

/** The hash function of an hmac_hash setting; empty means md5. Throws HKT_SIGNER_HASH_NAME. */
export function hashName(text: string): HashName {
  const name = text === '' ? 'md5' : text.toLowerCase();
  if (Object.hasOwn(HashFunction, name)) return name as HashName; // a key of HashFunction, just checked
  throw new HekateError('HKT_SIGNER_HASH_NAME', [text.slice(0, 64)]);
}

/** The name that a signer has in a signer table. */
export function signerId(name: string, keyVersion: number): string {
  return `${name}_${keyVersion}`;
}

/** HMAC over a message's bytes; the header is not covered. */
export function messageDigest(
  hash: HashName,
  key: string | KeyObject,
  message: Uint8Array,
): Uint8Array {
  return createHmac(hash, key).update(message).digest();
}

/**
 * Signs an encoded message and puts a frame around it. Throws HKT_SIGNER_VERSION, HKT_MESSAGE_TOO_BIG, and
 * HKT_MESSAGE_HEADER_TOO_BIG for a long signer name.
 */
export function signFrame(
  message: Uint8Array,
  signer: Signer,
  maxMessageSize: number = DEFAULT_MAX_MESSAGE_SIZE,
): Uint8Array {
  const { keyVersion } = signer;
  if (!Number.isInteger(keyVersion) || keyVersion < 0 || keyVersion > MAX_KEY_VERSION) {
    throw new HekateError('HKT_SIGNER_VERSION', [keyVersion]);
  }
  return frame(message, {
    maxMessageSize,
    signature: {
      hash: signer.hash,
      signer: signer.name,
      keyVersion,
      digest: messageDigest(signer.hash, signer.key, message),
    },
  });
}
