/**
 * The settings of SandboxDecoder, SandboxEncoder, SandboxInput and SandboxOutput: Heka 0.11's, and those of ours and of
 * Hindsight that say more.
 */
import type { FieldSpec, PluginSpec } from '../config/spec.ts';
import { confinementFields, sandboxFields } from './sandbox-fields.ts';

/** More than shards is of no use. */
const MOST_INSTANCES = 64;
const NO_USE = 'it has no meaning for this kind of sandbox';

/** Inputs and outputs may wait for the machine, so calls have no clock, and by default no instruction limit. */
const machineFields = {
  ...sandboxFields,
  ...confinementFields,
  instruction_limit: {
    ...confinementFields.instruction_limit,
    default: 0,
    doc: 'With api = "lsb": instructions that one call may take, 0 for no limit. In Heka\'s flavour there is none.',
  },
  call_timeout: {
    kind: 'string',
    doc: 'Wall clock of one call.',
    ignored: 'inputs and outputs may wait as long as they like',
  },
  root: {
    kind: 'string',
    default: '',
    doc: 'Folder below which the script may use files, and where relative paths start. Empty: sandbox_files in base_dir. Other folders in base_dir are never seen from outside of it.',
    example: '"/var/log"',
  },
  network: {
    kind: 'bool',
    default: true,
    doc: 'Whether the script may use sockets.',
  },
} as const satisfies Record<string, FieldSpec>;

const unused: FieldSpec = { kind: 'bool', doc: 'Belongs to filters.', ignored: NO_USE };

export const sandboxDecoderSpec: PluginSpec = {
  type: 'SandboxDecoder',
  category: 'decoder',
  doc: 'A Lua script that turns a record into messages. Every source of an input has one of its own.',
  fields: {
    ...sandboxFields,
    ...confinementFields,
    instances: {
      kind: 'uint',
      default: 1,
      doc: 'Sandboxes that share the records of one source, on as many shards. Only for scripts that keep nothing between records.',
      check: (value) =>
        typeof value === 'number' && value > MOST_INSTANCES
          ? `must not be above ${MOST_INSTANCES}`
          : undefined,
    },
    can_exit: unused,
    timer_event_on_shutdown: unused,
  },
};

export const sandboxEncoderSpec: PluginSpec = {
  type: 'SandboxEncoder',
  category: 'encoder',
  doc: 'A Lua script that turns a message into the bytes that an output writes.',
  fields: { ...sandboxFields, ...confinementFields },
};

export const sandboxInputSpec: PluginSpec = {
  type: 'SandboxInput',
  category: 'input',
  doc: 'A Lua script that makes messages of its own, in a thread of its own: once, every ticker_interval, or without end.',
  fields: {
    ...machineFields,
    timer_event_on_shutdown: unused,
    shutdown_on_terminate: {
      kind: 'bool',
      default: false,
      doc: 'End the daemon when the script ends by a fault, whatever can_exit says.',
    },
  },
  commonDefaults: { can_exit: true },
};

export const sandboxOutputSpec: PluginSpec = {
  type: 'SandboxOutput',
  category: 'output',
  doc: 'A Lua script that writes messages wherever it likes, in a thread of its own.',
  fields: {
    ...machineFields,
    timer_event_on_shutdown: {
      kind: 'bool',
      default: false,
      doc: 'Call timer_event once more when the output stops. With api = "lsb" it always is.',
    },
    async_buffer_size: {
      kind: 'uint',
      default: 0,
      doc: 'With api = "lsb": messages that may wait for update_checkpoint; needed by scripts that return -5.',
    },
    shutdown_on_terminate: {
      kind: 'bool',
      default: false,
      doc: 'End the daemon when the script ends by a fault, whatever can_exit says.',
    },
    remove_checkpoints_on_terminate: {
      kind: 'bool',
      doc: 'Forget how far the output has come when its script ends.',
      ignored: 'outputs have no queue on disk to come back to',
    },
    read_queue: {
      kind: 'choice',
      choices: ['both', 'input', 'analysis'],
      doc: 'Which of the queues of Hindsight is read.',
      ignored: 'there is one stream; choose by message_matcher',
    },
  },
  commonDefaults: { can_exit: true },
};
