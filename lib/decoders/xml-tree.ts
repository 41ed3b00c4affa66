/**
 * An XML document as an array of nodes in document order, with an element's attributes behind it and before its children.
 * What lies below a node is a range of that array:
 *
 *   <a x="1"><b>t</b></a>      0 document  1 a  2 @x  3 b  4 "t"       the ranges: 0–4, 1–4, 2, 3–4, 4
 *
 * Depth and number of nodes are bounded. A DTD is passed over: its entities are unknown, and nothing is fetched.
 */
import { SaxesParser } from 'saxes';
import { errorText, HekateError } from '../protocol/errors.ts';

export type XmlNodeKind = 'document' | 'element' | 'attribute' | 'text' | 'comment' | 'instruction';

export interface XmlNode {
  readonly kind: XmlNodeKind;
  /** Without a prefix; the target of an instruction, "" for kinds without a name. */
  readonly name: string;
  /** Of kinds without children. */
  readonly value: string;
  readonly index: number;
  /** The last node below it, or its own index. */
  readonly end: number;
  readonly parent: XmlNode | undefined;
}

export type XmlTree = readonly XmlNode[];

const DEEPEST = 256;
const MOST_NODES = 100_000;

type Growing = { -readonly [K in keyof XmlNode]: XmlNode[K] };

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

class TreeBuilder {
  readonly nodes: XmlNode[] = [];
  /** The document and the elements that are open. */
  readonly #open: Growing[] = [];

  constructor() {
    this.#open.push(this.add('document', '', ''));
  }

  add(kind: XmlNodeKind, name: string, value: string): Growing {
    if (this.nodes.length >= MOST_NODES) {
      throw new HekateError('HKT_DECODE_BOUND', ['XML', MOST_NODES, 'nodes']);
    }
    const index = this.nodes.length;
    const node: Growing = { kind, name, value, index, end: index, parent: this.#open.at(-1) };
    this.nodes.push(node);
    return node;
  }

  openElement(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#open.length > DEEPEST) {
      throw new HekateError('HKT_DECODE_BOUND', ['XML', DEEPEST, 'levels']);
    }
    this.#open.push(this.add('element', localName(name), ''));
    for (const [key, value] of Object.entries(attributes)) {
      this.add('attribute', localName(key), value);
    }
  }

  close(): void {
    const node = this.#open.pop();
    if (node !== undefined) node.end = this.nodes.length - 1;
  }
}

/** Throws HKT_DECODE_XML and HKT_DECODE_BOUND. */
export function parseXml(text: string): XmlTree {
  const builder = new TreeBuilder();
  const parser = new SaxesParser<{ xmlns: false; position: false }>({
    xmlns: false,
    position: false,
  });
  parser.on('error', (error) => {
    throw new HekateError('HKT_DECODE_XML', [errorText(error)], error);
  });
  parser.on('opentag', ({ attributes, name }) => builder.openElement(name, attributes));
  parser.on('closetag', () => builder.close());
  parser.on('text', (value) => {
    builder.add('text', '', value);
  });
  parser.on('cdata', (value) => {
    builder.add('text', '', value);
  });
  parser.on('comment', (value) => {
    builder.add('comment', '', value);
  });
  parser.on('processinginstruction', ({ target, body }) => {
    builder.add('instruction', target, body);
  });
  parser.write(text).close();
  builder.close();
  return builder.nodes;
}
