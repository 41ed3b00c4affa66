/**
 * Heka's stream framing: headers, frames, and finding frames in a stream again after corruption (Heka 0.11,
 * client/encoders.go and pipeline/splitters.go). Nothing here checks a signature; a header is data from the sender.
 *
 *   0x1e │ L │ header, L bytes │ 0x1f │ message, header.messageLength bytes
 */
import { HekateError } from './errors.ts';
import { DEFAULT_MAX_MESSAGE_SIZE } from './message.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { StreamBuffer } from './stream-buffer.ts';
import { utf8Text } from './text.ts';

export const RECORD_SEPARATOR = 0x1e;
export const UNIT_SEPARATOR = 0x1f;
/** Both separators and the header's length byte. */
export const FRAMING_OVERHEAD = 3;
/** The header's length is one byte on the wire. */
export const MAX_HEADER_SIZE = 255;

/** Hash functions by their number in the header. 0 and 1 are upstream's, 2 and 3 are Hekate's. */
export const HashFunction = { md5: 0, sha1: 1, sha256: 2, sha512: 3 } as const;
export type HashName = keyof typeof HashFunction;

/** The largest frame around a message of `maxMessageSize` bytes (Heka's MAX_RECORD_SIZE). */
export function maxRecordSize(maxMessageSize: number): number {
  return FRAMING_OVERHEAD + MAX_HEADER_SIZE + maxMessageSize;
}

/** What a frame says about its signature. The digest is over the message's bytes only. */
export interface FrameSignature {
  readonly hash: HashName;
  readonly signer: string;
  readonly keyVersion: number;
  readonly digest: Uint8Array;
}

/** A decoded header, as the sender wrote it: nothing in it is to be trusted. */
export interface FrameHeader {
  readonly messageLength: number;
  /** A number of HashFunction, or any other that the sender chose. */
  readonly hashFunction: number;
  readonly signer: string;
  readonly keyVersion: number;
  /** Undefined when the header has none. */
  readonly hmac: Uint8Array | undefined;
}

/** Encodes a header. Signer and key version are written even when they are empty, md5 is left out, as hekad does. */
export function encodeHeader(messageLength: number, signature?: FrameSignature): Uint8Array {
  const w = new ProtobufWriter(Number.MAX_SAFE_INTEGER, 64);
  w.tag(1, 0);
  w.varint(messageLength);
  if (signature !== undefined) {
    if (signature.hash !== 'md5') {
      w.tag(3, 0);
      w.varint(HashFunction[signature.hash]);
    }
    w.tag(4, 2);
    w.utf8String(signature.signer);
    w.tag(5, 0);
    w.varint(signature.keyVersion);
    w.tag(6, 2);
    w.lengthDelimited(signature.digest);
  }
  if (w.length > MAX_HEADER_SIZE) {
    throw new HekateError('HKT_MESSAGE_HEADER_TOO_BIG', [w.length, MAX_HEADER_SIZE]);
  }
  return w.take();
}

export interface FrameOptions {
  readonly signature?: FrameSignature;
  readonly maxMessageSize?: number;
}

/** Puts a frame around an encoded message. Throws HKT_MESSAGE_TOO_BIG and HKT_MESSAGE_HEADER_TOO_BIG. */
export function frame(message: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const limit = options.maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE;
  if (message.length > limit) {
    throw new HekateError('HKT_MESSAGE_TOO_BIG', [message.length, limit]);
  }
  const header = encodeHeader(message.length, options.signature);
  const framed = new Uint8Array(FRAMING_OVERHEAD + header.length + message.length);
  framed[0] = RECORD_SEPARATOR;
  framed[1] = header.length;
  framed.set(header, 2);
  framed[2 + header.length] = UNIT_SEPARATOR;
  framed.set(message, FRAMING_OVERHEAD + header.length);
  return framed;
}

/**
 * Decodes the header in bytes[start, end). Undefined when it is not a header: broken protobuf, a known field of a wrong
 * wire type, or no message length. The last of repeated fields counts, unknown fields are skipped, as protobuf has it.
 */
export function decodeHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
): FrameHeader | undefined {
  let at = start;
  let value = 0;

  // A varint into `value`, modulo 2^32 as for uint32; false when it is cut off or longer than 10 bytes.
  const varint = (): boolean => {
    value = 0;
    for (let shift = 0; shift < 70 && at < end; shift += 7) {
      const byte = bytes[at++] as number; // at < end
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        value >>>= 0;
        return true;
      }
    }
    return false;
  };

  let messageLength = -1;
  let hashFunction = 0;
  let signer = '';
  let keyVersion = 0;
  let hmac: Uint8Array | undefined;
  while (at < end) {
    if (!varint()) return undefined;
    const tag = value >>> 3;
    const wire = value & 7;
    if (wire === 0) {
      if (tag === 0 || tag === 4 || tag === 6 || !varint()) return undefined;
      if (tag === 1) messageLength = value;
      else if (tag === 3) hashFunction = value;
      else if (tag === 5) keyVersion = value;
    } else if (wire === 2) {
      if (tag === 0 || tag === 1 || tag === 3 || tag === 5 || !varint()) return undefined;
      if (value > end - at) return undefined;
      if (tag === 4) signer = utf8Text(bytes, at, at + value);
      else if (tag === 6) hmac = bytes.subarray(at, at + value);
      at += value;
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
      if (tag === 0 || tag === 1 || (tag >= 3 && tag <= 6) || at > end) return undefined;
    } else {
      return undefined;
    }
  }
  if (messageLength < 0) return undefined;
  return { messageLength, hashFunction, signer, keyVersion, hmac };
}

/** What a finder has seen. Every byte of the stream is in a record, in `skippedBytes`, or still pending. */
export interface FinderCounters {
  records: number;
  /** Bytes that belong to no frame. */
  skippedBytes: number;
  /** Frames whose header announced a message above the limit; their bytes are searched for other frames. */
  oversized: number;
}

/**
 * Finds frames in a stream that arrives in chunks:
 *
 *   finder.append(chunk);
 *   while (finder.next()) use(finder.message(), finder.header);
 *
 * After bytes that are no frame it takes the next 0x1e that starts one. Holds at most one incomplete frame, so at most
 * maxRecordSize(maxMessageSize) unread bytes beyond the chunk; the time taken is linear in the stream's length, because
 * a header is at most 255 bytes and a 0x1e that starts no frame is not looked at again.
 */
export class RecordFinder {
  readonly counters: FinderCounters;
  /** The header of the frame found last; undefined when it holds nothing but the message's length. */
  header: FrameHeader | undefined;
  /** Place in the stream behind the frame found last. */
  endOffset = 0;
  /** The length that the last oversized frame announced. */
  lastOversizedLength = 0;
  #messageStart = 0;
  #messageEnd = 0;
  readonly #buffer: StreamBuffer;
  readonly #maxMessageSize: number;

  constructor(
    maxMessageSize: number = DEFAULT_MAX_MESSAGE_SIZE,
    blockBytes = 8192,
    counters: FinderCounters = { records: 0, skippedBytes: 0, oversized: 0 },
  ) {
    this.#maxMessageSize = maxMessageSize;
    this.#buffer = new StreamBuffer(blockBytes);
    this.counters = counters;
  }

  append(chunk: Uint8Array): void {
    this.#buffer.append(chunk);
  }

  /** The message of the frame found last. The bytes are never written again: keep them without a copy. */
  message(): Uint8Array {
    return this.#buffer.bytes.subarray(this.#messageStart, this.#messageEnd);
  }

  /** Bytes of an incomplete frame. */
  get pendingBytes(): number {
    return this.#buffer.length;
  }

  /** Moves to the next complete frame; false when more bytes are needed. */
  next(): boolean {
    const buffer = this.#buffer;
    const bytes = buffer.bytes;
    const end = buffer.end;
    for (;;) {
      if (buffer.start < end && bytes[buffer.start] !== RECORD_SEPARATOR) {
        const found = bytes.indexOf(RECORD_SEPARATOR, buffer.start);
        // Behind `end` the block is free space, and zero.
        this.#skip((found < 0 ? end : found) - buffer.start);
      }
      const at = buffer.start;
      if (end - at < 2) return false;
      const headerStart = at + 2;
      const headerEnd = headerStart + (bytes[at + 1] as number); // at + 1 < end
      if (headerEnd >= end) return false;
      if (bytes[headerEnd] !== UNIT_SEPARATOR) {
        this.#skip(1);
        continue;
      }
      const messageLength = this.#readHeader(headerStart, headerEnd);
      if (messageLength < 0) {
        this.#skip(1);
        continue;
      }
      if (messageLength > this.#maxMessageSize) {
        this.counters.oversized++;
        this.lastOversizedLength = messageLength;
        this.#skip(1);
        continue;
      }
      const messageEnd = headerEnd + 1 + messageLength;
      if (messageEnd > end) return false;
      this.#messageStart = headerEnd + 1;
      this.#messageEnd = messageEnd;
      buffer.consume(messageEnd - at);
      this.endOffset = buffer.offset;
      this.counters.records++;
      return true;
    }
  }

  /** The stream ended: forgets an incomplete frame and returns how many bytes it had. */
  end(): number {
    const rest = this.#buffer.length;
    this.#skip(rest);
    return rest;
  }

  /** Message length and `header`; -1 when it is not a header. */
  #readHeader(start: number, end: number): number {
    const bytes = this.#buffer.bytes;
    // An unsigned header is 08 and a varint of at most 28 bits, and nothing else: read in place.
    if (bytes[start] === 0x08 && end - start <= 5) {
      let length = 0;
      for (let at = start + 1; at < end; at++) {
        const byte = bytes[at] as number; // at < end
        length |= (byte & 0x7f) << (7 * (at - start - 1));
        if (byte < 0x80) {
          if (at + 1 !== end) break;
          this.header = undefined;
          return length;
        }
      }
    }
    const header = decodeHeader(bytes, start, end);
    this.header = header;
    return header === undefined ? -1 : header.messageLength;
  }

  #skip(length: number): void {
    this.#buffer.consume(length);
    this.counters.skippedBytes += length;
  }
}
