/**
 * PayloadRegexDecoder: a regular expression in RE2's syntax takes the payload apart, and message_fields says what the
 * message becomes. Matching takes linear time whatever the payload holds (Heka 0.11).
 */
import { RE2JS } from 're2js';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Decoder, PluginContext, PluginType } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import {
  applyTemplate,
  type Captures,
  compileTemplate,
  type MessageTemplate,
} from './message-template.ts';
import { layoutFault, type TextTimeParser, textTimeParser } from './text-time.ts';
import { TimeZone } from '../protocol/time-zone.ts';

/** How much of a payload or a value goes into an error's text. */
const SHOWN_CHARACTERS = 200;

const spec: PluginSpec = {
  type: 'PayloadRegexDecoder',
  category: 'decoder',
  doc: "Takes the payload apart with a regular expression and fills the message's headers and fields from its groups.",
  fields: {
    match_regex: {
      kind: 'string',
      required: true,
      doc: 'Expression with named groups (RE2 syntax) that the payload must match. The groups Timestamp and Severity set these headers.',
      example: "'^(?P<RemoteIP>\\S+) \\[(?P<Timestamp>[^\\]]+)\\]'",
      check: regexFault,
    },
    severity_map: {
      kind: 'table',
      doc: 'Severity numbers by the text of the group Severity.',
      check: integersFault,
    },
    message_fields: {
      kind: 'table',
      doc: 'What to set: header names, or names of fields with an optional representation ("Size|B"). A value may hold groups: "%Size%".',
      check: fieldsFault,
    },
    timestamp_layout: {
      kind: 'string',
      default: '',
      doc: "Go time layout of the group Timestamp, or Epoch, EpochMilli, EpochMicro, EpochNano. Go's named layouts are tried too.",
      example: '"02/Jan/2006:15:04:05 -0700"',
      check: (value) => layoutFault(String(value)),
    },
    timestamp_location: {
      kind: 'string',
      default: 'UTC',
      doc: 'IANA time zone of timestamps that name no zone.',
      example: '"America/Los_Angeles"',
      check: zoneFault,
    },
    log_errors: {
      kind: 'bool',
      default: true,
      doc: 'Report payloads that do not match; when false they are dropped in silence, and counted.',
    },
  },
};

function regexFault(value: ConfigValue): string | undefined {
  try {
    return RE2JS.compile(String(value)).groupCount() === 0
      ? 'regex must contain capture groups'
      : undefined;
  } catch (thrown) {
    return errorText(thrown);
  }
}

function integersFault(value: ConfigValue): string | undefined {
  const wrong = Object.entries(value).find(([, number]) => !Number.isInteger(number));
  return wrong === undefined ? undefined : `'${wrong[0]}' must be an integer`;
}

function fieldsFault(value: ConfigValue): string | undefined {
  const wrong = Object.entries(value).find(([, text]) => typeof text !== 'string');
  return wrong === undefined ? undefined : `'${wrong[0]}' must be a text`;
}

function zoneFault(value: ConfigValue): string | undefined {
  try {
    new TimeZone(String(value));
    return undefined;
  } catch {
    return `unknown timestamp_location '${String(value)}'`;
  }
}

/** What a section compiles to. Every connection and every datagram has a decoder of its own; they share this. */
interface Program {
  readonly regex: RE2JS;
  readonly groups: readonly string[];
  readonly template: MessageTemplate;
  readonly severities: ReadonlyMap<string, number>;
  readonly time: TextTimeParser;
  readonly logErrors: boolean;
}

const programs = new WeakMap<Section, Program>();

function programOf(section: Section): Program {
  const known = programs.get(section);
  if (known !== undefined) return known;
  const regex = RE2JS.compile(section.string('match_regex'));
  const zone = new TimeZone(section.string('timestamp_location'));
  const severities = Object.entries(section.table('severity_map'));
  const program: Program = {
    regex,
    groups: groupNames(regex),
    template: compileTemplate(section.table('message_fields')),
    severities: new Map(severities.map(([word, number]) => [word, Number(number)])),
    time: textTimeParser(section.string('timestamp_layout'), zone),
    logErrors: section.bool('log_errors'),
  };
  programs.set(section, program);
  return program;
}

class PayloadRegexDecoder implements Decoder {
  readonly #context: PluginContext;
  readonly #program: Program;
  #unmatched = 0;

  constructor(section: Section, context: PluginContext) {
    this.#context = context;
    this.#program = programOf(section);
  }

  /** Payloads that did not match and were dropped because log_errors is false. */
  get unmatched(): number {
    return this.#unmatched;
  }

  decode(pack: Pack): readonly Pack[] {
    const payload = pack.message.payload;
    const captures = this.#match(payload);
    if (captures === undefined) {
      if (this.#program.logErrors) throw new HekateError('HKT_DECODE_NO_MATCH', [shown(payload)]);
      this.#unmatched++;
      return [];
    }
    const message = applyTemplate(
      this.#program.template,
      pack.message,
      captures,
      { timestampNs: this.#timestamp(captures), severity: this.#severity(captures) },
      this.#context.maxMessageSize,
    );
    return [withMessage(pack, message)];
  }

  #match(payload: string): Captures | undefined {
    const matcher = this.#program.regex.matcher(payload);
    if (!matcher.find()) return undefined;
    const captures = new Map<string, string>();
    for (const [index, name] of this.#program.groups.entries()) {
      captures.set(name, matcher.group(index + 1) ?? '');
    }
    return captures;
  }

  #timestamp(captures: Captures): bigint | undefined {
    const text = captures.get('Timestamp');
    if (text === undefined) return undefined;
    const ns = this.#program.time.parse(text, this.#context.clock.now());
    if (ns === undefined) this.#report('HKT_DECODE_TIMESTAMP', text);
    return ns;
  }

  #severity(captures: Captures): number | undefined {
    const text = captures.get('Severity');
    if (text === undefined) return undefined;
    const mapped = this.#program.severities.get(text);
    if (mapped !== undefined) return mapped;
    if (/^[+-]?\d{1,10}$/.test(text) && Math.abs(Number(text)) < 2 ** 31) return Number(text);
    this.#report('HKT_DECODE_SEVERITY', text);
    return undefined;
  }

  #report(code: 'HKT_DECODE_TIMESTAMP' | 'HKT_DECODE_SEVERITY', text: string): void {
    this.#context.log.error(new HekateError(code, [shown(text)]).message);
  }
}

function shown(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

function withMessage(pack: Pack, message: Message): Pack {
  return { ...pack, message };
}

/** Names of groups 1, 2, …; an unnamed group is called by its number. */
function groupNames(regex: RE2JS): readonly string[] {
  const names = Array.from({ length: regex.groupCount() }, (_, index) => String(index + 1));
  for (const [name, index] of Object.entries(regex.namedGroups())) names[index - 1] = name;
  return names;
}

export const payloadRegexDecoder: PluginType<Decoder> = {
  spec,
  create: (section: Section, context: PluginContext) => new PayloadRegexDecoder(section, context),
};
