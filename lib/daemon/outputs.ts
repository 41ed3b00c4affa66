/**
 * Starts the outputs of a configuration: each with its encoder, its subscription and, where it has one, its timer.
 */
import type { LoadedConfig } from '../config/load-config.ts';
import type { Section } from '../config/spec.ts';
import { BufferedOutput } from '../outputs/buffered-output.ts';
import { bufferingOptions } from '../outputs/buffering-fields.ts';
import type { OutputContext } from '../outputs/output-context.ts';
import type { Encoder, Output, PluginContext } from '../plugin.ts';
import { encoderTypes, outputTypes } from '../plugin-types.ts';
import { HekateError } from '../protocol/errors.ts';
import { compileMatcher } from '../protocol/matcher/matcher.ts';
import type { Pack } from '../protocol/pack.ts';
import type { Router, Subscription } from '../router/router.ts';
import { EncodedAhead } from '../sandboxes/encoded-ahead.ts';
import { SandboxEncoder } from '../sandboxes/sandbox-encoder.ts';
import type { PipelineSandboxes } from './sandboxes.ts';

export interface OutputParts {
  readonly config: LoadedConfig;
  readonly router: Router;
  readonly context: (kind: string, name: string) => PluginContext;
  readonly sandboxes: PipelineSandboxes;
  /** The daemon must end, because of that output. */
  readonly onExit: (output: string, error: HekateError) => void;
}

export class RunningOutput {
  readonly section: Section;
  readonly output: Output;
  readonly #subscription: Subscription;
  readonly #router: Router;
  #ticker: Disposable | undefined;
  #stopped: Promise<void> | undefined;
  /** When the output became full, while it is. */
  #fullSinceMs: number | undefined;
  /** Messages that came after the output had stopped. */
  #missed = 0;
  readonly #context: PluginContext;

  constructor(section: Section, parts: OutputParts) {
    this.section = section;
    this.#router = parts.router;
    this.#context = parts.context('Plugin', section.name);
    this.output =
      parts.sandboxes.output(section, this.#context) ?? nativeOutput(section, this.#context, parts);
    this.#subscription = {
      name: section.name,
      kind: 'output',
      signer: section.string('message_signer'),
      matcher: compileMatcher(section.string('message_matcher')),
      deliver: (pack) => this.#deliver(pack),
    };
  }

  #deliver(pack: Pack): Promise<void> | undefined {
    if (this.#stopped !== undefined) {
      this.#missed++;
      return undefined;
    }
    const room = this.output.deliver(pack);
    if (room === undefined || this.#fullSinceMs !== undefined) return room;
    this.#fullSinceMs = this.#context.clock.now();
    return room.finally(() => {
      this.#fullSinceMs = undefined;
    });
  }

  /** For how long the output has held the router, milliseconds. */
  get heldMs(): number {
    return this.#fullSinceMs === undefined ? 0 : this.#context.clock.now() - this.#fullSinceMs;
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

  /**
   * Flushes and closes the output; safe to call twice. What is routed to it from now on is counted, until `leave` says how
   * much that was.
   */
  async stop(): Promise<void> {
    this.#ticker?.[Symbol.dispose]();
    this.#stopped ??= this.output.stop();
    await this.#stopped;
  }

  /** Ends the subscription. */
  leave(): void {
    this.#router.unsubscribe(this.#subscription);
    if (this.#missed === 0) return;
    this.#context.log.error(
      new HekateError('HKT_PLUGIN_LOST', [this.#missed, this.section.name, 'it had stopped'])
        .message,
    );
  }
}

/** The output of a section, behind its disk queue when it has one. */
function nativeOutput(section: Section, plugin: PluginContext, parts: OutputParts): Output {
  const type = outputTypes.get(section.type);
  if (type === undefined) {
    throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `no output type ${section.type}`]);
  }
  const context: OutputContext = {
    ...plugin,
    encoder: makeEncoder(section, parts),
    framed: section.given('use_framing') ? section.bool('use_framing') : undefined,
  };
  const { encoder } = context;
  const create = (more: Pick<OutputContext, 'settled'>): Output => {
    const output = type.create(section, { ...context, ...more });
    return encoder instanceof SandboxEncoder ? new EncodedAhead(output, encoder) : output;
  };
  if (!section.bool('use_buffering')) return create({});
  return new BufferedOutput({
    name: section.name,
    queue: bufferingOptions(section, type.buffering),
    context: plugin,
    startRetries: parts.config.hekad.number('full_buffer_max_retries'),
    create: (settled) => create({ settled }),
    onFull: (error) => parts.onExit(section.name, error),
  });
}

function makeEncoder(section: Section, parts: OutputParts): Encoder | undefined {
  const name = section.string('encoder');
  if (name === '') return undefined;
  const encoder = parts.config.find('encoder', name);
  const context = parts.context('Encoder', `${section.name}-${name}`);
  const sandbox = encoder === undefined ? undefined : parts.sandboxes.encoder(encoder, context);
  if (sandbox !== undefined) return sandbox;
  const type = encoder === undefined ? undefined : encoderTypes.get(encoder.type);
  if (encoder === undefined || type === undefined) {
    throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `can't create encoder ${name}`]);
  }
  return type.create(encoder, context);
}
