/**
 * The interfaces of the pipeline's parts on the main thread, without an implementation. One message's walk:
 *
 *   Input ─bytes─▶ Intake ( Splitter ─records─▶ Decoder ─packs─▶ ) ─▶ Router ─▶ filters
 *                                                                        └─▶ Encoder ─▶ Output
 *
 * Every part takes what it needs as arguments; lib/daemon.ts is where they are joined.
 */
import type { PluginSpec, Section } from './config/spec.ts';
import type { Encoded } from './encoders/encoded.ts';
import type { Message, MessageInit } from './protocol/message.ts';
import type { Origin, Pack } from './protocol/pack.ts';

/** Log sink. Lines are prefixed with the plugin's name as hekad does. */
export interface Logger {
  info(text: string): void;
  error(text: string): void;
}

/** Time as a capability, so that tests drive it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Nanoseconds since the epoch. */
  nowNs(): bigint;
  /** Calls back once after `ms`; dispose it to cancel. */
  after(ms: number, callback: () => void): Disposable;
}

/** What every plugin is given beside its own options. */
export interface PluginContext {
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborted when the plugin must stop. */
  readonly signal: AbortSignal;
  readonly hostname: string;
  readonly pid: number;
  readonly baseDir: string;
  readonly shareDir: string;
  readonly maxMessageSize: number;
}

/** A record cut from a byte stream. Its bytes are never written again, so they may be kept without a copy. */
export interface SplitRecord {
  readonly bytes: Uint8Array;
  /** Verified signer of a framed record, else "". */
  readonly signer: string;
  /** Bytes consumed from the stream's start up to and including this record and its delimiter. */
  readonly endOffset: number;
}

/** Cuts one byte stream into records; one instance per stream. */
export interface Splitter {
  /** True when the records are encoded messages, false when they become payloads. */
  readonly useMessageBytes: boolean;
  push(chunk: Uint8Array, sink: (record: SplitRecord) => void): void;
  /** The stream ended: delivers an incomplete last record if the plugin is set to. */
  end(sink: (record: SplitRecord) => void): void;
}

/** Turns a pack into packs. Throws to report a decode failure. */
export interface Decoder {
  decode(pack: Pack): readonly Pack[] | Promise<readonly Pack[]>;
  /**
   * For decoders that answer later: takes all packs at once, so that they are on their way together; results in their
   * order. No promise rejects.
   */
  decodeAll?(packs: readonly Pack[]): readonly Promise<Decoded>[];
  /** The source is gone: keeps what is to be kept. */
  end?(): Promise<void>;
}

/** What became of one pack. */
export type Decoded = { readonly packs: readonly Pack[] } | { readonly error: unknown };

/** What one source of bytes (a connection, a file, a datagram socket) feeds. */
export interface Intake {
  /**
   * Splits, decodes and routes. A returned promise settles when the pipeline can take more:
   * the input must not read on before that.
   */
  push(chunk: Uint8Array): Promise<void> | undefined;
  /** The source ended. */
  end(): Promise<void> | undefined;
}

/** What payload records get beside what the intake sets: uuid, time, payload and, unless it is here, Logger. */
export type RecordMarks = Omit<MessageInit, 'uuid' | 'timestampNs' | 'payload'>;

/** How an input describes a source when it opens an intake. */
export interface Source {
  readonly origin: Origin;
  /** Headers given to payload records: Logger is the input's name unless set here. */
  readonly logger?: string;
  readonly type?: string;
  readonly hostname?: string;
  /** Headers and fields for payload records, asked for each of them; they win over those above. */
  readonly marks?: () => RecordMarks;
  /**
   * For streams that end soon (a response, a file's contents): with a NullSplitter each of them is one record, of up to
   * this many bytes, rather than one per chunk.
   */
  readonly wholeBytes?: number;
  /** True for sources that come and go quickly: those of one input share a decoder. */
  readonly sharesDecoder?: boolean;
  /** Offset of the first byte, for sources that resume. */
  readonly startOffset?: number;
  /** Called after the records up to this offset were handed to the router. */
  readonly onRouted?: (endOffset: number) => void;
}

/**
 * Hands over a message that an input made itself, through the input's decoder unless `decode` is false. A returned
 * promise settles when the message was routed: the input must not make more before that.
 */
export type RouteMessage = (message: Message, decode: boolean) => Promise<void> | undefined;

export interface Input {
  /** Resolves once it listens or reads; rejects with a HekateError when it cannot start. */
  start(open: (source: Source) => Intake, route: RouteMessage): Promise<void>;
  /** Stops reading; resolves when everything read was handed over. */
  stop(): Promise<void>;
  /** Resolves when the input is over by itself (StdinInput at end of file), with its error if it failed. */
  readonly done?: Promise<Error | undefined>;
  /** True when other plugins feed it: it stops after the inputs that are fed from outside. */
  readonly fedInside?: boolean;
}

/** One statsd value. */
export interface Stat {
  readonly bucket: string;
  readonly value: string;
  /** "ms" is a timer, "g" a gauge, all else a counter. */
  readonly modifier: string;
  /** Share of the events that were sent, above 0; 1 for all of them. */
  readonly sampling: number;
}

/** Where StatsdInput and StatFilter leave their values: a StatAccumInput. */
export interface StatSink {
  /** False when the value was not taken; the sink counts it. */
  add(stat: Stat): boolean;
}

/** Turns a message into bytes for an output; undefined skips the message. */
export interface Encoder {
  encode(message: Message): Encoded | undefined;
  /** True for ProtobufEncoder: outputs then frame by default. */
  readonly framedByDefault: boolean;
}

export interface Output {
  start(): Promise<void>;
  /** Takes a pack. A returned promise settles when it can take more; the router waits for it. */
  deliver(pack: Pack): Promise<void> | undefined;
  timer?(nowNs: bigint): void;
  /** SIGHUP: reopen files. */
  reload?(): Promise<void>;
  /** Flushes and closes. */
  stop(): Promise<void>;
}

/** A plugin type of a category: its spec and how it is made from a checked section. */
export interface PluginType<T> {
  readonly spec: PluginSpec;
  create(section: Section, context: PluginContext): T;
}
