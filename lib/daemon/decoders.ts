/**
 * Makes the decoders of one input's sources, and the decoders that these are made of. What all of them log is limited to
 * a line a second and decoder, however many sources there are.
 */
import type { LoadedConfig } from '../config/load-config.ts';
import type { Decoder, Logger, PluginContext } from '../plugin.ts';
import { decoderTypes } from '../plugin-types.ts';
import { HekateError } from '../protocol/errors.ts';
import { LossLog } from '../splitters/loss-log.ts';
import type { PipelineSandboxes } from './sandboxes.ts';

export interface DecoderParts {
  readonly config: LoadedConfig;
  readonly context: (kind: string, name: string) => PluginContext;
  readonly sandboxes: PipelineSandboxes;
}

export class InputDecoders {
  readonly #input: string;
  readonly #parts: DecoderParts;
  readonly #logs = new Map<string, Logger>();

  constructor(input: string, parts: DecoderParts) {
    this.#input = input;
    this.#parts = parts;
  }

  /** A new decoder of the section with that name. Throws HKT_DAEMON_PLUGIN. */
  make(name: string): Decoder {
    return this.#make(name, 'Decoder', `${this.#input}-${name}`, []);
  }

  /** `path` is the decoders that lead here. */
  #make(name: string, kind: string, fullName: string, path: readonly string[]): Decoder {
    const section = this.#parts.config.find('decoder', name);
    const type = section === undefined ? undefined : decoderTypes.get(section.type);
    if (section !== undefined && !path.includes(name)) {
      const context = this.#parts.context(kind, fullName);
      const sandbox = this.#parts.sandboxes.decoder(section, {
        ...context,
        log: this.#log(context),
      });
      if (sandbox !== undefined) return sandbox;
    }
    if (section === undefined || type === undefined || path.includes(name)) {
      const text = path.includes(name)
        ? 'circular dependency detected'
        : `no registered '${name}' decoder`;
      throw new HekateError('HKT_DAEMON_PLUGIN', [this.#input, text]);
    }
    const context = this.#parts.context(kind, fullName);
    return type.create(section, {
      ...context,
      log: this.#log(context),
      decoder: (sub) => this.#make(sub, 'SubDecoder', `${fullName}-${sub}`, [...path, name]),
    });
  }

  #log(context: PluginContext): Logger {
    const known = this.#logs.get(context.name);
    if (known !== undefined) return known;
    const losses = new LossLog(context);
    const log: Logger = {
      info: (text) => context.log.info(text),
      error: (text) => losses.line('error', text),
    };
    this.#logs.set(context.name, log);
    return log;
  }
}
