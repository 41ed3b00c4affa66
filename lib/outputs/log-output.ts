/**
 * LogOutput: each encoded message becomes one entry of the daemon's log on standard output. What a message holds cannot
 * steer the terminal that shows it.
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Logger, Output } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { utf8Text } from '../protocol/text.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';
import { visibleText } from './visible-text.ts';

const NEWLINE = 10;

const spec: PluginSpec = {
  type: 'LogOutput',
  category: 'output',
  doc: "Writes encoded messages to the daemon's log. An encoder is required.",
  fields: {},
  ticker: false,
  lint: (section) =>
    section.string('encoder') === ''
      ? [{ key: 'encoder', text: new HekateError('HKT_PLUGIN_ENCODER_REQUIRED').message }]
      : [],
};

export class LogOutput implements Output {
  readonly #log: Logger;
  readonly #encoder: RecordEncoder;
  #written = 0;

  constructor(context: OutputContext) {
    this.#log = context.log;
    this.#encoder = new RecordEncoder(context, 'bare');
  }

  get counters(): Readonly<Record<string, number>> {
    return { written: this.#written, refused: this.#encoder.failed };
  }

  async start(): Promise<void> {}

  deliver(pack: Pack): undefined {
    const bytes = this.#encoder.encode(pack);
    if (bytes === undefined) return;
    // The log ends every entry with a newline of its own.
    const end = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length;
    this.#written++;
    this.#log.info(visibleText(utf8Text(bytes, 0, end)));
  }

  async stop(): Promise<void> {}
}

export const logOutput: OutputType = {
  spec,
  create: (_section: Section, context: OutputContext) => new LogOutput(context),
};
