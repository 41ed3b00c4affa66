/**
 * What is known of a pattern before it is matched. All of it errs on one side: `nullable` may be true of what always
 * advances, `sure` false of what never fails, a first set too large.
 *
 * The bytes that a match can begin with depend on those that can follow it: they are `first ∪ (through ∩ follow)`.
 */
import type { GuestValue } from '../../engine.ts';
import { ALL_BYTES, type ByteSet, NO_BYTES, singleByte } from './byte-set.ts';
import type { Tree } from './tree.ts';

/** The bound of a repetition that has none. */
export const ENDLESS = Number.POSITIVE_INFINITY;

/** Reasons why a byte outside of the first set does not mean that the pattern fails. */
export const EMPTY = 1;
export const MATCH_TIME = 2;

export interface Facts {
  /** Can match without advancing. */
  readonly nullable: boolean;
  /** Cannot fail. */
  readonly sure: boolean;
  /** Can fail at its first byte only. */
  readonly headOnly: boolean;
  readonly captures: boolean;
  /** Bytes that a match takes, -1 when that varies. */
  readonly length: number;
  /** 0 when a byte outside of the first set, or the subject's end, makes it fail; else EMPTY, MATCH_TIME or both. */
  readonly untestable: number;
  readonly first: ByteSet;
  readonly through: ByteSet;
}

const NOTHING: Facts = {
  nullable: false,
  sure: false,
  headOnly: false,
  captures: false,
  length: -1,
  untestable: 0,
  first: NO_BYTES,
  through: NO_BYTES,
};

/** A rule about which nothing is known yet: the least of all facts, which grow as the grammar is looked through. */
export const UNKNOWN_RULE: Facts = NOTHING;

/** A rule of a grammar that is still to come. */
export const OPEN_CALL: Facts = { ...NOTHING, first: ALL_BYTES };

export const TRUE_FACTS: Facts = {
  ...NOTHING,
  nullable: true,
  sure: true,
  length: 0,
  untestable: EMPTY,
  through: ALL_BYTES,
};

export const FALSE_FACTS: Facts = { ...NOTHING, headOnly: true, length: 0 };

export function setFacts(set: ByteSet): Facts {
  return { ...NOTHING, headOnly: true, length: 1, first: set };
}

export function textFacts(text: string): Facts {
  return { ...NOTHING, length: text.length, first: singleByte(text.charCodeAt(0)) };
}

export function repeatFacts(body: Facts, least: number, most: number): Facts {
  if (least === 0) {
    const endless = most === ENDLESS;
    return {
      nullable: true,
      sure: true,
      headOnly: false,
      captures: body.captures,
      length: !endless && body.length === 0 ? 0 : -1,
      untestable: endless ? EMPTY : body.untestable | EMPTY,
      first: body.first,
      through: ALL_BYTES,
    };
  }
  return {
    ...body,
    headOnly: body.headOnly && least === 1 && most === ENDLESS,
    length: most === least && body.length >= 0 ? body.length * least : -1,
    first: body.first.union(body.through),
    through: body.nullable ? body.through : NO_BYTES,
  };
}

export function sequenceFacts(a: Facts, b: Facts): Facts {
  const { nullable } = a;
  return {
    nullable: nullable && b.nullable,
    sure: a.sure && b.sure,
    headOnly: a.headOnly && b.sure,
    captures: a.captures || b.captures,
    length: a.length < 0 || b.length < 0 ? -1 : a.length + b.length,
    untestable:
      !nullable || a.untestable === 0
        ? a.untestable
        : ((a.untestable | b.untestable) & MATCH_TIME) !== 0
          ? MATCH_TIME
          : b.untestable,
    first: nullable ? a.first.union(a.through.intersection(b.first)) : a.first.union(a.through),
    through: nullable ? a.through.intersection(b.through) : NO_BYTES,
  };
}

export function choiceFacts(a: Facts, b: Facts): Facts {
  return {
    nullable: a.nullable || b.nullable,
    sure: a.sure || b.sure,
    headOnly: a.headOnly && b.headOnly,
    captures: a.captures || b.captures,
    length: a.length === b.length ? a.length : -1,
    untestable: a.untestable | b.untestable,
    first: a.first.union(b.first),
    through: a.through.union(b.through),
  };
}

/** `set` is the body's when that is a set of bytes. */
export function notFacts(body: Facts, set: ByteSet | undefined): Facts {
  return {
    ...TRUE_FACTS,
    sure: false,
    captures: body.captures,
    untestable: set === undefined ? body.untestable | EMPTY : EMPTY,
    first: set === undefined ? NO_BYTES : set.complement(),
    through: set === undefined ? ALL_BYTES : NO_BYTES,
  };
}

export function andFacts(body: Facts): Facts {
  return {
    ...body,
    nullable: true,
    length: 0,
    first: NO_BYTES,
    through: body.first.union(body.through),
  };
}

export function behindFacts(body: Facts): Facts {
  return { ...TRUE_FACTS, sure: false, untestable: body.untestable | EMPTY };
}

export function captureFacts(body: Facts): Facts {
  return body.captures ? body : { ...body, captures: true };
}

/** The function may do whatever it wants. */
export function runtimeFacts(body: Facts): Facts {
  return {
    nullable: body.nullable,
    sure: false,
    headOnly: false,
    captures: true,
    length: -1,
    untestable: body.untestable === 0 ? 0 : MATCH_TIME,
    first: body.first.union(body.through),
    through: NO_BYTES,
  };
}

/** The facts of a tree out of those of its parts. `of` is asked for parts, `ofCall` for the rule behind a name. */
export function factsOf(
  tree: Tree,
  of: (part: Tree) => Facts,
  ofCall: (name: GuestValue) => Facts,
): Facts {
  switch (tree.kind) {
    case 'repeat':
      return repeatFacts(of(tree.body), tree.least, tree.most);
    case 'sequence':
      return sequenceFacts(of(tree.first), of(tree.second));
    case 'choice':
      return choiceFacts(of(tree.first), of(tree.second));
    case 'not':
      return notFacts(of(tree.body), tree.body.kind === 'set' ? tree.body.set : undefined);
    case 'and':
      return andFacts(of(tree.body));
    case 'behind':
      return behindFacts(of(tree.body));
    case 'capture':
      return captureFacts(of(tree.body));
    case 'runtime':
      return runtimeFacts(of(tree.body));
    case 'call':
      return ofCall(tree.name);
    default:
      return tree.facts;
  }
}

export function sameFacts(a: Facts, b: Facts): boolean {
  return (
    a.nullable === b.nullable &&
    a.sure === b.sure &&
    a.headOnly === b.headOnly &&
    a.captures === b.captures &&
    a.length === b.length &&
    a.untestable === b.untestable &&
    a.first.equals(b.first) &&
    a.through.equals(b.through)
  );
}
