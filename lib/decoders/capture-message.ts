/**
 * What the decoders that take a payload apart have in common: from what they captured, and the settings that say what it
 * means, to the changed message (Heka 0.11, PayloadDecoderHelper). The captures Timestamp and Severity set these headers.
 */
import type { ConfigValue, FieldSpec, Section } from '../config/spec.ts';
import type { PluginContext } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import type { Message } from '../protocol/message.ts';
import { TimeZone } from '../protocol/time-zone.ts';
import {
  applyTemplate,
  type Captures,
  compileTemplate,
  type MessageTemplate,
} from './message-template.ts';
import { layoutFault, type TextTimeParser, textTimeParser } from './text-time.ts';

/** How much of a payload or a value goes into an error's text. */
const SHOWN_CHARACTERS = 200;

/** `what` is what a capture is called in the settings' texts, such as "group". */
export function captureFields(what: string): Readonly<Record<string, FieldSpec>> {
  return {
    severity_map: {
      kind: 'table',
      doc: `Severity numbers by the text of the ${what} Severity.`,
      check: integersFault,
    },
    message_fields: {
      kind: 'table',
      doc: `What to set: header names, or names of fields with an optional representation ("Size|B"). A value may hold ${what}s: "%Size%".`,
      check: textsFault,
    },
    timestamp_layout: {
      kind: 'string',
      default: '',
      doc: `Go time layout of the ${what} Timestamp, or Epoch, EpochMilli, EpochMicro, EpochNano. Go's named layouts are tried too.`,
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
  };
}

function integersFault(value: ConfigValue): string | undefined {
  const wrong = Object.entries(value).find(([, number]) => !Number.isInteger(number));
  return wrong === undefined ? undefined : `'${wrong[0]}' must be an integer`;
}

/** For a FieldSpec's check: a table of texts. */
export function textsFault(value: ConfigValue): string | undefined {
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

export function shownText(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

/** The largest message that a decoder may make of one: as much again as the largest message may be added. */
export function decodedLimit(message: Message, maxMessageSize: number): number {
  return message.bytes.length + maxMessageSize;
}

/** Compiled from a section. It keeps no state: all decoders of a section may share it. */
export class CaptureProgram {
  readonly template: MessageTemplate;
  readonly #severities: ReadonlyMap<string, number>;
  readonly #time: TextTimeParser;

  constructor(section: Section) {
    const severities = Object.entries(section.table('severity_map'));
    const zone = new TimeZone(section.string('timestamp_location'));
    this.template = compileTemplate(section.table('message_fields'));
    this.#severities = new Map(severities.map(([word, number]) => [word, Number(number)]));
    this.#time = textTimeParser(section.string('timestamp_layout'), zone);
  }

  /**
   * The message that the captures make. A time or severity that is not understood is logged, and the message keeps its
   * own. Throws HKT_DECODE_FIELD and HKT_MESSAGE_TOO_BIG.
   */
  apply(message: Message, captures: Captures, context: PluginContext): Message {
    const found = {
      timestampNs: this.#timestamp(captures, context),
      severity: this.#severity(captures, context),
    };
    const limit = decodedLimit(message, context.maxMessageSize);
    return applyTemplate(this.template, message, captures, found, limit);
  }

  #timestamp(captures: Captures, context: PluginContext): bigint | undefined {
    const text = captures.get('Timestamp');
    if (text === undefined) return undefined;
    const ns = this.#time.parse(text, context.clock.now());
    if (ns === undefined) report(context, 'HKT_DECODE_TIMESTAMP', text);
    return ns;
  }

  #severity(captures: Captures, context: PluginContext): number | undefined {
    const text = captures.get('Severity');
    if (text === undefined) return undefined;
    const mapped = this.#severities.get(text);
    if (mapped !== undefined) return mapped;
    if (/^[+-]?\d{1,10}$/.test(text) && Math.abs(Number(text)) < 2 ** 31) return Number(text);
    report(context, 'HKT_DECODE_SEVERITY', text);
    return undefined;
  }
}

function report(
  context: PluginContext,
  code: 'HKT_DECODE_TIMESTAMP' | 'HKT_DECODE_SEVERITY',
  text: string,
): void {
  context.log.error(new HekateError(code, [shownText(text)]).message);
}
