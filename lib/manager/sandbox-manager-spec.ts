/** The settings of a SandboxManagerFilter: Heka 0.11's, and `allow_unsigned` and the confinement settings of ours. */
import type { PluginSpec } from '../config/spec.ts';
import { confinementFields } from '../sandboxes/sandbox-fields.ts';

export const sandboxManagerSpec: PluginSpec = {
  type: 'SandboxManagerFilter',
  category: 'filter',
  doc:
    'Starts, replaces and stops SandboxFilters on signed control messages. Everything that confines a filter is set ' +
    'here, for all filters of the manager.',
  fields: {
    working_directory: {
      kind: 'string',
      default: 'sbxmgrs',
      doc: 'Where the filters are kept for the next start; a relative path is below base_dir. Managers may share it.',
      example: '"sbxmgrs"',
    },
    max_filters: {
      kind: 'uint',
      default: 0,
      doc: 'How many filters this manager may run; 0 is none.',
      example: '100',
    },
    allow_unsigned: {
      kind: 'bool',
      default: false,
      doc:
        'Without message_signer: take control messages from anywhere. When false, such a manager takes them only from ' +
        'inputs that nothing but this machine can reach.',
    },
    ...confinementFields,
  },
  commonDefaults: { message_matcher: "Type == 'heka.control.sandbox'" },
  ticker: false,
};
