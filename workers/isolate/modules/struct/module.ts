/**
 * The `struct` module (0.2.0): values to and from the bytes of C structures, in the layout of a 64-bit little-endian
 * machine.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostFunction,
} from '../../engine.ts';
import {
  checkArgument,
  numberArgument,
  numberOf,
  optionalInteger,
  stringArgument,
} from '../../host-api/guest-arguments.ts';
import type { ModuleFactory, ObjectMemory } from '../native-module.ts';
import { Format } from './format.ts';
import { integerBytes, readInteger } from './integers.ts';

const NAME = 'struct';
/** Results that Lua's stack has room for. */
const MOST_RESULTS = 7990;
/** Bytes of data that are copied for the price of one instruction. */
const BYTES_PER_INSTRUCTION = 16;
/** Longer results must fit into what memory is left. */
const SMALL_RESULT_BYTES = 4096;

const scratch = new DataView(new ArrayBuffer(8));

export const createModule: ModuleFactory = ({ memory }) => ({
  name: NAME,
  open: () => ({
    name: NAME,
    functions: { pack: pack(memory), unpack: unpack(memory), size: size(memory) },
  }),
});

function formatArgument(args: readonly GuestValue[], memory: ObjectMemory): Format {
  const text = stringArgument(args, 1);
  memory.charge(text.length);
  return new Format(text);
}

function pack(memory: ObjectMemory): HostFunction {
  return (args) => {
    const format = formatArgument(args, memory);
    let argument = 2;
    let packed = '';
    while (format.next()) {
      const padding = format.padding(packed.length);
      if (padding > 0) packed += '\0'.repeat(padding);
      const { littleEndian, option } = format;
      switch (option) {
        case 'b':
        case 'B':
        case 'h':
        case 'H':
        case 'l':
        case 'L':
        case 'T':
        case 'i':
        case 'I':
          packed += integerBytes(numberArgument(args, argument++), format.size, littleEndian);
          break;
        case 'x':
          packed += '\0';
          break;
        case 'f':
        case 'd':
          packed += floatBytes(numberArgument(args, argument++), format.size, littleEndian);
          break;
        case 'c':
        case 's': {
          const text = stringArgument(args, argument++);
          const length = format.size === 0 ? text.length : format.size;
          // Upstream names the argument behind the one that is too short.
          checkArgument(text.length >= length, argument, 'string too short');
          memory.charge(length / BYTES_PER_INSTRUCTION);
          const total = packed.length + length;
          if (total > SMALL_RESULT_BYTES && !memory.reserve(total)) {
            throw new GuestError('not enough memory');
          }
          packed += text.slice(0, length);
          if (option === 's') packed += '\0';
          break;
        }
        default:
          format.control();
      }
    }
    return packed;
  };
}

function unpack(memory: ObjectMemory): HostFunction {
  return (args) => {
    const format = formatArgument(args, memory);
    const data = stringArgument(args, 2);
    let at = optionalInteger(args, 3, 1) - 1;
    checkArgument(at >= 0 && at <= data.length, 3, 'initial position out of string');
    const values: GuestValue[] = [];
    while (format.next()) {
      at += format.padding(at);
      checkRoom(data, at, format.size);
      if (values.length >= MOST_RESULTS) throw new GuestError('stack overflow (too many results)');
      const { littleEndian, option } = format;
      let { size: length } = format;
      switch (option) {
        case 'b':
        case 'h':
        case 'l':
        case 'i':
          values.push(readInteger(data, at, length, littleEndian, true));
          break;
        case 'B':
        case 'H':
        case 'L':
        case 'T':
        case 'I':
          values.push(readInteger(data, at, length, littleEndian, false));
          break;
        case 'x':
          break;
        case 'f':
        case 'd':
          values.push(readFloat(data, at, length, littleEndian));
          break;
        case 'c':
          if (length === 0) {
            length = previousSize(values);
            checkRoom(data, at, length);
          }
          memory.charge(length / BYTES_PER_INSTRUCTION);
          values.push(data.slice(at, at + length));
          break;
        case 's': {
          const end = data.indexOf('\0', at);
          memory.charge(((end < 0 ? data.length : end) - at) / BYTES_PER_INSTRUCTION);
          if (end < 0) throw new GuestError('unfinished string in data');
          values.push(data.slice(at, end));
          length = end - at + 1;
          break;
        }
        default:
          format.control();
      }
      at += length;
    }
    values.push(at + 1);
    return values;
  };
}

function size(memory: ObjectMemory): HostFunction {
  return (args) => {
    const format = formatArgument(args, memory);
    let bytes = 0;
    while (format.next()) {
      bytes += format.padding(bytes);
      const { option } = format;
      if (option === 's') throw new GuestArgumentError(1, "option 's' has no fixed size");
      if (option === 'c' && format.size === 0) {
        throw new GuestArgumentError(1, "option 'c0' has no fixed size");
      }
      // As upstream, letters that mean nothing count for nothing here.
      if (!/[0-9A-Za-z]/.test(option)) format.control();
      bytes += format.size;
    }
    return bytes;
  };
}

function checkRoom(data: string, at: number, length: number): void {
  checkArgument(length >= 0 && length <= data.length - at, 2, 'data string too short');
}

/** The last value, which `c0` takes back, as a length. */
function previousSize(values: GuestValue[]): number {
  const length = numberOf(values.at(-1));
  if (length === undefined) throw new GuestError("format 'c0' needs a previous size");
  values.pop();
  return Math.trunc(length);
}

function floatBytes(value: number, length: number, littleEndian: boolean): string {
  if (length === 4) scratch.setFloat32(0, value, littleEndian);
  else scratch.setFloat64(0, value, littleEndian);
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(scratch.getUint8(i));
  return text;
}

function readFloat(data: string, at: number, length: number, littleEndian: boolean): number {
  for (let i = 0; i < length; i++) scratch.setUint8(i, data.charCodeAt(at + i));
  return length === 4 ? scratch.getFloat32(0, littleEndian) : scratch.getFloat64(0, littleEndian);
}
