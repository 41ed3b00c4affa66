/**
 * The `cuckoo_filter_expire` module (1.1.1): sets that answer "perhaps" or "no", and forget what was not seen for 256
 * intervals. Preserved, the current interval included, as
 *
 *   version u8 = 1 │ buckets u8: 2^n │ minutes u16 │ current time f64, s │ oldest interval u16, 0xffff none │ count f64
 *   │ per bucket: four fingerprints u32, four intervals u8
 */
import { GuestError, type GuestValue, type HostFunction, type HostObject } from '../../engine.ts';
import {
  checkArgument,
  integerArgument,
  numberArgument,
  optionalInteger,
  stringArgument,
  typeError,
} from '../../host-api/guest-arguments.ts';
import { bucketPower, LOOK_UP_WORK } from '../cuckoo-filter/buckets.ts';
import { checkLength, countArgument, lengthText } from '../fromstring.ts';
import { HashKey, keyArgument } from '../hashes/hash-key.ts';
import {
  type ModuleFactory,
  type NativeModule,
  type ObjectMemory,
  RestoreError,
} from '../native-module.ts';
import { StateReader, StateWriter } from '../object-state.ts';
import { readRecords, writeRecords } from './bucket-records.ts';
import { ADDED, ExpiringTable, INTERVALS, NONE } from './expiring-table.ts';

const NAME = 'cuckoo_filter_expire';
const TYPE = 'mozsvc.cuckoo_filter_expire';
const STATE_VERSION = 1;
const STATE_FIXED_BYTES = 22;
const STATE_NONE = 0xffff;
/** What an object takes beside its entries. */
const OBJECT_BYTES = 256;
/** Bytes that are cleared or copied for the price of one instruction. */
const BYTES_PER_INSTRUCTION = 32;
const MINUTE_SECONDS = 60;
const DAY_MINUTES = 1440;

class CuckooFilterExpire implements HostObject {
  readonly kind = 'object';
  readonly type = TYPE;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly externalBytes: number;
  /** Keeps the ledger's entry alive. */
  readonly token: object;
  readonly table: ExpiringTable;

  constructor(
    power: number,
    minutes: number,
    memory: ObjectMemory,
    methods: Readonly<Record<string, HostFunction>>,
  ) {
    const bytes = ExpiringTable.bytes(power);
    this.externalBytes = bytes + OBJECT_BYTES;
    if (!memory.reserve(this.externalBytes)) throw new GuestError('not enough memory');
    memory.charge(bytes / BYTES_PER_INSTRUCTION);
    this.table = new ExpiringTable(power, minutes * MINUTE_SECONDS, memory);
    this.token = memory.add(this.externalBytes);
    this.methods = methods;
  }

  preserve(): { readonly module: string; readonly data: string } {
    const { table } = this;
    const state = new StateWriter(STATE_FIXED_BYTES + ExpiringTable.bytes(table.power));
    state.u8(STATE_VERSION);
    state.u8(table.power);
    state.u16(table.secondsPerInterval / MINUTE_SECONDS);
    state.f64(table.time);
    state.u16(table.oldest === NONE ? STATE_NONE : table.oldest);
    state.f64(table.count);
    state.bytes(writeRecords(table));
    return { module: NAME, data: state.take() };
  }
}

export const createModule: ModuleFactory = ({ memory }): NativeModule => {
  const key = new HashKey();
  const methods: Readonly<Record<string, HostFunction>> = {
    add: (args) => {
      const { table } = self(args, 3);
      keyArgument(key, args[1], memory, LOOK_UP_WORK);
      const distance = table.add(key, numberArgument(args, 3));
      if (distance === undefined) return false;
      return distance === ADDED ? [true, 0] : [false, distance];
    },
    query: (args) => {
      const { table } = self(args, 2);
      keyArgument(key, args[1], memory, LOOK_UP_WORK);
      const interval = table.find(key);
      return interval === undefined ? false : [true, interval];
    },
    delete: (args) => {
      const { table } = self(args, 2);
      keyArgument(key, args[1], memory, LOOK_UP_WORK);
      return table.delete(key);
    },
    count: (args) => self(args, 1).table.count,
    clear: (args) => {
      const { table } = self(args, 1);
      memory.charge(ExpiringTable.bytes(table.power) / BYTES_PER_INSTRUCTION);
      table.clear();
      return [];
    },
    current_interval: (args) => {
      const { table } = self(args, 1);
      return [table.time * 1e9, table.current];
    },
    fromstring: (args) => {
      // An older form has the size of an interval between count and bytes.
      const given = args.length === 4 ? [args[0], args[1], args[3]] : args;
      const { table } = self(given, 3);
      // As upstream the count is taken over even when the bytes are refused then.
      table.count = countArgument(given, 2);
      const text = stringArgument(given, 3);
      checkLength(text, ExpiringTable.bytes(table.power));
      memory.charge(text.length / BYTES_PER_INSTRUCTION);
      readRecords(table, text);
      return [];
    },
  };

  const construct: HostFunction = (args) => {
    checkArgument(args.length === 2, 0, 'incorrect number of arguments');
    const items = integerArgument(args, 1);
    checkArgument(items > INTERVALS, 1, 'items must be > 256');
    const minutes = optionalInteger(args, 2, 1);
    checkArgument(minutes > 0 && minutes <= DAY_MINUTES, 2, '0 < interval size <= 1440');
    return new CuckooFilterExpire(bucketPower(items), minutes, memory, methods);
  };

  return {
    name: NAME,
    open: () => ({ name: NAME, functions: { new: construct, version: () => '1.1.1' } }),
    restore: (data, existing) => restored(data, existing, memory, methods),
  };
};

/** The object that a method was called on. */
function self(args: readonly GuestValue[], count: number): CuckooFilterExpire {
  const [filter] = args;
  if (!(filter instanceof CuckooFilterExpire)) throw typeError(args, 1, TYPE);
  checkArgument(args.length === count, 0, 'incorrect number of arguments');
  return filter;
}

function restored(
  data: string,
  existing: HostObject | undefined,
  memory: ObjectMemory,
  methods: Readonly<Record<string, HostFunction>>,
): CuckooFilterExpire {
  const state = new StateReader(data, NAME, STATE_VERSION);
  const power = state.u8();
  const minutes = state.u16();
  const time = state.count();
  const oldest = state.u16();
  const count = state.count();
  const bytes = ExpiringTable.bytes(power);
  if (
    state.rest !== bytes ||
    minutes < 1 ||
    minutes > DAY_MINUTES ||
    time % (minutes * MINUTE_SECONDS) !== 0 ||
    time < (INTERVALS - 1) * minutes * MINUTE_SECONDS ||
    (oldest >= INTERVALS && oldest !== STATE_NONE)
  ) {
    throw state.damaged();
  }
  let filter: CuckooFilterExpire;
  if (existing instanceof CuckooFilterExpire) {
    filter = existing;
    const expected = ExpiringTable.bytes(filter.table.power);
    if (bytes !== expected) throw new RestoreError(lengthText(bytes, expected));
    if (filter.table.secondsPerInterval !== minutes * MINUTE_SECONDS) {
      throw new RestoreError('cuckoo_filter_expire configuration changed');
    }
  } else {
    if (!memory.reserve(bytes + OBJECT_BYTES)) throw new RestoreError('not enough memory');
    filter = new CuckooFilterExpire(power, minutes, memory, methods);
  }
  const { table } = filter;
  readRecords(table, state.text(bytes));
  table.time = time;
  table.oldest = oldest === STATE_NONE ? NONE : oldest;
  table.count = count;
  return filter;
}
