/**
 * What both Elasticsearch encoders know about parts of a message: the settings that choose them, and the checks of these
 * settings.
 */
import type { FieldSpec, Section } from '../config/spec.ts';
import type { Message } from '../protocol/message.ts';
import { strftime } from '../strftime.ts';
import { jsonFieldValue, jsonText } from './es-json.ts';
import { exactFields } from './exact-fields.ts';

const DEFAULT_SEVERITY = 7;

/** The parts of a message that `fields` chooses from, as upstream spells them. */
const PARTS = [
  'Uuid',
  'Timestamp',
  'Type',
  'Logger',
  'Severity',
  'Payload',
  'EnvVersion',
  'Pid',
  'Hostname',
  'DynamicFields',
] as const;

export type EsPart = Lowercase<(typeof PARTS)[number]>;

const byName: ReadonlyMap<string, EsPart> = new Map<string, EsPart>([
  ...PARTS.map((part): [string, EsPart] => {
    const name = part.toLowerCase() as EsPart; // what EsPart is defined as
    return [name, name];
  }),
  // Undocumented upstream, and in use.
  ['fields', 'dynamicfields'],
]);

export const partFields: Readonly<Record<string, FieldSpec>> = {
  fields: {
    kind: 'strings',
    default: [...PARTS],
    doc: 'Parts of the message that go into the document, in this order: Uuid, Timestamp, Type, Logger, Severity, Payload, EnvVersion, Pid, Hostname, DynamicFields.',
    example: '["Timestamp", "Payload", "DynamicFields"]',
    check: (value) => {
      const wrong = (Array.isArray(value) ? value : []).find(
        (name) => !byName.has(String(name).toLowerCase()),
      );
      return wrong === undefined
        ? undefined
        : `Unsupported value "${String(wrong)}" in 'fields' list, must be one of ${PARTS.join(', ')}`;
    },
  },
  timestamp: {
    kind: 'string',
    default: '%Y-%m-%dT%H:%M:%S',
    doc: "strftime format of the document's time, in UTC.",
  },
  raw_bytes_fields: {
    kind: 'strings',
    default: [],
    doc: "Names of the message's fields that hold JSON and are written without quotes. A value that is no JSON is quoted all the same.",
    example: '["request"]',
  },
  dynamic_fields: {
    kind: 'strings',
    default: [],
    doc: "Names of the message's fields that go into the document; empty is all of them. Needs DynamicFields in fields.",
    example: '["status", "url"]',
  },
  replace_dots_with: {
    kind: 'string',
    default: '.',
    doc: 'What stands for a dot in the names of fields, for servers that allow none.',
    example: '"_"',
  },
};

export function lintParts(section: Section): readonly { key: string; text: string }[] {
  if (section.strings('dynamic_fields').length === 0) return [];
  if (partsOf(section).includes('dynamicfields')) return [];
  const text = `"DynamicFields" must be in 'fields' list if using 'dynamic_fields'`;
  return [{ key: 'dynamic_fields', text }];
}

/** The parts that `fields` names. */
function partsOf(section: Section): readonly EsPart[] {
  return section.strings('fields').flatMap((name) => byName.get(name.toLowerCase()) ?? []);
}

/** How the parts of one encoder's documents are called and written. */
export class EsParts {
  readonly parts: readonly EsPart[];
  readonly #timestamp: string;
  readonly #raw: ReadonlySet<string>;
  readonly #dynamic: ReadonlySet<string>;
  readonly #dot: string;

  constructor(section: Section) {
    this.parts = partsOf(section);
    this.#timestamp = section.string('timestamp');
    this.#raw = new Set(section.strings('raw_bytes_fields'));
    this.#dynamic = new Set(section.strings('dynamic_fields'));
    this.#dot = section.string('replace_dots_with');
  }

  /** A header's value as JSON. */
  header(part: Exclude<EsPart, 'dynamicfields'>, message: Message): string {
    switch (part) {
      case 'uuid':
        return jsonText(message.uuid);
      case 'timestamp':
        return jsonText(strftime(this.#timestamp, message.timestampNs, 'utc'));
      case 'type':
        return jsonText(message.type);
      case 'logger':
        return jsonText(message.logger);
      case 'severity':
        return String(message.severity ?? DEFAULT_SEVERITY);
      case 'payload':
        return jsonText(message.payload);
      case 'envversion':
        return jsonText(message.envVersion);
      case 'pid':
        return String(message.pid ?? 0);
      case 'hostname':
        return jsonText(message.hostname);
      default:
        return part satisfies never;
    }
  }

  /** The chosen fields as members of a JSON object. */
  members(message: Message): readonly string[] {
    return exactFields(message)
      .filter(({ name }) => this.#dynamic.size === 0 || this.#dynamic.has(name))
      .map((field) => {
        const name = this.#dot === '.' ? field.name : field.name.replaceAll('.', this.#dot);
        return `${jsonText(name)}:${jsonFieldValue(field, this.#raw.has(field.name))}`;
      });
  }
}
