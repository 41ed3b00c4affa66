/**
 * The `hyperloglog` module (1.0.1): estimates how many different keys there were. Preserved as
 *
 *   version u8 = 1 │ 12304 bytes in the form of Redis
 */

import { latin1Bytes, latin1Text } from '../../../../lib/protocol/text.ts';
import { GuestError, type GuestValue, type HostFunction, type HostObject } from '../../engine.ts';
import { checkArgument, stringArgument, typeError } from '../../host-api/guest-arguments.ts';
import { OUTPUT_LIMIT_TEXT } from '../../host-api/output-buffer.ts';
import { checkLength } from '../fromstring.ts';
import { HashKey, keyArgument } from '../hashes/hash-key.ts';
import {
  type ModuleFactory,
  type NativeModule,
  type ObjectMemory,
  RestoreError,
} from '../native-module.ts';
import { StateReader, StateWriter } from '../object-state.ts';
import { ENCODING_AT, REGISTERS, Registers, TEXT_BYTES, unionEstimate } from './registers.ts';

const NAME = 'hyperloglog';
const TYPE = 'mozsvc.hyperloglog';
const STATE_VERSION = 1;
/** What an object takes, registers included. */
const OBJECT_BYTES = TEXT_BYTES + 256;
/** Looking at all registers once, in instructions. */
const SCAN_WORK = REGISTERS / 8;
/** Making a text of everything. */
const TEXT_WORK = TEXT_BYTES / 64;
const ADD_WORK = 2;

class HyperLogLog implements HostObject {
  readonly kind = 'object';
  readonly type = TYPE;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly externalBytes = OBJECT_BYTES;
  /** Keeps the ledger's entry alive. */
  readonly token: object;
  readonly registers: Registers;

  constructor(memory: ObjectMemory, methods: Readonly<Record<string, HostFunction>>) {
    if (!memory.reserve(OBJECT_BYTES)) throw new GuestError('not enough memory');
    memory.charge(TEXT_WORK);
    this.registers = new Registers();
    this.token = memory.add(OBJECT_BYTES);
    this.methods = methods;
  }

  get text(): string {
    return latin1Text(this.registers.bytes, 0, TEXT_BYTES);
  }

  output(limitBytes: number): string {
    if (limitBytes < TEXT_BYTES) throw new GuestError(OUTPUT_LIMIT_TEXT);
    return this.text;
  }

  preserve(): { readonly module: string; readonly data: string } {
    const state = new StateWriter(1 + TEXT_BYTES);
    state.u8(STATE_VERSION);
    state.bytes(this.registers.bytes.subarray(0, TEXT_BYTES));
    return { module: NAME, data: state.take() };
  }
}

export const createModule: ModuleFactory = ({ memory }): NativeModule => {
  const key = new HashKey();
  const methods: Readonly<Record<string, HostFunction>> = {
    add: (args) => {
      const { registers } = self(args, 2);
      keyArgument(key, args[1], memory, ADD_WORK);
      return registers.add(key);
    },
    count: (args) => {
      const { registers } = self(args, 1);
      if (!registers.isCached) memory.charge(SCAN_WORK);
      return registers.count();
    },
    merge: (args) => {
      const set = self(args, 2);
      const other = setArgument(args, 2);
      if (set !== other) {
        memory.charge(2 * SCAN_WORK);
        set.registers.merge(other.registers);
      }
      return set;
    },
    clear: (args) => {
      const { registers } = self(args, 1);
      memory.charge(TEXT_WORK);
      registers.clear();
      return [];
    },
    fromstring: (args) => {
      const { registers } = self(args, 2);
      const text = stringArgument(args, 2);
      checkLength(text, TEXT_BYTES);
      memory.charge(TEXT_WORK);
      const wrong = faultOf(text);
      if (wrong !== undefined) throw new GuestError(`fromstring() ${wrong}`);
      registers.bytes.set(latin1Bytes(text));
      return [];
    },
    __tostring: (args) => {
      memory.charge(TEXT_WORK);
      return self(args, 1).text;
    },
  };

  const construct: HostFunction = (args) => {
    checkArgument(args.length === 0, args.length, 'incorrect number of arguments');
    return new HyperLogLog(memory, methods);
  };

  const union: HostFunction = (args) => {
    checkArgument(args.length > 1, args.length, 'incorrect number of arguments');
    memory.charge(args.length * SCAN_WORK);
    return unionEstimate(args.map((_, i) => setArgument(args, i + 1).registers));
  };

  return {
    name: NAME,
    open: () => ({
      name: NAME,
      functions: { new: construct, count: union, version: () => '1.0.1' },
    }),
    restore: (data, existing) => {
      const state = new StateReader(data, NAME, STATE_VERSION);
      const text = state.text(TEXT_BYTES);
      state.end();
      if (faultOf(text) !== undefined) throw state.damaged();
      let set: HyperLogLog;
      if (existing instanceof HyperLogLog) set = existing;
      else {
        if (!memory.reserve(OBJECT_BYTES)) throw new RestoreError('not enough memory');
        set = new HyperLogLog(memory, methods);
      }
      set.registers.bytes.set(latin1Bytes(text));
      return set;
    },
  };
};

/** The object that a method was called on. Unlike other modules' methods it counts the arguments first. */
function self(args: readonly GuestValue[], count: number): HyperLogLog {
  checkArgument(args.length === count, args.length, 'incorrect number of arguments');
  return setArgument(args, 1);
}

function setArgument(args: readonly GuestValue[], argument: number): HyperLogLog {
  const set = args[argument - 1];
  if (!(set instanceof HyperLogLog)) throw typeError(args, argument, TYPE);
  return set;
}

/** What stands against a text of the right length being a set. */
function faultOf(text: string): string | undefined {
  if (!text.startsWith('HYLL')) return 'HYLL header not found';
  // Upstream looks at the byte behind the encoding; neither may be set.
  const encoding = text.charCodeAt(ENCODING_AT) | text.charCodeAt(ENCODING_AT + 1);
  return encoding === 0 ? undefined : 'invalid encoding';
}
