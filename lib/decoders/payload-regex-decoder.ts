/**
 * PayloadRegexDecoder: a regular expression in RE2's syntax takes the payload apart, and message_fields says what the
 * message becomes. Matching takes linear time whatever the payload holds (Heka 0.11).
 */
import { RE2JS } from 're2js';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Decoder, PluginContext, PluginType } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { CaptureProgram, captureFields, shownText } from './capture-message.ts';
import type { Captures } from './message-template.ts';
import { perSection } from './per-section.ts';

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
    ...captureFields('group'),
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

/** What a section compiles to. */
interface Program {
  readonly regex: RE2JS;
  readonly groups: readonly string[];
  readonly captured: CaptureProgram;
  readonly logErrors: boolean;
}

const programOf = perSection((section): Program => {
  const regex = RE2JS.compile(section.string('match_regex'));
  return {
    regex,
    groups: groupNames(regex),
    captured: new CaptureProgram(section),
    logErrors: section.bool('log_errors'),
  };
});

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
      if (this.#program.logErrors)
        throw new HekateError('HKT_DECODE_NO_MATCH', [shownText(payload)]);
      this.#unmatched++;
      return [];
    }
    const message = this.#program.captured.apply(pack.message, captures, this.#context);
    return [{ ...pack, message }];
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
