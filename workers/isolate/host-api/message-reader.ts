/**
 * `read_message` and `read_next_field` in Heka's flavour, straight from the batch's bytes. Strings are substrings
 * of the batch's text when the shard gave it, else they are made byte by byte; the text is asked for when much is read.
 * Outside of process_message there is no message and everything reads as nil (Heka 0.11).
 */
import { HekateError } from '../../../lib/protocol/errors.ts';
import { MessageView, ValueType } from '../../../lib/protocol/message-view.ts';
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import { uuidText } from '../../../lib/protocol/uuid.ts';
import { GuestError, type GuestValue } from '../engine.ts';
import { checkArgument, optionalInteger, stringArgument } from './guest-arguments.ts';

/** Field names that are remembered in encoded form; guests use a handful, a hostile one starts over. */
const NAME_CACHE_LIMIT = 256;
/** Longer ones are encoded each time: the cache is no place to keep memory that nobody counts. */
const CACHED_NAME_LENGTH = 256;
/** Headers that are remembered, and the longest text that is. */
export const Repeated = { type: 0, logger: 1, hostname: 2 } as const;
const REPEATED_LENGTH = 64;
const END_OF_FIELDS: readonly GuestValue[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
];

export class MessageReader {
  readonly view: MessageView = new MessageView();
  /** Bytes of strings that were read since the entry, those that repeated aside. */
  bytesRead = 0;
  #text: string | undefined;
  #active = false;
  #scanned = false;
  #nextField = 0;
  readonly #last: string[] = ['', '', ''];
  readonly #names = new Map<string, Uint8Array>();

  /** What the coming events are read from: `text` is the inbound area as a byte string, or undefined. */
  begin(text: string | undefined): void {
    this.#text = text;
    this.bytesRead = 0;
  }

  /** Makes the message between two offsets the current one. It is looked at when the guest asks for something of it. */
  open(inbound: Uint8Array, start: number, end: number): void {
    this.view.reset(inbound, start, end);
    this.#scanned = false;
    this.#active = true;
  }

  close(): void {
    this.#active = false;
  }

  /** Is there a message to read? The router decodes what it delivers: what is none here was damaged on the way. */
  readable(): boolean {
    if (this.#scanned || !this.#active) return this.#active;
    this.#scanned = true;
    this.#nextField = 0;
    try {
      this.view.scan();
    } catch (error) {
      unreadable(error);
      this.#active = false;
    }
    return this.#active;
  }

  readMessage = (args: readonly GuestValue[]): GuestValue => {
    if (args.length < 1 || args.length > 3) {
      throw new GuestError('read_message() incorrect number of arguments');
    }
    const name = stringArgument(args, 1);
    let fieldIndex = 0;
    let arrayIndex = 0;
    if (args.length > 1) {
      fieldIndex = optionalInteger(args, 2, 0);
      checkArgument(fieldIndex >= 0, 2, 'field index must be >= 0');
      arrayIndex = optionalInteger(args, 3, 0);
      checkArgument(arrayIndex >= 0, 3, 'array index must be >= 0');
    }
    if (!this.readable()) return undefined;
    const v = this.view;
    switch (name) {
      case 'Type':
        return this.repeated(Repeated.type, v.typeStart, v.typeEnd);
      case 'Payload':
        return this.string(v.payloadStart, v.payloadEnd);
      case 'Timestamp':
        return v.hasTimestamp ? v.timestamp : undefined;
      case 'Logger':
        return this.repeated(Repeated.logger, v.loggerStart, v.loggerEnd);
      case 'Hostname':
        return this.repeated(Repeated.hostname, v.hostnameStart, v.hostnameEnd);
      case 'Severity':
        return v.hasSeverity ? v.severity : undefined;
      case 'Pid':
        return v.hasPid ? v.pid : undefined;
      case 'EnvVersion':
        return this.string(v.envVersionStart, v.envVersionEnd);
      case 'Uuid':
        return v.uuidStart >= 0 && v.uuidEnd - v.uuidStart === 16
          ? uuidText(v.bytes, v.uuidStart)
          : '';
      case 'raw':
        return v.end > v.start ? this.string(v.start, v.end) : undefined;
      default:
        return this.field(name, fieldIndex, arrayIndex, undefined);
    }
  };

  /** Bytes of a string header or of a string or bytes field, for native modules; undefined when there is none. */
  bytesOf(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    if (!this.#active) throw new GuestError('no active message');
    const value = this.readMessage([name, fieldIndex, arrayIndex]);
    return typeof value === 'string' ? value : undefined;
  }

  readNextField = (args: readonly GuestValue[]): readonly GuestValue[] => {
    if (args.length !== 0) throw new GuestError('read_next_field() takes no arguments');
    const v = this.view;
    if (!this.readable() || this.#nextField >= v.fieldCount) return END_OF_FIELDS;
    try {
      v.openField(this.#nextField++);
      const name = this.string(v.fieldNameStart, v.fieldNameEnd);
      const representation = this.string(v.fieldRepresentationStart, v.fieldRepresentationEnd);
      const count = v.countValues();
      return [v.fieldValueType, name, this.#value(0, undefined), representation, count];
    } catch (error) {
      return unreadable(error) ?? END_OF_FIELDS;
    }
  };

  /**
   * Value `arrayIndex` of the `fieldIndex`-th field that `Fields[…]` names; undefined when there is none, when it was
   * damaged, and when the name is not of that form. `emptyBytes` is what an empty bytes value reads as.
   */
  field(
    name: string,
    fieldIndex: number,
    arrayIndex: number,
    emptyBytes: '' | undefined,
  ): GuestValue {
    const encoded = this.#names.get(name) ?? this.#encodeName(name);
    if (encoded === undefined) return undefined;
    try {
      return this.view.findField(encoded, fieldIndex)
        ? this.#value(arrayIndex, emptyBytes)
        : undefined;
    } catch (error) {
      return unreadable(error);
    }
  }

  /** Value `arrayIndex` of the open field. */
  #value(arrayIndex: number, emptyBytes: '' | undefined): GuestValue {
    const v = this.view;
    if (!v.locateValue(arrayIndex)) return undefined;
    switch (v.fieldValueType) {
      case ValueType.string:
        return this.string(v.valueStart, v.valueEnd);
      case ValueType.bytes:
        return v.valueEnd > v.valueStart ? this.string(v.valueStart, v.valueEnd) : emptyBytes;
      case ValueType.bool:
        return v.valueNumber !== 0;
      default:
        return v.valueNumber;
    }
  }

  /**
   * As `string`, for what is often the same as in the message before: then it is the same string, whose hash V8 knows, as
   * guests use it for a key. `which` is one of Repeated.
   */
  repeated(which: number, start: number, end: number): string {
    const length = end - start;
    if (start < 0 || length > REPEATED_LENGTH) return this.string(start, end);
    const last = this.#last[which] ?? '';
    if (last.length === length) {
      const { bytes } = this.view;
      let i = 0;
      while (i < length && bytes[start + i] === last.charCodeAt(i)) i++;
      if (i === length) return last;
    }
    // Not cut out of the batch's text, which it would keep.
    this.bytesRead += length;
    const made = latin1Text(this.view.bytes, start, end);
    this.#last[which] = made;
    return made;
  }

  /** The bytes as a guest string; a start of -1 (not set) gives "". */
  string(start: number, end: number): string {
    if (start < 0) return '';
    this.bytesRead += end - start;
    const text = this.#text;
    return text === undefined
      ? latin1Text(this.view.bytes, start, end)
      : text.substring(start, end);
  }

  /** The bytes of x in `Fields[x]`, or undefined when the name is not of that form. */
  #encodeName(name: string): Uint8Array | undefined {
    if (!name.startsWith('Fields[') || !name.endsWith(']')) return undefined;
    const encoded = latin1Bytes(name.slice(7, -1));
    if (name.length > CACHED_NAME_LENGTH) return encoded;
    if (this.#names.size >= NAME_CACHE_LIMIT) this.#names.clear();
    this.#names.set(name, encoded);
    return encoded;
  }
}

/**
 * Messages are checked on receipt, so a field record that cannot be read was damaged on the way: it reads as absent
 * and the guest goes on. Anything but that is a fault of ours.
 */
function unreadable(error: unknown): undefined {
  if (error instanceof HekateError) return undefined;
  throw error;
}
