/**
 * Guest tables as messages in lua_sandbox 1.x's flavour: for `inject_message` and `inject_payload`, whose caller delivers
 * what lies in `bytes`, and for `encode_message`. Headers that the host sets are never written back into the guest's
 * table. Every encoding empties the sandbox's output buffer, which upstream encodes into; only encode_message counts as
 * output.
 */
import { HekateError } from '../../../../lib/protocol/errors.ts';
import { ProtobufWriter } from '../../../../lib/protocol/protobuf-writer.ts';
import { latin1Text } from '../../../../lib/protocol/text.ts';
import { isUuidText, parseUuid } from '../../../../lib/protocol/uuid.ts';
import { GuestArgumentError, GuestError, type GuestTable, type GuestValue } from '../../engine.ts';
import { numberOf, stringOf, typeError } from '../guest-arguments.ts';
import {
  EncodeError,
  type FieldStyle,
  writeFields,
  writeNumber,
  writeString,
} from '../message-encoder.ts';
import { OUTPUT_LIMIT_TEXT, type OutputBuffer } from '../output-buffer.ts';
import type { RandomSource } from '../random-source.ts';
import { frameHead } from './frame-text.ts';

/** What the configuration says about headers. */
export interface LsbHeaders {
  /** Uuid, Timestamp, Logger, Hostname and Pid are the host's, whatever the table has. */
  readonly restricted: boolean;
  /** Byte strings. Undefined: without one the message has no such header. */
  readonly logger: string | undefined;
  readonly hostname: string | undefined;
  readonly pid: number;
}

export interface LsbEncoderOptions {
  readonly headers: LsbHeaders;
  readonly output: OutputBuffer;
  /** Longest message that can be injected. */
  readonly maximumBytes: number;
  readonly random: RandomSource;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const INJECT = 'inject_message()';
const PAYLOAD = 'inject_payload()';
const ENCODE = 'encode_message()';
const DEFAULT_PAYLOAD_TYPE = 'txt';
const UUID_BYTES = 16;
const NS_PER_MS = 1_000_000n;

const lsbStyle: FieldStyle = {
  // A number as a key ends upstream's traversal with an error of Lua's.
  numericKeys: false,
  userdata(value, w) {
    if (value.kind !== 'object' || value.output === undefined) {
      throw new EncodeError('userdata object does not implement lsb_output');
    }
    try {
      return value.output(Math.max(w.limit - w.length, 0));
    } catch (error) {
      if (!(error instanceof GuestError) || error.text !== OUTPUT_LIMIT_TEXT) throw error;
      throw new EncodeError('userdata output callback failed: 1');
    }
  },
};

export class LsbMessageEncoder {
  readonly #headers: LsbHeaders;
  readonly #output: OutputBuffer;
  readonly #maximumBytes: number;
  readonly #random: RandomSource;
  readonly #clock: () => number;
  readonly #writer: ProtobufWriter;
  readonly #uuid = new Uint8Array(UUID_BYTES);

  constructor(options: LsbEncoderOptions) {
    this.#headers = options.headers;
    this.#output = options.output;
    this.#maximumBytes = options.maximumBytes;
    this.#random = options.random;
    this.#clock = options.clock;
    this.#writer = new ProtobufWriter(options.output.capacity);
  }

  /** The last message, in the first `length` bytes; good until the next one is encoded. */
  get bytes(): Uint8Array {
    return this.#writer.bytes;
  }

  /** Bytes of the last message, finished or not: what it cost to encode. */
  get length(): number {
    return this.#writer.length;
  }

  /** Encodes what `inject_message` was given. Throws a GuestError with upstream's text. */
  encodeInjected(message: GuestTable): void {
    this.#encode(INJECT, () => this.#writeTable(message));
    this.#checkSize();
  }

  /**
   * What `inject_payload` does before it injects: checks the arguments, appends those from the third one on to the output
   * buffer, and makes a message of the buffer. False when there is nothing to inject.
   */
  encodePayload(args: readonly GuestValue[]): boolean {
    const [type, name] = args;
    this.#writer.clear();
    const payload = this.takePayload(args);
    if (payload === '') return false;
    this.#encode(INJECT, () => {
      this.#writePayload(
        payload,
        typeof type === 'string' ? type : DEFAULT_PAYLOAD_TYPE,
        typeof name === 'string' ? name : undefined,
      );
    });
    this.#checkSize();
    return true;
  }

  /** The payload that `inject_payload` is to inject: what waits in the output buffer, and its arguments from the third on. */
  takePayload(args: readonly GuestValue[]): string {
    if (args.length > 0 && typeof args[0] !== 'string') {
      throw new GuestError(`${PAYLOAD} payload_type argument must be a string`);
    }
    if (args.length > 1 && typeof args[1] !== 'string') {
      throw new GuestError(`${PAYLOAD} payload_name argument must be a string`);
    }
    if (args.length > 2) this.#output.appendValues(args, 2);
    return this.#output.take();
  }

  encodeMessage = (args: readonly GuestValue[]): string => {
    const [message, framed = false] = args;
    this.#writer.clear();
    if (args.length !== 1 && args.length !== 2) {
      throw new GuestArgumentError(args.length, 'incorrect number of arguments');
    }
    if (args.length === 2 && typeof args[1] !== 'boolean') throw typeError(args, 2, 'boolean');
    if (typeof message !== 'object' || message.kind !== 'table') throw typeError(args, 1, 'table');
    this.#encode(ENCODE, () => this.#writeTable(message));
    const w = this.#writer;
    const head = framed === true ? frameHead(w.length) : '';
    this.#output.record(head.length + w.length);
    return head + latin1Text(w.bytes, 0, w.length);
  };

  #encode(caller: string, write: () => void): void {
    const w = this.#writer;
    this.#output.clear();
    w.clear();
    try {
      write();
      w.checkLimit();
    } catch (error) {
      if (error instanceof EncodeError) throw new GuestError(`${caller} failed: ${error.text}`);
      if (!(error instanceof HekateError)) throw error;
      // The writer's only error: it is full.
      const reason = caller === ENCODE ? 'buffer full' : 'exceeded output_limit';
      throw new GuestError(`${caller} failed: ${reason}`);
    }
  }

  #checkSize(): void {
    if (this.#writer.length > this.#maximumBytes) {
      throw new GuestError(`${INJECT} failed: exceeded max_message_size`);
    }
  }

  #writeTable(message: GuestTable): void {
    const w = this.#writer;
    const { restricted, logger, hostname, pid } = this.#headers;
    this.#writeUuid(restricted ? undefined : stringOf(message.get('Uuid')));
    this.#writeTime(restricted ? undefined : numberOf(message.get('Timestamp')));
    writeString(w, 3, message.get('Type'));
    this.#writeHeader(4, restricted ? undefined : message.get('Logger'), logger);
    writeNumber(w, 5, message.get('Severity'));
    writeString(w, 6, message.get('Payload'));
    writeString(w, 7, message.get('EnvVersion'));
    writeNumber(w, 8, (restricted ? undefined : message.get('Pid')) ?? pid);
    this.#writeHeader(9, restricted ? undefined : message.get('Hostname'), hostname);
    writeFields(w, message.get('Fields'), lsbStyle);
  }

  #writePayload(payload: string, type: string, name: string | undefined): void {
    const w = this.#writer;
    const { logger, hostname, pid } = this.#headers;
    this.#writeUuid(undefined);
    this.#writeTime(undefined);
    writeString(w, 3, 'inject_payload');
    this.#writeHeader(4, undefined, logger);
    writeString(w, 6, payload);
    writeNumber(w, 8, pid);
    this.#writeHeader(9, undefined, hostname);
    writeStringField(w, 'payload_type', type);
    if (name !== undefined) writeStringField(w, 'payload_name', name);
  }

  /** 16 bytes, or text of the usual form; a new one for everything else. */
  #writeUuid(given: string | undefined): void {
    const w = this.#writer;
    w.tag(1, 2);
    if (given?.length === UUID_BYTES) {
      w.byteString(given);
      return;
    }
    if (given !== undefined && isUuidText(given)) this.#uuid.set(parseUuid(given));
    else this.#random.fillUuid(this.#uuid);
    w.lengthDelimited(this.#uuid);
  }

  #writeTime(given: number | undefined): void {
    const w = this.#writer;
    w.tag(2, 0);
    if (given === undefined) w.varintBig(BigInt(Math.floor(this.#clock())) * NS_PER_MS);
    else w.varint(Math.trunc(given));
  }

  /** The table's value, or the configuration's when there is none. What is no text stands for no header at all. */
  #writeHeader(tag: number, given: GuestValue, configured: string | undefined): void {
    if (given !== undefined) writeString(this.#writer, tag, given);
    else if (configured !== undefined) {
      this.#writer.tag(tag, 2);
      this.#writer.byteString(configured);
    }
  }
}

function writeStringField(w: ProtobufWriter, name: string, value: string): void {
  const mark = w.begin(10);
  writeString(w, 1, name);
  writeString(w, 4, value);
  w.finish(mark);
}
