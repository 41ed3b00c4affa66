/**
 * The check of a frame's signature against a signer table. A message carries a signer's name only after its HMAC was
 * found right. A header that names a signer and has no HMAC is refused, where Heka 0.11 took its word; so is an unknown
 * hash function, where it crashed. There is no short cut for short headers.
 */
import { timingSafeEqual } from 'node:crypto';
import type { ErrorCode } from '../protocol/errors.ts';
import { errorCatalogue, formatTemplate } from '../protocol/errors.ts';
import { type FrameHeader, HashFunction, type HashName } from '../protocol/framing.ts';
import { messageDigest, signerId } from './signer.ts';
import type { SignerTable } from './signer-table.ts';

/** Why a message was refused, in the words of the catalogue. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code: ErrorCode;
  readonly values: readonly string[];
  readonly text: string;
}

export type Verification =
  | { readonly kind: 'unsigned'; readonly signer: '' }
  | { readonly kind: 'verified'; readonly signer: string }
  | Refusal;

const unsigned: Verification = { kind: 'unsigned', signer: '' };

const hashNames = new Map<number, HashName>(
  Object.entries(HashFunction).map(([name, number]) => [number, name as HashName]), // its own keys
);

/** Checks the header of a frame around `message`; undefined stands for a header without a signature. */
export function verify(
  header: FrameHeader | undefined,
  message: Uint8Array,
  signers: SignerTable,
): Verification {
  if (header === undefined) return unsigned;
  if (header.hmac === undefined) {
    return header.signer === ''
      ? unsigned
      : refused('HKT_SIGNER_NO_HMAC', [printable(header.signer)]);
  }
  const id = signerId(header.signer, header.keyVersion);
  const key = signers.get(id);
  if (key === undefined) return refused('HKT_SIGNER_UNKNOWN', [printable(id)]);
  const hash = hashNames.get(header.hashFunction);
  if (hash === undefined) {
    return refused('HKT_SIGNER_HASH', [printable(id), String(header.hashFunction)]);
  }
  let expected: Uint8Array;
  try {
    expected = messageDigest(hash, key, message);
  } catch {
    // OpenSSL does not offer md5 everywhere (FIPS): then nothing signed with it can be accepted.
    return refused('HKT_SIGNER_HASH', [printable(id), hash]);
  }
  // The length of a digest is no secret; the comparison of its bytes takes the same time wherever they differ.
  return header.hmac.length === expected.length && timingSafeEqual(header.hmac, expected)
    ? { kind: 'verified', signer: header.signer }
    : refused('HKT_SIGNER_DIGEST', [printable(id)]);
}

function refused(code: ErrorCode, values: readonly string[]): Refusal {
  const { template } = errorCatalogue[code];
  return { kind: 'refused', code, values, text: formatTemplate(template, values) };
}

/** A sender's text for a log line: one line, bounded. */
function printable(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?');
}
