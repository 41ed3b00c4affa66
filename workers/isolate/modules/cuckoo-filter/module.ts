/**
 * The `cuckoo_filter` module (1.1.1): sets that answer "perhaps" or "no", and can forget. Preserved as
 *
 *   version u8 = 1 │ buckets u8: 2^n │ count f64 │ four u16 per bucket
 */
import { GuestError, type GuestValue, type HostFunction, type HostObject } from '../../engine.ts';
import {
  checkArgument,
  integerArgument,
  optionalInteger,
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
import { BUCKET_ENTRIES, bucketPower, LOOK_UP_WORK } from './buckets.ts';
import { CuckooTable } from './cuckoo-table.ts';

const NAME = 'cuckoo_filter';
const TYPE = 'mozsvc.cuckoo_filter';
const STATE_VERSION = 1;
const STATE_FIXED_BYTES = 10;
/** What a script says beside the bytes that it gives to fromstring: how keys were hashed. Others are not understood. */
const HASH_VERSION = 1;
/** What an object takes beside its entries. */
const OBJECT_BYTES = 256;
/** Bytes that are cleared or copied for the price of one instruction. */
const BYTES_PER_INSTRUCTION = 64;

class CuckooFilter implements HostObject {
  readonly kind = 'object';
  readonly type = TYPE;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly externalBytes: number;
  /** Keeps the ledger's entry alive. */
  readonly token: object;
  readonly table: CuckooTable;

  constructor(
    power: number,
    memory: ObjectMemory,
    methods: Readonly<Record<string, HostFunction>>,
  ) {
    const bytes = CuckooTable.bytes(power);
    this.externalBytes = bytes + OBJECT_BYTES;
    if (!memory.reserve(this.externalBytes)) throw new GuestError('not enough memory');
    memory.charge(bytes / BYTES_PER_INSTRUCTION);
    this.table = new CuckooTable(power, memory);
    this.token = memory.add(this.externalBytes);
    this.methods = methods;
  }

  preserve(): { readonly module: string; readonly data: string } {
    const { count, entries, power } = this.table;
    const state = new StateWriter(STATE_FIXED_BYTES + entries.byteLength);
    state.u8(STATE_VERSION);
    state.u8(power);
    state.f64(count);
    for (const entry of entries) state.u16(entry);
    return { module: NAME, data: state.take() };
  }
}

export const createModule: ModuleFactory = ({ memory }): NativeModule => {
  const key = new HashKey();
  const methods: Readonly<Record<string, HostFunction>> = {
    add: (args) => {
      const { table } = self(args, 2);
      keyArgument(key, args[1], memory, LOOK_UP_WORK);
      return table.add(key);
    },
    query: (args) => {
      const { table } = self(args, 2);
      keyArgument(key, args[1], memory, LOOK_UP_WORK);
      return table.has(key);
    },
    delete: (args) => {
      const { table } = self(args, 2);
      keyArgument(key, args[1], memory, LOOK_UP_WORK);
      return table.delete(key);
    },
    count: (args) => self(args, 1).table.count,
    clear: (args) => {
      const { table } = self(args, 1);
      memory.charge(table.entries.byteLength / BYTES_PER_INSTRUCTION);
      table.clear();
      return [];
    },
    fromstring: (args) => {
      const { table } = self(args, 4);
      // As upstream the count is taken over even when the bytes are refused then.
      table.count = countArgument(args, 2);
      const { entries } = table;
      const text = stringArgument(args, 3);
      if (optionalInteger(args, 4, 0) !== HASH_VERSION) return [];
      checkLength(text, entries.byteLength);
      memory.charge(text.length / BYTES_PER_INSTRUCTION);
      for (let i = 0; i < entries.length; i++) {
        entries[i] = text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 8);
      }
      return [];
    },
  };

  const construct: HostFunction = (args) => {
    checkArgument(args.length === 1, 0, 'incorrect number of arguments');
    const items = integerArgument(args, 1);
    checkArgument(items > BUCKET_ENTRIES, 1, 'items must be > 4');
    return new CuckooFilter(bucketPower(items), memory, methods);
  };

  return {
    name: NAME,
    open: () => ({ name: NAME, functions: { new: construct, version: () => '1.1.1' } }),
    restore: (data, existing) => restored(data, existing, memory, methods),
  };
};

/** The object that a method was called on. */
function self(args: readonly GuestValue[], count: number): CuckooFilter {
  const [filter] = args;
  if (!(filter instanceof CuckooFilter)) throw typeError(args, 1, TYPE);
  checkArgument(args.length === count, 0, 'incorrect number of arguments');
  return filter;
}

function restored(
  data: string,
  existing: HostObject | undefined,
  memory: ObjectMemory,
  methods: Readonly<Record<string, HostFunction>>,
): CuckooFilter {
  const state = new StateReader(data, NAME, STATE_VERSION);
  const power = state.u8();
  const count = state.count();
  const bytes = CuckooTable.bytes(power);
  if (state.rest !== bytes) throw state.damaged();
  let filter: CuckooFilter;
  if (existing instanceof CuckooFilter) {
    filter = existing;
    const expected = filter.table.entries.byteLength;
    if (bytes !== expected) throw new RestoreError(lengthText(bytes, expected));
  } else {
    if (!memory.reserve(bytes + OBJECT_BYTES)) throw new RestoreError('not enough memory');
    filter = new CuckooFilter(power, memory, methods);
  }
  const { entries } = filter.table;
  for (let i = 0; i < entries.length; i++) entries[i] = state.u16();
  filter.table.count = count;
  return filter;
}
