/**
 * MultiDecoder: tries other decoders, either until one of them succeeds or all of them one after another on what the
 * ones before have made (Heka 0.11). A decoder that gives no message has not succeeded. Failing is failing of all.
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Decoded, Decoder } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import type { DecoderContext, DecoderType } from './decoder-context.ts';

/** Undefined: this decoder did not succeed. */
type Outcome = readonly Pack[] | undefined;

const spec: PluginSpec = {
  type: 'MultiDecoder',
  category: 'decoder',
  doc: 'Gives messages to other decoders, in order. Fails when all of them fail.',
  fields: {
    subs: {
      kind: 'strings',
      required: true,
      doc: 'Names of the decoders.',
      example: '["ProtobufDecoder", "nginx-access-decoder"]',
      check: (value) =>
        Array.isArray(value) && value.length > 0
          ? undefined
          : 'At least one subdecoder must be specified.',
    },
    log_sub_errors: {
      kind: 'bool',
      default: false,
      doc: 'Log why a decoder failed, also when another one succeeds.',
    },
    cascade_strategy: {
      kind: 'choice',
      choices: ['first-wins', 'all'],
      default: 'first-wins',
      doc: 'Whether to stop at the first decoder that succeeds, or to give all of them what those before have made.',
    },
  },
};

interface SubDecoder {
  readonly name: string;
  readonly decoder: Decoder;
}

class MultiDecoder implements Decoder {
  /** Only with a decoder that answers later. */
  readonly decodeAll?: (packs: readonly Pack[]) => readonly Promise<Decoded>[];
  readonly #context: DecoderContext;
  readonly #subs: readonly SubDecoder[];
  readonly #logErrors: boolean;
  readonly #all: boolean;
  readonly #failures: number[];

  /** Throws HKT_DAEMON_PLUGIN for a decoder that does not exist or leads back here. */
  constructor(section: Section, context: DecoderContext) {
    this.#context = context;
    const names = section.strings('subs');
    this.#subs = names.map((name) => ({ name, decoder: context.decoder(name) }));
    this.#logErrors = section.bool('log_sub_errors');
    this.#all = section.string('cascade_strategy') === 'all';
    this.#failures = names.map(() => 0);
    if (this.#subs.some(({ decoder }) => decoder.decodeAll !== undefined)) {
      this.decodeAll = (packs) => packs.map((pack) => this.#decoded(pack));
    }
  }

  /** How often each decoder did not succeed, in the order of `subs`. */
  get failures(): readonly number[] {
    return this.#failures;
  }

  decode(pack: Pack): readonly Pack[] | Promise<readonly Pack[]> {
    return this.#all ? this.#cascade([pack], 0, false) : this.#firstOf(pack, 0);
  }

  async end(): Promise<void> {
    await Promise.all(this.#subs.map(async ({ decoder }) => await decoder.end?.()));
  }

  async #decoded(pack: Pack): Promise<Decoded> {
    try {
      return { packs: await this.decode(pack) };
    } catch (error) {
      return { error };
    }
  }

  /** The packs of the first decoder from `index` on that succeeds. */
  #firstOf(pack: Pack, index: number): readonly Pack[] | Promise<readonly Pack[]> {
    for (const [at, sub] of this.#subs.entries()) {
      if (at < index) continue;
      const outcome = this.#attempt(sub, at, pack);
      if (outcome instanceof Promise) {
        return outcome.then((packs) => packs ?? this.#firstOf(pack, at + 1));
      }
      if (outcome !== undefined) return outcome;
    }
    throw new HekateError('HKT_DECODE_ALL_FAILED');
  }

  /** Gives packs to the decoders from `index` on. A pack that one of them cannot decode goes on to the next as it is. */
  #cascade(
    packs: readonly Pack[],
    index: number,
    anySucceeded: boolean,
  ): readonly Pack[] | Promise<readonly Pack[]> {
    const sub = this.#subs[index];
    if (sub === undefined) {
      if (anySucceeded) return packs;
      throw new HekateError('HKT_DECODE_ALL_FAILED');
    }
    const goOn = (outcomes: readonly Outcome[]): readonly Pack[] | Promise<readonly Pack[]> => {
      const decoded = packs.flatMap((pack, at) => outcomes[at] ?? [pack]);
      const succeeded = outcomes.some((outcome) => outcome !== undefined);
      return this.#cascade(decoded, index + 1, anySucceeded || succeeded);
    };
    const outcomes: Outcome[] = [];
    for (const pack of packs) {
      const outcome = this.#attempt(sub, index, pack);
      if (outcome instanceof Promise) {
        return this.#rest(sub, index, packs, outcomes, outcome).then(goOn);
      }
      outcomes.push(outcome);
    }
    return goOn(outcomes);
  }

  /** The outcomes of all packs, when one of them takes time. */
  async #rest(
    sub: SubDecoder,
    index: number,
    packs: readonly Pack[],
    before: readonly Outcome[],
    first: Promise<Outcome>,
  ): Promise<readonly Outcome[]> {
    const outcomes = [...before, await first];
    for (const pack of packs.slice(outcomes.length)) {
      outcomes.push(await this.#attempt(sub, index, pack));
    }
    return outcomes;
  }

  /** Never throws and never rejects. */
  #attempt({ decoder, name }: SubDecoder, index: number, pack: Pack): Outcome | Promise<Outcome> {
    const judge = (packs: readonly Pack[]): Outcome => {
      if (packs.length > 0) return packs;
      this.#count(index);
      return undefined;
    };
    const fail = (thrown: unknown): undefined => {
      this.#count(index);
      if (!this.#logErrors) return;
      this.#context.log.error(`Subdecoder '${name}' decode error: ${errorText(thrown)}`);
    };
    try {
      const decoded = decoder.decode(pack);
      return decoded instanceof Promise ? decoded.then(judge, fail) : judge(decoded);
    } catch (thrown) {
      return fail(thrown);
    }
  }

  #count(index: number): void {
    this.#failures[index] = (this.#failures[index] ?? 0) + 1;
  }
}

export const multiDecoder: DecoderType = {
  spec,
  create: (section: Section, context: DecoderContext) => new MultiDecoder(section, context),
};
