/**
 * `read_message` of lua_sandbox 1.x over the same reader as Heka's: what is not set is nil but for Timestamp (0) and
 * Severity (7), the Uuid is 16 bytes, unknown names are errors. Without a message everything reads as nil, also names
 * that do not exist.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import { checkArgument, optionalInteger, stringArgument, typeError } from '../guest-arguments.ts';
import { type MessageReader, Repeated } from '../message-reader.ts';
import { frameHead } from './frame-text.ts';
import { MessageReference, type ZeroCopySource } from './zero-copy.ts';

/** A Pid that is not set, and one that reads so. */
const NO_PID = -2147483648;

/** What a reference may stand for beside fields. */
const REFERABLE: ReadonlySet<string> = new Set([
  'Uuid',
  'Type',
  'Logger',
  'Payload',
  'EnvVersion',
  'Hostname',
  'raw',
  'framed',
]);

export class LsbMessageReader implements ZeroCopySource {
  readonly #reader: MessageReader;
  #start = 0;
  #end = 0;

  /** The reader's view is shared: a matcher may look at it while a message is open. */
  constructor(reader: MessageReader) {
    this.#reader = reader;
  }

  /** Is there a message to read? */
  get active(): boolean {
    return this.#reader.readable();
  }

  /**
   * Makes the message between two offsets the current one. One that was not decoded has nothing but `raw`, `framed` and
   * `size`.
   */
  open(bytes: Uint8Array, start: number, end: number, decoded = true): void {
    this.#start = start;
    this.#end = end;
    this.#reader.open(bytes, start, decoded ? end : start);
  }

  close(): void {
    this.#reader.close();
  }

  readMessage = (args: readonly GuestValue[]): GuestValue => {
    if (args.length !== 4) return this.read(args);
    if (typeof args[3] !== 'boolean') throw typeError(args, 4, 'boolean');
    return args[3] ? this.#reference(args) : this.read(args.slice(0, 3));
  };

  /** `read_message` without the choice of a reference, as a stream reader has it. */
  read(args: readonly GuestValue[]): GuestValue {
    if (args.length < 1 || args.length > 3) {
      throw new GuestError('heka_read_message() incorrect number of arguments');
    }
    const name = stringArgument(args, 1);
    let fieldIndex = 0;
    let arrayIndex = 0;
    if (args.length > 1) {
      fieldIndex = indexArgument(args, 2, 'field');
      arrayIndex = indexArgument(args, 3, 'array');
    }
    if (!this.#reader.readable()) return undefined;
    const value = this.#read(name, fieldIndex, arrayIndex);
    if (value === undefined && !isReadable(name)) throw unknownName('heka_read_message', name);
    return value;
  }

  value(name: string, fieldIndex: number, arrayIndex: number): GuestValue {
    return this.#reader.readable() ? this.#read(name, fieldIndex, arrayIndex) : undefined;
  }

  /** While there is a message. */
  #read(name: string, fieldIndex: number, arrayIndex: number): GuestValue {
    const reader = this.#reader;
    const v = reader.view;
    switch (name) {
      case 'Type':
        return v.typeStart < 0 ? undefined : reader.repeated(Repeated.type, v.typeStart, v.typeEnd);
      case 'Payload':
        return v.payloadStart < 0 ? undefined : reader.string(v.payloadStart, v.payloadEnd);
      case 'Timestamp':
        return v.timestamp;
      case 'Logger':
        return v.loggerStart < 0
          ? undefined
          : reader.repeated(Repeated.logger, v.loggerStart, v.loggerEnd);
      case 'Hostname':
        return v.hostnameStart < 0
          ? undefined
          : reader.repeated(Repeated.hostname, v.hostnameStart, v.hostnameEnd);
      case 'Severity':
        return v.severity;
      case 'Pid':
        return v.hasPid && v.pid !== NO_PID ? v.pid : undefined;
      case 'EnvVersion':
        return v.envVersionStart < 0
          ? undefined
          : reader.string(v.envVersionStart, v.envVersionEnd);
      case 'Uuid':
        return v.uuidStart < 0 ? undefined : reader.string(v.uuidStart, v.uuidEnd);
      case 'raw':
        return reader.string(this.#start, this.#end);
      case 'framed':
        return frameHead(this.#end - this.#start) + reader.string(this.#start, this.#end);
      case 'size':
        return this.#end - this.#start;
      default:
        return reader.field(name, fieldIndex, arrayIndex, '');
    }
  }

  /** ModuleParts.messageText: the bytes of a string header or of a string or bytes field. */
  bytesOf(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    if (!this.#reader.readable()) throw new GuestError('no active message');
    const value = this.value(name, fieldIndex, arrayIndex);
    return typeof value === 'string' ? value : undefined;
  }

  /** May be called while there is no message, so the name is all that is checked. */
  #reference(args: readonly GuestValue[]): MessageReference {
    const name = stringArgument(args, 1);
    const fieldIndex = indexArgument(args, 2, 'field');
    const arrayIndex = indexArgument(args, 3, 'array');
    if (!REFERABLE.has(name) && !isField(name)) {
      throw unknownName('heka_create_read_message_zc', name);
    }
    return new MessageReference(this, name, fieldIndex, arrayIndex);
  }
}

function indexArgument(args: readonly GuestValue[], argument: number, what: string): number {
  const index = optionalInteger(args, argument, 0);
  checkArgument(index >= 0, argument, `${what} index must be >= 0`);
  return index;
}

function isField(name: string): boolean {
  return name.startsWith('Fields[') && name.endsWith(']');
}

/** Names whose value may be nil. */
function isReadable(name: string): boolean {
  return isField(name) || name === 'Pid' || REFERABLE.has(name);
}

/** Upstream shows the name as a C string. */
function unknownName(caller: string, name: string): GuestError {
  const nul = name.indexOf('\0');
  const shown = nul < 0 ? name : name.slice(0, nul);
  return new GuestError(`${caller}() field: '${shown}' not supported/recognized`);
}
