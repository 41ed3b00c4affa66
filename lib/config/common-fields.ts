/**
 * The settings that every plugin of a category has beside its own (Heka 0.11, pipeline/config.go). A plugin's own field
 * of the same name wins, and its commonDefaults replace a default.
 */
import type { Category, FieldSpec, PluginSpec } from './spec.ts';

type Fields = Readonly<Record<string, FieldSpec>>;

const noBuffering =
  'TcpOutput, HttpOutput and ElasticSearchOutput have disk queues; elsewhere the router holds inputs back while a plugin is busy, and drops nothing silently';

const retries: FieldSpec = {
  kind: 'section',
  doc: 'How a plugin that ended by a fault is started again.',
  ignored:
    'as in Heka, none of these plugin types restarts; outputs reconnect and reopen by themselves',
  fields: {
    max_jitter: {
      kind: 'duration',
      default: 500,
      doc: 'Longest random time added to every wait.',
      example: '"500ms"',
    },
    max_delay: { kind: 'duration', default: 30_000, doc: 'Longest wait.', example: '"30s"' },
    delay: {
      kind: 'duration',
      default: 250,
      doc: 'First wait; it doubles each time up to max_delay.',
      example: '"250ms"',
    },
    max_retries: {
      kind: 'int',
      default: -1,
      doc: 'Number of restarts; -1 is for ever, 0 is none.',
      check: (value) =>
        typeof value === 'number' && value < -1 ? 'must be -1 (for ever) or more' : undefined,
    },
  },
};

const canExit: FieldSpec = {
  kind: 'bool',
  default: false,
  doc: 'When true, the end of this plugin leaves the daemon running; when false, it shuts the daemon down.',
};

const tickerInterval: FieldSpec = {
  kind: 'seconds',
  default: 0,
  doc: 'Whole seconds between two timer events; 0 is no timer.',
  example: '5',
};

const consumer: Fields = {
  ticker_interval: tickerInterval,
  message_matcher: {
    kind: 'matcher',
    required: true,
    doc: 'Expression that chooses the messages this plugin receives.',
    example: '"Type == \'nginx.access\' && Fields[status] >= 500"',
  },
  message_signer: {
    kind: 'string',
    default: '',
    doc: 'Name of the signer that a message must carry; empty takes any message.',
  },
  can_exit: canExit,
  retries,
  use_buffering: {
    kind: 'bool',
    default: false,
    doc: 'Queue messages for this plugin on disk.',
    refused: noBuffering,
  },
  buffering: { kind: 'table', doc: 'Settings of the disk queue.', refused: noBuffering },
};

const output: Fields = {
  ...consumer,
  encoder: {
    kind: 'string',
    default: '',
    doc: 'Name of the encoder section that turns messages into bytes.',
    example: '"ProtobufEncoder"',
  },
  use_framing: {
    kind: 'bool',
    doc: "Put Heka's framing header before every encoded message. Unset: only with ProtobufEncoder.",
  },
};

const filter: Fields = {
  ...consumer,
  encoder: { kind: 'string', doc: 'Belongs to outputs.', ignored: 'a filter encodes nothing' },
  use_framing: { kind: 'bool', doc: 'Belongs to outputs.', ignored: 'a filter encodes nothing' },
};

const input: Fields = {
  ticker_interval: tickerInterval,
  decoder: {
    kind: 'string',
    default: '',
    doc: 'Name of the decoder section; empty leaves records as payloads.',
    example: '"ProtobufDecoder"',
  },
  splitter: {
    kind: 'string',
    default: 'NullSplitter',
    doc: 'Name of the splitter section that cuts the stream into records.',
    example: '"TokenSplitter"',
  },
  synchronous_decode: {
    kind: 'bool',
    default: false,
    doc: 'Whether the input waits for its decoder.',
    ignored: 'decoding is always in step with its input',
  },
  send_decode_failures: {
    kind: 'bool',
    default: false,
    doc: 'Route a message that could not be decoded, with the fields decode_failure and decode_error.',
  },
  log_decode_failures: { kind: 'bool', default: true, doc: 'Log decode failures.' },
  can_exit: canExit,
  retries,
};

const splitter: Fields = {
  keep_truncated: {
    kind: 'bool',
    default: false,
    doc: 'Keep the first part of a record that is longer than the largest message.',
  },
  use_message_bytes: {
    kind: 'bool',
    default: false,
    doc: 'Records are encoded messages rather than payloads.',
  },
  min_buffer_size: {
    kind: 'bytes',
    default: 8192,
    doc: 'Smallest read buffer, in bytes.',
    example: '8192',
  },
  deliver_incomplete_final: {
    kind: 'bool',
    default: false,
    doc: 'Deliver what is left without a delimiter when the stream ends.',
  },
};

const byCategory: Readonly<Record<Category, Fields>> = {
  input,
  splitter,
  decoder: {},
  filter,
  encoder: {},
  output,
  global: {},
};

/** Keys that Heka dropped in 0.9 and that old configurations still have: what took their place. */
export const formerKeys: ReadonlyMap<string, string> = new Map([
  ['parser_type', "Heka 0.9 replaced it by 'splitter'"],
  ['delimiter', "since Heka 0.9 it belongs to a splitter's section"],
  ['delimiter_location', "since Heka 0.9 it is delimiter_eol in a RegexSplitter's section"],
]);

/** All settings of a plugin type: common ones with the plugin's changed defaults, then its own. */
export function fieldsOf(spec: PluginSpec): Fields {
  const fields: Record<string, FieldSpec> = {};
  for (const [key, field] of Object.entries(byCategory[spec.category])) {
    const changed = spec.commonDefaults?.[key];
    fields[key] = changed === undefined ? field : { ...field, default: changed, required: false };
  }
  return { ...fields, ...spec.fields };
}

/** The names of a category's common settings, for the reference page. */
export function commonFields(category: Category): Fields {
  return byCategory[category];
}
