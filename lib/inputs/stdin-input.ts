/**
 * StdinInput: standard input as one stream. It is over by itself at the end of the file. Upstream has no such input.
 */
import type { Readable } from 'node:stream';
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Input, Intake, PluginContext, PluginType, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';

const spec: PluginSpec = {
  type: 'StdinInput',
  category: 'input',
  doc: 'Reads standard input to its end.',
  fields: {},
  commonDefaults: { splitter: 'TokenSplitter' },
  ticker: false,
};

export class StdinInput implements Input {
  readonly done: Promise<Error | undefined>;
  readonly #context: PluginContext;
  readonly #stream: Readable;
  readonly #over = Promise.withResolvers<Error | undefined>();
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(context: PluginContext, stream: Readable) {
    this.#context = context;
    this.#stream = stream;
    this.done = this.#over.promise;
  }

  async start(open: (source: Source) => Intake): Promise<void> {
    const intake = open({
      origin: { description: this.#context.name, loopback: true },
      type: this.#context.name,
    });
    this.#loop = this.#run(intake);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    // Ends the loop where it waits for bytes that may never come; what was read is handed over.
    this.#stream.destroy();
    await this.#loop;
  }

  async #run(intake: Intake): Promise<void> {
    let fault: Error | undefined;
    try {
      for await (const chunk of this.#stream) {
        await intake.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
        if (this.#stopping) break;
      }
    } catch (thrown) {
      // destroy() from stop() ends the loop with an error of its own.
      if (!this.#stopping) {
        fault = new HekateError('HKT_PLUGIN_READ', ['standard input', errorText(thrown)], thrown);
        this.#context.log.error(fault.message);
      }
    }
    await intake.end();
    this.#over.resolve(fault);
  }
}

export const stdinInput: PluginType<Input> = {
  spec,
  create: (_section: Section, context: PluginContext) => new StdinInput(context, process.stdin),
};
