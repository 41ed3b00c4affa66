/**
 * The settings of the `cjson` module and the functions that set and read them: one set per sandbox. Their way with
 * arguments is upstream's: only an explicit nil reads, and some need all of them.
 */
import { GuestArgumentError, type GuestValue, type HostFunction } from '../../engine.ts';
import {
  checkArgument,
  integerArgument,
  optionArgument,
  typeError,
} from '../../host-api/guest-arguments.ts';

/** What becomes of NaN and infinities when they are encoded. */
export type InvalidNumbers = 'off' | 'on' | 'null';

export interface CjsonSettings {
  /** Excessively sparse lists become objects instead of an error. */
  sparseConvert: boolean;
  /** A list is excessively sparse when its largest index is more than this times its entries; 0 for never … */
  sparseRatio: number;
  /** … and larger than this. */
  sparseSafe: number;
  encodeDepth: number;
  decodeDepth: number;
  /** Significant digits. */
  precision: number;
  encodeInvalid: InvalidNumbers;
  /** Numbers that C's strtod takes but JSON does not have. */
  decodeInvalid: boolean;
  /** A null of JSON's is `cjson.null` instead of nil. */
  decodeNull: boolean;
}

export function defaultSettings(): CjsonSettings {
  return {
    sparseConvert: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepth: 1000,
    decodeDepth: 1000,
    precision: 14,
    encodeInvalid: 'off',
    decodeInvalid: true,
    decodeNull: false,
  };
}

/** Deeper nesting is refused whatever the settings say: about where upstream's stack ends. */
export const NESTING_CAP = 8000;

const LARGEST_INT = 0x7fffffff;
const MOST_DIGITS = 17;
const SWITCH: readonly InvalidNumbers[] = ['off', 'on'];
const INVALID_NUMBERS: readonly InvalidNumbers[] = ['off', 'on', 'null'];

/** The functions, by the names that scripts call. */
export function settingFunctions(settings: CjsonSettings): Record<string, HostFunction> {
  return {
    encode_sparse_array: (args) => {
      checkCount(args, 3);
      settings.sparseConvert =
        option(args, 1, settings.sparseConvert ? 'on' : 'off', SWITCH) === 'on';
      // In upstream each result takes the place of the next missing argument.
      if (args.length < 3) {
        if (args.length === 2) settings.sparseRatio = integer(args, 2, settings.sparseRatio, 0);
        throw new GuestArgumentError(args.length === 2 ? 3 : 2, 'number expected, got boolean');
      }
      settings.sparseRatio = integer(args, 2, settings.sparseRatio, 0);
      settings.sparseSafe = integer(args, 3, settings.sparseSafe, 0);
      return [settings.sparseConvert, settings.sparseRatio, settings.sparseSafe];
    },
    encode_max_depth: (args) => {
      checkCount(args, 1);
      settings.encodeDepth = integer(args, 1, settings.encodeDepth, 1);
      return settings.encodeDepth;
    },
    decode_max_depth: (args) => {
      checkCount(args, 1);
      settings.decodeDepth = integer(args, 1, settings.decodeDepth, 1);
      return settings.decodeDepth;
    },
    encode_number_precision: (args) => {
      checkCount(args, 1);
      settings.precision = integer(args, 1, settings.precision, 1, MOST_DIGITS);
      return settings.precision;
    },
    encode_invalid_numbers: (args) => {
      checkCount(args, 1);
      const value = option(args, 1, settings.encodeInvalid, INVALID_NUMBERS);
      settings.encodeInvalid = value;
      return value === 'null' ? value : value === 'on';
    },
    decode_invalid_numbers: (args) => {
      checkCount(args, 1);
      settings.decodeInvalid =
        option(args, 1, settings.decodeInvalid ? 'on' : 'off', SWITCH) === 'on';
      return settings.decodeInvalid;
    },
    decode_null: (args) => {
      checkCount(args, 1);
      settings.decodeNull = option(args, 1, settings.decodeNull ? 'on' : 'off', SWITCH) === 'on';
      return settings.decodeNull;
    },
  };
}

function checkCount(args: readonly GuestValue[], most: number): void {
  checkArgument(args.length <= most, most + 1, 'found too many arguments');
}

/** nil keeps what is; no argument at all is an error. */
function integer(
  args: readonly GuestValue[],
  argument: number,
  before: number,
  least: number,
  most: number = LARGEST_INT,
): number {
  if (args.length >= argument && args[argument - 1] === undefined) return before;
  const value = integerArgument(args, argument) | 0; // as C's conversion to int
  // All range errors name the first argument.
  checkArgument(
    value >= least && value <= most,
    1,
    `expected integer between ${least} and ${most}`,
  );
  return value;
}

function option(
  args: readonly GuestValue[],
  argument: number,
  before: InvalidNumbers,
  options: readonly InvalidNumbers[],
): InvalidNumbers {
  const value = args[argument - 1];
  if (args.length < argument) throw typeError(args, argument, 'string');
  if (value === undefined) return before;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return options[optionArgument(args, argument, options)] ?? before;
}
