/**
 * The `signer` tables in an input's own section, as configurations from before Heka 0.9 (and its tutorial) have them:
 * [<input>.signer.<name>_<version>]. The daemon hands them to the input's HekaFramingSplitter.
 */
import type { FieldSpec } from '../config/spec.ts';

export const signerField: FieldSpec = {
  kind: 'sections',
  doc: "Keys of signers, named <signer>_<key version>; the same as in the HekaFramingSplitter's section.",
  example: '[TcpInput.signer.ops_0]',
  fields: {
    hmac_key: {
      kind: 'string',
      required: true,
      doc: 'The shared secret.',
      check: (value) => (value === '' ? 'must not be empty' : undefined),
    },
  },
};
