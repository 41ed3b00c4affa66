/**
 * Grammars: rules by name, and what the calls in them mean. A grammar is complete once it is made: every call has a rule,
 * no rule can call itself without advancing, no loop in a rule can go on without advancing.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import { guestTypeName, stringOf } from '../../host-api/guest-arguments.ts';
import { ENDLESS, type Facts, factsOf, sameFacts, UNKNOWN_RULE } from './facts.ts';
import { inOrder, type Tree } from './tree.ts';

/** As upstream's MAXRULES. */
export const RULE_LIMIT = 250;

export class Rule {
  readonly name: GuestValue;
  readonly tree: Tree;
  facts: Facts = UNKNOWN_RULE;
  /** It is the initial rule, or some rule calls it. */
  used = false;

  constructor(name: GuestValue, tree: Tree) {
    this.name = name;
    this.tree = tree;
  }
}

/** What makes two values of a guest the same value. */
export function sameness(value: GuestValue): unknown {
  return typeof value === 'object' && value.kind !== 'object' ? value.identity : value;
}

/** A value as error messages show it. */
export function shown(value: GuestValue): string {
  return stringOf(value) ?? `(a ${guestTypeName(value)})`;
}

export class Grammar {
  /** The initial rule is the first. */
  readonly rules: readonly Rule[];
  readonly #byName = new Map<unknown, Rule>();
  /** Facts of the rules' open trees. */
  readonly #facts = new Map<Tree, Facts>();
  /** The rules that each rule can call before it advances, as far as they were asked for. */
  readonly #leftCalls = new Map<Rule, readonly Rule[]>();
  readonly #endings = new Map<Rule, Set<Rule>>();

  /** `charge` is asked to pay for the trees that are looked at, before they are. Throws a GuestError for what is wrong. */
  constructor(rules: readonly Rule[], charge: (trees: number) => void) {
    this.rules = rules;
    for (const rule of rules) this.#byName.set(sameness(rule.name), rule);
    if (rules[0] !== undefined) rules[0].used = true;
    const orders = rules.map((rule) => inOrder(rule.tree, (tree) => tree.open));
    const size = orders.reduce((sum, order) => sum + order.length, rules.length);
    charge(size);
    for (const order of orders) {
      for (const tree of order) if (tree.kind === 'call') this.ruleOf(tree.name).used = true;
    }
    this.#settle(orders, () => charge(size));
    const sound = new Set<Rule>();
    for (const rule of rules) if (rule.used) this.#verifyCalls(rule, sound);
    rules.forEach((rule, i) => {
      if (rule.used && orders[i]?.some((tree) => this.#isEmptyLoop(tree)) === true) {
        throw new GuestError(`empty loop in rule '${shown(rule.name)}'`);
      }
    });
  }

  /** What is known of the grammar as a whole. */
  get facts(): Facts {
    return this.rules[0]?.facts ?? UNKNOWN_RULE;
  }

  ruleOf(name: GuestValue): Rule {
    const rule = this.#byName.get(sameness(name));
    if (rule === undefined) {
      throw new GuestError(`rule '${shown(name)}' undefined in given grammar`);
    }
    return rule;
  }

  factsOf(tree: Tree): Facts {
    return (tree.open ? this.#facts.get(tree) : undefined) ?? tree.facts;
  }

  /** Goes over all rules until nothing more is learnt of any. */
  #settle(orders: readonly (readonly Tree[])[], charge: () => void): void {
    // Facts that depend on nothing but rules that are called without advancing settle one rule at a time.
    for (let round = 2 * this.rules.length + 2, changed = true; changed && round > 0; round--) {
      charge();
      changed = false;
      this.rules.forEach((rule, i) => {
        for (const tree of orders[i] ?? []) {
          const facts = factsOf(
            tree,
            (part) => this.factsOf(part),
            (name) => this.ruleOf(name).facts,
          );
          this.#facts.set(tree, facts);
        }
        const facts = this.factsOf(rule.tree);
        if (!sameFacts(facts, rule.facts)) changed = true;
        rule.facts = facts;
      });
    }
  }

  /** Whether a match of a rule may end with one of that tree: as the last thing, in a call or in calls one after the other. */
  mayEndWith(rule: Rule, tree: Tree): boolean {
    const seen = new Set<Rule>([rule]);
    for (const one of seen) {
      if (one.tree === tree) return true;
      for (const callee of this.#endingsOf(one)) seen.add(callee);
    }
    return false;
  }

  /** Calls in a row that a match of some rule ends with, where none of them can come again. */
  longestEnding(): number {
    const longest = new Map<Rule, number>();
    const measure = (rule: Rule): number => {
      let length = longest.get(rule);
      if (length === undefined) {
        length = 0;
        for (const callee of this.#endingsOf(rule)) {
          if (!this.mayEndWith(callee, rule.tree)) length = Math.max(length, 1 + measure(callee));
        }
        longest.set(rule, length);
      }
      return length;
    };
    return this.rules.reduce((most, rule) => Math.max(most, measure(rule)), 0);
  }

  /** The rules that are called at the end of a rule. */
  #endingsOf(rule: Rule): ReadonlySet<Rule> {
    let endings = this.#endings.get(rule);
    if (endings !== undefined) return endings;
    endings = new Set<Rule>();
    this.#endings.set(rule, endings);
    const seen = new Set<Tree>([rule.tree]);
    for (const tree of seen) {
      if (tree.kind === 'call') endings.add(this.ruleOf(tree.name));
      else if (tree.kind === 'sequence') seen.add(tree.second);
      else if (tree.kind === 'choice') seen.add(tree.first).add(tree.second);
    }
    return endings;
  }

  #isEmptyLoop(tree: Tree): boolean {
    return tree.kind === 'repeat' && tree.most === ENDLESS && this.factsOf(tree.body).nullable;
  }

  /** Follows left calls from a rule on; finds the first way that comes back to a rule that it went through. */
  #verifyCalls(start: Rule, sound: Set<Rule>): void {
    if (sound.has(start)) return;
    const path: { readonly rule: Rule; readonly calls: readonly Rule[]; next: number }[] = [];
    const enter = (rule: Rule): void => {
      path.push({ rule, calls: this.#callsOf(rule), next: 0 });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const callee = top.calls[top.next++];
      if (callee === undefined) {
        sound.add(top.rule);
        path.pop();
      } else if (!sound.has(callee)) {
        const known = path.findIndex(({ rule }) => rule === callee);
        if (known >= 0)
          throw new GuestError(
            leftRecursion(
              path.map(({ rule }) => rule),
              known,
            ),
          );
        enter(callee);
      }
    }
  }

  /** The rules that a rule can call before it advances, in the order in which it tries them. */
  #callsOf(rule: Rule): readonly Rule[] {
    const known = this.#leftCalls.get(rule);
    if (known !== undefined) return known;
    const calls = new Set<Rule>();
    const seen = new Set<Tree>();
    const rest: Tree[] = [rule.tree];
    for (let tree = rest.pop(); tree !== undefined; tree = rest.pop()) {
      if (!tree.open || seen.has(tree)) continue;
      seen.add(tree);
      switch (tree.kind) {
        case 'call':
          calls.add(this.ruleOf(tree.name));
          break;
        case 'sequence':
          if (this.factsOf(tree.first).nullable) rest.push(tree.second);
          rest.push(tree.first);
          break;
        case 'choice':
          rest.push(tree.second, tree.first);
          break;
        case 'repeat':
        case 'not':
        case 'and':
        case 'capture':
        case 'runtime':
          rest.push(tree.body);
          break;
        default:
      }
    }
    const list = [...calls];
    this.#leftCalls.set(rule, list);
    return list;
  }
}

/**
 * Upstream notices left recursion when it has gone through RULE_LIMIT rules without advancing, and then names the rule that it
 * came to last if it met that one before. `path` leads from the rule that was looked at, by way of `path[known]`, around
 * and around.
 */
function leftRecursion(path: readonly Rule[], known: number): string {
  const passed: Rule[] = path.slice(1);
  const cycle = path.slice(known);
  while (passed.length < RULE_LIMIT) passed.push(...cycle);
  passed.length = RULE_LIMIT;
  for (let i = RULE_LIMIT - 1; i >= 0; i--) {
    const rule = passed[i];
    if (rule !== undefined && passed.indexOf(rule) < i) {
      return `rule '${shown(rule.name)}' may be left recursive`;
    }
  }
  return 'too many left calls in grammar';
}
