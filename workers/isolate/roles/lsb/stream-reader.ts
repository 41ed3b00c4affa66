/**
 * The stream reader of lua_sandbox 1.x's inputs: finds framed messages in what a script hands it, as strings or from a file,
 * and holds the one that it found last until more bytes come in.
 *
 *   0           scan                       read            size      at most message size + 258
 *   ├─ taken ────┼─ not looked at yet ──────┼─ free ────────┤
 *
 * What is no frame, or holds no message, is left behind byte by byte; an incomplete frame waits for the rest of it.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostFunction,
} from '../../engine.ts';
import {
  checkArgument,
  guestTypeName,
  stringArgument,
  typeError,
} from '../../host-api/guest-arguments.ts';
import { FILE_TYPE, FileError, IoFile } from '../../host-api/io-file.ts';
import { isMessage } from '../../host-api/lsb/message-check.ts';
import { LsbMessageReader } from '../../host-api/lsb/message-reader.ts';
import { MessageReader } from '../../host-api/message-reader.ts';
import type { MessageHolder, ObjectMemory } from '../../modules/native-module.ts';
import { BYTES_PER_INSTRUCTION, NOTHING } from './lsb-api.ts';

/** Upstream's name of the type. */
export const STREAM_READER_TYPE = 'lsb.heka_stream_reader';

const FIRST_BYTES = 8192;
/** Longest header, and what stands around it. */
const HEADER_BYTES = 258;
const FRAME_BYTES = 3;
const NAME_LIMIT = 255;
const RECORD_SEPARATOR = 0x1e;
const UNIT_SEPARATOR = 0x1f;
/** Key of the message's length, which a header begins with. */
const LENGTH_KEY = 0x08;
const VARINT_BYTES = 10;

export interface StreamReaderOptions {
  readonly messageBytes: number;
  readonly memory: ObjectMemory;
}

/** `create_stream_reader`. */
export function createStreamReader(
  args: readonly GuestValue[],
  options: StreamReaderOptions,
): StreamReader {
  checkArgument(args.length === 1, 0, 'incorrect number of arguments');
  const name = stringArgument(args, 1);
  checkArgument(name.length < NAME_LIMIT, 1, 'name is too long');
  return new StreamReader(name, options);
}

export class StreamReader implements MessageHolder {
  readonly kind = 'object';
  readonly type = STREAM_READER_TYPE;
  readonly methods: Readonly<Record<string, HostFunction>> = METHODS;
  readonly checksSelf = true;
  /** Keeps the buffer's bytes in the count of memory. */
  token: object;
  readonly #name: string;
  readonly #memory: ObjectMemory;
  readonly #messageBytes: number;
  readonly #reader = new LsbMessageReader(new MessageReader());
  #buffer: Uint8Array;
  #read = 0;
  #scan = 0;
  /** Length of the message whose header lies at `scan`; 0 for none. */
  #pending = 0;
  #start = 0;
  /** End of the message that is held; -1 for none. */
  #end = -1;

  constructor(name: string, { memory, messageBytes }: StreamReaderOptions) {
    const bytes = Math.min(FIRST_BYTES, messageBytes + HEADER_BYTES);
    this.#name = name;
    this.#memory = memory;
    this.#messageBytes = messageBytes;
    this.token = reserved(memory, bytes);
    this.#buffer = new Uint8Array(bytes);
  }

  get externalBytes(): number {
    return this.#buffer.length;
  }

  /** The bytes of the message that is held, decoded or not. Good until the next call of the script's. */
  get message(): Uint8Array | undefined {
    return this.#end < 0 ? undefined : this.#buffer.subarray(this.#start, this.#end);
  }

  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    return this.#reader.bytesOf(name, fieldIndex, arrayIndex);
  }

  /** `read_message` without the object. */
  readMessage(args: readonly GuestValue[]): GuestValue {
    return this.#reader.read(args);
  }

  /** `decode_message`: one message without a frame takes the place of everything that was here. */
  decodeMessage(text: GuestValue): void {
    this.#forget();
    this.#read = 0;
    this.#scan = 0;
    this.#pending = 0;
    if (typeof text !== 'string') throw new GuestError('buffer must be string');
    if (text === '') throw new GuestError('empty protobuf string');
    this.#makeRoom(text.length);
    this.#put(text);
    this.#memory.charge(text.length / BYTES_PER_INSTRUCTION);
    if (!isMessage(this.#buffer, 0, text.length)) throw new GuestError('invalid protobuf string');
    this.#hold(0, text.length, true);
  }

  /** `find_message`; `count` arguments were given, the object among them. */
  findMessage(source: GuestValue, decode: GuestValue, count: number): readonly GuestValue[] {
    const file = this.#take(source);
    if (count === 3 && typeof decode !== 'boolean')
      throw typeError([this, source, decode], 3, 'boolean');
    const readBefore = this.#read;
    const scanBefore = this.#scan;
    const found = this.#find(decode !== false);
    const gone = this.#read === 0 ? readBefore : this.#scan;
    const consumed = (found ? this.#scan : gone) - scanBefore;
    if (file === undefined) return [found, consumed, found ? this.#unreadHint() : this.#missing()];
    return [found, consumed, found ? 0 : this.#fill(file)];
  }

  /** Appends a string; hands back a file. */
  #take(source: GuestValue): IoFile | undefined {
    if (source === undefined) return undefined;
    if (typeof source === 'string') {
      if (source === '') return undefined;
      this.#makeRoom(source.length);
      this.#put(source);
      this.#read += source.length;
      return undefined;
    }
    if (source instanceof IoFile) {
      if (source.closed) throw new GuestError('attempt to use a closed file');
      return source;
    }
    if (guestTypeName(source) === 'userdata') throw typeError([this, source], 2, FILE_TYPE);
    throw new GuestError('buffer must be a nil, string, userdata (FILE*)');
  }

  /** What is to be read at most after a message was found: nothing while there are bytes to look at. */
  #unreadHint(): number {
    return this.#scan === this.#read ? this.#buffer.length : 0;
  }

  /** Bytes that the pending message lacks, or the room that there is for another. */
  #missing(): number {
    const unread = this.#read - this.#scan;
    if (this.#pending === 0) return this.#buffer.length - unread;
    const header = this.#buffer[this.#scan + 1] ?? 0;
    return this.#pending + header + FRAME_BYTES - unread;
  }

  /** Fills the room that is missing from a file; the number of bytes, 0 at its end and when it cannot be read. */
  #fill(file: IoFile): number {
    this.#makeRoom(this.#missing());
    let text: string | undefined;
    try {
      text = file.bytes(this.#buffer.length - this.#read);
    } catch (error) {
      if (!(error instanceof FileError)) throw error; // as C's fread, which tells no more than that nothing came
    }
    if (text === undefined) return 0;
    this.#put(text);
    this.#read += text.length;
    return text.length;
  }

  #put(text: string): void {
    const buffer = this.#buffer;
    const at = this.#read;
    this.#memory.charge(text.length / BYTES_PER_INSTRUCTION);
    for (let i = 0; i < text.length; i++) buffer[at + i] = text.charCodeAt(i);
  }

  /** Room for so many bytes behind those that were read. What was taken goes, and with it the message that is held. */
  #makeRoom(bytes: number): void {
    this.#forget();
    const unread = this.#read - this.#scan;
    if (this.#scan > 0) {
      this.#buffer.copyWithin(0, this.#scan, this.#read);
      this.#scan = 0;
      this.#read = unread;
    }
    const needed = this.#read + bytes;
    if (needed <= this.#buffer.length) return;
    const most = this.#messageBytes + HEADER_BYTES;
    if (needed > most) throw new GuestError(`buffer reallocation failed\tname:${this.#name}`);
    const size = Math.min(2 ** Math.ceil(Math.log2(needed)), most);
    this.token = reserved(this.#memory, size);
    const grown = new Uint8Array(size);
    grown.set(this.#buffer.subarray(0, this.#read));
    this.#buffer = grown;
  }

  #find(decode: boolean): boolean {
    const buffer = this.#buffer;
    const read = this.#read;
    while (this.#scan < read) {
      const at = buffer.indexOf(RECORD_SEPARATOR, this.#scan);
      if (at < 0 || at >= read) {
        this.#scan = 0;
        this.#read = 0;
        return false;
      }
      this.#scan = at;
      if (read - at < 2) return false;
      const start = at + FRAME_BYTES + (buffer[at + 1] ?? 0);
      if (start > read) return false;
      if (buffer[start - 1] === UNIT_SEPARATOR) {
        if (this.#pending === 0) this.#pending = this.#announced(at + 2, start - 1);
        const end = start + this.#pending;
        if (end > read) return false;
        if (end > start && this.#isTaken(start, end, decode)) {
          this.#scan = end;
          this.#pending = 0;
          return true;
        }
      }
      this.#pending = 0;
      this.#scan = at + 1;
    }
    return false;
  }

  #isTaken(start: number, end: number, decode: boolean): boolean {
    this.#forget();
    if (decode) {
      this.#memory.charge((end - start) / BYTES_PER_INSTRUCTION);
      if (!isMessage(this.#buffer, start, end)) return false;
    }
    this.#hold(start, end, decode);
    return true;
  }

  /** The length that a header announces; 0 when it is none or announces too much. What follows the length is not looked at. */
  #announced(start: number, end: number): number {
    const buffer = this.#buffer;
    if (buffer[start] !== LENGTH_KEY) return 0;
    let length = 0;
    for (let i = 0; i < VARINT_BYTES; i++) {
      const at = start + 1 + i;
      if (at >= end) return 0;
      const byte = buffer[at] ?? 0;
      length += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return length <= this.#messageBytes ? length : 0;
    }
    return 0;
  }

  #hold(start: number, end: number, decoded: boolean): void {
    this.#start = start;
    this.#end = end;
    this.#reader.open(this.#buffer, start, end, decoded);
  }

  #forget(): void {
    this.#end = -1;
    this.#reader.close();
  }
}

function reserved(memory: ObjectMemory, bytes: number): object {
  if (!memory.reserve(bytes)) throw new GuestError('not enough memory');
  return memory.add(bytes);
}

function selfOf(args: readonly GuestValue[]): StreamReader {
  const [self] = args;
  if (self instanceof StreamReader) return self;
  throw typeError(args, 1, STREAM_READER_TYPE);
}

/** One table for all readers, which makes them share a metatable. */
const METHODS: Readonly<Record<string, HostFunction>> = {
  find_message: (args) => {
    if (args.length < 2 || args.length > 3) {
      throw new GuestArgumentError(0, 'incorrect number of arguments');
    }
    return selfOf(args).findMessage(args[1], args[2], args.length);
  },
  decode_message: (args) => {
    const self = selfOf(args);
    checkArgument(args.length === 2, 0, 'incorrect number of arguments');
    self.decodeMessage(args[1]);
    return NOTHING;
  },
  read_message: (args) => {
    if (args.length < 1 || args.length > 4) {
      throw new GuestError('read_message() incorrect number of arguments');
    }
    return selfOf(args).readMessage(args.slice(1));
  },
};
