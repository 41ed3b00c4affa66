/**
 * The keys that incoming signatures are checked against, by `<name>_<version>`, read from `signer` sections: those of a
 * HekaFramingSplitter, or of an input (the form before Heka 0.9, which the tutorial uses). Several versions of a name may
 * be valid at once. Keys are KeyObjects, so that no log and no inspection shows one.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { ConfigValue, FieldSpec, Section } from '../config/spec.ts';
import { MAX_KEY_VERSION } from './signer.ts';

export type SignerTable = ReadonlyMap<string, KeyObject>;

export const noSigners: SignerTable = new Map();

/** The `signer` setting of a splitter's or an input's spec. */
export const signerField: FieldSpec = {
  kind: 'sections',
  doc: 'Keys that signed messages are checked against, one section per name and key version.',
  example: '[PlatformDevs_0]\nhmac_key = "a secret"',
  fields: {
    hmac_key: {
      kind: 'string',
      required: true,
      doc: 'The secret that the sender signs with.',
      example: '"4865ey9urgkidls xtb0[7lf9rzcivthkm"',
      check: (value) => (value === '' ? 'is empty: anyone could sign as this signer' : undefined),
    },
  },
  check: idFault,
};

/** An id that no header can name would be a signer that never works. */
function idFault(signers: ConfigValue): string | undefined {
  for (const id of Object.keys(signers)) {
    const version = /_(0|[1-9]\d{0,9})$/.exec(id)?.[1];
    if (version === undefined || Number(version) > MAX_KEY_VERSION) {
      return `'${id}' must end in _ and a key version, such as ${id.replace(/_\d*$/, '')}_0`;
    }
  }
  return undefined;
}

/** The table of a section whose spec has `signer: signerField`. */
export function signerTable(section: Section): SignerTable {
  const table = new Map<string, KeyObject>();
  for (const [id, entry] of section.sections('signer')) {
    table.set(id, createSecretKey(Buffer.from(entry.string('hmac_key'), 'utf8')));
  }
  return table;
}

/** Both tables in one; for an id that is in both, `nearer` counts. */
export function mergeSigners(base: SignerTable, nearer: SignerTable): SignerTable {
  if (nearer.size === 0) return base;
  if (base.size === 0) return nearer;
  return new Map([...base, ...nearer]);
}
