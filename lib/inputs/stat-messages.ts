/**
 * Makes the messages of one flush. All of them have the same time; each is filled until the next stat would make it too
 * big, and begins with the field `timestamp` when values go into fields.
 */
import { type FieldInit, Message, type MessageInit } from '../protocol/message.ts';
import { utf8Length } from '../protocol/text.ts';

const NS_PER_SECOND = 1_000_000_000n;
/** Bytes of a field beside its name. */
const FIELD_ROOM = 32;
/** Bytes of a message's headers beside their texts. */
const HEADER_ROOM = 128;

export interface StatValue {
  readonly name: string;
  readonly value: number;
  /** How it is written; a "whole-in-field" value is a float in the payload. */
  readonly kind: 'integer' | 'float' | 'whole-in-field';
}

export interface StatMessageOptions {
  readonly headers: MessageInit & { readonly timestampNs: bigint };
  readonly inPayload: boolean;
  readonly inFields: boolean;
  readonly maxBytes: number;
}

/** A float as Go's %f writes it. */
function fixedText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  // toFixed() turns to exponents from here on; such numbers have no fraction.
  return Math.abs(value) >= 1e21 ? `${BigInt(value)}.000000` : value.toFixed(6);
}

export class StatMessages {
  readonly #options: StatMessageOptions;
  readonly #seconds: bigint;
  readonly #emptyBytes: number;
  readonly #messages: Message[] = [];
  #lines: string[] = [];
  #fields: FieldInit[] = [];
  #bytes: number;

  constructor(options: StatMessageOptions) {
    this.#options = options;
    this.#seconds = options.headers.timestampNs / NS_PER_SECOND;
    const { type = '', logger = '', hostname = '' } = options.headers;
    this.#emptyBytes = HEADER_ROOM + utf8Length(type + logger + hostname);
    this.#bytes = this.#emptyBytes;
    this.#begin();
  }

  /** Adds the values of one stat. */
  stat(values: readonly StatValue[]): void {
    const { inFields, inPayload, maxBytes } = this.#options;
    const lines = inPayload ? values.map((value) => this.#line(value)) : [];
    let bytes = 0;
    for (const line of lines) bytes += utf8Length(line);
    if (inFields) for (const { name } of values) bytes += utf8Length(name) + FIELD_ROOM;
    if (this.#bytes + bytes > maxBytes && this.#bytes > this.#emptyBytes + FIELD_ROOM) this.#end();
    this.#bytes += bytes;
    this.#lines.push(...lines);
    if (inFields) {
      for (const { name, value, kind } of values) {
        this.#fields.push({ name, value, integer: kind !== 'float' });
      }
    }
  }

  /** All messages; at least one. */
  take(): readonly Message[] {
    this.#end();
    return this.#messages;
  }

  #line({ name, value, kind }: StatValue): string {
    const text = kind === 'integer' ? String(value) : fixedText(value);
    return `${name} ${text} ${this.#seconds}\n`;
  }

  #begin(): void {
    this.#lines = [];
    this.#bytes = this.#emptyBytes;
    this.#fields = this.#options.inFields
      ? [{ name: 'timestamp', value: Number(this.#seconds), integer: true }]
      : [];
    if (this.#options.inFields) this.#bytes += FIELD_ROOM;
  }

  #end(): void {
    const { headers, maxBytes } = this.#options;
    // One stat alone may be longer than the largest message, when that is set very small.
    const limit = Math.max(maxBytes, this.#bytes + FIELD_ROOM);
    this.#messages.push(
      Message.create({ ...headers, payload: this.#lines.join(''), fields: this.#fields }, limit),
    );
    this.#begin();
  }
}
