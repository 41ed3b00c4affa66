/**
 * ScribbleDecoder: sets the same headers and fields on every message (Heka 0.11). Values are taken as they are written;
 * nothing is put into them.
 */
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Decoder, PluginContext, PluginType } from '../plugin.ts';
import { errorText } from '../protocol/errors.ts';
import { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import { decodedLimit, textsFault } from './capture-message.ts';
import { applyTemplate, type Captures, type MessageTemplate } from './message-template.ts';

const NOTHING: Captures = new Map();
const NOT_FOUND = { timestampNs: undefined, severity: undefined };

const spec: PluginSpec = {
  type: 'ScribbleDecoder',
  category: 'decoder',
  doc: 'Sets fixed headers and fields on every message; often the last decoder of a MultiDecoder with cascade_strategy = "all".',
  fields: {
    message_fields: {
      kind: 'table',
      doc: 'What to set: header names, or names of fields with an optional representation ("host|ipv4"). All fields are texts.',
      check: (value) => textsFault(value) ?? valueFault(value),
    },
  },
};

function templateOf(fields: ConfigValue): MessageTemplate {
  return Object.entries(fields).map(([key, value]) => ({ key, parts: [String(value)] }));
}

/** What is wrong with a header's value shows on any message. */
function valueFault(fields: ConfigValue): string | undefined {
  try {
    const empty = Message.create({});
    applyTemplate(templateOf(fields), empty, NOTHING, NOT_FOUND, Number.MAX_SAFE_INTEGER);
    return undefined;
  } catch (thrown) {
    return errorText(thrown);
  }
}

class ScribbleDecoder implements Decoder {
  readonly #template: MessageTemplate;
  readonly #maxMessageSize: number;

  constructor(section: Section, context: PluginContext) {
    this.#template = templateOf(section.table('message_fields'));
    this.#maxMessageSize = context.maxMessageSize;
  }

  decode(pack: Pack): readonly Pack[] {
    const limit = decodedLimit(pack.message, this.#maxMessageSize);
    const message = applyTemplate(this.#template, pack.message, NOTHING, NOT_FOUND, limit);
    return [{ ...pack, message }];
  }
}

export const scribbleDecoder: PluginType<Decoder> = {
  spec,
  create: (section: Section, context: PluginContext) => new ScribbleDecoder(section, context),
};
