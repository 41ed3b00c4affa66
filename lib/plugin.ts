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
import type { Message } from './protocol/message.ts';
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
}

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

/** How an input describes a source when it opens an intake. */
export interface Source {
  readonly origin: Origin;
  /** Headers given to payload records: Logger is the input's name unless set here. */
  readonly logger?: string;
  readonly type?: string;
  readonly hostname?: string;
  /** Offset of the first byte, for sources that resume. */
  readonly startOffset?: number;
  /** Called after the records up to this offset were handed to the router. */
  readonly onRouted?: (endOffset: number) => void;
}

export interface Input {
  /** Resolves once it listens or reads; rejects with a HekateError when it cannot start. */
  start(open: (source: Source) => Intake): Promise<void>;
  /** Stops reading; resolves when everything read was handed over. */
  stop(): Promise<void>;
  /** Resolves when the input is over by itself (StdinInput at end of file), with its error if it failed. */
  readonly done?: Promise<Error | undefined>;
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
