/**
 * PayloadJsonDecoder: takes values out of a JSON payload by their paths, and message_fields says what the message becomes
 * (Heka 0.8; later versions have a Lua decoder in its place).
 */
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Decoder, PluginContext, PluginType } from '../plugin.ts';
import { errorText } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { CaptureProgram, captureFields, textsFault } from './capture-message.ts';
import { JsonDocument, type JsonPath, parseJsonPath } from './json-path.ts';
import type { Captures } from './message-template.ts';
import { perSection } from './per-section.ts';

const spec: PluginSpec = {
  type: 'PayloadJsonDecoder',
  category: 'decoder',
  doc: "Takes values out of a JSON payload and fills the message's headers and fields with them. A payload of which nothing is taken goes on as it is.",
  fields: {
    json_map: {
      kind: 'table',
      doc: 'Paths by the names of your choice: "$." and then keys and subscripts, divided by dots. The captures Timestamp and Severity set these headers.',
      example: '{ Count = "$.statsd.count", First = "$.list[0].name" }',
      check: pathsFault,
    },
    ...captureFields('capture'),
    require_all_fields: {
      kind: 'bool',
      default: false,
      doc: 'When one path leads nowhere, take nothing: the message goes on as it is.',
    },
  },
};

function pathsFault(value: ConfigValue): string | undefined {
  const fault = textsFault(value);
  if (fault !== undefined) return fault;
  for (const [name, path] of Object.entries(value)) {
    try {
      parseJsonPath(String(path));
    } catch (thrown) {
      return `'${name}': ${errorText(thrown)}`;
    }
  }
  return undefined;
}

/** What a section compiles to. */
interface Program {
  readonly paths: readonly (readonly [name: string, path: JsonPath])[];
  readonly captured: CaptureProgram;
  readonly requireAll: boolean;
}

const programOf = perSection((section): Program => {
  const paths = Object.entries(section.table('json_map'));
  return {
    paths: paths.map(([name, path]) => [name, parseJsonPath(String(path))] as const),
    captured: new CaptureProgram(section),
    requireAll: section.bool('require_all_fields'),
  };
});

class PayloadJsonDecoder implements Decoder {
  readonly #context: PluginContext;
  readonly #program: Program;

  constructor(section: Section, context: PluginContext) {
    this.#context = context;
    this.#program = programOf(section);
  }

  decode(pack: Pack): readonly Pack[] {
    const captures = this.#match(new JsonDocument(pack.message.payload));
    if (captures.size === 0) return [pack];
    const message = this.#program.captured.apply(pack.message, captures, this.#context);
    return [{ ...pack, message }];
  }

  #match(document: JsonDocument): Captures {
    const captures = new Map<string, string>();
    for (const [name, path] of this.#program.paths) {
      const text = document.find(path);
      if (text !== undefined) captures.set(name, text);
      else if (this.#program.requireAll) return new Map();
    }
    return captures;
  }
}

export const payloadJsonDecoder: PluginType<Decoder> = {
  spec,
  create: (section: Section, context: PluginContext) => new PayloadJsonDecoder(section, context),
};
