/**
 * Turns a pattern's units into instructions of the machine. The shape is that of unit-writer.ts, one step simpler: a failure
 * goes back to the last choice that was made, and takes what was captured since with it.
 */
import type { GuestValue } from '../../engine.ts';
import { ALL_BYTES, type ByteSet } from './byte-set.ts';
import {
  andEntries,
  choicePoint,
  type Follow,
  firstOf,
  followsOf,
  notEntries,
  restsOf,
} from './choice-points.ts';
import { ENDLESS, type Facts, TRUE_FACTS } from './facts.ts';
import type { Instructions } from './instructions.ts';
import * as Operation from './operations.ts';
import type { Plan, Unit } from './plan.ts';
import type { CaptureTree, PredicateTree, RepeatTree, Tree } from './tree.ts';

/** Repetitions beyond are beyond the longest subject, too. */
const MOST_TURNS = 2 ** 30;

interface Spot {
  readonly follow: Follow;
  readonly pending: number;
  readonly optional: boolean;
  readonly tail: boolean;
}

export function assemble(plan: Plan): Instructions {
  return new Assembler(plan).assemble();
}

class Assembler {
  readonly #plan: Plan;
  readonly #code: number[] = [];
  readonly #sets: ByteSet[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  #unit: Unit;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#unit = plan.units[0] as Unit; // every plan has one
  }

  assemble(): Instructions {
    const units: number[] = [];
    // Units that are asked for are added to the list.
    for (const unit of this.#plan.units) {
      const { tree, tail, rule, index } = unit;
      this.#unit = unit;
      units.push(this.#code.length);
      const follow = rule || index === 0 ? ALL_BYTES : undefined;
      this.#content(tree, { follow, pending: 0, optional: false, tail });
      this.#emit(index === 0 ? Operation.end : Operation.leave);
    }
    return {
      code: Int32Array.from(this.#code),
      units,
      tables: this.#sets.map((set) => set.table()),
      texts: this.#texts,
    };
  }

  #emit(operation: number, ...operands: number[]): number {
    return this.#code.push(operation, ...operands) - 1;
  }

  /** Emits an instruction that ends in a target; gives where that is to be put. */
  #jump(operation: number, ...operands: number[]): number {
    return this.#emit(operation, ...operands, 0);
  }

  #land(...jumps: readonly number[]): void {
    for (const jump of jumps) this.#code[jump] = this.#code.length;
  }

  #set(set: ByteSet): number {
    const known = this.#numbers.get(set.key);
    if (known !== undefined) return known;
    const number = this.#sets.push(set) - 1;
    this.#numbers.set(set.key, number);
    return number;
  }

  #facts(tree: Tree): Facts {
    return this.#plan.factsOf(tree, this.#unit.grammar);
  }

  #part(tree: Tree, spot: Spot): void {
    const { grammar } = this.#unit;
    if (!this.#plan.isSeparate(tree, grammar)) this.#content(tree, spot);
    else {
      const { index } = this.#plan.unit(tree, grammar, spot.tail, false);
      if (spot.tail) this.#emit(Operation.tail, index);
      else this.#emit(Operation.call, index, tree.recursive ? spot.pending : 0);
    }
  }

  #content(tree: Tree, spot: Spot): void {
    switch (tree.kind) {
      case 'true':
        break;
      case 'false':
        this.#emit(Operation.fail);
        break;
      case 'set':
        this.#single(tree.set);
        break;
      case 'text':
        this.#emit(Operation.text, this.#texts.push(tree.text) - 1);
        break;
      case 'sequence':
        this.#sequence(this.#plan.members(tree, this.#unit.grammar), spot);
        break;
      case 'choice':
        this.#choice(this.#plan.members(tree, this.#unit.grammar), spot);
        break;
      case 'repeat':
        this.#repeat(tree, spot);
        break;
      case 'not':
      case 'and':
      case 'behind':
        this.#predicate(tree, spot);
        break;
      case 'capture':
        this.#capture(tree, spot);
        break;
      case 'runtime':
        this.#emit(Operation.open, this.#plan.runtimeNumber(tree));
        this.#part(tree.body, { ...spot, follow: ALL_BYTES, optional: false, tail: false });
        this.#emit(Operation.runtime);
        break;
      case 'call':
        this.#callRule(tree.name, spot);
        break;
      case 'grammar': {
        const [first] = tree.grammar.rules;
        if (first === undefined) break;
        const { index } = this.#plan.ruleUnit(tree.grammar, first);
        this.#emit(Operation.call, index, 1 + spot.pending);
        break;
      }
      default:
        tree satisfies never;
    }
  }

  #single(set: ByteSet): void {
    if (set.isFull()) this.#emit(Operation.any, 1);
    else this.#emit(Operation.set, this.#set(set));
  }

  #sequence(items: readonly Tree[], spot: Spot): void {
    const follows = followsOf(
      items.map((item) => this.#facts(item)),
      spot.follow,
    );
    items.forEach((item, i) => {
      const last = i === items.length - 1;
      this.#part(item, {
        ...spot,
        follow: follows[i],
        optional: spot.optional && last,
        tail: spot.tail && last,
      });
    });
  }

  #choice(alternatives: readonly Tree[], spot: Spot): void {
    const facts = alternatives.map((tree) => this.#facts(tree));
    const rests = restsOf(facts);
    const ends: number[] = [];
    alternatives.forEach((tree, i) => {
      const rest = rests[i + 1];
      if (rest === undefined) {
        this.#part(tree, spot);
        return;
      }
      const own = facts[i] as Facts; // as many as alternatives
      const point = choicePoint(own, rest, spot.follow, spot.optional && rest === TRUE_FACTS);
      const test = this.#test(own);
      if (point.direct) {
        this.#part(tree, { ...spot, optional: false });
        ends.push(this.#jump(Operation.jump));
        this.#land(...test);
        return;
      }
      const choice = this.#jump(Operation.choice);
      this.#part(tree, {
        follow: ALL_BYTES,
        pending: spot.pending + point.entries,
        optional: rest === TRUE_FACTS,
        tail: false,
      });
      ends.push(this.#jump(Operation.commit));
      this.#land(choice, ...test);
    });
    this.#land(...ends);
  }

  /** A test of the first byte, if that can tell that the pattern fails. */
  #test(facts: Facts): number[] {
    return facts.untestable === 0 ? [this.#jump(Operation.test, this.#set(firstOf(facts)))] : [];
  }

  #repeat({ body, least, most }: RepeatTree, spot: Spot): void {
    const endless = most === ENDLESS;
    if (body.kind === 'set') {
      if (least > 0) {
        if (body.set.isFull()) this.#emit(Operation.any, Math.min(least, MOST_TURNS));
        else this.#turns(least, () => this.#single(body.set));
      }
      const rest = most - least;
      if (rest > 0)
        this.#emit(Operation.span, this.#set(body.set), endless ? -1 : Math.min(rest, MOST_TURNS));
      return;
    }
    const facts = this.#facts(body);
    const point = choicePoint(facts, TRUE_FACTS, spot.follow, spot.optional);
    const inner: Spot = {
      follow: ALL_BYTES,
      pending: spot.pending + point.entries,
      optional: false,
      tail: false,
    };
    if (least > 0) this.#turns(least, () => this.#part(body, inner));
    if (!endless) {
      if (most > least) this.#optionalTurns(body, most - least, point.direct, inner);
      return;
    }
    if (point.direct) {
      const begin = this.#code.length;
      const test = this.#test(facts);
      this.#part(body, inner);
      this.#emit(Operation.jump, begin);
      this.#land(...test);
      return;
    }
    const test = this.#test(facts);
    const choice = this.#jump(Operation.choice);
    const begin = this.#code.length;
    this.#part(body, inner);
    this.#emit(Operation.renew, begin);
    this.#land(choice, ...test);
  }

  #turns(turns: number, write: () => void): void {
    if (turns > 1) this.#emit(Operation.count, Math.min(turns, MOST_TURNS));
    const begin = this.#code.length;
    write();
    if (turns > 1) this.#emit(Operation.loop, begin);
  }

  /** As many turns as succeed, up to `most`. */
  #optionalTurns(body: Tree, most: number, direct: boolean, spot: Spot): void {
    this.#emit(Operation.count, Math.min(most, MOST_TURNS));
    const begin = this.#code.length;
    const leave = this.#test(this.#facts(body));
    if (!direct) leave.push(this.#jump(Operation.choice));
    this.#part(body, spot);
    if (!direct) this.#land(this.#jump(Operation.commit));
    this.#emit(Operation.loop, begin);
    const end = this.#jump(Operation.jump);
    this.#land(...leave);
    this.#emit(Operation.drop);
    this.#land(end);
  }

  #predicate(tree: PredicateTree, spot: Spot): void {
    const { body } = tree;
    const facts = this.#facts(body);
    const inner: Spot = { ...spot, follow: ALL_BYTES, optional: false, tail: false };
    if (tree.kind === 'behind') {
      if (facts.length > 0) this.#emit(Operation.behind, facts.length);
      this.#part(body, inner);
    } else if (tree.kind === 'and') {
      const choice = this.#jump(Operation.choice);
      this.#part(body, { ...inner, pending: spot.pending + andEntries(facts) });
      this.#emit(Operation.rewind);
      const end = this.#jump(Operation.jump);
      this.#land(choice);
      this.#emit(Operation.fail);
      this.#land(end);
    } else {
      const test = this.#test(facts);
      if (facts.headOnly) this.#emit(Operation.fail);
      else {
        const choice = this.#jump(Operation.choice);
        this.#part(body, { ...inner, pending: spot.pending + notEntries(facts) });
        this.#emit(Operation.failTwice);
        this.#land(choice);
      }
      this.#land(...test);
    }
  }

  #capture(tree: CaptureTree, spot: Spot): void {
    const { number, body } = this.#plan.captureOf(tree, this.#unit.grammar);
    const { captures, length } = this.#facts(body);
    const inner: Spot = { ...spot, optional: false, tail: false };
    const whole = !captures && length >= 0;
    if (!whole) this.#emit(Operation.open, number);
    this.#part(body, inner);
    if (whole) this.#emit(Operation.record, number, length);
    else this.#emit(Operation.close);
  }

  #callRule(name: GuestValue, spot: Spot): void {
    const { grammar } = this.#unit;
    if (grammar === undefined) throw new Error('a call outside of a grammar');
    const { index } = this.#plan.ruleUnit(grammar, grammar.ruleOf(name));
    if (spot.tail) this.#emit(Operation.tail, index);
    else this.#emit(Operation.call, index, 1 + spot.pending);
  }
}
