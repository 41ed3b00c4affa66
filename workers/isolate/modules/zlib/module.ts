/**
 * The `zlib` module (lua-zlib): deflate and inflate as functions that take a text and return what is ready of it, and
 * checksums. The streams live outside of the isolate; what one makes is fetched piece by piece.
 */
import { GuestError, type GuestValue, type HostFunction } from '../../engine.ts';
import {
  integerArgument,
  optionArgument,
  optionalInteger,
  stringArgument,
} from '../../host-api/guest-arguments.ts';
import { BYTES_PER_INSTRUCTION, GatheredText } from '../gathered-text.ts';
import { HostHandles } from '../host-handles.ts';
import type { ModuleFactory, ModuleParts, ServiceValue } from '../native-module.ts';
import { adler32, type Checksum, crc32 } from './checksums.ts';

/** Of the zlib that stands behind it. */
const VERSION: readonly number[] = [1, 3, 2];
const DEFAULT_LEVEL = -1;
const DEFAULT_BITS = 15;
/** Finds out by itself whether it is zlib or gzip. */
const DETECTING_BITS = 15 + 32;
const FLUSHES = ['none', 'sync', 'full', 'finish'];
/** Bytes that streams hold outside of the isolate, as zlib's manual has it. */
const DEFLATE_BYTES = 256 * 1024;
const INFLATE_BYTES = 40 * 1024;

/** One stream. The function that the guest has holds it, and it holds the memory's token. */
class Stream {
  readonly id: number;
  token: object | undefined;
  closed = false;
  bytesIn = 0;
  bytesOut = 0;

  constructor(id: number, token: object) {
    this.id = id;
    this.token = token;
  }
}

class Zlib {
  readonly #parts: ModuleParts;
  readonly #handles: HostHandles;

  constructor(parts: ModuleParts) {
    this.#parts = parts;
    this.#handles = new HostHandles((id) => parts.host('zlib.drop', [id]));
  }

  deflate(args: readonly GuestValue[]): GuestValue {
    const level = optionalInteger(args, 1, DEFAULT_LEVEL);
    const bits = optionalInteger(args, 2, DEFAULT_BITS);
    const stream = this.#open('zlib.deflate', [level, bits], DEFLATE_BYTES);
    return this.#parts.createFunction('deflate', (own) => {
      const option = optionArgument(own, 2, FLUSHES, 'none');
      const finishes = own[0] === undefined;
      if (stream.closed) return closedResult(own, 'deflate');
      return this.#push(stream, finishes ? '' : stringArgument(own, 1), finishes ? 3 : option);
    });
  }

  inflate(args: readonly GuestValue[]): GuestValue {
    const bits = typeof args[0] === 'number' ? integerArgument(args, 1) : DETECTING_BITS;
    const stream = this.#open('zlib.inflate', [bits], INFLATE_BYTES);
    return this.#parts.createFunction('inflate', (own) => {
      if (stream.closed) return closedResult(own, 'inflate');
      return this.#push(stream, own[0] === undefined ? '' : stringArgument(own, 1), 0);
    });
  }

  #open(operation: string, args: readonly ServiceValue[], bytes: number): Stream {
    const { memory } = this.#parts;
    memory.charge(bytes / BYTES_PER_INSTRUCTION);
    if (!memory.reserve(bytes)) throw new GuestError('not enough memory');
    let [id] = this.#parts.host(operation, args);
    if (id === undefined && this.#handles.sweep()) [id] = this.#parts.host(operation, args);
    if (typeof id !== 'number') throw new GuestError('too many zlib streams');
    const stream = new Stream(id, memory.add(bytes));
    this.#handles.add(stream, id);
    return stream;
  }

  #push(stream: Stream, text: string, flush: number): readonly GuestValue[] {
    if (text === '' && flush === 0) return ['', false, stream.bytesIn, stream.bytesOut];
    const { memory } = this.#parts;
    memory.charge(1 + text.length / BYTES_PER_INSTRUCTION);
    const output = new GatheredText(memory);
    let answer: readonly ServiceValue[];
    try {
      answer = this.#parts.host('zlib.push', [stream.id, text, FLUSHES[flush]]);
      for (;;) {
        output.add(String(answer[0] ?? ''));
        if (answer[1] !== true) break;
        answer = this.#parts.host('zlib.more', [stream.id]);
      }
    } catch (error) {
      this.#close(stream);
      throw error;
    }
    const ended = answer[2] === true;
    stream.bytesIn = Number(answer[3]);
    stream.bytesOut = Number(answer[4]);
    if (ended) this.#close(stream);
    return [output.take(), ended, stream.bytesIn, stream.bytesOut];
  }

  #close(stream: Stream): void {
    if (stream.closed) return;
    stream.closed = true;
    stream.token = undefined;
    this.#handles.remove(stream.id);
    this.#parts.host('zlib.drop', [stream.id]);
  }

  /** `crc32()` and `adler32()`: a function that goes on with its sum. */
  checksum(name: string, { combine, initial, update }: Checksum): GuestValue {
    const parts = this.#parts;
    let sum = initial;
    let length = 0;
    return parts.createFunction(name, (args) => {
      const [part] = args;
      if (typeof part === 'object' && part.kind === 'function') {
        const [other, bytes] = parts.call(part, []);
        if (typeof other !== 'number' || typeof bytes !== 'number') {
          throw new GuestError(
            `bad argument #1 to '${name}' (expected function to return two numbers)`,
          );
        }
        sum = combine(sum, other >>> 0, Math.max(0, Math.trunc(bytes)) || 0);
        length += bytes;
      } else if (args.length > 0) {
        const text = stringArgument(args, 1);
        parts.memory.charge(1 + text.length / CHECKED_PER_INSTRUCTION);
        sum = update(sum, text);
        length += text.length;
      }
      return [sum, length];
    });
  }
}

/** Bytes that are summed up for the price of one instruction. */
const CHECKED_PER_INSTRUCTION = 8;

/** A stream that is over ends well as often as it is asked to, and takes nothing any more. */
function closedResult(args: readonly GuestValue[], name: string): readonly GuestValue[] {
  if (args[0] === undefined) return ['', true];
  throw new GuestError(`IllegalState: calling ${name} function when stream was previously closed`);
}

export const createModule: ModuleFactory = (parts) => {
  const zlib = new Zlib(parts);
  const functions: Record<string, HostFunction | GuestValue> = {
    deflate: (args) => zlib.deflate(args),
    inflate: (args) => zlib.inflate(args),
    crc32: () => zlib.checksum('crc32', crc32),
    adler32: () => zlib.checksum('adler32', adler32),
    version: () => VERSION,
    BEST_SPEED: 1,
    BEST_COMPRESSION: 9,
  };
  return { name: 'zlib', open: () => ({ name: 'zlib', functions }) };
};
