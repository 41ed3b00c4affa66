/**
 * The way of one source's bytes into the router: cut into records, made into messages, decoded, routed. One intake per
 * connection, file or datagram socket. It takes a chunk, routes as much as the router has room for, and asks the input to
 * wait for the rest; so no more than one chunk per source is held here.
 */
import { decodesMessageBytes } from '../decoders/protobuf-decoder.ts';
import type {
  Clock,
  Decoded,
  Decoder,
  Intake,
  Logger,
  RouteMessage,
  Source,
  SplitRecord,
  Splitter,
} from '../plugin.ts';
import { errorText } from '../protocol/errors.ts';
import { maxRecordSize } from '../protocol/framing.ts';
import type { FieldInit } from '../protocol/message.ts';
import { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import type { Router } from './router.ts';

/** Characters of a decode error that travel with the message (Heka 0.11). */
const DECODE_ERROR_LENGTH = 500;
/** Bytes of a payload message beside its payload. */
const HEADER_ROOM = 1024;
/** The same for sources with marks of their own, such as the headers of a request. */
const MARKED_ROOM = 64 * 1024;
/** Decode failures of one source that are logged one by one; later ones are counted. */
const LOGGED_FAILURES = 10;

export interface IntakeOptions {
  readonly router: Router;
  readonly splitter: Splitter;
  /** Undefined: the message goes on as it was read. */
  readonly decoder: Decoder | undefined;
  readonly source: Source;
  readonly stream: number;
  /** Name of the input, for payload messages' Logger and for log lines. */
  readonly input: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxMessageSize: number;
  readonly sendDecodeFailures: boolean;
  readonly logDecodeFailures: boolean;
  readonly counters: IntakeCounters;
}

/** Shared by all sources of one input. */
export interface IntakeCounters {
  records: number;
  decodeFailures: number;
}

/** An intake that also takes messages which its input made itself. */
export interface MessageIntake extends Intake {
  readonly route: RouteMessage;
}

class PipelineIntake implements MessageIntake {
  readonly #options: IntakeOptions;
  readonly #decodesBytes: boolean;
  /** Where the source began to read: the splitter counts from there. */
  readonly #start: number;
  /** What is left of the current chunk. */
  #records: SplitRecord[] = [];
  /** Messages that came without bytes: their position. */
  #made = 0;
  #loggedFailures = 0;
  /** The last chunk that a decoder which answers later has. */
  #decoding: Promise<void> | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#decodesBytes = options.splitter.useMessageBytes;
    this.#start = options.source.startOffset ?? 0;
  }

  push(chunk: Uint8Array): Promise<void> | undefined {
    this.#options.splitter.push(chunk, this.#keep);
    return this.#drain();
  }

  end(): Promise<void> | undefined {
    this.#options.splitter.end(this.#keep);
    const { decoder } = this.#options;
    const drained = this.#drain();
    if (decoder?.decodeAll === undefined && decoder?.end === undefined) return drained;
    return this.#finish(drained);
  }

  async #finish(drained: Promise<void> | undefined): Promise<void> {
    const { decoder, source } = this.#options;
    await drained;
    await this.#decoding;
    if (source.sharesDecoder !== true) await decoder?.end?.();
  }

  readonly #keep = (record: SplitRecord): void => {
    this.#records.push(record);
  };

  /** Routes what can be routed at once; the rest in a promise. */
  #drain(): Promise<void> | undefined {
    const records = this.#records;
    this.#records = [];
    const { decoder, router, source } = this.#options;
    const now = this.#options.clock.now();
    if (decoder?.decodeAll !== undefined) return this.#decodeTogether(records, now);
    for (let i = 0; i < records.length; i++) {
      const record = records[i];
      if (record === undefined) continue;
      const room = router.room();
      const routed = room === undefined ? this.#take(record, now) : room;
      if (routed !== undefined) {
        const rest = records.slice(room === undefined ? i + 1 : i);
        return this.#drainSlowly(routed, rest, room === undefined ? record : undefined, now);
      }
      source.onRouted?.(this.#start + record.endOffset);
    }
    return undefined;
  }

  async #drainSlowly(
    first: Promise<void>,
    rest: readonly SplitRecord[],
    taken: SplitRecord | undefined,
    now: number,
  ): Promise<void> {
    const { router, source } = this.#options;
    await first;
    if (taken !== undefined) source.onRouted?.(this.#start + taken.endOffset);
    for (const record of rest) {
      for (let room = router.room(); room !== undefined; room = router.room()) await room;
      const routed = this.#take(record, now);
      if (routed !== undefined) await routed;
      source.onRouted?.(this.#start + record.endOffset);
    }
  }

  /**
   * For a decoder that answers later: all records of a chunk are on their way to it while those of the chunk before are
   * routed. The returned promise is that of the chunk before: no more than two chunks per source are held.
   */
  #decodeTogether(records: readonly SplitRecord[], now: number): Promise<void> | undefined {
    const { decoder } = this.#options;
    const before = this.#decoding;
    const made = records.map((record) => this.#packOf(record, now));
    const packs = made.filter((pack) => pack !== undefined);
    const decoded = decoder?.decodeAll?.(packs) ?? [];
    this.#decoding = this.#routeDecoded(before, records, made, decoded);
    return before;
  }

  async #routeDecoded(
    before: Promise<void> | undefined,
    records: readonly SplitRecord[],
    made: readonly (Pack | undefined)[],
    decoded: readonly Promise<Decoded>[],
  ): Promise<void> {
    const { router, source } = this.#options;
    await before;
    let next = 0;
    for (const [i, record] of records.entries()) {
      const pack = made[i];
      const result = pack === undefined ? undefined : await decoded[next++];
      for (let room = router.room(); room !== undefined; room = router.room()) await room;
      if (result !== undefined) {
        if ('error' in result) this.#failed(pack, result.error);
        else for (const one of result.packs) router.route(one);
      }
      source.onRouted?.(this.#start + record.endOffset);
    }
  }

  readonly route: RouteMessage = (message, decode) => {
    const { clock, counters, router } = this.#options;
    counters.records++;
    const pack = this.#pack(message, '', ++this.#made, clock.now());
    const decoder = decode ? this.#options.decoder : undefined;
    const room = router.room();
    return room === undefined ? this.#send(pack, decoder) : this.#sendSlowly(room, pack, decoder);
  };

  async #sendSlowly(first: Promise<void>, pack: Pack, decoder: Decoder | undefined): Promise<void> {
    const { router } = this.#options;
    await first;
    for (let room = router.room(); room !== undefined; room = router.room()) await room;
    await this.#send(pack, decoder);
  }

  /** Makes, decodes and routes one record's message. A promise only when the decoder needs time. */
  #take(record: SplitRecord, now: number): Promise<void> | undefined {
    const pack = this.#packOf(record, now);
    return pack === undefined ? undefined : this.#send(pack, this.#options.decoder);
  }

  /** A record's message, or undefined for one that is none. */
  #packOf(record: SplitRecord, now: number): Pack | undefined {
    this.#options.counters.records++;
    try {
      const message = this.#decodesBytes
        ? Message.decode(record.bytes)
        : this.#payloadMessage(record);
      return this.#pack(message, record.signer, this.#start + record.endOffset, now);
    } catch (error) {
      this.#failed(undefined, error);
      return undefined;
    }
  }

  #pack(message: Message, signer: string, position: number, readAtMs: number): Pack {
    const { source, stream } = this.#options;
    return { message, signer, loopCount: 0, stream, position, readAtMs, origin: source.origin };
  }

  #send(pack: Pack, decoder: Decoder | undefined): Promise<void> | undefined {
    const { router } = this.#options;
    if (decoder === undefined || decodesMessageBytes(decoder)) {
      router.route(pack);
      return undefined;
    }
    try {
      const decoded = decoder.decode(pack);
      if (!(decoded instanceof Promise)) {
        for (const one of decoded) router.route(one);
        return undefined;
      }
      return decoded.then(
        (packs) => {
          for (const one of packs) router.route(one);
        },
        (error: unknown) => this.#failed(pack, error),
      );
    } catch (error) {
      this.#failed(pack, error);
      return undefined;
    }
  }

  #payloadMessage(record: SplitRecord): Message {
    const { clock, input, maxMessageSize, source } = this.#options;
    return Message.create(
      {
        timestampNs: clock.nowNs(),
        payload: record.bytes,
        logger: source.logger ?? input,
        ...(source.type === undefined ? {} : { type: source.type }),
        ...(source.hostname === undefined ? {} : { hostname: source.hostname }),
        ...source.marks?.(),
      },
      // A record may be as long as the largest frame, or as its source lets it be; its headers must not be what loses it.
      Math.max(maxRecordSize(maxMessageSize), record.bytes.length) +
        (source.marks === undefined ? HEADER_ROOM : MARKED_ROOM),
    );
  }

  #failed(pack: Pack | undefined, error: unknown): void {
    const { counters, input, log, logDecodeFailures, router, sendDecodeFailures } = this.#options;
    counters.decodeFailures++;
    const text = errorText(error);
    if (logDecodeFailures && this.#loggedFailures < LOGGED_FAILURES) {
      this.#loggedFailures++;
      const which = pack === undefined ? '' : ` (message ${pack.message.uuid})`;
      const last = this.#loggedFailures === LOGGED_FAILURES ? ' (further ones are counted)' : '';
      log.error(`Decoder '${input}' error: ${text}${which}${last}`);
    }
    if (!sendDecodeFailures || pack === undefined) return;
    router.route({ ...pack, message: withFailure(pack.message, text) });
  }
}

/** The original message with upstream's two fields that say why it was not decoded. */
function withFailure(message: Message, text: string): Message {
  const marks: readonly FieldInit[] = [
    { name: 'decode_failure', value: true },
    { name: 'decode_error', value: text.slice(0, DECODE_ERROR_LENGTH) },
  ];
  return message.with({ fields: marks }, Number.MAX_SAFE_INTEGER);
}

/** Opens the way for one source. */
export function openIntake(options: IntakeOptions): MessageIntake {
  return new PipelineIntake(options);
}
