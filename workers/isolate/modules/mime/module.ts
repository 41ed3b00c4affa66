/**
 * The `mime.core` module: MIME's encodings in parts, as LuaSocket's filters use them. Each function takes what was left of the
 * part before and the next part, nothing at the end, and returns the text and what is left.
 */
import { GuestError, type GuestValue, type HostFunction } from '../../engine.ts';
import { integerArgument, stringArgument } from '../../host-api/guest-arguments.ts';
import type { ModuleFactory, ObjectMemory } from '../native-module.ts';
import { decodeGroups, encodeRest as encodeBase64Rest, encodeGroups, type Part } from './base64.ts';
import { type Carried, normalize, stuffDots, wrap, wrapQuoted } from './lines.ts';
import {
  decode as decodeQuoted,
  encode as encodeQuoted,
  encodeRest as encodeQuotedRest,
} from './quoted-printable.ts';

const BYTES_PER_INSTRUCTION = 8;
/** A quoted byte takes three; a writer grows by doubling. */
const MEMORY_FACTOR = 8;
const SMALL_BYTES = 4096;
const LINE_LENGTH = 76;
const LINE_END = '\r\n';
const NOTHING = [undefined, undefined] as const;

function textOrNothing(args: readonly GuestValue[], argument: number): string | undefined {
  return args[argument - 1] === undefined ? undefined : stringArgument(args, argument);
}

function pay(memory: ObjectMemory, bytes: number): void {
  memory.charge(1 + bytes / BYTES_PER_INSTRUCTION);
  if (bytes > SMALL_BYTES && !memory.reserve(bytes * MEMORY_FACTOR)) {
    throw new GuestError('not enough memory');
  }
}

/** `widest`: bytes that one byte may become, beyond a few. */
type Widest = (args: readonly GuestValue[]) => number;

const NARROW: Widest = () => 1;
/** Every line end becomes it. */
const MARKED: Widest = (args) => Math.max(1, marker(args).length);

/** (left, part) → text, left; without a part `end` makes the rest of what is left. */
function inParts(
  memory: ObjectMemory,
  convert: (text: string, args: readonly GuestValue[]) => Part,
  end: (rest: string) => string,
  widest: Widest = NARROW,
): HostFunction {
  return (args) => {
    const left = textOrNothing(args, 1);
    if (left === undefined) return NOTHING;
    const part = textOrNothing(args, 2);
    pay(memory, (left.length + (part?.length ?? 0)) * widest(args));
    const { rest, text } = convert(left + (part ?? ''), args);
    if (part !== undefined) return [text, rest];
    const last = text + end(rest);
    return [last === '' ? undefined : last, undefined];
  };
}

/** (state, part) → text, state; without a part `end` makes both. */
function withState(
  memory: ObjectMemory,
  convert: (state: number, text: string, args: readonly GuestValue[]) => Carried,
  end: (state: number, args: readonly GuestValue[]) => readonly GuestValue[],
  widest: Widest = NARROW,
): HostFunction {
  return (args) => {
    const state = integerArgument(args, 1);
    const part = textOrNothing(args, 2);
    if (part === undefined) return end(state, args);
    pay(memory, part.length * widest(args));
    return convert(state, part, args);
  };
}

/** Lines of no bytes at all would never end. */
function lineLength(args: readonly GuestValue[]): number {
  return args[2] === undefined ? LINE_LENGTH : Math.max(1, integerArgument(args, 3));
}

function marker(args: readonly GuestValue[]): string {
  return args[2] === undefined ? LINE_END : stringArgument(args, 3);
}

/** The end of a line that is not empty. */
function lineEnd(text: string) {
  return (left: number, args: readonly GuestValue[]): readonly GuestValue[] => {
    const length = lineLength(args);
    return [left < length ? text : undefined, length];
  };
}

export const createModule: ModuleFactory = ({ memory }) => {
  const functions: Record<string, HostFunction> = {
    b64: inParts(memory, encodeGroups, encodeBase64Rest),
    unb64: inParts(memory, decodeGroups, () => ''),
    qp: inParts(memory, (text, args) => encodeQuoted(text, marker(args)), encodeQuotedRest, MARKED),
    unqp: inParts(memory, decodeQuoted, () => ''),
    wrp: withState(
      memory,
      (left, text, args) => wrap(left, text, lineLength(args)),
      lineEnd(LINE_END),
    ),
    qpwrp: withState(
      memory,
      (left, text, args) => wrapQuoted(left, text, lineLength(args)),
      lineEnd('=\r\n'),
    ),
    eol: withState(
      memory,
      (last, text, args) => normalize(last, text, marker(args)),
      () => [undefined, 0],
      MARKED,
    ),
    dot: withState(memory, stuffDots, () => [undefined, 2]),
  };
  return {
    name: 'mime.core',
    open: () => ({
      name: 'mime.core',
      functions: { ...functions, _VERSION: 'MIME 1.0.3' },
      global: false,
    }),
  };
};
