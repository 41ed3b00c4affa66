/**
 * Where Elasticsearch puts a document: the action line of its bulk interface, with an index, a type and an id that are
 * made from the message (Heka 0.11, plugins/elasticsearch/coordinates.go).
 *
 *   {"index":{"_index":"heka-2014.10.27","_type":"message","_id":"…"}}
 *
 * Names stand as %{…}: a header (Type, Hostname, Pid, UUID, Logger, EnvVersion, Severity), else a field of the message,
 * else a time with strftime directives, in UTC.
 */
import { Buffer } from 'node:buffer';
import type { FieldSpec, Section } from '../config/spec.ts';
import type { Clock } from '../plugin.ts';
import type { Message } from '../protocol/message.ts';
import { strftime } from '../strftime.ts';
import { jsonText } from './es-json.ts';
import { exactField, goFloat } from './exact-fields.ts';

const DEFAULT_SEVERITY = 7;
const NAME = /%\{([^}]*)\}/g;

/** The settings of both Elasticsearch encoders. */
export function coordinateFields(index: string): Readonly<Record<string, FieldSpec>> {
  return {
    index: {
      kind: 'string',
      default: index,
      doc: 'Index of the documents, with %{name} for a header, a field, or a time in strftime directives. Becomes lower case.',
      example: '"%{Type}-%{%Y.%m.%d}"',
    },
    type_name: {
      kind: 'string',
      default: 'message',
      doc: 'Type of the documents, with names as in index. Empty leaves it out, as Elasticsearch 8 wants it.',
      example: '"%{Type}"',
    },
    es_index_from_timestamp: {
      kind: 'bool',
      default: false,
      doc: "Times in index, type_name and id are the message's own; when false, the time of encoding.",
    },
    id: {
      kind: 'string',
      default: '',
      doc: 'Id of the documents, with names as in index; the server chooses one when it is empty or a name has no value.',
      example: '"%{UUID}"',
    },
  };
}

export interface Interpolated {
  readonly text: string;
  /** False when a name was neither a header nor a field of the message nor a time. */
  readonly complete: boolean;
}

export class EsCoordinates {
  readonly #clock: Clock;
  readonly #index: string;
  readonly #id: string;
  readonly #ownTime: boolean;
  /** As it was written. */
  readonly typeName: string;

  constructor(section: Section, clock: Clock) {
    this.#clock = clock;
    this.#index = section.string('index');
    this.#id = section.string('id');
    this.#ownTime = section.bool('es_index_from_timestamp');
    this.typeName = section.string('type_name');
  }

  /** The action line, without its newline. */
  action(message: Message): string {
    const index = this.#interpolate(this.#index, message).text.toLowerCase();
    let line = `{"index":{"_index":${jsonText(index)}`;
    if (this.typeName !== '') line += `,"_type":${jsonText(this.type(message).text)}`;
    const id = this.#interpolate(this.#id, message);
    if (id.complete && id.text !== '') line += `,"_id":${jsonText(id.text)}`;
    return `${line}}}`;
  }

  type(message: Message): Interpolated {
    return this.#interpolate(this.typeName, message);
  }

  #interpolate(template: string, message: Message): Interpolated {
    let complete = true;
    const text = template.replace(NAME, (_whole, name: string) => {
      const value = headerText(message, name) ?? fieldText(message, name);
      if (value !== undefined) return value;
      const time = this.#time(name, message);
      if (time === name) complete = false;
      return time;
    });
    return { text, complete };
  }

  #time(format: string, message: Message): string {
    const own = this.#ownTime && message.view.hasTimestamp;
    return strftime(format, own ? message.timestampNs : this.#clock.nowNs(), 'utc');
  }
}

function headerText(message: Message, name: string): string | undefined {
  switch (name) {
    case 'Type':
      return message.type;
    case 'Hostname':
      return message.hostname;
    case 'Pid':
      return String(message.pid ?? 0);
    case 'UUID':
      return message.uuid;
    case 'Logger':
      return message.logger;
    case 'EnvVersion':
      return message.envVersion;
    case 'Severity':
      return String(message.severity ?? DEFAULT_SEVERITY);
    default:
      return undefined;
  }
}

function fieldText(message: Message, name: string): string | undefined {
  const value = exactField(message, name);
  if (value === undefined) return undefined;
  if (typeof value === 'number') return goFloat(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}
