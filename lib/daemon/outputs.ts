/**
 * Starts the outputs of a configuration: each with its encoder, its subscription and, where it has one, its timer.
 */
import type { LoadedConfig } from '../config/load-config.ts';
import type { Section } from '../config/spec.ts';
import type { Encoder, Output, PluginContext } from '../plugin.ts';
import { encoderTypes, outputTypes } from '../plugin-types.ts';
import { HekateError } from '../protocol/errors.ts';
import { compileMatcher } from '../protocol/matcher/matcher.ts';
import type { Router, Subscription } from '../router/router.ts';

export interface OutputParts {
  readonly config: LoadedConfig;
  readonly router: Router;
  readonly context: (kind: string, name: string) => PluginContext;
}

export class RunningOutput {
  readonly section: Section;
  readonly output: Output;
  readonly #subscription: Subscription;
  readonly #router: Router;
  #ticker: Disposable | undefined;
  readonly #context: PluginContext;

  constructor(section: Section, parts: OutputParts) {
    this.section = section;
    this.#router = parts.router;
    const type = outputTypes.get(section.type);
    if (type === undefined) {
      throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `no output type ${section.type}`]);
    }
    this.#context = parts.context('Plugin', section.name);
    this.output = type.create(section, {
      ...this.#context,
      encoder: makeEncoder(section, parts),
      framed: section.given('use_framing') ? section.bool('use_framing') : undefined,
    });
    this.#subscription = {
      name: section.name,
      kind: 'output',
      signer: section.string('message_signer'),
      matcher: compileMatcher(section.string('message_matcher')),
      deliver: (pack) => this.output.deliver(pack),
    };
  }

  async start(): Promise<void> {
    await this.output.start();
    this.#router.subscribe(this.#subscription);
    this.#tick(this.section.number('ticker_interval') * 1000);
  }

  #tick(ms: number): void {
    const { output } = this;
    if (ms === 0 || output.timer === undefined) return;
    this.#ticker = this.#context.clock.after(ms, () => {
      this.#tick(ms);
      output.timer?.(this.#context.clock.nowNs());
    });
  }

  async stop(): Promise<void> {
    this.#ticker?.[Symbol.dispose]();
    this.#router.unsubscribe(this.#subscription);
    await this.output.stop();
  }
}

function makeEncoder(section: Section, parts: OutputParts): Encoder | undefined {
  const name = section.string('encoder');
  if (name === '') return undefined;
  const encoder = parts.config.find('encoder', name);
  const type = encoder === undefined ? undefined : encoderTypes.get(encoder.type);
  if (encoder === undefined || type === undefined) {
    throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `can't create encoder ${name}`]);
  }
  return type.create(encoder, parts.context('Encoder', `${section.name}-${name}`));
}
