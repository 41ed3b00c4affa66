/**
 * The `sax` module (0.5.0): series as words of few letters (symbolic aggregate approximation), and how far apart words are.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestTable,
  type GuestValue,
  type HostFunction,
} from '../../engine.ts';
import {
  checkArgument,
  guestTypeName,
  integerArgument,
  numberOf,
  stringArgument,
  typeError,
} from '../../host-api/guest-arguments.ts';
import type { ModuleFactory, ModuleParts, NativeModule, ObjectMemory } from '../native-module.ts';
import { LARGEST_CARDINALITY, SMALLEST_CARDINALITY } from './bands.ts';
import {
  MOST_FRAMES,
  MOST_VALUES,
  NAME,
  restoreSax,
  WINDOW_TYPE,
  WindowObject,
  WordObject,
} from './objects.ts';
import { leastDistance, parseWord, type SaxWord, wordOf, wordsEqual, wordText } from './word.ts';

/** Values or symbols that are looked at for the price of one instruction. */
const VALUES_PER_INSTRUCTION = 4;

export const createModule: ModuleFactory = (parts): NativeModule => {
  const { memory } = parts;
  const methods: Readonly<Record<string, HostFunction>> = {
    add: (args) => {
      checkArgument(args.length === 2, 0, 'incorrect number of args');
      const { window } = windowArgument(args);
      const [, given] = args;
      const value = numberOf(given);
      if (value !== undefined) {
        window.add(value);
        return [];
      }
      if (!isTable(given)) throw new GuestArgumentError(2, 'number or array-like table expected');
      const values = readNumbers(given, given.length(), memory);
      for (const each of values.subarray(Math.max(0, values.length - window.length))) {
        window.add(each);
      }
      return [];
    },
    get_word: (args) => {
      checkArgument(args.length === 1, 0, 'incorrect number of args');
      const word = wordFor(windowArgument(args), memory);
      return new WordObject(word, memory, methods);
    },
    clear: (args) => {
      checkArgument(args.length === 1, 0, 'incorrect number of arguments');
      const { window } = windowArgument(args);
      memory.charge(window.length / VALUES_PER_INSTRUCTION);
      window.clear();
      return [];
    },
    __tostring: (args) => {
      checkArgument(args.length === 1, 0, 'incorrect number of args');
      return wordText(wordArgument(args, 1, memory));
    },
    __eq: (args) => {
      checkArgument(args.length === 2, 0, 'incorrect number of args');
      return wordsEqual(wordArgument(args, 1, memory), wordArgument(args, 2, memory));
    },
  };

  const newWindow: HostFunction = (args) => {
    checkArgument(args.length === 3, 0, 'incorrect number of args');
    const values = integerArgument(args, 1);
    const frames = integerArgument(args, 2);
    const cardinality = integerArgument(args, 3);
    checkShape(values, frames, cardinality, 1);
    return new WindowObject(values, frames, cardinality, memory, methods);
  };

  const newWord: HostFunction = (args) => {
    checkArgument(args.length === 2 || args.length === 3, 0, 'incorrect number of arguments');
    const word = args.length === 2 ? wordFromText(args, memory) : wordFromArray(args, memory);
    return new WordObject(word, memory, methods);
  };

  const mindist: HostFunction = (args) => {
    checkArgument(args.length === 2, 0, 'incorrect number of args');
    return leastDistance(wordArgument(args, 1, memory), wordArgument(args, 2, memory));
  };

  return {
    name: NAME,
    open: () => ({
      name: NAME,
      functions: {
        mindist,
        version: () => '0.5.0',
        window: classTable(parts, newWindow),
        word: classTable(parts, newWord),
      },
    }),
    restore: (data, existing) => restoreSax(data, existing, memory, methods),
  };
};

function classTable(parts: ModuleParts, construct: HostFunction): GuestTable {
  const table = parts.createTable();
  table.set('new', parts.createFunction('new', construct));
  return table;
}

function isTable(value: GuestValue): value is GuestTable {
  return typeof value === 'object' && value.kind === 'table';
}

function checkShape(values: number, frames: number, cardinality: number, argument: number): void {
  checkArgument(values > 1 && values <= MOST_VALUES, argument, 'n is out of range');
  checkArgument(frames > 1 && frames <= MOST_FRAMES, argument, 'w is out of range');
  checkArgument(values % frames === 0, argument, 'n must be evenly divisible by w');
  checkArgument(isCardinality(cardinality), argument, 'cardinality is out of range');
}

function isCardinality(value: number): boolean {
  return value >= SMALLEST_CARDINALITY && value <= LARGEST_CARDINALITY;
}

function wordFromText(args: readonly GuestValue[], memory: ObjectMemory): SaxWord {
  const text = stringArgument(args, 1);
  checkArgument(text.length > 1, 1, 'length of SAX string should be > 1');
  const cardinality = integerArgument(args, 2);
  memory.charge(text.length / VALUES_PER_INSTRUCTION);
  if (!memory.reserve(text.length)) throw new GuestError('not enough memory');
  const nul = text.indexOf('\0');
  const letters = nul < 0 ? text : text.slice(0, nul);
  const word = isCardinality(cardinality) ? parseWord(letters, cardinality) : undefined;
  if (word === undefined) {
    throw new GuestArgumentError(
      1,
      'illegal symbols for given cardinality or bad cardinality itself',
    );
  }
  return word;
}

function wordFromArray(args: readonly GuestValue[], memory: ObjectMemory): SaxWord {
  const frames = integerArgument(args, 2);
  const cardinality = integerArgument(args, 3);
  const [table] = args;
  if (!isTable(table)) throw new GuestArgumentError(1, 'array-like table expected');
  const values = table.length();
  checkShape(values, frames, cardinality, 2);
  return wordOf(readNumbers(table, values, memory), frames, cardinality);
}

/** The list's numbers; texts of numbers count. */
function readNumbers(table: GuestTable, length: number, memory: ObjectMemory): Float64Array {
  memory.charge(length);
  if (!memory.reserve(length * 8)) throw new GuestError('not enough memory');
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = numberOf(table.get(i + 1));
    if (value === undefined) throw new GuestArgumentError(1, 'expected array of numbers as input');
    values[i] = value;
  }
  return values;
}

function windowArgument(args: readonly GuestValue[]): WindowObject {
  const [window] = args;
  if (!(window instanceof WindowObject)) throw typeError(args, 1, WINDOW_TYPE);
  return window;
}

function wordFor(window: WindowObject, memory: ObjectMemory): SaxWord {
  if (!window.window.isKnown) memory.charge(window.window.length / VALUES_PER_INSTRUCTION);
  return window.word;
}

/** The word of a window or word. */
function wordArgument(
  args: readonly GuestValue[],
  argument: number,
  memory: ObjectMemory,
): SaxWord {
  const value = args[argument - 1];
  if (value instanceof WindowObject) return wordFor(value, memory);
  if (!(value instanceof WordObject)) {
    const got = argument > args.length ? 'no value' : guestTypeName(value);
    throw new GuestArgumentError(argument, `sax.window or sax.word expected, got ${got}`);
  }
  memory.charge(value.word.symbols.length / VALUES_PER_INSTRUCTION);
  return value.word;
}
