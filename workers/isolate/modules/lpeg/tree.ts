/**
 * Patterns as trees. A tree never changes and may be a part of any number of others, so what looks like a tree is a graph
 * without cycles: whoever walks it must not follow a shared part twice. It can be nested as deep as a guest's loop
 * built it: whoever walks it must not recurse, but within the bounds of a unit (plan.ts).
 */
import type { GuestValue } from '../../engine.ts';
import { ALL_BYTES, type ByteSet, singleByte } from './byte-set.ts';
import type { Capture } from './capture.ts';
import * as CaptureKind from './capture-kind.ts';
import {
  FALSE_FACTS,
  type Facts,
  factsOf,
  OPEN_CALL,
  setFacts,
  TRUE_FACTS,
  textFacts,
} from './facts.ts';
import type { Grammar } from './grammar.ts';

interface Common {
  /** What holds wherever it is; of an open tree only what holds outside of a grammar. */
  readonly facts: Facts;
  /** Has calls of rules, for which a grammar has to be found. */
  readonly open: boolean;
  /** Has calls or grammars within: matching it can take stack. */
  readonly recursive: boolean;
}

export interface SetTree extends Common {
  readonly kind: 'set';
  readonly set: ByteSet;
}

/** Two bytes or more. */
export interface TextTree extends Common {
  readonly kind: 'text';
  readonly text: string;
}

export interface ConstantTree extends Common {
  readonly kind: 'true' | 'false';
}

/** As many as there are, between `least` and `most` (Infinity: no bound). A body without a bound always advances. */
export interface RepeatTree extends Common {
  readonly kind: 'repeat';
  readonly body: Tree;
  readonly least: number;
  readonly most: number;
}

export interface PairTree extends Common {
  readonly kind: 'sequence' | 'choice';
  readonly first: Tree;
  readonly second: Tree;
}

/** `behind` matches its body just before where it is; the body's length is in its facts. */
export interface PredicateTree extends Common {
  readonly kind: 'not' | 'and' | 'behind';
  readonly body: Tree;
}

export interface CallTree extends Common {
  readonly kind: 'call';
  readonly name: GuestValue;
}

export interface GrammarTree extends Common {
  readonly kind: 'grammar';
  readonly grammar: Grammar;
}

export interface CaptureTree extends Common {
  readonly kind: 'capture';
  readonly capture: Capture;
  readonly body: Tree;
}

/** A capture whose function is called during the match. */
export interface RuntimeTree extends Common {
  readonly kind: 'runtime';
  readonly callee: GuestValue;
  readonly body: Tree;
}

export type Tree =
  | SetTree
  | TextTree
  | ConstantTree
  | RepeatTree
  | PairTree
  | PredicateTree
  | CallTree
  | GrammarTree
  | CaptureTree
  | RuntimeTree;

type Shape = Tree extends infer T ? (T extends Tree ? Omit<T, keyof Common> : never) : never;

export const TRUE: Tree = leaf({ kind: 'true' }, TRUE_FACTS);
export const FALSE: Tree = leaf({ kind: 'false' }, FALSE_FACTS);
const ANY: Tree = set(ALL_BYTES);

function leaf(shape: Shape, facts: Facts): Tree {
  return { ...shape, facts, open: false, recursive: false };
}

/** A tree with these parts. */
function branch(shape: Shape, a: Tree, b: Tree = TRUE): Tree {
  const open = a.open || b.open;
  const tree: Tree = { ...shape, facts: TRUE_FACTS, open, recursive: a.recursive || b.recursive };
  const facts = factsOf(
    tree,
    (part) => part.facts,
    () => OPEN_CALL,
  );
  return { ...tree, facts };
}

export function set(bytes: ByteSet): Tree {
  return leaf({ kind: 'set', set: bytes }, setFacts(bytes));
}

export function text(bytes: string): Tree {
  if (bytes.length === 0) return TRUE;
  if (bytes.length === 1) return set(singleByte(bytes.charCodeAt(0)));
  return leaf({ kind: 'text', text: bytes }, textFacts(bytes));
}

/** As many bytes, whatever they are; fewer than that many, when it is negative. */
export function count(bytes: number): Tree {
  if (bytes < 0) return not(count(-bytes));
  if (bytes === 0) return TRUE;
  return bytes === 1 ? ANY : repeat(ANY, bytes, bytes);
}

export function repeat(body: Tree, least: number, most: number): Tree {
  return branch({ kind: 'repeat', body, least, most }, body);
}

export function sequence(first: Tree, second: Tree): Tree {
  return branch({ kind: 'sequence', first, second }, first, second);
}

export function choice(first: Tree, second: Tree): Tree {
  return branch({ kind: 'choice', first, second }, first, second);
}

export function not(body: Tree): Tree {
  return branch({ kind: 'not', body }, body);
}

export function and(body: Tree): Tree {
  return branch({ kind: 'and', body }, body);
}

export function behind(body: Tree): Tree {
  return branch({ kind: 'behind', body }, body);
}

/** `value` is the name of a group, or what else the capture has with it. */
export function capture(kind: number, value: GuestValue, body: Tree = TRUE): Tree {
  const named = kind === CaptureKind.group;
  const own = named ? { kind, value: undefined, name: value } : { kind, value, name: undefined };
  return branch({ kind: 'capture', capture: own, body }, body);
}

export function runtime(callee: GuestValue, body: Tree = TRUE): Tree {
  return branch({ kind: 'runtime', callee, body }, body);
}

export function call(name: GuestValue): Tree {
  return { kind: 'call', name, facts: OPEN_CALL, open: true, recursive: true };
}

export function grammarTree(grammar: Grammar): Tree {
  return { kind: 'grammar', grammar, facts: grammar.facts, open: false, recursive: true };
}

/** Its direct parts, in order. A grammar is one thing: its rules are no parts. */
export function partsOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case 'sequence':
    case 'choice':
      return [tree.first, tree.second];
    case 'repeat':
    case 'not':
    case 'and':
    case 'behind':
    case 'capture':
    case 'runtime':
      return [tree.body];
    default:
      return [];
  }
}

/** All parts of a tree and itself, each once and after its own parts; only those that `enter` lets in. */
export function inOrder(root: Tree, enter: (tree: Tree) => boolean): Tree[] {
  const order: Tree[] = [];
  if (!enter(root)) return order;
  const seen = new Set<Tree>([root]);
  const path: { readonly tree: Tree; readonly parts: readonly Tree[]; next: number }[] = [
    { tree: root, parts: partsOf(root), next: 0 },
  ];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const part = top.parts[top.next++];
    if (part === undefined) {
      order.push(top.tree);
      path.pop();
    } else if (!seen.has(part) && enter(part)) {
      seen.add(part);
      path.push({ tree: part, parts: partsOf(part), next: 0 });
    }
  }
  return order;
}
