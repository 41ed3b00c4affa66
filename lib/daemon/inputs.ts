/**
 * Starts the inputs of a configuration: each with its splitter, its decoder and an intake per source.
 */
import type { LoadedConfig } from '../config/load-config.ts';
import type { Section } from '../config/spec.ts';
import type { StatAccumulator } from '../inputs/stat-accumulator.ts';
import type { Decoder, Input, Logger, PluginContext, Source } from '../plugin.ts';
import { inputTypes, splitterTypes } from '../plugin-types.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { IntakeCounters, MessageIntake } from '../router/intake.ts';
import { openIntake } from '../router/intake.ts';
import type { Router } from '../router/router.ts';
import { signerTable } from '../signing/signer-table.ts';
import { LossLog } from '../splitters/loss-log.ts';
import type { SplitterFactory } from '../splitters/splitter-factory.ts';
import { InputDecoders } from './decoders.ts';
import type { PipelineSandboxes } from './sandboxes.ts';

export interface InputParts {
  readonly config: LoadedConfig;
  readonly router: Router;
  /** A context for a plugin of that kind ("Input", "Decoder", "Splitter") and name. */
  readonly context: (kind: string, name: string) => PluginContext;
  readonly log: Logger;
  readonly sandboxes: PipelineSandboxes;
  /** The accumulator of the StatAccumInput `name`, for the plugin `user`. */
  readonly accumulator: (user: string, name: string) => StatAccumulator;
  /** An input ended by itself; with an error when it failed. */
  readonly onDone: (input: RunningInput, error: Error | undefined) => void;
}

export interface RunningInput {
  readonly section: Section;
  readonly input: Input;
  readonly counters: IntakeCounters;
  readonly splitter: SplitterFactory;
}

/** Makes the input of a section; `start` it afterwards. */
export function makeInput(section: Section, parts: InputParts): RunningInput {
  const context = parts.context('Input', section.name);
  return {
    section,
    input: parts.sandboxes.input(section, context) ?? nativeInput(section, context, parts),
    counters: { records: 0, decodeFailures: 0 },
    splitter: makeSplitter(section, parts),
  };
}

function nativeInput(section: Section, context: PluginContext, parts: InputParts): Input {
  const type = inputTypes.get(section.type);
  if (type === undefined)
    throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `no input type ${section.type}`]);
  return type.create(section, {
    ...context,
    accumulator: (name) => parts.accumulator(section.name, name),
  });
}

/** Starts it. Rejects when it cannot listen or read. */
export async function startInput(running: RunningInput, parts: InputParts): Promise<void> {
  const { section, input, counters, splitter } = running;
  const { router } = parts;
  const hasSigners = Object.hasOwn(section.spec.fields, 'signer');
  const signers = hasSigners ? signerTable(section) : undefined;
  const context = parts.context('Input', section.name);
  // One for all sources: whoever makes a source by sending a datagram or connecting must not fill the log with them.
  const failures = new LossLog({ ...context, log: parts.log });
  const log: Logger = {
    info: (text) => parts.log.info(text),
    error: (text) => failures.line('decode', text),
  };
  const decoders = new InputDecoders(section.name, parts);
  const name = section.string('decoder');
  const makeDecoder = (): Decoder | undefined => (name === '' ? undefined : decoders.make(name));
  let shared: Decoder | undefined;
  const sharedDecoder = (): Decoder | undefined => {
    shared ??= makeDecoder();
    return shared;
  };
  const open = (source: Source): MessageIntake => {
    // One decoder per source, as upstream: a decoder may keep state between records.
    const decoder = source.sharesDecoder === true ? sharedDecoder() : makeDecoder();
    const { wholeBytes } = source;
    const whole = wholeBytes === undefined ? undefined : splitter.openWhole?.(wholeBytes);
    return openIntake({
      router,
      splitter: whole ?? splitter.open(signers),
      decoder,
      source,
      stream: nextStream(),
      input: section.name,
      clock: context.clock,
      log,
      maxMessageSize: context.maxMessageSize,
      sendDecodeFailures: section.bool('send_decode_failures'),
      logDecodeFailures: section.bool('log_decode_failures'),
      counters,
    });
  };
  let own: MessageIntake | undefined;
  await input.start(open, (message, decode) => {
    own ??= open({
      origin: { description: section.name, loopback: true },
      sharesDecoder: true,
    });
    return own.route(message, decode);
  });
  parts.log.info(`Input started: ${section.name}`);
  input.done?.then(
    (error) => parts.onDone(running, error),
    (error: unknown) => parts.onDone(running, new Error(errorText(error), { cause: error })),
  );
}

let streams = 0;

/** Streams count from 1: 0 is what the daemon itself makes. */
function nextStream(): number {
  streams = streams >= 0xffff_ffff ? 1 : streams + 1;
  return streams;
}

function makeSplitter(section: Section, parts: InputParts): SplitterFactory {
  const name = section.string('splitter');
  const splitter = parts.config.find('splitter', name);
  const type = splitter === undefined ? undefined : splitterTypes.get(splitter.type);
  if (splitter === undefined || type === undefined) {
    throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `undefined splitter ${name}`]);
  }
  return type.create(splitter, parts.context('Splitter', `${section.name}-${name}`));
}
