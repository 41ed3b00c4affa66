/**
 * ESJsonEncoder: a message as a flat document for Elasticsearch's bulk interface, behind the line that says where it goes
 * (Heka 0.11).
 */
import type { FieldSpec, PluginSpec, Section } from '../config/spec.ts';
import type { Clock, Encoder, PluginContext, PluginType } from '../plugin.ts';
import type { Message } from '../protocol/message.ts';
import { utf8Bytes } from '../protocol/text.ts';
import type { Encoded } from './encoded.ts';
import { coordinateFields, EsCoordinates } from './es-coordinates.ts';
import { EsParts, lintParts, partFields } from './es-fields.ts';
import { jsonText } from './es-json.ts';

const HEADERS = [
  'Timestamp',
  'Uuid',
  'Type',
  'Logger',
  'Severity',
  'Payload',
  'EnvVersion',
  'Pid',
  'Hostname',
] as const;

const mappings: Readonly<Record<string, FieldSpec>> = Object.fromEntries(
  HEADERS.map((name): [string, FieldSpec] => [
    name.toLowerCase(),
    { kind: 'string', default: name, doc: `Name of ${name} in the document.` },
  ]),
);

const spec: PluginSpec = {
  type: 'ESJsonEncoder',
  category: 'encoder',
  doc: "Writes messages as documents for ElasticSearchOutput: headers and fields side by side, behind the bulk interface's action line.",
  fields: {
    ...coordinateFields('heka-%{%Y.%m.%d}'),
    ...partFields,
    field_mappings: { kind: 'section', fields: mappings, doc: 'Other names for the headers.' },
  },
  lint: lintParts,
};

class EsJsonEncoder implements Encoder {
  readonly framedByDefault = false;
  readonly #coordinates: EsCoordinates;
  readonly #parts: EsParts;
  readonly #names: Section;

  constructor(section: Section, clock: Clock) {
    this.#coordinates = new EsCoordinates(section, clock);
    this.#parts = new EsParts(section);
    this.#names = section.section('field_mappings');
  }

  encode(message: Message): Encoded {
    const members = this.#parts.parts.flatMap((part) =>
      part === 'dynamicfields'
        ? this.#parts.members(message)
        : [`${jsonText(this.#names.string(part))}:${this.#parts.header(part, message)}`],
    );
    return utf8Bytes(`${this.#coordinates.action(message)}\n{${members.join(',')}}\n`);
  }
}

export const esJsonEncoder: PluginType<Encoder> = {
  spec,
  create: (section: Section, context: PluginContext) => new EsJsonEncoder(section, context.clock),
};
