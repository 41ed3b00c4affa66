/**
 * ESLogstashV0Encoder: a message as a document in Logstash's first form, with headers as @names and fields in @fields,
 * behind the line that says where it goes (Heka 0.11).
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Clock, Encoder, PluginContext, PluginType } from '../plugin.ts';
import type { Message } from '../protocol/message.ts';
import { utf8Bytes } from '../protocol/text.ts';
import type { Encoded } from './encoded.ts';
import { coordinateFields, EsCoordinates } from './es-coordinates.ts';
import { type EsPart, EsParts, lintParts, partFields } from './es-fields.ts';
import { jsonText } from './es-json.ts';

const NAMES: Readonly<Record<Exclude<EsPart, 'dynamicfields'>, string>> = {
  uuid: '@uuid',
  timestamp: '@timestamp',
  type: '@type',
  logger: '@logger',
  severity: '@severity',
  payload: '@message',
  envversion: '@envversion',
  pid: '@pid',
  hostname: '@source_host',
};

const spec: PluginSpec = {
  type: 'ESLogstashV0Encoder',
  category: 'encoder',
  doc: "Writes messages as documents for ElasticSearchOutput in the form of Logstash's version 0, behind the bulk interface's action line.",
  fields: {
    ...coordinateFields('logstash-%{%Y.%m.%d}'),
    use_message_type: {
      kind: 'bool',
      default: false,
      doc: "@type is the message's Type; when false, what type_name gives.",
    },
    ...partFields,
  },
  lint: lintParts,
};

class EsLogstashEncoder implements Encoder {
  readonly framedByDefault = false;
  readonly #coordinates: EsCoordinates;
  readonly #parts: EsParts;
  readonly #messageType: boolean;

  constructor(section: Section, clock: Clock) {
    this.#coordinates = new EsCoordinates(section, clock);
    this.#parts = new EsParts(section);
    this.#messageType = section.bool('use_message_type');
  }

  encode(message: Message): Encoded {
    const members = this.#parts.parts.map((part) => {
      if (part === 'dynamicfields') return `"@fields":{${this.#parts.members(message).join(',')}}`;
      const value = part === 'type' ? this.#type(message) : this.#parts.header(part, message);
      return `"${NAMES[part]}":${value}`;
    });
    return utf8Bytes(`${this.#coordinates.action(message)}\n{${members.join(',')}}\n`);
  }

  #type(message: Message): string {
    const { typeName } = this.#coordinates;
    if (this.#messageType || typeName === '') return jsonText(message.type);
    const type = this.#coordinates.type(message);
    return jsonText(type.complete && type.text !== '' ? type.text : typeName);
  }
}

export const esLogstashEncoder: PluginType<Encoder> = {
  spec,
  create: (section: Section, context: PluginContext) =>
    new EsLogstashEncoder(section, context.clock),
};
