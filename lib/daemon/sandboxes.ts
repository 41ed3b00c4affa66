/**
 * The sandboxes of a configuration that are no filters: decoders and encoders on the shards, inputs and outputs each in a
 * thread of its own. Their scripts are read before anything starts.
 */
import type { ShardImages } from '../cells/shard-images.ts';
import type { Section } from '../config/spec.ts';
import type { Decoder, Encoder, Input, Logger, Output, PluginContext } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { Message } from '../protocol/message.ts';
import type { Router } from '../router/router.ts';
import type { ShardPool } from '../router/shard-pool.ts';
import { CheckpointStore } from '../sandboxes/checkpoint-store.ts';
import { CodecSandboxes } from '../sandboxes/codec-sandboxes.ts';
import { sandboxDefinition } from '../sandboxes/definition-from-section.ts';
import { MachineThread, type MachineThreadOptions } from '../sandboxes/machine-thread.ts';
import { SandboxDecoder } from '../sandboxes/sandbox-decoder.ts';
import type { SandboxDefinition, SandboxIdentity } from '../sandboxes/sandbox-definition.ts';
import { SandboxEncoder } from '../sandboxes/sandbox-encoder.ts';
import { SandboxInput } from '../sandboxes/sandbox-input.ts';
import { SandboxOutput } from '../sandboxes/sandbox-output.ts';
import type { SandboxGlobals } from '../sandboxes/section-parts.ts';
import type { StateKeeper } from '../sandboxes/state-keeper.ts';

export interface PipelineSandboxesOptions {
  readonly pool: ShardPool;
  readonly images: ShardImages;
  readonly router: Router;
  readonly states: StateKeeper;
  readonly identity: SandboxIdentity;
  readonly globals: SandboxGlobals;
  readonly baseDir: string;
  readonly context: (kind: string, name: string) => PluginContext;
  readonly log: Logger;
  /** An output's script ended by itself. */
  readonly onEnd: (section: Section, error: HekateError) => void;
}

/** Types whose scripts are read here. */
const KINDS = {
  SandboxDecoder: 'decoder',
  SandboxEncoder: 'encoder',
  SandboxInput: 'input',
  SandboxOutput: 'output',
} as const;

function kindOf(section: Section): (typeof KINDS)[keyof typeof KINDS] | undefined {
  return Object.entries(KINDS).find(([type]) => type === section.type)?.[1];
}

export class PipelineSandboxes {
  readonly #options: PipelineSandboxesOptions;
  readonly #codecs: CodecSandboxes;
  readonly #definitions = new Map<string, SandboxDefinition>();
  #checkpoints: CheckpointStore | undefined;

  constructor(options: PipelineSandboxesOptions) {
    this.#options = options;
    this.#codecs = new CodecSandboxes(options);
  }

  /** Reads the scripts, and tries those of decoders and encoders. Rejects with HKT_DAEMON_PLUGIN and HKT_CONFIG_SCRIPT. */
  async prepare(sections: readonly Section[]): Promise<void> {
    const { context, globals } = this.#options;
    for (const section of sections) {
      const kind = kindOf(section);
      if (kind === undefined) continue;
      try {
        if (kind === 'decoder' || kind === 'encoder') {
          const { log } = context(kind === 'decoder' ? 'Decoder' : 'Encoder', section.name);
          await this.#codecs.prepare(section, kind, globals, log);
        } else {
          this.#definitions.set(section.name, await sandboxDefinition(section, kind, globals));
        }
      } catch (error) {
        const text = `Initialization failed for '${section.name}': ${errorText(error)}`;
        throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, text], error);
      }
    }
  }

  /** A decoder for one source; undefined when the section is of another type. */
  decoder(section: Section, context: PluginContext): Decoder | undefined {
    if (section.type !== 'SandboxDecoder') return undefined;
    const sandboxes = Array.from({ length: Math.max(1, section.number('instances')) }, (_, i) =>
      this.#codecs.make(
        section.name,
        i === 0 ? context.name : `${context.name}-${i + 1}`,
        context.log,
      ),
    );
    return new SandboxDecoder(section, sandboxes, async () => {
      await Promise.all(sandboxes.map((sandbox) => this.#codecs.end(sandbox)));
    });
  }

  encoder(section: Section, context: PluginContext): Encoder | undefined {
    if (section.type !== 'SandboxEncoder') return undefined;
    return new SandboxEncoder(this.#codecs.make(section.name, context.name, context.log));
  }

  input(section: Section, context: PluginContext): Input | undefined {
    if (section.type !== 'SandboxInput') return undefined;
    const { baseDir, identity, log, states } = this.#options;
    const definition = this.#definition(section);
    this.#checkpoints ??= new CheckpointStore(baseDir, context.clock, log);
    return new SandboxInput({
      definition,
      tickerSeconds: section.number('ticker_interval'),
      identity,
      states,
      checkpoints: this.#checkpoints,
      clock: context.clock,
      log: context.log,
      thread: (onDelivered) =>
        MachineThread.start({ ...this.#threadOptions(definition, context), onDelivered }),
    });
  }

  output(section: Section, context: PluginContext): Output | undefined {
    if (section.type !== 'SandboxOutput') return undefined;
    const { identity, onEnd, router, states } = this.#options;
    const { clock, log } = context;
    const definition = this.#definition(section);
    return new SandboxOutput({
      definition,
      timerEventOnShutdown: section.bool('timer_event_on_shutdown') || definition.api === 'lsb',
      identity,
      states,
      clock,
      log,
      thread: () => MachineThread.start(this.#threadOptions(definition, context)),
      inject: (bytes, loopCount) =>
        router.inject({
          message: Message.decode(bytes),
          signer: '',
          loopCount,
          stream: 0,
          position: 0,
          readAtMs: clock.now(),
        }),
      onEnd: (error) => onEnd(section, error),
    });
  }

  #threadOptions(definition: SandboxDefinition, context: PluginContext): MachineThreadOptions {
    const { images } = this.#options;
    const { clock, log, maxMessageSize } = context;
    return { engine: definition.engine, images, messageBytes: maxMessageSize, clock, log };
  }

  #definition(section: Section): SandboxDefinition {
    const definition = this.#definitions.get(section.name);
    if (definition === undefined) {
      throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, 'its script was not read']);
    }
    return definition;
  }

  /** Keeps what is to be kept of decoders and encoders. */
  async close(): Promise<void> {
    await this.#codecs.close();
  }
}
