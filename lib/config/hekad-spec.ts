/**
 * The [hekad] section: Heka 0.11's global settings, and ours for shards, checkpoints, the audit log and the caps of
 * tenants' sandboxes. Paths stay texts here; relative data paths are below base_dir, code paths below share_dir.
 */
import { limits } from '../../native-limits/limits.ts';
import type { ConfigValue, FieldSpec, PluginSpec } from './spec.ts';

/** Go's log flags: date 1, time 2, microseconds 4, UTC 32. File names (8, 16) mean nothing here. */
const logFlagBits = 1 | 2 | 4 | 32;

const within =
  (least: number, most: number, what = '') =>
  (value: ConfigValue): string | undefined =>
    typeof value === 'number' && (value < least || value > most)
      ? `must be between ${least} and ${most}${what}`
      : undefined;

const noPackPool = 'messages are not kept in a pool of fixed size; batches are bounded instead';

const upstreamFields: Readonly<Record<string, FieldSpec>> = {
  maxprocs: {
    kind: 'uint',
    default: 0,
    doc: 'Number of shards, which are the threads that run sandboxes. 0 is one for each processor but the first, at least one.',
    check: within(0, 256),
    example: '2',
  },
  poolsize: {
    kind: 'uint',
    doc: 'Size of the pool of messages.',
    ignored: noPackPool,
  },
  plugin_chansize: {
    kind: 'uint',
    doc: 'Capacity of the channels between plugins.',
    ignored: noPackPool,
  },
  max_message_loops: {
    kind: 'uint',
    default: limits.messageLoops.value,
    doc: 'How often a message may cause another that is injected. 0 is read as 1.',
    check: within(0, limits.messageLoops.cap),
  },
  max_process_inject: {
    kind: 'uint',
    default: limits.processInject.value,
    doc: 'Messages that a sandbox filter may inject in one process_message.',
    check: within(0, limits.processInject.cap),
  },
  max_timer_inject: {
    kind: 'uint',
    default: limits.timerInject.value,
    doc: 'Messages that a sandbox filter may inject in one timer_event.',
    check: within(0, limits.timerInject.cap),
  },
  max_process_duration: {
    kind: 'uint',
    default: 100_000,
    doc: 'Nanoseconds that process_message of a managed filter may take on average before it is ended as too slow.',
  },
  max_pack_idle: {
    kind: 'duration',
    doc: 'Age at which a message is taken for lost.',
    ignored: noPackPool,
    example: '"2m"',
  },
  base_dir: {
    kind: 'string',
    default: '/var/cache/hekad',
    doc: 'Where data is kept: positions of inputs, preserved state, filters of managers. Created when missing.',
    example: '"/var/lib/hekate"',
  },
  share_dir: {
    kind: 'string',
    default: '/usr/share/heka',
    doc: 'Where relative paths of scripts and modules start.',
    example: '"/usr/share/heka"',
  },
  extensions: {
    kind: 'strings',
    doc: 'Extension packages that are on: names, or "all". Empty: those that say so themselves. "-name" leaves one out. See hekate ext list.',
    example: '["all", "-socket"]',
  },
  sample_denominator: {
    kind: 'int',
    doc: 'One of so many calls is measured for the mean duration in reports.',
    check: within(1, Number.MAX_SAFE_INTEGER),
    ignored: 'every call is measured',
  },
  pid_file: {
    kind: 'string',
    default: '',
    doc: 'File that holds the process number while the daemon runs. It refuses to start when another live process is named there.',
    example: '"/run/hekate.pid"',
  },
  hostname: {
    kind: 'string',
    default: '',
    doc: "Hostname of the messages that the daemon makes; empty is the machine's own.",
  },
  max_message_size: {
    kind: 'bytes',
    default: limits.messageSize.value,
    doc: 'Largest message, in bytes.',
    example: '"64KiB"',
    check: (value) => {
      if (typeof value === 'number' && value <= 1024)
        return "'max_message_size' setting must be greater than 1024.";
      return within(1025, limits.messageSize.cap)(value);
    },
  },
  log_flags: {
    kind: 'uint',
    default: 3,
    doc: 'What stands before a log line, as a sum: date 1, time 2, microseconds 4, UTC 32. 0 is nothing.',
    check: (value) =>
      typeof value === 'number' && (value & ~logFlagBits) !== 0
        ? 'must be a sum of 1 (date), 2 (time), 4 (microseconds) and 32 (UTC)'
        : undefined,
  },
  full_buffer_max_retries: {
    kind: 'uint',
    default: 10,
    doc: 'How often to wait, each time for at most 1.5 s, for a disk queue that is nearly full at the start.',
  },
  cpuprof: {
    kind: 'string',
    default: '',
    doc: 'File for a processor profile.',
    refused: 'run the daemon under `node --cpu-prof` instead',
  },
  memprof: {
    kind: 'string',
    default: '',
    doc: 'File for a memory profile.',
    refused: 'run the daemon under `node --heap-prof` instead',
  },
};

const ownFields: Readonly<Record<string, FieldSpec>> = {
  memory_limit_cap: {
    kind: 'bytes',
    default: limits.memory.cap,
    doc: 'Highest memory_limit of any sandbox, and what a memory_limit of 0 means.',
    check: within(1, limits.memory.cap, ' bytes'),
    example: '"64MiB"',
  },
  instruction_limit_cap: {
    kind: 'uint',
    default: limits.instructions.cap,
    doc: 'Highest instruction_limit of any sandbox, and what an instruction_limit of 0 means.',
    check: within(1, limits.instructions.cap),
    example: '10000000',
  },
  output_limit_cap: {
    kind: 'bytes',
    default: limits.output.cap,
    doc: 'Highest output_limit of any sandbox, and what an output_limit of 0 means.',
    check: within(1, limits.output.cap, ' bytes'),
    example: '"1MiB"',
  },
  call_timeout_cap: {
    kind: 'duration',
    default: limits.callTime.cap,
    doc: 'Longest call_timeout of any sandbox, and what a call_timeout of "0" means.',
    check: within(1, limits.callTime.cap, ' ms'),
    example: '"5s"',
  },
  checkpoint_interval: {
    kind: 'duration',
    default: 5000,
    doc: 'How often the state of sandboxes that preserve theirs is written while they run.',
    check: within(100, 86_400_000, ' ms'),
    example: '"5s"',
  },
  audit_log: {
    kind: 'string',
    default: 'audit.log',
    doc: 'File to which every control message and its outcome is appended; a relative path is below base_dir.',
    example: '"audit.log"',
  },
};

export const hekadSpec: PluginSpec = {
  type: 'hekad',
  category: 'global',
  doc: 'Settings of the daemon as a whole.',
  fields: { ...upstreamFields, ...ownFields },
};
