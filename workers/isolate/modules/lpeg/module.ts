/**
 * The `lpeg` module: LPeg 1.0.2, patterns as values. Patterns are compiled to JavaScript; a match pays for its steps, its
 * stack is bounded by setmaxstack and its captures by the sandbox's memory.
 */

import {
  GuestError,
  type GuestTable,
  type GuestValue,
  type HostFunction,
  type Library,
} from '../../engine.ts';
import {
  checkArgument,
  guestTypeName,
  integerArgument,
  optionalInteger,
  stringArgument,
  typeError,
} from '../../host-api/guest-arguments.ts';
import { isInClass } from '../../lua-text/character-classes.ts';
import type { ModuleFactory, ModuleParts, NativeModule } from '../native-module.ts';
import { ByteSet } from './byte-set.ts';
import * as CaptureKind from './capture-kind.ts';
import { ENDLESS } from './facts.ts';
import { integer, NO_VALUES, Pattern, PatternMaker, type ValueCount } from './pattern.ts';
import type { Generation } from './program.ts';
import { Recorder } from './recorder.ts';
import * as tree from './tree.ts';

const NAME = 'lpeg';
const VERSION = '1.0.2';
/** Most bytes that a look-behind goes back. */
const BEHIND_LIMIT = 255;
/** Largest number of an argument or of a value that is selected: upstream's SHRT_MAX. */
const NUMBER_LIMIT = 32_767;
/** Largest argument of setmaxstack: upstream's INT_MAX / 100. */
const STACK_LIMIT = 21_474_836;
/** Arguments of match before those for argument captures. */
const FIXED_ARGUMENTS = 3;

/** The classes of locale and their letters in Lua's patterns. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'w',
  alpha: 'a',
  cntrl: 'c',
  digit: 'd',
  lower: 'l',
  punct: 'p',
  space: 's',
  upper: 'u',
  xdigit: 'x',
};

/** How code is generated where that is allowed: not for a pattern that is matched a few times. */
export const GENERATION: Generation = {
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is written here, nothing of a guest's is in it
  generate: (parameters, body) => new Function(...parameters, body),
  matches: 4,
};

export const createModule: ModuleFactory = (parts) => createLpeg(parts, GENERATION);

export function createLpeg(parts: ModuleParts, generation: Generation): NativeModule {
  const recorder = new Recorder(parts, generation);
  const maker = new PatternMaker(recorder);
  const functions = { ...constructors(maker), ...captures(maker), ...rest(maker) };
  Object.assign(maker.methods, functions, operators(maker));
  const library: Library = { name: NAME, functions };
  return { name: NAME, open: () => library };
}

function constructors(maker: PatternMaker): Record<string, HostFunction> {
  return {
    P: (args) => {
      checkArgument(args.length > 0, 1, 'value expected');
      return maker.argument(args, 1);
    },
    S: (args) => maker.make(tree.set(ByteSet.ofText(stringArgument(args, 1)))),
    R: (args) => {
      const ranges = args.map((_, i): readonly [number, number] => {
        const range = stringArgument(args, i + 1);
        checkArgument(range.length === 2, i + 1, 'range must have two characters');
        return [range.charCodeAt(0), range.charCodeAt(1)];
      });
      return maker.make(tree.set(ByteSet.ofRanges(...ranges)));
    },
    V: (args) => {
      const [name] = args;
      checkArgument(name !== undefined, 1, 'non-nil value expected');
      return maker.make(tree.call(name), NO_VALUES.with(name));
    },
    B: (args) => {
      const { tree: body, values } = maker.argument(args, 1);
      const { length, captures: has } = body.facts;
      checkArgument(length >= 0, 1, 'pattern may not have fixed length');
      checkArgument(!has, 1, 'pattern have captures');
      checkArgument(length <= BEHIND_LIMIT, 1, 'pattern too long to look behind');
      return maker.make(tree.behind(body), values);
    },
  };
}

function captures(maker: PatternMaker): Record<string, HostFunction> {
  const capture = (
    args: readonly GuestValue[],
    kind: number,
    value?: GuestValue,
    values?: ValueCount,
  ): Pattern => {
    const body = maker.argument(args, 1);
    return maker.make(tree.capture(kind, value, body.tree), values ?? body.values.with(value));
  };
  return {
    C: (args) => capture(args, CaptureKind.simple),
    Ct: (args) => capture(args, CaptureKind.table),
    Cs: (args) => capture(args, CaptureKind.substitution),
    Cg: (args) => capture(args, CaptureKind.group, args[1]),
    Cf: (args) => {
      checkFunction(args, 2);
      return capture(args, CaptureKind.fold, args[1]);
    },
    Cmt: (args) => {
      checkFunction(args, 2);
      const body = maker.argument(args, 1);
      return maker.make(tree.runtime(args[1], body.tree), body.values.with(args[1]));
    },
    Cp: () => maker.make(tree.capture(CaptureKind.position, undefined)),
    Cc: (args) => {
      let values = NO_VALUES;
      const constants = args.map((value) => {
        values = values.with(value);
        return tree.capture(CaptureKind.constant, value);
      });
      const [first] = constants;
      if (first === undefined) return maker.make(tree.TRUE);
      if (constants.length === 1) return maker.make(first, values);
      const all = constants.reduceRight((last, constant) => tree.sequence(constant, last));
      return maker.make(tree.capture(CaptureKind.group, undefined, all), values);
    },
    Carg: (args) => {
      const number = integerArgument(args, 1);
      checkArgument(number > 0 && number <= NUMBER_LIMIT, 1, 'invalid argument index');
      return maker.make(tree.capture(CaptureKind.argument, number));
    },
    Cb: (args) => {
      checkArgument(args.length > 0, 1, 'value expected');
      return maker.make(tree.capture(CaptureKind.reference, args[0]), NO_VALUES.with(args[0]));
    },
  };
}

function checkFunction(args: readonly GuestValue[], argument: number): void {
  if (guestTypeName(args[argument - 1]) !== 'function') throw typeError(args, argument, 'function');
}

function operators(maker: PatternMaker): Record<string, HostFunction> {
  return {
    __mul: (args) => {
      const a = maker.argument(args, 1);
      const b = maker.argument(args, 2);
      if (a.tree.kind === 'false' || b.tree.kind === 'true') return a;
      if (a.tree.kind === 'true') return b;
      return maker.make(tree.sequence(a.tree, b.tree), a.values.and(b.values));
    },
    __add: (args) => {
      const a = maker.argument(args, 1);
      const b = maker.argument(args, 2);
      if (a.tree.kind === 'set' && b.tree.kind === 'set') {
        return maker.make(tree.set(a.tree.set.union(b.tree.set)));
      }
      if (a.tree.facts.sure || b.tree.kind === 'false') return a;
      if (a.tree.kind === 'false') return b;
      return maker.make(tree.choice(a.tree, b.tree), a.values.and(b.values));
    },
    __sub: (args) => {
      const a = maker.argument(args, 1);
      const b = maker.argument(args, 2);
      if (a.tree.kind === 'set' && b.tree.kind === 'set') {
        return maker.make(tree.set(a.tree.set.minus(b.tree.set)));
      }
      return maker.make(tree.sequence(tree.not(b.tree), a.tree), a.values.and(b.values));
    },
    __pow: (args) => {
      const times = integer(integerArgument(args, 2));
      const { tree: body, values } = maker.argument(args, 1);
      if (times < 0) return maker.make(tree.repeat(body, 0, -times), values);
      if (body.facts.nullable) throw new GuestError('loop body may accept empty string');
      return maker.make(tree.repeat(body, times, ENDLESS), values);
    },
    __unm: (args) => {
      const { tree: body, values } = maker.argument(args, 1);
      return maker.make(tree.not(body), values);
    },
    __len: (args) => {
      const { tree: body, values } = maker.argument(args, 1);
      return maker.make(tree.and(body), values);
    },
    __div: (args) => divide(maker, args),
  };
}

function divide(maker: PatternMaker, args: readonly GuestValue[]): Pattern {
  const [, by] = args;
  const type = guestTypeName(by);
  const kind =
    type === 'function'
      ? CaptureKind.call
      : type === 'table'
        ? CaptureKind.query
        : type === 'string'
          ? CaptureKind.text
          : type === 'number'
            ? CaptureKind.select
            : undefined;
  checkArgument(kind !== undefined, 2, 'invalid replacement value');
  const { tree: body, values } = maker.argument(args, 1);
  if (kind !== CaptureKind.select || typeof by !== 'number') {
    return maker.make(tree.capture(kind ?? CaptureKind.call, by, body), values.with(by));
  }
  const number = integer(by);
  checkArgument(number >= 0 && number <= NUMBER_LIMIT, 1, 'invalid number');
  return maker.make(tree.capture(kind, number, body), values);
}

function rest(maker: PatternMaker): Record<string, HostFunction> {
  const { recorder } = maker;
  const debugOnly: HostFunction = (args) => {
    maker.argument(args, 1);
    throw new GuestError('function only implemented in debug mode');
  };
  return {
    match: (args) => {
      const program = maker.argument(args, 1).program();
      const subject = stringArgument(args, 2);
      const { length } = subject;
      const init = args.length < 3 ? 1 : optionalInteger(args, 3, 1);
      const at = init > 0 ? Math.min(init - 1, length) : Math.max(length + init, 0);
      const extras = args.length > FIXED_ARGUMENTS ? args.slice(FIXED_ARGUMENTS) : NO_EXTRAS;
      return recorder.match(program, subject, at, extras);
    },
    type: ([value]) => (value instanceof Pattern ? 'pattern' : undefined),
    version: () => VERSION,
    setmaxstack: (args) => {
      const limit = integerArgument(args, 1);
      checkArgument(limit > 0 && limit <= STACK_LIMIT, 1, 'out of range');
      recorder.stackLimit = limit;
      return [];
    },
    locale: (args) => {
      const [given] = args;
      if (given !== undefined && guestTypeName(given) !== 'table') {
        throw typeError(args, 1, 'table');
      }
      const table =
        typeof given === 'object' && given.kind === 'table' ? given : recorder.parts.createTable();
      fillLocale(maker, table);
      return table;
    },
    ptree: debugOnly,
    pcode: (args) => {
      if (!(args[0] instanceof Pattern)) throw typeError(args, 1, 'lpeg-pattern');
      return debugOnly(args);
    },
  };
}

const NO_EXTRAS: readonly GuestValue[] = [];

function fillLocale(maker: PatternMaker, table: GuestTable): void {
  const classes = new Map<string, ByteSet>();
  for (const [name, letter] of Object.entries(CLASSES)) {
    const code = letter.charCodeAt(0);
    let bytes = '';
    for (let byte = 0; byte < 256; byte++) {
      if (isInClass(byte, code)) bytes += String.fromCharCode(byte);
    }
    classes.set(name, ByteSet.ofText(bytes));
  }
  const graph = ByteSet.ofRanges([33, 126]);
  classes.set('graph', graph);
  classes.set('print', graph.union(ByteSet.ofText(' ')));
  for (const [name, bytes] of classes) table.set(name, maker.make(tree.set(bytes)));
}
