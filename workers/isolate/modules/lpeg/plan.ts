/**
 * How a pattern is divided into units: one for the whole, one for each rule, and one for each part that is large and occurs
 * more than once, is too large for a function, or is nested too deep. What is left inside of a unit is so small that it may
 * be walked recursively, with shared parts more than once.
 */
import { GuestError } from '../../engine.ts';
import { type Capture, COMMON_CAPTURES } from './capture.ts';
import * as CaptureKind from './capture-kind.ts';
import type { Facts } from './facts.ts';
import { type Grammar, type Rule, shown } from './grammar.ts';
import {
  type CaptureTree,
  inOrder,
  type PairTree,
  partsOf,
  type RuntimeTree,
  type Tree,
} from './tree.ts';

/** A part of this size becomes a unit when it occurs more than once … */
const SHARED_SIZE = 30;
/** … and of this size in any case: a larger function would not be optimized. */
const LARGEST_SIZE = 400;
/** Blocks within blocks. */
const DEEPEST_NEST = 24;
/** Bytes of text that count as one part, up to so many parts. */
const TEXT_PART = 8;
const TEXT_PARTS = 4;

export interface Unit {
  readonly index: number;
  readonly tree: Tree;
  /** What its open calls refer to. */
  readonly grammar: Grammar | undefined;
  /** It is a rule. */
  readonly rule: boolean;
  /** What it ends with is what a rule ends with: calls there take no stack. */
  readonly tail: boolean;
}

interface Part {
  /** How often it occurs in other parts. */
  uses: number;
  size: number;
  nest: number;
  /** Units within units inside of it. */
  frames: number;
  separate: boolean;
}

export class Plan {
  /** The first is the whole pattern. Others are added as they are asked for. */
  readonly units: Unit[] = [];
  readonly captures: Capture[] = [...COMMON_CAPTURES];
  /** Parts that were looked at. */
  readonly size: number;
  /** Units that are active at a time within the pattern or a rule, at most. */
  readonly frames: number;
  #endings = 0;
  readonly #parts = new Map<Tree, Part>();
  /** Open trees: the same one may be in several grammars. */
  readonly #openParts = new Map<Grammar, Map<Tree, Part>>();
  readonly #units = new Map<Tree, Unit[]>();
  readonly #refine: (capture: Capture) => Capture;
  readonly #captureNumbers = new Map<object, number>();
  /** Of groups that give their name to another capture. */
  readonly #groupNumbers = new Map<object, number>();

  /**
   * `charge` pays for parts that are looked at, `refine` gives what a capture really is. Throws a GuestError when the pattern has
   * calls outside of a grammar.
   */
  constructor(root: Tree, charge: (trees: number) => void, refine: (capture: Capture) => Capture) {
    this.#refine = refine;
    if (root.open) throw new GuestError(`rule '${firstCall(root)}' used outside a grammar`);
    const order = this.#collect(root, charge);
    this.size = order.length;
    let frames = 0;
    for (const { tree, part, grammar } of order) {
      this.#measure(tree, part, grammar);
      frames = Math.max(frames, part.frames);
    }
    this.frames = frames + 1 + this.#endings;
    this.unit(root, undefined, false, false);
  }

  factsOf(tree: Tree, grammar: Grammar | undefined): Facts {
    return grammar === undefined ? tree.facts : grammar.factsOf(tree);
  }

  /** Whether a part has to be a unit of its own. */
  isSeparate(tree: Tree, grammar: Grammar | undefined): boolean {
    return this.#partsFor(tree, grammar).get(tree)?.separate === true;
  }

  sizeOf(tree: Tree, grammar: Grammar | undefined): number {
    return this.#partsFor(tree, grammar).get(tree)?.size ?? 1;
  }

  /** The members of nested sequences or of nested choices, in order, as far as they belong to the same unit. */
  members(tree: PairTree, grammar: Grammar | undefined): Tree[] {
    const members: Tree[] = [];
    const rest: Tree[] = [tree.second, tree.first];
    for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
      if (part.kind === tree.kind && !this.isSeparate(part, grammar)) {
        rest.push(part.second, part.first);
      } else members.push(part);
    }
    return members;
  }

  unit(tree: Tree, grammar: Grammar | undefined, tail: boolean, rule: boolean): Unit {
    const home = tree.open ? grammar : undefined;
    const known = this.#units.get(tree) ?? [];
    this.#units.set(tree, known);
    let unit = known.find((one) => one.grammar === home && one.tail === tail && one.rule === rule);
    if (unit === undefined) {
      unit = { index: this.units.length, tree, grammar: home, tail, rule };
      known.push(unit);
      this.units.push(unit);
    }
    return unit;
  }

  ruleUnit(grammar: Grammar, rule: Rule): Unit {
    return this.unit(rule.tree, grammar, true, true);
  }

  /** The capture that a capture's tree is recorded as: a named group that has just one capture within gives that its name. */
  captureOf(tree: CaptureTree, grammar: Grammar | undefined): { number: number; body: Tree } {
    const { capture, body } = tree;
    const { name } = capture;
    const inner = body.kind === 'capture' && name !== undefined ? body : undefined;
    if (inner === undefined || inner.capture.name !== undefined || this.isSeparate(body, grammar)) {
      return { number: this.#numberOf(this.#captureNumbers, capture, capture), body };
    }
    const named = { ...inner.capture, name };
    return { number: this.#numberOf(this.#groupNumbers, capture, named), body: inner.body };
  }

  /** The number by which a match-time capture is recorded: a group, while its body is matched. */
  runtimeNumber(tree: RuntimeTree): number {
    const group = { kind: CaptureKind.group, value: tree.callee, name: undefined };
    return this.#numberOf(this.#captureNumbers, tree, group);
  }

  #numberOf(numbers: Map<object, number>, key: object, capture: Capture): number {
    let number = numbers.get(key);
    if (number === undefined) {
      number = this.captures.push(this.#refine(capture)) - 1;
      numbers.set(key, number);
    }
    return number;
  }

  #partsFor(tree: Tree, grammar: Grammar | undefined): Map<Tree, Part> {
    if (!tree.open || grammar === undefined) return this.#parts;
    const known = this.#openParts.get(grammar);
    if (known !== undefined) return known;
    const parts = new Map<Tree, Part>();
    this.#openParts.set(grammar, parts);
    return parts;
  }

  /** All parts of the pattern, those of its grammars too, each after its own parts. */
  #collect(
    root: Tree,
    charge: (trees: number) => void,
  ): { tree: Tree; part: Part; grammar: Grammar | undefined }[] {
    const found: { tree: Tree; part: Part; grammar: Grammar | undefined }[] = [];
    const roots: { readonly tree: Tree; readonly grammar: Grammar | undefined }[] = [
      { tree: root, grammar: undefined },
    ];
    const grammars = new Set<Grammar>();
    for (const { tree: start, grammar } of roots) {
      const trees = inOrder(start, (tree) => !this.#partsFor(tree, grammar).has(tree));
      charge(trees.length);
      for (const tree of trees) {
        const part = { uses: 0, size: 1, nest: 0, frames: 0, separate: false };
        this.#partsFor(tree, grammar).set(tree, part);
        found.push({ tree, part, grammar });
        if (tree.kind === 'grammar' && !grammars.has(tree.grammar)) {
          grammars.add(tree.grammar);
          this.#endings = Math.max(this.#endings, tree.grammar.longestEnding());
          for (const rule of tree.grammar.rules) {
            if (rule.used) roots.push({ tree: rule.tree, grammar: tree.grammar });
          }
        }
      }
      for (const tree of trees) {
        for (const child of partsOf(tree)) {
          const part = this.#partsFor(child, grammar).get(child);
          if (part !== undefined) part.uses++;
        }
      }
    }
    return found;
  }

  #measure(tree: Tree, part: Part, grammar: Grammar | undefined): void {
    let size = 1;
    if (tree.kind === 'text') size += Math.min(tree.text.length / TEXT_PART, TEXT_PARTS);
    for (const child of partsOf(tree)) {
      const inner = this.#partsFor(child, grammar).get(child);
      if (inner === undefined) continue;
      part.frames = Math.max(part.frames, inner.frames + (inner.separate ? 1 : 0));
      if (inner.separate) {
        size++;
        continue;
      }
      size += inner.size;
      const flat = tree.kind === 'sequence' || (tree.kind === 'choice' && child.kind === 'choice');
      part.nest = Math.max(part.nest, inner.nest + (flat ? 0 : 1));
    }
    part.size = size;
    part.separate =
      size > LARGEST_SIZE || part.nest >= DEEPEST_NEST || (part.uses > 1 && size >= SHARED_SIZE);
  }
}

function firstCall(root: Tree): string {
  const rest = [root];
  for (let tree = rest.pop(); tree !== undefined; tree = rest.pop()) {
    if (tree.kind === 'call') return shown(tree.name);
    rest.push(
      ...partsOf(tree)
        .filter(({ open }) => open)
        .reverse(),
    );
  }
  return '?';
}
