/**
 * Settings that sandboxes of several kinds share: how they are run and confined, and what their scripts see. Heka 0.11's, and
 * `engine`, `isolation`, `api` and others of ours.
 */
import { limits } from '../../native-limits/limits.ts';
import type { FieldSpec } from '../config/spec.ts';
import { DEFAULT_ENGINE } from '../protocol/batch.ts';

/** How a sandbox is run and confined. Also the settings of a SandboxManagerFilter, which owns them for its filters. */
export const confinementFields = {
  module_directory: {
    kind: 'string',
    default: '',
    doc: 'Directories that `require` searches, separated by semicolons. Empty: lua_modules below share_dir.',
    example: '"/usr/share/heka/lua_modules"',
  },
  memory_limit: {
    kind: 'bytes',
    default: limits.memory.value,
    doc: 'Bytes that the sandbox may hold; more ends it. 0 is the cap of the operator.',
    example: '"8MiB"',
  },
  instruction_limit: {
    kind: 'uint',
    default: limits.instructions.value,
    doc: 'Instructions that one call of process_message or timer_event may take; more ends the sandbox. 0 is the cap of the operator.',
    example: '1000000',
  },
  output_limit: {
    kind: 'bytes',
    default: limits.output.value,
    doc: 'Bytes that the output buffer may hold. 0 is the cap of the operator.',
    example: '"63KiB"',
  },
  call_timeout: {
    kind: 'duration',
    default: limits.callTime.value,
    doc: 'Wall clock of one call; longer ends the sandbox. "0" is the cap of the operator.',
    example: '"1s"',
    check: (value) => (typeof value === 'number' && value < 0 ? 'must not be negative' : undefined),
  },
  engine: {
    kind: 'choice',
    choices: ['compiled', 'interpreted'],
    default: DEFAULT_ENGINE,
    doc: 'How Lua is run: compiled to JavaScript, or by an interpreter, which is slower and takes more memory. Compiled scripts need a Node.js that may make code from strings; without it they are interpreted.',
  },
  isolation: {
    kind: 'choice',
    choices: ['thread', 'process'],
    default: 'thread',
    doc: 'Where the isolate lives: in a thread of the daemon, or in a process of its own kind.',
    refused: 'process cells are not built yet',
  },
} as const satisfies Record<string, FieldSpec>;

/** What every kind of sandbox is given beside its confinement. */
export const sandboxFields = {
  script_type: {
    kind: 'choice',
    choices: ['lua'],
    default: 'lua',
    doc: 'Language of the script.',
  },
  filename: {
    kind: 'string',
    default: '',
    doc: 'The script; a relative path is below share_dir, or that of a script that an enabled package ships.',
    example: '"lua_filters/counts.lua"',
  },
  preserve_data: {
    kind: 'bool',
    default: false,
    doc: 'Keep the global variables of the script across restarts, below base_dir/sandbox_preservation.',
  },
  profile: {
    kind: 'bool',
    doc: 'Record where the script spends its time.',
    ignored: 'hekate try -profile does',
  },
  api: {
    kind: 'choice',
    choices: ['heka', 'lsb'],
    default: 'heka',
    doc: 'Which flavour of the host functions the script sees: that of Heka, or that of lua_sandbox 1.x (Hindsight).',
  },
  config: {
    kind: 'table',
    doc: 'Free values that the script reads with read_config.',
    example: '{ rows = 1440 }',
  },
  disabled_modules: {
    kind: 'strings',
    doc: 'Modules that `require` refuses, beside those that the kind of sandbox may not have.',
    example: '["os"]',
  },
  remove_entries: {
    kind: 'table',
    doc: 'Functions taken out of modules: lists of names by module, the base library is "".',
    example: '{ os = ["getenv"] }',
  },
  log_level: {
    kind: 'uint',
    default: 7,
    doc: 'With api = "lsb": print writes to the log at 7 only.',
    example: '7',
  },
  restricted_headers: {
    kind: 'bool',
    doc: 'With api = "lsb": Uuid, Timestamp, Logger, Hostname and Pid of injected messages are set by the host. Default: true for filters, false for inputs and outputs.',
  },
} as const satisfies Record<string, FieldSpec>;
