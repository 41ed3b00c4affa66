/**
 * write_message: changes to the message that is processed, seen at once by read_message. The message itself is copied at
 * the first change; what is not written to stays byte for byte (Heka 0.11).
 */
import { MessageView, ValueType } from '../../../../lib/protocol/message-view.ts';
import { ProtobufWriter } from '../../../../lib/protocol/protobuf-writer.ts';
import { latin1Bytes, latin1Text } from '../../../../lib/protocol/text.ts';
import { GuestError, type GuestValue } from '../../engine.ts';
import { checkArgument, optionalInteger, stringArgument } from '../../host-api/guest-arguments.ts';
import { type LogBook, LogLevel } from '../../host-api/log-book.ts';
import type { MessageReader } from '../../host-api/message-reader.ts';
import type { InboundMessage } from '../role.ts';
import { writtenInteger, writtenTime } from './written-value.ts';

const STRING_HEADERS: Readonly<Record<string, number>> = {
  Type: 3,
  Logger: 4,
  Payload: 6,
  EnvVersion: 7,
  Hostname: 9,
};
const NUMBER_HEADERS: Readonly<Record<string, number>> = { Timestamp: 2, Severity: 5, Pid: 8 };
const FIELDS = 10;
const UUID_TEXT =
  /^(?:urn:uuid:)?([0-9a-fA-F]{8})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{12})$/;

type Scalar = string | number | boolean;

/** Why a value is not written. The guest learns only that it was not; this goes to the log. */
class Refusal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export class MessageDraft {
  readonly #reader: MessageReader;
  readonly #log: LogBook;
  readonly #limitBytes: number;
  #original: InboundMessage = { bytes: new Uint8Array(0), start: 0, end: 0, loopCount: 0 };
  #bytes: Uint8Array | undefined;

  constructor(reader: MessageReader, log: LogBook, limitBytes: number) {
    this.#reader = reader;
    this.#log = log;
    this.#limitBytes = limitBytes;
  }

  /** The message that is processed from now on. */
  open(message: InboundMessage): void {
    this.#original = message;
    this.#bytes = undefined;
    this.#reader.open(message.bytes, message.start, message.end);
  }

  get changed(): boolean {
    return this.#bytes !== undefined;
  }

  /** The message as it is now. Not to be changed; good until the call is over. */
  get bytes(): Uint8Array {
    const { bytes, start, end } = this.#original;
    return this.#bytes ?? bytes.subarray(start, end);
  }

  /** Replaces the message. */
  replace(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#reader.open(bytes, 0, bytes.length);
  }

  writeMessage = (args: readonly GuestValue[]): undefined => {
    if (args.length < 2 || args.length > 5) {
      throw new GuestError('write_message() incorrect number of arguments');
    }
    const name = stringArgument(args, 1);
    const value = args[1];
    if (typeof value === 'object') {
      throw new GuestError(
        'write_message() only accepts numeric, string, or boolean field values, or nil to delete',
      );
    }
    const representation = args[2] === undefined ? '' : stringArgument(args, 3);
    const fieldIndex = optionalInteger(args, 4, 0);
    checkArgument(fieldIndex >= 0, 4, 'field index must be >= 0');
    const arrayIndex = optionalInteger(args, 5, 0);
    checkArgument(arrayIndex >= 0, 5, 'array index must be >= 0');
    try {
      if (!name.startsWith('Fields[') || !name.endsWith(']')) this.#writeHeader(name, value);
      else {
        const field = new FieldDraft(name.slice(7, -1), this.bytes, fieldIndex);
        if (value === undefined) {
          if (!field.exists) return undefined;
          if (args.length < 5) field.remove();
          else field.removeValue(arrayIndex);
        } else field.write(value, untilNul(representation), arrayIndex);
        this.#set(field.message());
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#log.write(LogLevel.error, error.text);
      throw new GuestError('write_message() failed');
    }
    return undefined;
  };

  #writeHeader(name: string, value: Scalar | undefined): void {
    const w = new ProtobufWriter(Number.MAX_SAFE_INTEGER);
    const stringTag = STRING_HEADERS[name];
    const numberTag = NUMBER_HEADERS[name];
    let tag = 1;
    if (stringTag !== undefined) {
      if (typeof value !== 'string') throw new Refusal(`${name} takes a string`);
      tag = stringTag;
      w.tag(tag, 2);
      w.byteString(untilNul(value));
    } else if (numberTag !== undefined) {
      tag = numberTag;
      w.tag(tag, 0);
      w.varint(headerNumber(name, value));
    } else if (name === 'Uuid') {
      const match = typeof value === 'string' ? UUID_TEXT.exec(value) : null;
      if (match === null) throw new Refusal('Uuid takes a uuid in text form');
      w.tag(tag, 2);
      w.lengthDelimited(hexBytes(match.slice(1).join('')));
    } else throw new Refusal(`there is no header ${name.slice(0, 64)}`);
    this.#set(withHeader(this.bytes, tag, w.take()));
  }

  #set(bytes: Uint8Array): void {
    if (bytes.length > this.#limitBytes) throw new Refusal('the message gets too long');
    this.replace(bytes);
  }
}

function headerNumber(name: string, value: Scalar | undefined): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string') {
    const number = writtenInteger(value) ?? (name === 'Timestamp' ? writtenTime(value) : undefined);
    if (number !== undefined) return number;
  }
  throw new Refusal(`${name} takes a number`);
}

/** The message with another header, in its place among the tags. */
function withHeader(bytes: Uint8Array, tag: number, header: Uint8Array): Uint8Array {
  const w = new ProtobufWriter(Number.MAX_SAFE_INTEGER);
  let written = false;
  viewOf(bytes).eachItem((itemTag, start, end) => {
    if (!written && itemTag > tag) {
      w.raw(header, 0, header.length);
      written = true;
    }
    if (itemTag !== tag) w.raw(bytes, start, end);
  });
  if (!written) w.raw(header, 0, header.length);
  return w.take();
}

/** The field that is written to, and the message around it. */
class FieldDraft {
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #view: MessageView;
  /** Index among all fields; −1 when the message has none of that name and number. */
  readonly #index: number;
  /** How many fields of the name there are before it, or in all. */
  readonly #before: number;
  readonly #wanted: number;
  /** What stands in the field's place: nothing once it was removed. */
  #encoded: Uint8Array | undefined;

  constructor(name: string, bytes: Uint8Array, fieldIndex: number) {
    this.#name = name;
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#wanted = fieldIndex;
    const encodedName = latin1Bytes(name);
    let before = 0;
    let index = -1;
    for (let i = 0; i < this.#view.fieldCount; i++) {
      this.#view.openField(i);
      if (!sameBytes(bytes, this.#view.fieldNameStart, this.#view.fieldNameEnd, encodedName)) {
        continue;
      }
      if (before === fieldIndex) {
        index = i;
        break;
      }
      before++;
    }
    this.#before = before;
    this.#index = index;
  }

  get exists(): boolean {
    return this.#index >= 0;
  }

  remove(): void {
    this.#encoded = undefined;
  }

  removeValue(arrayIndex: number): void {
    const { type, values, representation } = this.#read();
    if (arrayIndex >= values.length) throw new Refusal('bad array index');
    const rest = values.filter((_, i) => i !== arrayIndex);
    this.#encoded = encodeField(this.#name, type, representation, rest);
  }

  write(value: Scalar, representation: string, arrayIndex: number): void {
    const type = typeOf(value);
    if (!this.exists) {
      if (this.#wanted !== this.#before) throw new Refusal('bad field index');
      if (arrayIndex !== 0) throw new Refusal('bad array index');
      this.#encoded = encodeField(this.#name, type, representation, [value]);
      return;
    }
    const field = this.#read();
    if (field.type !== type) {
      throw new Refusal(`field ${this.#name.slice(0, 64)} is of another type`);
    }
    if (arrayIndex > field.values.length) throw new Refusal('bad array index');
    const values = [...field.values];
    values[arrayIndex] = value;
    this.#encoded = encodeField(this.#name, type, representation, values);
  }

  #read(): { type: number; representation: string; values: readonly Scalar[] } {
    const view = this.#view;
    view.openField(this.#index);
    const values: Scalar[] = [];
    const type = view.fieldValueType;
    for (let k = 0; view.locateValue(k); k++) {
      if (type === ValueType.string || type === ValueType.bytes) {
        values.push(latin1Text(this.#bytes, view.valueStart, view.valueEnd));
      } else values.push(type === ValueType.bool ? view.valueNumber !== 0 : view.valueNumber);
    }
    const representation =
      view.fieldRepresentationStart < 0
        ? ''
        : latin1Text(this.#bytes, view.fieldRepresentationStart, view.fieldRepresentationEnd);
    return { type, representation, values };
  }

  message(): Uint8Array {
    const w = new ProtobufWriter(Number.MAX_SAFE_INTEGER);
    let index = 0;
    this.#view.eachItem((tag, start, end) => {
      const mine = tag === FIELDS && index++ === this.#index;
      if (!mine) w.raw(this.#bytes, start, end);
      else this.#place(w);
    });
    if (!this.exists) this.#place(w);
    return w.take();
  }

  #place(w: ProtobufWriter): void {
    if (this.#encoded !== undefined) w.raw(this.#encoded, 0, this.#encoded.length);
  }
}

function viewOf(bytes: Uint8Array): MessageView {
  const view = new MessageView();
  view.reset(bytes, 0, bytes.length);
  view.scan();
  return view;
}

function typeOf(value: Scalar): number {
  if (typeof value === 'string') return ValueType.string;
  return typeof value === 'number' ? ValueType.double : ValueType.bool;
}

/** As hekad writes fields: type and representation always, numbers packed. */
function encodeField(
  name: string,
  type: number,
  representation: string,
  values: readonly Scalar[],
): Uint8Array {
  const w = new ProtobufWriter(Number.MAX_SAFE_INTEGER);
  const mark = w.begin(FIELDS);
  w.tag(1, 2);
  w.byteString(name);
  w.tag(2, 0);
  w.varint(type);
  w.tag(3, 2);
  w.byteString(representation);
  if (type === ValueType.string || type === ValueType.bytes) {
    for (const value of values) {
      w.tag(type + 4, 2);
      w.byteString(String(value));
    }
  } else if (values.length > 0) {
    const list = w.begin(type + 4);
    for (const value of values) {
      if (type === ValueType.double) w.double(Number(value));
      else w.varint(Number(value));
    }
    w.finish(list);
  }
  w.finish(mark);
  return w.take();
}

function sameBytes(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
  return true;
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

function untilNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}
