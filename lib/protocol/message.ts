/**
 * An immutable Heka message: its protobuf bytes and, found on first use, the offsets of its parts.
 * Forwarding never re-encodes. Strings are given as JavaScript strings (UTF-8 decoded); the exact bytes
 * stay reachable through `view`.
 */

import { encodeChanged, encodeMessage } from './message-encoder.ts';
import { MessageView, ValueType } from './message-view.ts';
import { utf8Bytes, utf8Text } from './text.ts';
import { uuidText } from './uuid.ts';

export { encodeMessage };

/** Largest message by default: 64 KiB (Heka's MAX_MESSAGE_SIZE). */
export const DEFAULT_MAX_MESSAGE_SIZE = 65536;

export type FieldValue = string | Uint8Array | number | boolean;

/** One field of a message that is to be made. Numbers are INTEGER when `integer` is true, else DOUBLE. */
export interface FieldInit {
  readonly name: string;
  readonly value: FieldValue | readonly FieldValue[];
  readonly representation?: string;
  readonly integer?: boolean;
}

/** What a new message holds. Absent headers are not encoded, but for uuid (random) and timestamp (now). */
export interface MessageInit {
  /** 16 bytes or 36 characters. */
  readonly uuid?: Uint8Array | string;
  /** Nanoseconds since the epoch. */
  readonly timestampNs?: bigint | number;
  readonly type?: string;
  readonly logger?: string;
  readonly severity?: number;
  readonly payload?: string | Uint8Array;
  readonly envVersion?: string;
  readonly pid?: number;
  readonly hostname?: string;
  readonly fields?: readonly FieldInit[];
}

/** One decoded field. `values` holds strings, bytes, numbers or booleans by `type`. */
export interface Field {
  readonly name: string;
  readonly type: number;
  readonly representation: string;
  readonly values: readonly FieldValue[];
}

export class Message {
  readonly bytes: Uint8Array;
  #view: MessageView | undefined;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * Wraps encoded bytes after checking all of them: no accessor throws afterwards. The bytes must not change any more.
   * Throws HKT_MESSAGE_TRUNCATED and HKT_MESSAGE_WIRE_TYPE.
   */
  static decode(bytes: Uint8Array): Message {
    const message = new Message(bytes);
    message.view.check();
    return message;
  }

  /** Encodes a new message as hekad does: fields with explicit type and representation, packed numbers. */
  static create(init: MessageInit, maxSize: number = DEFAULT_MAX_MESSAGE_SIZE): Message {
    return new Message(encodeMessage(init, maxSize));
  }

  /**
   * A copy with other headers and with more fields at its end. All else is copied as bytes, so 64-bit integers, unknown
   * tags and the encoding of fields stay what they were.
   */
  with(changes: MessageInit, maxSize: number = DEFAULT_MAX_MESSAGE_SIZE): Message {
    return new Message(encodeChanged(this.view, changes, maxSize));
  }

  /** Offsets of all parts; scanned on first use. Callers read registers, they never `reset` it. */
  get view(): MessageView {
    let view = this.#view;
    if (view === undefined) {
      view = new MessageView();
      view.reset(this.bytes, 0, this.bytes.length);
      this.#view = view;
    }
    view.scan();
    return view;
  }

  /** 36 characters, or "" when the uuid is not exactly 16 bytes. */
  get uuid(): string {
    const v = this.view;
    return v.uuidStart >= 0 && v.uuidEnd - v.uuidStart === 16 ? uuidText(v.bytes, v.uuidStart) : '';
  }

  get timestampNs(): bigint {
    return this.view.timestampBig();
  }

  get type(): string {
    const v = this.view;
    return v.typeStart < 0 ? '' : utf8Text(v.bytes, v.typeStart, v.typeEnd);
  }

  get logger(): string {
    const v = this.view;
    return v.loggerStart < 0 ? '' : utf8Text(v.bytes, v.loggerStart, v.loggerEnd);
  }

  get payload(): string {
    const v = this.view;
    return v.payloadStart < 0 ? '' : utf8Text(v.bytes, v.payloadStart, v.payloadEnd);
  }

  get payloadBytes(): Uint8Array {
    const v = this.view;
    return v.payloadStart < 0 ? new Uint8Array(0) : v.bytes.subarray(v.payloadStart, v.payloadEnd);
  }

  get envVersion(): string {
    const v = this.view;
    return v.envVersionStart < 0 ? '' : utf8Text(v.bytes, v.envVersionStart, v.envVersionEnd);
  }

  get hostname(): string {
    const v = this.view;
    return v.hostnameStart < 0 ? '' : utf8Text(v.bytes, v.hostnameStart, v.hostnameEnd);
  }

  get severity(): number | undefined {
    const v = this.view;
    return v.hasSeverity ? v.severity : undefined;
  }

  get pid(): number | undefined {
    const v = this.view;
    return v.hasPid ? v.pid : undefined;
  }

  /** Value `arrayIndex` of the `fieldIndex`-th field named `name`, or undefined. */
  field(name: string, fieldIndex = 0, arrayIndex = 0): FieldValue | undefined {
    const v = this.view;
    if (!v.findField(utf8Bytes(name), fieldIndex) || !v.locateValue(arrayIndex)) return undefined;
    return readValue(v);
  }

  /** All fields in wire order. */
  fields(): Field[] {
    const v = this.view;
    const fields: Field[] = [];
    for (let i = 0; i < v.fieldCount; i++) {
      v.openField(i);
      const type = v.fieldValueType;
      const name = utf8Text(v.bytes, v.fieldNameStart, v.fieldNameEnd);
      const representation =
        v.fieldRepresentationStart < 0
          ? ''
          : utf8Text(v.bytes, v.fieldRepresentationStart, v.fieldRepresentationEnd);
      const values: FieldValue[] = [];
      for (let k = 0; v.locateValue(k); k++) values.push(readValue(v));
      fields.push({ name, type, representation, values });
    }
    return fields;
  }
}

/** The value that `locateValue` found, by the open field's type. */
function readValue(v: MessageView): FieldValue {
  switch (v.fieldValueType) {
    case ValueType.string:
      return utf8Text(v.bytes, v.valueStart, v.valueEnd);
    case ValueType.bytes:
      return v.bytes.slice(v.valueStart, v.valueEnd);
    case ValueType.bool:
      return v.valueNumber !== 0;
    default:
      return v.valueNumber;
  }
}
