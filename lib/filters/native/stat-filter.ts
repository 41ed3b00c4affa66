/**
 * StatFilter: makes statsd values of messages and leaves them with a StatAccumInput. Names and values are texts in which
 * %Hostname% and the like stand for headers, and %name% for the first value of a field (Heka 0.11).
 */
import type { ConfigValue, PluginSpec, Section } from '../../config/spec.ts';
import type { StatSink } from '../../plugin.ts';
import { HekateError } from '../../protocol/errors.ts';
import type { FieldValue, Message } from '../../protocol/message.ts';
import type { Pack } from '../../protocol/pack.ts';
import { utf8Text } from '../../protocol/text.ts';
import type { NativeFilter, NativeFilterContext, NativeFilterType } from './native-filter.ts';

/** The texts between which the variables stand: text, variable, text, …, text. */
type Template = readonly string[];

interface Metric {
  readonly name: Template;
  readonly value: Template;
  readonly modifier: string;
  readonly replaceDot: boolean;
}

const MODIFIERS: Readonly<Record<string, string>> = { Counter: '', Timer: 'ms', Gauge: 'g' };
const VARIABLE = /%(\w+)%/;
const SHOWN_CHARACTERS = 200;

const notEmpty = (value: ConfigValue): string | undefined =>
  value === '' ? 'must not be empty' : undefined;

const spec: PluginSpec = {
  type: 'StatFilter',
  category: 'filter',
  doc: 'Makes statsd values of messages: for each message one of every metric. They are added up in a StatAccumInput.',
  fields: {
    Metric: {
      kind: 'sections',
      doc: 'The metrics, by names of your choice. In name and value, %Type%, %Logger%, %Hostname% and %Payload% stand for headers, and %name% for the first value of that field.',
      fields: {
        type: {
          kind: 'choice',
          choices: Object.keys(MODIFIERS),
          required: true,
          doc: 'What the value is.',
        },
        name: {
          kind: 'string',
          required: true,
          doc: "The stat's name.",
          example: '"httpd.hits.%Method%.%Hostname%"',
          check: notEmpty,
        },
        value: {
          kind: 'string',
          required: true,
          doc: 'The value. A message for which it is no number gives none; that is counted and logged.',
          example: '"%Bytes%"',
          check: notEmpty,
        },
        replace_dot: {
          kind: 'bool',
          default: false,
          doc: 'Write "_" for the dots in what is put into the name.',
        },
      },
    },
    stat_accum_name: {
      kind: 'string',
      default: 'StatAccumInput',
      doc: 'Name of the StatAccumInput that the values go to.',
    },
  },
  ticker: false,
};

function metricOf(section: Section): Metric {
  return {
    name: section.string('name').split(VARIABLE),
    value: section.string('value').split(VARIABLE),
    modifier: MODIFIERS[section.string('type')] ?? '',
    replaceDot: section.bool('replace_dot'),
  };
}

function textOf(value: FieldValue): string {
  if (value instanceof Uint8Array) return utf8Text(value, 0, value.length);
  if (typeof value !== 'number') return String(value);
  // Upstream writes no exponents.
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(0) : String(value);
}

/** A field wins over a header of the same name, as upstream. */
function lookUp(message: Message, name: string): string | undefined {
  const value = message.field(name);
  if (value !== undefined) return textOf(value);
  switch (name) {
    case 'Logger':
      return message.logger;
    case 'Hostname':
      return message.hostname;
    case 'Type':
      return message.type;
    case 'Payload':
      return message.payload;
    default:
      return undefined;
  }
}

/** A variable that the message does not have reads as <name>, as upstream. */
function fill(template: Template, message: Message, replaceDot: boolean): string {
  let text = '';
  for (const [index, part] of template.entries()) {
    if (index % 2 === 0) {
      text += part;
      continue;
    }
    const value = lookUp(message, part) ?? `<${part}>`;
    text += replaceDot ? value.replaceAll('.', '_') : value;
  }
  return text;
}

class StatFilter implements NativeFilter {
  readonly #context: NativeFilterContext;
  readonly #metrics: readonly Metric[];
  readonly #stats: StatSink;
  #undelivered = 0;

  constructor(section: Section, context: NativeFilterContext) {
    this.#context = context;
    this.#metrics = [...section.sections('Metric').values()].map(metricOf);
    this.#stats = context.accumulator(section.string('stat_accum_name'));
  }

  deliver({ message }: Pack): void {
    for (const { name, value, modifier, replaceDot } of this.#metrics) {
      const stat = {
        bucket: fill(name, message, replaceDot),
        value: fill(value, message, false),
        modifier,
        sampling: 1,
      };
      if (!this.#stats.add(stat)) this.#lost(`${stat.bucket}:${stat.value}`);
    }
  }

  /** Only when the StatAccumInput has ended before, at shutdown: one line is enough. */
  #lost(stat: string): void {
    if (this.#undelivered++ > 0) return;
    const shown = stat.slice(0, SHOWN_CHARACTERS);
    this.#context.log.error(new HekateError('HKT_PLUGIN_STAT_UNDELIVERED', [shown]).message);
  }
}

export const statFilter: NativeFilterType = {
  spec,
  create: (section: Section, context: NativeFilterContext) => new StatFilter(section, context),
};
