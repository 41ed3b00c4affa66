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
/** With api = "lsb": the script leaves the message out. */
const SKIP = -2;

export class SandboxDecoder implements Decoder {
  /** Several share the records of a chunk, when the operator says that they need not be in one. */
  readonly #sandboxes: readonly CodecSandbox[];
  #next = 0;
  readonly #end: () => Promise<void>;
  /** Zone in which the script's times are to be read; undefined for UTC. */
  readonly #zone: TimeZone | undefined;
  readonly #skips: boolean;

  /** Throws a HekateError for an unknown `config.tz`. */
  constructor(section: Section, sandboxes: readonly CodecSandbox[], end: () => Promise<void>) {
    this.#sandboxes = sandboxes;
    this.#end = end;
    this.#skips = section.string('api') === 'lsb';
    const { tz } = section.table('config');
    if (typeof tz !== 'string' || tz === '' || tz === 'UTC') return;
    try {
      this.#zone = new TimeZone(tz);
    } catch (error) {
      throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `unknown time zone ${tz}`], error);
    }
  }

  async decode(pack: Pack): Promise<readonly Pack[]> {
    this.#next = (this.#next + 1) % this.#sandboxes.length;
    return await this.#decode(pack, this.#next);
  }

  decodeAll(packs: readonly Pack[]): readonly Promise<Decoded>[] {
    // Runs of neighbours, so that each sandbox gets a batch of its own.
    const run = Math.ceil(packs.length / this.#sandboxes.length);
    return packs.map(async (pack, i) => {
      try {
        return { packs: await this.#decode(pack, Math.floor(i / run)) };
      } catch (error) {
        return { error };
      }
    });
  }

  async #decode(pack: Pack, index: number): Promise<readonly Pack[]> {
    const sandbox = this.#sandboxes[index];
    if (sandbox === undefined) throw new Error('a decoder without a sandbox');
    return this.#packs(pack, await sandbox.process(pack));
  }

  async end(): Promise<void> {
    await this.#end();
  }

  #packs(pack: Pack, answer: CodecAnswer): readonly Pack[] {
    if (answer.status === SKIP && this.#skips) return [];
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
