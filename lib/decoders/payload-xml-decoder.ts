/**
 * PayloadXmlDecoder: takes texts out of an XML payload by XPath, and message_fields says what the message becomes
 * (Heka 0.11). Size, depth and the cost of the paths are bounded; nothing outside of the payload is read.
 */
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Decoder, PluginContext, PluginType } from '../plugin.ts';
import { errorText } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { CaptureProgram, captureFields, textsFault } from './capture-message.ts';
import type { Captures } from './message-template.ts';
import { perSection } from './per-section.ts';
import { XmlPathEvaluator } from './xml-path.ts';
import { parseXmlPath, type XmlPath } from './xml-path-parser.ts';
import { parseXml } from './xml-tree.ts';

const spec: PluginSpec = {
  type: 'PayloadXmlDecoder',
  category: 'decoder',
  doc: "Takes texts out of an XML payload and fills the message's headers and fields with them.",
  fields: {
    xpath_map: {
      kind: 'table',
      doc: 'XPath expressions by the names of your choice; each gives the text of the first node that it leads to. All axes but namespace, and one predicate a step: [N], [path] or [path="text"]. Names are compared without prefixes. The captures Timestamp and Severity set these headers.',
      example: '{ Count = "/some/path/count", Pid = "//pid" }',
      check: pathsFault,
    },
    ...captureFields('capture'),
  },
};

function pathsFault(value: ConfigValue): string | undefined {
  const fault = textsFault(value);
  if (fault !== undefined) return fault;
  for (const [name, path] of Object.entries(value)) {
    try {
      parseXmlPath(String(path));
    } catch (thrown) {
      return `'${name}': ${errorText(thrown)}`;
    }
  }
  return undefined;
}

/** What a section compiles to. */
interface Program {
  readonly paths: readonly (readonly [name: string, path: XmlPath])[];
  readonly captured: CaptureProgram;
}

const programOf = perSection((section): Program => {
  const paths = Object.entries(section.table('xpath_map'));
  return {
    paths: paths.map(([name, path]) => [name, parseXmlPath(String(path))] as const),
    captured: new CaptureProgram(section),
  };
});

class PayloadXmlDecoder implements Decoder {
  readonly #context: PluginContext;
  readonly #program: Program;

  constructor(section: Section, context: PluginContext) {
    this.#context = context;
    this.#program = programOf(section);
  }

  decode(pack: Pack): readonly Pack[] {
    const captures = this.#match(pack.message.payload);
    const message = this.#program.captured.apply(pack.message, captures, this.#context);
    return [{ ...pack, message }];
  }

  #match(payload: string): Captures {
    const evaluator = new XmlPathEvaluator(parseXml(payload));
    const captures = new Map<string, string>();
    for (const [name, path] of this.#program.paths) {
      const text = evaluator.find(path);
      if (text !== undefined) captures.set(name, text);
    }
    return captures;
  }
}

export const payloadXmlDecoder: PluginType<Decoder> = {
  spec,
  create: (section: Section, context: PluginContext) => new PayloadXmlDecoder(section, context),
};
