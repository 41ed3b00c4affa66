/**
 * The settings of the `cjson` module and the functions that set and read them: one set per sandbox. Their way with
 * arguments is upstream's: only an explicit nil reads, and some need all of them.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostFunction,
  type HostObject,
} from '../../engine.ts';
import {
  checkArgument,
  integerArgument,
  optionArgument,
  typeError,
} from '../../host-api/guest-arguments.ts';
import type { ModuleParts } from '../native-module.ts';

/** What both directions work with. */
export interface CjsonContext {
  readonly parts: ModuleParts;
  readonly settings: CjsonSettings;
  /** Stands for null. */
  readonly nullObject: HostObject;
  /** Names of objects that were read, by the first one: tables of one form share the list. */
  readonly shapes: Map<string, string[]>;
  /** Of objects that were written. */
  readonly forms: Map<string, Form>;
}

/** What objects with these names are copied from: one that grows name by name takes several times the room. */
export interface Form {
  readonly names: readonly string[];
  readonly object: { [key: string]: null | boolean | number | string | object };
}

/** Forms that are kept; long names, and more of them, are not worth their room. */
const MOST_FORMS = 64;
const MOST_NAMES = 64;
const LONGEST_NAME = 64;

/** Keeps what objects with these names have in common, under the first one. */
export function keep<T>(forms: Map<string, T>, names: readonly string[], form: T): void {
  const [first] = names;
  if (first === undefined || names.length > MOST_NAMES) return;
  if (names.some((name) => name.length > LONGEST_NAME)) return;
  if (forms.size >= MOST_FORMS) forms.clear();
  forms.set(first, form);
}

/** Asks for memory beside the tables. */
export function reserve({ parts }: CjsonContext, bytes: number): void {
  if (!parts.memory.reserve(bytes)) throw new GuestError('not enough memory');
}

/** A list that was emptied, or read as one, is written as `[]` by lua_sandbox 1.x; Heka has `{}` for every empty table. */
export function keepsEmptyLists({ api }: ModuleParts): boolean {
  return api === 'lsb';
}

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

/** Type name of the object that stands for null. */
export const NULL_TYPE = 'cjson.null';
/** Deeper nesting is refused whatever the settings say: about where upstream's stack ends. */
export const NESTING_CAP = 8000;

/** Depth up to which recursion serves. */
export const QUICK_DEPTH = 100;
/** Room that upstream wants for a number, bytes. */
export const NUMBER_ROOM = 32;

/** Upstream reserves room for a string all of whose bytes are escaped. */
export function stringRoom(length: number): number {
  return length * 6 + 2;
}

const LARGEST_INT = 0x7fffffff;
const MOST_DIGITS = 17;
const SWITCH: readonly InvalidNumbers[] = ['off', 'on'];
const INVALID_NUMBERS: readonly InvalidNumbers[] = ['off', 'on', 'null'];

/** The functions, by the names that scripts call. */
export function settingFunctions(settings: CjsonSettings): Record<string, HostFunction> {
  const number =
    (key: 'encodeDepth' | 'decodeDepth' | 'precision', most: number): HostFunction =>
    (args) => {
      checkCount(args, 1);
      settings[key] = integer(args, 1, settings[key], 1, most);
      return settings[key];
    };
  const choice =
    (key: 'decodeInvalid' | 'decodeNull' | 'sparseConvert', most: number): HostFunction =>
    (args) => {
      checkCount(args, most);
      settings[key] = option(args, settings[key] ? 'on' : 'off', SWITCH) === 'on';
      return settings[key];
    };
  const sparseConvert = choice('sparseConvert', 3);
  return {
    encode_sparse_array: (args) => {
      sparseConvert(args);
      // In upstream each result takes the place of the next missing argument.
      if (args.length < 2) throw new GuestArgumentError(2, 'number expected, got boolean');
      settings.sparseRatio = integer(args, 2, settings.sparseRatio, 0, LARGEST_INT);
      if (args.length < 3) throw new GuestArgumentError(3, 'number expected, got boolean');
      settings.sparseSafe = integer(args, 3, settings.sparseSafe, 0, LARGEST_INT);
      return [settings.sparseConvert, settings.sparseRatio, settings.sparseSafe];
    },
    encode_max_depth: number('encodeDepth', LARGEST_INT),
    decode_max_depth: number('decodeDepth', LARGEST_INT),
    encode_number_precision: number('precision', MOST_DIGITS),
    encode_invalid_numbers: (args) => {
      checkCount(args, 1);
      const value = option(args, settings.encodeInvalid, INVALID_NUMBERS);
      settings.encodeInvalid = value;
      return value === 'null' ? value : value === 'on';
    },
    decode_invalid_numbers: choice('decodeInvalid', 1),
    decode_null: choice('decodeNull', 1),
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
  most: number,
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

/** The first argument. */
function option(
  args: readonly GuestValue[],
  before: InvalidNumbers,
  options: readonly InvalidNumbers[],
): InvalidNumbers {
  const [value] = args;
  if (args.length === 0) throw typeError(args, 1, 'string');
  if (value === undefined) return before;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return options[optionArgument(args, 1, options)] ?? before;
}
