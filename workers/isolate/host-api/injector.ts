/**
 * `inject_message` and `inject_payload` of a filter: what may be injected, what it becomes, and its commit. Heka 0.11,
 * and the forms of Heka 0.5 where they do not clash. Every check comes before the commit; a committed message stays
 * delivered whatever happens to the call afterwards.
 *
 *   inject_message(table)             the table as a message; Type, Logger and Hostname are ours
 *   inject_message(string)            an encoded message (0.9 and later), when the string is one; else as below
 *   inject_message([type[, name]])    0.5: the output buffer as a payload of that type
 *   inject_message(object[, name])    0.5: the object's output as a payload, such as a circular buffer
 *   inject_payload([type[, name[, …]]])
 */
import type { SandboxSpec } from '../../../lib/protocol/batch.ts';
import { HekateError } from '../../../lib/protocol/errors.ts';
import { MessageView } from '../../../lib/protocol/message-view.ts';
import { ProtobufWriter } from '../../../lib/protocol/protobuf-writer.ts';
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import { GuestError, type GuestValue, type HostObject } from '../engine.ts';
import { stringArgument } from './guest-arguments.ts';
import { type LogBook, LogLevel } from './log-book.ts';
import { EncodeError, encodeTable, type HeaderPolicy } from './message-encoder.ts';
import type { Outbox } from './outbox.ts';
import { OUTPUT_LIMIT_TEXT, type OutputBuffer } from './output-buffer.ts';
import type { RandomSource } from './random-source.ts';

/** The part of a compiled message_matcher that the guard against self-injection needs. */
export interface MessageTest {
  matches(view: MessageView): boolean;
}

export interface InjectorOptions {
  readonly spec: SandboxSpec;
  readonly outbox: Outbox;
  readonly output: OutputBuffer;
  /** The filter's own matcher; undefined for none. */
  readonly matcher: MessageTest | undefined;
  readonly random: RandomSource;
  readonly log: LogBook;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const MESSAGE = 'inject_message()';
const PAYLOAD = 'inject_payload()';
const DEFAULT_TYPE = 'txt';
const TYPE_PREFIX = 'heka.sandbox.';
const MESSAGE_USAGE = `${MESSAGE} takes a single string or table argument`;

export class Injector {
  readonly #spec: SandboxSpec;
  readonly #outbox: Outbox;
  readonly #output: OutputBuffer;
  readonly #matcher: MessageTest | undefined;
  readonly #log: LogBook;
  readonly #clock: () => number;
  readonly #policy: HeaderPolicy;
  readonly #writer: ProtobufWriter;
  readonly #view = new MessageView();
  readonly #uuid = new Uint8Array(16);
  /** Injections left in this call; −1 outside of calls, where nothing is injected. */
  #left = -1;
  #loopCount = 0;
  /** True once the script called `output` by its 0.5 name. */
  legacy = false;

  constructor(options: InjectorOptions) {
    this.#spec = options.spec;
    this.#outbox = options.outbox;
    this.#output = options.output;
    this.#matcher = options.matcher;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#writer = new ProtobufWriter(options.outbox.maximumBytes);
    this.#policy = {
      typePrefix: TYPE_PREFIX,
      logger: options.spec.name,
      hostname: options.spec.hostname,
      fillUuid: (bytes) => options.random.fillUuid(bytes),
      nowNs: () => Math.floor(options.clock() / 1000) * 1e9,
    };
  }

  /** Starts a call that may inject `limit` messages; `loopCount` is that of the message that it works on. */
  begin(limit: number, loopCount: number): void {
    this.#left = limit;
    this.#loopCount = loopCount + 1;
  }

  end(): void {
    this.#left = -1;
  }

  injectMessage = (args: readonly GuestValue[]): undefined => {
    const subject = args[0];
    if (args.length > 2 || (args.length === 2 && subject === undefined)) {
      throw new GuestError(MESSAGE_USAGE);
    }
    const name = args.length === 2 ? stringArgument(args, 2) : '';
    if (args.length === 0) this.#payload(MESSAGE, DEFAULT_TYPE, '', this.#output.take());
    else if (typeof subject === 'string') this.#string(subject, name, args.length === 1);
    else if (typeof subject !== 'object') throw new GuestError(MESSAGE_USAGE);
    else if (subject.kind === 'table') {
      this.#output.clear();
      const w = this.#writer;
      w.clear();
      try {
        const added = encodeTable(w, subject, this.#policy);
        w.checkLimit();
        if (w.length - added > this.#output.capacity) throw new GuestError(OUTPUT_LIMIT_TEXT);
        this.#output.record(w.length - added);
      } catch (error) {
        throw this.#encodeFailure(error);
      }
      this.#admit(MESSAGE);
      this.#deliver(MESSAGE, w.bytes, w.length);
    } else if (subject.kind === 'object') this.#object(subject, name);
    else throw new GuestError(MESSAGE_USAGE);
    return undefined;
  };

  /** Bytes of the last message, finished or not: what it cost to encode. */
  get encodedBytes(): number {
    return this.#writer.length;
  }

  injectPayload = (args: readonly GuestValue[]): undefined => {
    const type = args.length > 0 ? stringArgument(args, 1) : DEFAULT_TYPE;
    const name = args.length > 1 ? stringArgument(args, 2) : '';
    if (args.length > 2) this.#output.appendValues(args, 2);
    this.#payload(PAYLOAD, type, name, this.#output.take());
    return undefined;
  };

  /**
   * A string is a message when it decodes as one and either has a uuid or nothing waits in the output buffer.
   * Otherwise it is the payload type of Heka 0.5, as long as there is a payload or the script speaks 0.5.
   */
  #string(text: string, name: string, alone: boolean): void {
    const waiting = this.#output.length > 0;
    if (alone && text !== '') {
      const bytes = latin1Bytes(text);
      this.#view.reset(bytes, 0, bytes.length);
      if (isWellFormed(this.#view) && (!waiting || this.#hasUuid())) {
        const framed = this.#restamp(bytes);
        this.#admit(MESSAGE);
        this.#deliver(MESSAGE, framed, framed.length);
        return;
      }
      if (!waiting && !this.legacy) {
        this.#admit(MESSAGE);
        throw new GuestError(`${MESSAGE} protobuf unmarshal failed`);
      }
    }
    this.#payload(MESSAGE, text, name, this.#output.take());
  }

  #object(object: HostObject, name: string): void {
    this.#output.clear();
    const text = object.output?.(this.#output.capacity);
    if (text === undefined) {
      throw new GuestError(`${MESSAGE} could not output userdata - unknown userdata type`);
    }
    this.#output.record(text.length);
    this.#payload(MESSAGE, object.payloadType?.() ?? DEFAULT_TYPE, name, text);
  }

  /** A payload as a message of its own; an empty one is not injected. Laid out as hekad encodes it. */
  #payload(fn: string, type: string, name: string, payload: string): void {
    if (payload === '') return;
    this.#admit(fn);
    const w = this.#writer;
    w.clear();
    try {
      w.tag(1, 2);
      this.#policy.fillUuid(this.#uuid);
      w.lengthDelimited(this.#uuid);
      w.tag(2, 0);
      w.varintBig(BigInt(this.#clock()) * 1000000n);
      w.tag(3, 2);
      w.byteString('heka.sandbox-output');
      w.tag(4, 2);
      w.utf8String(this.#spec.name);
      w.tag(6, 2);
      w.byteString(payload);
      w.tag(8, 0);
      w.varint(this.#spec.pid >>> 0);
      w.tag(9, 2);
      w.utf8String(this.#spec.hostname);
      writeStringField(w, 'payload_type', untilNul(type) || DEFAULT_TYPE, 'file-extension');
      writeStringField(w, 'payload_name', untilNul(name), '');
      w.checkLimit();
    } catch (error) {
      if (error instanceof HekateError) throw new GuestError(`${fn} exceeded max_message_size`);
      throw error;
    }
    this.#deliver(fn, w.bytes, w.length);
  }

  /** Counts the injection, or throws upstream's errors for too many and for loops. */
  #admit(fn: string): void {
    if (this.#left < 0) return;
    if (this.#left === 0) throw new GuestError(`${fn} exceeded InjectMessage count`);
    this.#left--;
    if (this.#loopCount > this.#spec.limits.messageLoops) {
      throw new GuestError(`${fn} exceeded MaxMsgLoops`);
    }
  }

  #deliver(fn: string, bytes: Uint8Array, length: number): void {
    if (length > this.#outbox.maximumBytes) {
      throw new GuestError(`${fn} exceeded max_message_size`);
    }
    if (this.#left < 0) {
      this.#log.write(LogLevel.warning, `${fn} ignored outside of process_message and timer_event`);
      return;
    }
    if (this.#matcher !== undefined) {
      this.#view.reset(bytes, 0, length);
      if (this.#matcher.matches(this.#view)) {
        this.#log.write(LogLevel.error, 'attempted to Inject a message to itself');
        throw new GuestError(
          `${fn} creates a circular reference (matches this plugin's message_matcher)`,
        );
      }
    }
    this.#outbox.commit(bytes, length, this.#loopCount);
  }

  #hasUuid(): boolean {
    return this.#view.uuidStart >= 0 && this.#view.uuidEnd - this.#view.uuidStart === 16;
  }

  /** The message in the view with our Type prefix, Logger and Hostname; everything else byte for byte. */
  #restamp(bytes: Uint8Array): Uint8Array {
    const v = this.#view;
    const type = v.typeStart < 0 ? '' : latin1Text(bytes, v.typeStart, v.typeEnd);
    const source = new ProtobufWriter(bytes.length + 4 * this.#spec.name.length + 64);
    source.tag(3, 2);
    source.byteString(TYPE_PREFIX + type);
    source.tag(4, 2);
    source.utf8String(this.#spec.name);
    const host = new ProtobufWriter(4 * this.#spec.hostname.length + 64);
    host.tag(9, 2);
    host.utf8String(this.#spec.hostname);
    const parts: Uint8Array[] = [];
    const stamps: { before: number; bytes: Uint8Array }[] = [
      { before: 3, bytes: source.take() },
      { before: 10, bytes: host.take() },
    ];
    v.eachItem((tag, start, end) => {
      while (stamps[0] !== undefined && tag >= stamps[0].before) {
        parts.push(stamps[0].bytes);
        stamps.shift();
      }
      if (tag !== 3 && tag !== 4 && tag !== 9) parts.push(bytes.subarray(start, end));
    });
    for (const stamp of stamps) parts.push(stamp.bytes);
    return joinBytes(parts);
  }

  #encodeFailure(error: unknown): unknown {
    if (error instanceof EncodeError) {
      return new GuestError(`${MESSAGE} could not encode protobuf - ${error.text}`);
    }
    if (error instanceof HekateError) {
      const limited = this.#output.capacity < this.#outbox.maximumBytes;
      return new GuestError(
        `${MESSAGE} ${limited ? OUTPUT_LIMIT_TEXT : 'exceeded max_message_size'}`,
      );
    }
    if (error instanceof GuestError && error.text === OUTPUT_LIMIT_TEXT) {
      return new GuestError(`${MESSAGE} ${OUTPUT_LIMIT_TEXT}`);
    }
    return error;
  }
}

/** True when the view's bytes are a message down to the values of its fields. */
function isWellFormed(view: MessageView): boolean {
  try {
    view.check();
    return true;
  } catch (error) {
    if (error instanceof HekateError) return false; // that is the answer
    throw error;
  }
}

function writeStringField(
  w: ProtobufWriter,
  name: string,
  value: string,
  representation: string,
): void {
  const mark = w.begin(10);
  w.tag(1, 2);
  w.byteString(name);
  w.tag(2, 0);
  w.varint(0);
  w.tag(3, 2);
  w.byteString(representation);
  w.tag(4, 2);
  w.byteString(value);
  w.finish(mark);
}

/** Upstream hands these texts over as C strings. */
function untilNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
