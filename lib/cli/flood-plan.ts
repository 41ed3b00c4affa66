/**
 * What a flood sends: a few dozen frames made beforehand, and which of them is sent when. Of each kind (signed, corrupt,
 * oversized) message n is one exactly when the share of the first n messages steps over a whole number, as upstream has it:
 * the shares are met exactly, not by chance. Signed goes before oversized when both fall on one message.
 */
import { hostname } from 'node:os';
import { frame } from '../protocol/framing.ts';
import { type FieldInit, Message, type MessageInit } from '../protocol/message.ts';
import { type Signer, signFrame } from '../signing/signer.ts';
import { SeededRandom } from './seeded-random.ts';

/** Frames of different sizes to choose from. */
const VARIABLE_FRAMES = 64;
const KIB = 1024;
const DEFAULT_STATIC_SIZE = 1000;
/** Printable ASCII without the tilde, as upstream. */
const FIRST_PRINTABLE = 32;
const PRINTABLE = 94;

export interface FloodOptions {
  readonly signedPercentage: number;
  readonly corruptPercentage: number;
  readonly oversizedPercentage: number;
  readonly variableSize: boolean;
  /** Bytes of random payload when sizes do not vary; 0 is 1000. */
  readonly staticSize: number;
  readonly asciiOnly: boolean;
  readonly maxMessageSize: number;
  /** Key of the signed ones. */
  readonly signer: Signer;
  readonly seed: number;
  readonly timestampNs: bigint;
}

export type FrameKind = 'unsigned' | 'signed' | 'oversized';

export interface PlannedFrame {
  readonly kind: FrameKind;
  readonly corrupt: boolean;
  readonly bytes: Uint8Array;
}

export class FloodPlan {
  readonly #random: SeededRandom;
  readonly #unsigned: readonly Uint8Array[];
  readonly #signed: readonly Uint8Array[];
  readonly #oversized: Uint8Array | undefined;
  readonly #signedShare: Share;
  readonly #corruptShare: Share;
  readonly #oversizedShare: Share;

  /** Makes the frames. Throws HKT_MESSAGE_TOO_BIG when the sizes asked for do not fit. */
  constructor(options: FloodOptions) {
    const random = new SeededRandom(options.seed);
    this.#random = random;
    this.#signedShare = new Share(options.signedPercentage);
    this.#corruptShare = new Share(options.corruptPercentage);
    this.#oversizedShare = new Share(options.oversizedPercentage);
    const { maxMessageSize, signer } = options;
    const make = options.variableSize
      ? () => variableMessage(options, random, maxMessageSize)
      : () => fixedMessage(options, random, maxMessageSize);
    const count = options.variableSize ? VARIABLE_FRAMES : 1;
    const messages = Array.from({ length: count }, make);
    this.#unsigned = messages.map((bytes) => frame(bytes, { maxMessageSize }));
    this.#signed =
      options.signedPercentage > 0
        ? messages.map((bytes) => signFrame(bytes, signer, maxMessageSize))
        : [];
    this.#oversized = options.oversizedPercentage > 0 ? oversizedFrame(options, random) : undefined;
  }

  /** The frame of message `n`, counted from 0. Corrupt ones are copies. */
  next(n: number): PlannedFrame {
    const corrupt = this.#corruptShare.due(n);
    const [kind, bytes] = this.#choose(n);
    if (!corrupt) return { kind, corrupt, bytes };
    const broken = bytes.slice();
    broken[this.#random.below(broken.length)] = this.#random.below(256);
    return { kind, corrupt, bytes: broken };
  }

  #choose(n: number): [FrameKind, Uint8Array] {
    if (this.#signedShare.due(n)) return ['signed', this.#pick(this.#signed)];
    if (this.#oversizedShare.due(n) && this.#oversized !== undefined) {
      return ['oversized', this.#oversized];
    }
    return ['unsigned', this.#pick(this.#unsigned)];
  }

  #pick(frames: readonly Uint8Array[]): Uint8Array {
    const frame = frames[this.#random.below(frames.length)];
    if (frame === undefined) throw new RangeError('no frames of that kind were made');
    return frame;
  }
}

/** True for message n when the whole part of n × share has grown. */
class Share {
  readonly #share: number;
  #whole = 0;

  constructor(percentage: number) {
    this.#share = percentage / 100;
  }

  due(n: number): boolean {
    const whole = Math.floor(n * this.#share);
    if (whole === this.#whole) return false;
    this.#whole = whole;
    return true;
  }
}

function randomBytes(length: number, asciiOnly: boolean, random: SeededRandom): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    bytes[i] = asciiOnly ? FIRST_PRINTABLE + random.below(PRINTABLE) : random.below(256);
  }
  return bytes;
}

function payload(size: number, options: FloodOptions, random: SeededRandom): Uint8Array {
  const head = Buffer.from(`hekabench: ${hostname()} - `);
  return Buffer.concat([head, randomBytes(size, options.asciiOnly, random)]);
}

function fixedMessage(options: FloodOptions, random: SeededRandom, limit: number): Uint8Array {
  const size = options.staticSize === 0 ? DEFAULT_STATIC_SIZE : options.staticSize;
  return Message.create(
    {
      type: 'hekabench',
      timestampNs: options.timestampNs,
      severity: 6,
      envVersion: '0.8',
      pid: process.pid,
      hostname: hostname(),
      payload: payload(size, options, random),
    },
    limit,
  ).bytes;
}

/** Up to 2 KiB of payload, up to four fields of each type, up to 59 KiB of filler. */
function variableMessage(options: FloodOptions, random: SeededRandom, limit: number): Uint8Array {
  return Message.create(variableInit(options, random, 0), limit).bytes;
}

function variableInit(options: FloodOptions, random: SeededRandom, extra: number): MessageInit {
  const fields: FieldInit[] = [];
  const some = (make: (n: number) => FieldInit): void => {
    const count = random.below(5);
    for (let n = 0; n < count; n++) fields.push(make(n));
  };
  const body = payload(random.below(3) * KIB + extra, options, random);
  some((n) => ({ name: `string${n}`, value: `value${n}` }));
  some((n) => ({ name: `bytes${n}`, value: new Uint8Array(8).fill(n) }));
  some((n) => ({ name: `int${n}`, value: n, integer: true }));
  some((n) => ({ name: `double${n}`, value: n }));
  some((n) => ({ name: `bool${n}`, value: true }));
  fields.push({ name: 'filler', value: new Uint8Array(random.below(60) * KIB) });
  return {
    type: 'hekabench',
    logger: 'flood',
    timestampNs: options.timestampNs,
    envVersion: '0.2',
    pid: process.pid,
    hostname: hostname(),
    payload: body,
    fields,
  };
}

/** A frame whose message is larger than any receiver with our limit takes. */
function oversizedFrame(options: FloodOptions, random: SeededRandom): Uint8Array {
  const init = variableInit(options, random, options.maxMessageSize);
  const bytes = Message.create(init, Number.MAX_SAFE_INTEGER).bytes;
  return frame(bytes, { maxMessageSize: Number.MAX_SAFE_INTEGER });
}
