/**
 * SandboxDecoder on the main thread: hands messages to its sandbox and makes packs of what it injects. Messages that are
 * given to it together are on their way together (Heka 0.11).
 */
import type { Section } from '../config/spec.ts';
import type { Decoded, Decoder } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import { TimeZone } from '../protocol/time-zone.ts';
import type { CodecAnswer, CodecSandbox } from './codec-sandbox.ts';

const NS_PER_MS = 1_000_000n;

export class SandboxDecoder implements Decoder {
  readonly #sandbox: CodecSandbox;
  readonly #end: () => Promise<void>;
  /** Zone in which the script's times are to be read; undefined for UTC. */
  readonly #zone: TimeZone | undefined;

  /** Throws a HekateError for an unknown `config.tz`. */
  constructor(section: Section, sandbox: CodecSandbox, end: () => Promise<void>) {
    this.#sandbox = sandbox;
    this.#end = end;
    const { tz } = section.table('config');
    if (typeof tz !== 'string' || tz === '' || tz === 'UTC') return;
    try {
      this.#zone = new TimeZone(tz);
    } catch (error) {
      throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `unknown time zone ${tz}`], error);
    }
  }

  async decode(pack: Pack): Promise<readonly Pack[]> {
    const answer = await this.#sandbox.process(pack);
    return this.#packs(pack, answer);
  }

  decodeAll(packs: readonly Pack[]): readonly Promise<Decoded>[] {
    return packs.map(async (pack) => {
      try {
        return { packs: await this.decode(pack) };
      } catch (error) {
        return { error };
      }
    });
  }

  async end(): Promise<void> {
    await this.#end();
  }

  #packs(pack: Pack, answer: CodecAnswer): readonly Pack[] {
    if (answer.status !== 0) throw this.#failure(pack, answer);
    // Nothing injected and nothing written: the message goes on as it is.
    if (answer.outputs.length === 0) return [pack];
    return answer.outputs.map((bytes) => ({ ...pack, message: this.#message(bytes) }));
  }

  #failure(pack: Pack, { status, text }: CodecAnswer): HekateError {
    if (status > 0 || text.startsWith('Failed after')) {
      return new HekateError('HKT_PLUGIN_DECODE_SANDBOX', [text]);
    }
    const failed = `Failed parsing: ${text} payload: ${pack.message.payload}`;
    return new HekateError('HKT_PLUGIN_DECODE_SANDBOX', [failed]);
  }

  #message(bytes: Uint8Array): Message {
    const message = Message.decode(bytes);
    const zone = this.#zone;
    if (zone === undefined) return message;
    const ns = message.timestampNs;
    const ms = ns / NS_PER_MS;
    const moment = BigInt(zone.momentOf(Number(ms)));
    return message.with({ timestampNs: ns + (moment - ms) * NS_PER_MS }, Number.MAX_SAFE_INTEGER);
  }
}
