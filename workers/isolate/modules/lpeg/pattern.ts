/**
 * A pattern as guests have it: a tree, made ready for matching at its first use. Patterns never change; an operation that has
 * nothing to do gives its operand itself.
 */
import { GuestError, type GuestValue, type HostFunction, type HostObject } from '../../engine.ts';
import {
  checkArgument,
  guestTypeName,
  numberOf,
  typeError,
} from '../../host-api/guest-arguments.ts';
import { Grammar, RULE_LIMIT, Rule, shown } from './grammar.ts';
import { Program } from './program.ts';
import type { Recorder } from './recorder.ts';
import * as tree from './tree.ts';

export const PATTERN = 'lpeg-pattern';
/** Values of the guest's in one pattern: upstream's USHRT_MAX. */
const MOST_VALUES = 65_535;
/** What making a pattern costs, in instructions. */
const PATTERN_CHARGE = 20;
/** What each look at a part of a grammar costs. */
const GRAMMAR_CHARGE = 10;

/**
 * How many values of the guest's a pattern has. Patterns that have the same ones share the object, as upstream shares its
 * tables of values: they are counted once where two such patterns are joined.
 */
export class ValueCount {
  readonly count: number;

  constructor(count: number) {
    if (count > MOST_VALUES) throw new GuestError('too many Lua values in pattern');
    this.count = count;
  }

  with(value: GuestValue): ValueCount {
    return new ValueCount(this.count + (value === undefined ? 0 : 1));
  }

  and(other: ValueCount): ValueCount {
    if (other === this || other.count === 0) return this;
    return this.count === 0 ? other : new ValueCount(this.count + other.count);
  }
}

export const NO_VALUES: ValueCount = new ValueCount(0);

export class Pattern implements HostObject {
  readonly kind = 'object';
  readonly type = PATTERN;
  readonly externalBytes = 0;
  /** They are the functions of the module, which take whatever can be a pattern. */
  readonly checksSelf = true;
  readonly tree: tree.Tree;
  readonly values: ValueCount;
  readonly #maker: PatternMaker;
  #program: Program | undefined = undefined;

  constructor(maker: PatternMaker, shape: tree.Tree, values: ValueCount) {
    this.#maker = maker;
    this.tree = shape;
    this.values = values;
  }

  get methods(): Readonly<Record<string, HostFunction>> {
    return this.#maker.methods;
  }

  program(): Program {
    this.#program ??= new Program(this.tree, this.#maker.recorder);
    return this.#program;
  }
}

/** Makes patterns out of guests' values. */
export class PatternMaker {
  /** Methods and operators of all patterns. */
  readonly methods: Record<string, HostFunction> = {};
  readonly recorder: Recorder;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  make(shape: tree.Tree, values: ValueCount = NO_VALUES): Pattern {
    this.recorder.parts.memory.charge(PATTERN_CHARGE);
    return new Pattern(this, shape, values);
  }

  /** The pattern that an argument stands for. */
  argument(args: readonly GuestValue[], argument: number): Pattern {
    const value = args[argument - 1];
    switch (typeof value) {
      case 'string':
        this.recorder.parts.memory.charge(value.length >> 3);
        return this.make(tree.text(value));
      case 'number':
        return this.make(tree.count(integer(value)));
      case 'boolean':
        return this.make(value ? tree.TRUE : tree.FALSE);
      case 'object':
        if (value instanceof Pattern) return value;
        if (value.kind === 'table') return this.#grammar(value, argument);
        if (value.kind === 'function') return this.make(tree.runtime(value), NO_VALUES.with(value));
        break;
      default:
    }
    throw typeError(args, argument, PATTERN);
  }

  #grammar(table: Extract<GuestValue, { kind: 'table' }>, argument: number): Pattern {
    let first = table.get(1);
    let name: GuestValue = 1;
    if (typeof first === 'string' || typeof first === 'number') {
      name = first;
      first = table.get(name);
    }
    if (first === undefined) throw new GuestError('grammar has no initial rule');
    if (!(first instanceof Pattern)) {
      throw new GuestError(`initial rule '${shown(name)}' is not a pattern`);
    }
    const rules = [new Rule(name, first.tree)];
    let { count } = first.values;
    for (const [key, value] of table.entries()) {
      if (numberOf(key) === 1 || key === name) continue;
      if (!(value instanceof Pattern))
        throw new GuestError(`rule '${shown(key)}' is not a pattern`);
      rules.push(new Rule(key, value.tree));
      count += value.values.count;
      this.recorder.parts.memory.charge(1);
    }
    checkArgument(rules.length <= RULE_LIMIT, argument, 'grammar has too many rules');
    const grammar = new Grammar(rules, (trees) =>
      this.recorder.parts.memory.charge(trees * GRAMMAR_CHARGE),
    );
    return this.make(tree.grammarTree(grammar), new ValueCount(count));
  }
}

/** A number cut to an integer that a pattern can have; what is none is 0. */
export function integer(value: number): number {
  const most = 2 ** 31 - 1;
  return Number.isFinite(value) ? Math.max(-most, Math.min(most, Math.trunc(value))) : 0;
}

export function isFunction(value: GuestValue): boolean {
  return guestTypeName(value) === 'function';
}
