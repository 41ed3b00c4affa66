/**
 * The XPath of Heka's PayloadXmlDecoder: all axes but namespace, all abbreviations, all node tests, and at most one
 * predicate a step: [N], [path] or [path="text"]. Names are compared without prefixes. Evaluation has a budget, because
 * what a path costs is up to the document.
 */
import { HekateError } from '../protocol/errors.ts';
import type { Axis, NodeTest, Predicate, XmlPath, XmlStep } from './xml-path-parser.ts';
import type { XmlNode, XmlTree } from './xml-tree.ts';

/** Nodes that the paths of one document may look at, all together. */
const MOST_VISITS = 1_000_000;

export class XmlPathEvaluator {
  readonly #tree: XmlTree;
  #left = MOST_VISITS;

  constructor(tree: XmlTree) {
    this.#tree = tree;
  }

  /** The text of the first node that the path leads to; undefined when it leads nowhere. Throws HKT_DECODE_BOUND. */
  find(path: XmlPath): string | undefined {
    const [root] = this.#tree;
    const first = root === undefined ? undefined : this.#select(path, root)[0];
    return first === undefined ? undefined : this.#text(first);
  }

  #spend(visits: number): void {
    this.#left -= visits;
    if (this.#left < 0) {
      throw new HekateError('HKT_DECODE_BOUND', ['evaluating xpath_map', MOST_VISITS, 'nodes']);
    }
  }

  /** In document order. */
  #select(path: XmlPath, context: XmlNode): readonly XmlNode[] {
    const [root = context] = this.#tree;
    let nodes: readonly XmlNode[] = [path.absolute ? root : context];
    for (const step of path.steps) {
      const found = new Set<XmlNode>();
      for (const node of nodes) this.#step(step, node, found);
      nodes = [...found].sort((a, b) => a.index - b.index);
    }
    return nodes;
  }

  #step({ axis, predicate, test }: XmlStep, context: XmlNode, found: Set<XmlNode>): void {
    let position = 0;
    this.#walk(axis, context, (node) => {
      if (!passes(test, node, axis)) return;
      position++;
      if (predicate === undefined || this.#holds(predicate, node, position)) found.add(node);
    });
  }

  #holds(predicate: Predicate, node: XmlNode, position: number): boolean {
    switch (predicate.kind) {
      case 'position':
        return position === predicate.position;
      case 'exists':
        return this.#select(predicate.path, node).length > 0;
      case 'equals':
        return this.#select(predicate.path, node).some((one) => this.#text(one) === predicate.text);
      default:
        return predicate satisfies never;
    }
  }

  #text(node: XmlNode): string {
    if (node.kind !== 'element' && node.kind !== 'document') return node.value;
    let text = '';
    this.#below(node, (one) => {
      if (one.kind === 'text') text += one.value;
    });
    return text;
  }

  #below(node: XmlNode, visit: (node: XmlNode) => void): void {
    this.#spend(node.end - node.index + 1);
    for (let i = node.index + 1; i <= node.end; i++) this.#visitAt(i, visit);
  }

  /** Attributes are on no axis but their own. */
  #visitAt(index: number, visit: (node: XmlNode) => void): void {
    const node = this.#tree[index];
    if (node !== undefined && node.kind !== 'attribute') visit(node);
  }

  /** Visits the nodes of an axis in its own order: away from the context. */
  #walk(axis: Axis, context: XmlNode, visit: (node: XmlNode) => void): void {
    this.#spend(1);
    switch (axis) {
      case 'self':
        visit(context);
        return;
      case 'child':
        for (const child of this.#children(context)) visit(child);
        return;
      case 'descendant':
        this.#below(context, visit);
        return;
      case 'descendant-or-self':
        visit(context);
        this.#below(context, visit);
        return;
      case 'parent':
        if (context.parent !== undefined) visit(context.parent);
        return;
      case 'ancestor':
      case 'ancestor-or-self': {
        let node = axis === 'ancestor' ? context.parent : context;
        for (; node !== undefined; node = node.parent) {
          this.#spend(1);
          visit(node);
        }
        return;
      }
      case 'attribute':
        for (let i = context.index + 1; this.#tree[i]?.parent === context; i++) {
          const node = this.#tree[i];
          if (node?.kind !== 'attribute') return;
          this.#spend(1);
          visit(node);
        }
        return;
      case 'following-sibling':
        for (const node of this.#siblings(context)) if (node.index > context.index) visit(node);
        return;
      case 'preceding-sibling':
        for (const node of this.#siblings(context).reverse()) {
          if (node.index < context.index) visit(node);
        }
        return;
      case 'following':
        this.#spend(this.#tree.length - context.end);
        for (let i = context.end + 1; i < this.#tree.length; i++) this.#visitAt(i, visit);
        return;
      case 'preceding':
        this.#spend(context.index);
        for (let i = context.index - 1; i > 0; i--) {
          // What is not over before the context begins is an ancestor.
          this.#visitAt(i, (node) => {
            if (node.end < context.index) visit(node);
          });
        }
        return;
      default:
        axis satisfies never;
    }
  }

  #siblings(context: XmlNode): XmlNode[] {
    return context.parent === undefined || context.kind === 'attribute'
      ? []
      : this.#children(context.parent);
  }

  #children(context: XmlNode): XmlNode[] {
    const children: XmlNode[] = [];
    for (let i = context.index + 1; i <= context.end; ) {
      const node = this.#tree[i];
      if (node === undefined) break;
      this.#spend(1);
      if (node.kind !== 'attribute') children.push(node);
      i = node.end + 1;
    }
    return children;
  }
}

/** On the attribute axis a name is an attribute's, everywhere else an element's. */
function passes(test: NodeTest, node: XmlNode, axis: Axis): boolean {
  switch (test.kind) {
    case 'node':
      return true;
    case 'name':
      return (
        node.kind === (axis === 'attribute' ? 'attribute' : 'element') &&
        (test.name === '*' || test.name === node.name)
      );
    case 'instruction':
      return node.kind === 'instruction' && (test.name === '' || test.name === node.name);
    default:
      return node.kind === test.kind;
  }
}
