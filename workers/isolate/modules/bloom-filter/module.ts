/**
 * The `bloom_filter` module (1.0.0): sets that answer "perhaps" or "no". Preserved as
 *
 *   version u8 = 1 │ items f64 │ probability f64 │ count f64 │ bytes of the bits
 */
import { GuestError, type GuestValue, type HostFunction, type HostObject } from '../../engine.ts';
import {
  checkArgument,
  integerArgument,
  numberArgument,
  stringArgument,
  typeError,
} from '../../host-api/guest-arguments.ts';
import { checkLength, countArgument, lengthText } from '../fromstring.ts';
import { HashKey, keyArgument } from '../hashes/hash-key.ts';
import {
  type ModuleFactory,
  type NativeModule,
  type ObjectMemory,
  RestoreError,
} from '../native-module.ts';
import { StateReader, StateWriter } from '../object-state.ts';
import { BloomBits, bloomSize } from './bloom-filter.ts';

const NAME = 'bloom_filter';
const TYPE = 'mozsvc.bloom_filter';
const STATE_VERSION = 1;
const STATE_FIXED_BYTES = 25;
/** What an object takes beside its bits. */
const OBJECT_BYTES = 128;
/** Bytes that are cleared or copied for the price of one instruction. */
const BYTES_PER_INSTRUCTION = 64;

class BloomFilter implements HostObject {
  readonly kind = 'object';
  readonly type = TYPE;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly externalBytes: number;
  /** Keeps the ledger's entry alive. */
  readonly token: object;
  readonly items: number;
  readonly probability: number;
  readonly content: BloomBits;
  /** Keys that set a bit. */
  count = 0;

  constructor(
    items: number,
    probability: number,
    memory: ObjectMemory,
    methods: Readonly<Record<string, HostFunction>>,
  ) {
    const size = bloomSize(items, probability);
    this.externalBytes = size.bytes + OBJECT_BYTES;
    if (!memory.reserve(this.externalBytes)) throw new GuestError('not enough memory');
    memory.charge(size.bytes / BYTES_PER_INSTRUCTION);
    this.items = items;
    this.probability = probability;
    this.content = new BloomBits(size);
    this.token = memory.add(this.externalBytes);
    this.methods = methods;
  }

  preserve(): { readonly module: string; readonly data: string } {
    const { bytes } = this.content;
    const state = new StateWriter(STATE_FIXED_BYTES + bytes.length);
    state.u8(STATE_VERSION);
    state.f64(this.items);
    state.f64(this.probability);
    state.f64(this.count);
    state.bytes(bytes);
    return { module: NAME, data: state.take() };
  }
}

export const createModule: ModuleFactory = ({ memory }): NativeModule => {
  const key = new HashKey();
  const methods: Readonly<Record<string, HostFunction>> = {
    add: (args) => {
      const filter = self(args, 2);
      keyArgument(key, args[1], memory, filter.content.hashes);
      const added = filter.content.add(key);
      if (added) filter.count++;
      return added;
    },
    query: (args) => {
      const { content } = self(args, 2);
      keyArgument(key, args[1], memory, content.hashes);
      return content.has(key);
    },
    count: (args) => self(args, 1).count,
    clear: (args) => {
      const filter = self(args, 1);
      const { bytes } = filter.content;
      memory.charge(bytes.length / BYTES_PER_INSTRUCTION);
      bytes.fill(0);
      filter.count = 0;
      return [];
    },
    fromstring: (args) => {
      const counted = args.length !== 2;
      const filter = self(args, counted ? 3 : 2);
      const { bytes } = filter.content;
      // As upstream the count is taken over even when the bytes are refused then.
      if (counted) filter.count = countArgument(args, 2);
      const text = stringArgument(args, counted ? 3 : 2);
      checkLength(text, bytes.length);
      memory.charge(text.length / BYTES_PER_INSTRUCTION);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      return [];
    },
  };

  const construct: HostFunction = (args) => {
    checkArgument(args.length === 2, 0, 'incorrect number of arguments');
    const items = integerArgument(args, 1);
    checkArgument(items > 1, 1, 'items must be > 1');
    const probability = numberArgument(args, 2);
    checkArgument(probability > 0 && probability < 1, 2, 'probability must be between 0 and 1');
    return new BloomFilter(items, probability, memory, methods);
  };

  return {
    name: NAME,
    open: () => ({ name: NAME, functions: { new: construct, version: () => '1.0.0' } }),
    restore: (data, existing) => restored(data, existing, memory, methods),
  };
};

/** The object that a method was called on. */
function self(args: readonly GuestValue[], count: number): BloomFilter {
  const [filter] = args;
  if (!(filter instanceof BloomFilter)) throw typeError(args, 1, TYPE);
  checkArgument(args.length === count, 0, 'incorrect number of arguments');
  return filter;
}

function restored(
  data: string,
  existing: HostObject | undefined,
  memory: ObjectMemory,
  methods: Readonly<Record<string, HostFunction>>,
): BloomFilter {
  const state = new StateReader(data, NAME, STATE_VERSION);
  const items = state.count();
  const probability = state.f64();
  const count = state.count();
  const bytes = state.bytes(state.rest);
  if (items < 2 || !(probability > 0 && probability < 1)) throw state.damaged();
  const size = bloomSize(items, probability);
  if (size.bytes !== bytes.length) throw state.damaged();
  let filter: BloomFilter;
  if (existing instanceof BloomFilter) {
    filter = existing;
    const { content } = filter;
    if (content.bytes.length !== bytes.length) {
      throw new RestoreError(lengthText(bytes.length, content.bytes.length));
    }
    if (content.bits !== size.bits || content.hashes !== size.hashes) {
      throw new RestoreError('bloom_filter configuration changed');
    }
  } else {
    if (!memory.reserve(bytes.length + OBJECT_BYTES)) throw new RestoreError('not enough memory');
    filter = new BloomFilter(items, probability, memory, methods);
  }
  filter.content.bytes.set(bytes);
  filter.count = count;
  return filter;
}
