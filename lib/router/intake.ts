/**
 * The way of one source's bytes into the router: cut into records, made into messages, decoded, routed. One intake per
 * connection, file or datagram socket. It takes a chunk, routes as much as the router has room for, and asks the input to
 * wait for the rest; so no more than one chunk per source is held here.
 */
import { decodesMessageBytes } from '../decoders/protobuf-decoder.ts';
import type {
  Clock,
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
    return this.#drain();
  }

  readonly #keep = (record: SplitRecord): void => {
    this.#records.push(record);
  };

  /** Routes what can be routed at once; the rest in a promise. */
  #drain(): Promise<void> | undefined {
    const records = this.#records;
    this.#records = [];
    const { router, source } = this.#options;
    const now = this.#options.clock.now();
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
    const { counters, decoder } = this.#options;
    counters.records++;
    let message: Message;
    try {
      message = this.#decodesBytes ? Message.decode(record.bytes) : this.#payloadMessage(record);
    } catch (error) {
      this.#failed(undefined, error);
      return undefined;
    }
    return this.#send(
      this.#pack(message, record.signer, this.#start + record.endOffset, now),
      decoder,
    );
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
      const last = this.#loggedFailures === LOGGED_FAILURES ? ' (further ones are counted)' : '';
      log.error(`Decoder '${input}' error: ${text}${last}`);
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
