/** Reads the paths of PayloadXmlDecoder; see xml-path.ts for what they may be. */

const AXES = [
  'ancestor',
  'ancestor-or-self',
  'attribute',
  'child',
  'descendant',
  'descendant-or-self',
  'following',
  'following-sibling',
  'parent',
  'preceding',
  'preceding-sibling',
  'self',
] as const;

export type Axis = (typeof AXES)[number];

export type NodeTest =
  /** "*" is any name. */
  | { readonly kind: 'name'; readonly name: string }
  /** "" is any target. */
  | { readonly kind: 'instruction'; readonly name: string }
  | { readonly kind: 'node' | 'text' | 'comment' };

export type Predicate =
  | { readonly kind: 'position'; readonly position: number }
  | { readonly kind: 'exists'; readonly path: XmlPath }
  | { readonly kind: 'equals'; readonly path: XmlPath; readonly text: string };

export interface XmlStep {
  readonly axis: Axis;
  readonly test: NodeTest;
  readonly predicate?: Predicate;
}

export interface XmlPath {
  readonly absolute: boolean;
  readonly steps: readonly XmlStep[];
}

const NAME = /[\p{L}_][\p{L}\p{N}\p{M}_.·-]*/uy;
const BLANKS = /\s*/y;
const DIGITS = /\d{1,9}/y;
const LITERAL = /"([^"]*)"|'([^']*)'/y;
const NODE: NodeTest = { kind: 'node' };
const ANYWHERE: XmlStep = { axis: 'descendant-or-self', test: NODE };
/** Paths within predicates within paths. */
const DEEPEST = 16;

class PathReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): XmlPath {
    const path = this.#path();
    if (this.#at < this.#text.length) throw this.#fault('not understood');
    return path;
  }

  #fault(text: string): Error {
    return new Error(`${text} at position ${this.#at} of "${this.#text}"`);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  /** Takes a token, with the white space on both of its sides. */
  #take(token: string): boolean {
    this.#match(BLANKS);
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    this.#match(BLANKS);
    return true;
  }

  #path(): XmlPath {
    if (++this.#depth > DEEPEST) throw this.#fault('predicates are nested too deep');
    const steps: XmlStep[] = [];
    let absolute = true;
    if (this.#take('//')) steps.push(ANYWHERE);
    else if (!this.#take('/')) absolute = false;
    // "/" alone is the document.
    if (!absolute || steps.length > 0 || this.#stepBegins()) {
      steps.push(this.#step());
      for (;;) {
        if (this.#take('//')) steps.push(ANYWHERE);
        else if (!this.#take('/')) break;
        steps.push(this.#step());
      }
    }
    this.#depth--;
    return { absolute, steps };
  }

  #stepBegins(): boolean {
    const next = this.#text[this.#at];
    return next !== undefined && next !== ']' && next !== '=';
  }

  #step(): XmlStep {
    if (this.#take('..')) return { axis: 'parent', test: NODE };
    if (this.#take('.')) return { axis: 'self', test: NODE };
    const axis = this.#take('@') ? 'attribute' : this.#axis();
    const test = this.#test();
    if (!this.#take('[')) return { axis, test };
    const predicate = this.#predicate();
    if (this.#take('[')) throw this.#fault('only one predicate is supported in a step');
    return { axis, test, predicate };
  }

  #axis(): Axis {
    const start = this.#at;
    const name = this.#match(NAME)?.[0];
    if (name === undefined || !this.#take('::')) {
      this.#at = start;
      return 'child';
    }
    const axis = AXES.find((known) => known === name);
    if (axis === undefined) throw this.#fault(`unknown axis '${name}'`);
    return axis;
  }

  #test(): NodeTest {
    if (this.#take('*')) return { kind: 'name', name: '*' };
    const name = this.#match(NAME)?.[0];
    if (name === undefined) throw this.#fault('a name is missing');
    if (!this.#take('(')) {
      if (this.#take(':')) throw this.#fault('namespaces are not supported: write the local name');
      return { kind: 'name', name };
    }
    const target = name === 'processing-instruction' ? this.#literal() : undefined;
    if (!this.#take(')')) throw this.#fault("')' is missing");
    switch (name) {
      case 'node':
      case 'text':
      case 'comment':
        return { kind: name };
      case 'processing-instruction':
        return { kind: 'instruction', name: target ?? '' };
      default:
        throw this.#fault(`function '${name}' is not supported`);
    }
  }

  #literal(): string | undefined {
    const match = this.#match(LITERAL);
    return match === null ? undefined : (match[1] ?? match[2]);
  }

  #predicate(): Predicate {
    const digits = this.#match(DIGITS)?.[0];
    if (digits !== undefined) {
      if (Number(digits) < 1) throw this.#fault('positions count from 1');
      this.#close();
      return { kind: 'position', position: Number(digits) };
    }
    const path = this.#path();
    if (!this.#take('=')) {
      this.#close();
      return { kind: 'exists', path };
    }
    const text = this.#literal();
    if (text === undefined) throw this.#fault('a text in quotes is missing');
    this.#close();
    return { kind: 'equals', path, text };
  }

  #close(): void {
    if (!this.#take(']')) throw this.#fault("']' is missing");
  }
}

/** Throws an Error that says what is wrong with the path, and where. */
export function parseXmlPath(text: string): XmlPath {
  return new PathReader(text).whole();
}
