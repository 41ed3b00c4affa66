/** The settings of a SandboxFilter. */
import type { PluginSpec } from '../config/spec.ts';
import { confinementFields, sandboxFields } from '../sandboxes/sandbox-fields.ts';

export const sandboxFilterSpec: PluginSpec = {
  type: 'SandboxFilter',
  category: 'filter',
  doc: 'A Lua script in an isolate of its own, which reads the messages that its matcher chooses and injects new ones.',
  fields: {
    ...sandboxFields,
    filename: {
      ...sandboxFields.filename,
      doc: `${sandboxFields.filename.doc} A filter that a manager runs gives none.`,
    },
    timer_event_on_shutdown: {
      kind: 'bool',
      default: false,
      doc: 'Call timer_event once more when the filter stops. With api = "lsb" it always is.',
    },
    process_message_inject_limit: {
      kind: 'uint',
      default: 0,
      doc: 'With api = "lsb": messages that one process_message may inject.',
    },
    timer_event_inject_limit: {
      kind: 'uint',
      default: 10,
      doc: 'With api = "lsb": messages that one timer_event may inject.',
    },
    ...confinementFields,
  },
  commonDefaults: { can_exit: true },
};
