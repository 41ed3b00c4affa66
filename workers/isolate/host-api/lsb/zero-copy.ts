/**
 * Zero-copy objects of lua_sandbox 1.x: `read_message(name, fi, ai, true)` gives a reference to a part of whatever message is
 * current when it is used, not of the one that was current when it was made. Where it is used the bytes go straight to
 * where they are needed; `tostring` makes a string of them.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostFunction,
  type HostObject,
} from '../../engine.ts';
import { typeError } from '../guest-arguments.ts';
import { OUTPUT_LIMIT_TEXT } from '../output-buffer.ts';
import { frameHead } from './frame-text.ts';

/** Upstream's name of the type. */
export const ZERO_COPY_TYPE = 'lsb.read_message_zc';

/** What a reference needs of the message reader. */
export interface ZeroCopySource {
  /** The current value of a name, as `read_message` gives it, without a check of the name. */
  value(name: string, fieldIndex: number, arrayIndex: number): GuestValue;
}

export interface ZeroCopyObject extends HostObject {
  readonly type: typeof ZERO_COPY_TYPE;
  /** The bytes, without a frame; undefined when the message has no such part or there is no message. */
  bytes(): string | undefined;
  /** The bytes stand in a frame where they are output. */
  readonly framed: boolean;
  zeroCopy(): string;
}

/** True for what gives bytes without a copy; no guest can make an object of this type otherwise. */
export function isZeroCopy(value: GuestValue): value is ZeroCopyObject {
  return typeof value === 'object' && value.kind === 'object' && value.type === ZERO_COPY_TYPE;
}

export class MessageReference implements ZeroCopyObject {
  readonly kind = 'object';
  readonly type: typeof ZERO_COPY_TYPE = ZERO_COPY_TYPE;
  readonly methods: Readonly<Record<string, HostFunction>> = METHODS;
  readonly externalBytes: number;
  readonly framed: boolean;
  readonly #source: ZeroCopySource;
  readonly #name: string;
  readonly #fieldIndex: number;
  readonly #arrayIndex: number;

  /** `name` is one that `read_message` reads as a string or as a field; or "framed". */
  constructor(source: ZeroCopySource, name: string, fieldIndex: number, arrayIndex: number) {
    this.#source = source;
    this.framed = name === 'framed';
    this.#name = this.framed ? 'raw' : name;
    this.#fieldIndex = fieldIndex;
    this.#arrayIndex = arrayIndex;
    this.externalBytes = name.length;
  }

  bytes(): string | undefined {
    const value = this.#source.value(this.#name, this.#fieldIndex, this.#arrayIndex);
    if (value === undefined || typeof value === 'string') return value;
    const where = `zc->name.s: '${this.#name}'`;
    throw new GuestError(`read_message() ${where} contains an unsupported type`);
  }

  /** The bytes as they are output; undefined when there are none. */
  text(): string | undefined {
    const bytes = this.bytes();
    return bytes === undefined || !this.framed ? bytes : frameHead(bytes.length) + bytes;
  }

  /** What io writes: a part that the message does not have is nothing. */
  zeroCopy(): string {
    return this.text() ?? '';
  }

  /** A part that the message does not have writes nothing. */
  output(limitBytes: number): string {
    const text = this.text() ?? '';
    if (text.length > limitBytes) throw new GuestError(OUTPUT_LIMIT_TEXT);
    return text;
  }
}

/** One table for all references, which makes them share a metatable. */
const METHODS: Readonly<Record<string, HostFunction>> = {
  __tostring: (args) => {
    const [self] = args;
    if (self instanceof MessageReference) return self.text();
    throw typeError(args, 1, ZERO_COPY_TYPE);
  },
};

/** The bytes behind a userdata argument. Throws upstream's errors for what has none. */
export function zeroCopyBytes(value: GuestValue, argument: number): string | undefined {
  if (!isZeroCopy(value)) throw new GuestArgumentError(argument, 'no zero copy support');
  // Upstream hands a framed message over in two pieces, which nobody who wants one accepts.
  if (value.framed) throw new GuestError('invalid zero copy return');
  return value.bytes();
}
