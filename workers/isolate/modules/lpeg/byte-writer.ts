/**
 * Writes what looks at bytes: single ones, runs of them, repetitions of a set. Moves `p` on over what matches.
 */

import { type ByteSet, END, singleByte } from './byte-set.ts';
import type { ByteTests } from './byte-tests.ts';
import type { CodeBuffer, Failure } from './code-buffer.ts';
import { ENDLESS } from './facts.ts';
import type { RepeatTree, Tree } from './tree.ts';

/** Repetitions of a set that are written one by one at most. */
const UNROLLED = 8;
/** Longer texts are compared by a built-in. */
const INLINE_TEXT = 24;
/** Comparing one so long is paid for, once its first byte is there: a step for 2 to that power of bytes. */
export const PAID_TEXT = 64;
export const PAID_SHIFT = 4;
/** A search for so many bytes, by a built-in, takes the place of a look at each byte … */
const MOST_STOPS = 3;
/** … when so many have been looked at. */
const LOOKED_AT = 4;

/** What all units of a pattern share. */
export interface CodeParts {
  readonly tests: ByteTests;
  /** Texts that are compared by a built-in. */
  readonly texts: string[];
  /** Bytes that are searched for by a built-in. */
  readonly stops: number[];
}

/** A variable that has the byte at `p`, or END; with `set` it is a byte of that. */
export interface Head {
  readonly name: string;
  readonly set: ByteSet | undefined;
}

export class ByteWriter {
  readonly #code: CodeBuffer;
  readonly #parts: CodeParts;
  readonly #tests: ByteTests;

  constructor(code: CodeBuffer, parts: CodeParts) {
    this.#code = code;
    this.#parts = parts;
    this.#tests = parts.tests;
  }

  /** A variable with the byte at `p`. */
  head(known: Head | undefined): Head {
    if (known !== undefined) return known;
    const name = `c${this.#code.name()}`;
    this.#code.emit(`const ${name}=p<n?s.charCodeAt(p):${END};`);
    return { name, set: undefined };
  }

  /** Is the byte at `p` in the set? */
  inside(set: ByteSet, head: Head | undefined): string {
    if (head === undefined) return `p<n&&(${this.#tests.inside(set, byteAt(0), false)})`;
    if (head.set?.isWithin(set) === true) return 'true';
    return this.#tests.inside(set, head.name, head.set === undefined);
  }

  outside(set: ByteSet, { name }: Head): string {
    return this.#tests.outside(set, name, true);
  }

  /** What takes single bytes and nothing else: their sets, if there are not too many. */
  singles(tree: Tree): readonly ByteSet[] | undefined {
    if (tree.kind === 'set') return [tree.set];
    if (tree.kind === 'text' && tree.text.length <= INLINE_TEXT) {
      return Array.from(tree.text, (byte) => singleByte(byte.charCodeAt(0)));
    }
    if (tree.kind === 'repeat' && tree.body.kind === 'set') {
      const { least, most, body } = tree;
      if (least === most && least <= UNROLLED) return Array<ByteSet>(least).fill(body.set);
    }
    return undefined;
  }

  /** Single bytes, one after the other: the subject's length is looked at once. */
  run(bytes: readonly ByteSet[], fail: Failure, head: Head | undefined): void {
    const { length } = bytes;
    const conditions: string[] = [];
    bytes.forEach((set, i) => {
      if (i > 0 || head === undefined) {
        if (i === 0) conditions.push(length === 1 ? 'p>=n' : `p+${length}>n`);
        conditions.push(this.#tests.outside(set, byteAt(i), false));
        return;
      }
      if (head.set?.isWithin(set) !== true) {
        conditions.push(this.#tests.outside(set, head.name, head.set === undefined));
      }
      if (length > 1) conditions.push(`p+${length}>n`);
    });
    const wanted = conditions.filter((condition) => condition !== 'false');
    if (wanted.length > 0) this.#code.emit(`if(${wanted.join('||')})${this.#code.fail(fail)}`);
    this.#code.emit(length === 1 ? 'p++;' : `p+=${length};`);
    this.#code.moved();
  }

  longText(text: string, fail: Failure): void {
    const index = this.#parts.texts.push(text) - 1;
    if (text.length >= PAID_TEXT) {
      const first = text.charCodeAt(0);
      this.#code.emit(`if(p>=n||s.charCodeAt(p)!==${first})${this.#code.fail(fail)}`);
      this.#code.emit(`if((w-=${text.length >> PAID_SHIFT})<0)Q();`);
    }
    this.#code.emit(`if(!s.startsWith(X${index},p))${this.#code.fail(fail)}`);
    this.#code.emit(`p+=${text.length};`);
    this.#code.moved();
  }

  /** Repetitions of a set of bytes. */
  span({ least, most }: RepeatTree, set: ByteSet, fail: Failure, head: Head | undefined): void {
    const code = this.#code;
    if (set.isFull()) {
      if (least > 0) code.emit(`if(p+${least}>n)${code.fail(fail)}`);
      if (most === ENDLESS) code.emit('p=n;');
      else code.emit(least === most ? `p+=${least};` : `p=p+${most}<n?p+${most}:n;`);
      code.moved();
      return;
    }
    const written = least <= UNROLLED ? least : 0;
    if (written > 0) this.run(Array<ByteSet>(written).fill(set), fail, head);
    const rest = most - written;
    if (rest === 1) {
      code.emit(`if(${this.inside(set, written > 0 ? undefined : head)})p++;`);
      code.moved();
      return;
    }
    const start = this.scan(set, rest);
    if (written < least) code.emit(`if(p-${start}<${least})${code.fail(fail)}`);
  }

  /** Goes on over bytes of a set, at most so many; gives the name of a variable with the offset before. */
  scan(set: ByteSet, most: number): string {
    const code = this.#code;
    const test = this.#tests.inside(set, byteAt(0), false);
    const id = code.name();
    const start = `q${id}`;
    const endless = most === ENDLESS;
    const stops = endless ? this.#stops(set) : undefined;
    code.emit(`const ${start}=p;`);
    if (endless && stops === undefined) code.emit(`while(p<n&&(${test}))p++;`);
    else {
      const bound = endless ? LOOKED_AT : most;
      code.emit(`const e${id}=p+${bound}<n?p+${bound}:n;while(p<e${id}&&(${test}))p++;`);
    }
    if (stops !== undefined) {
      code.emit(`if(p===e${id}&&p<n){let x=n,y;`);
      for (const stop of stops) code.emit(`if((y=N(${stop},s,p))<x)x=y;`);
      code.emit('p=x}');
    }
    if (most > UNROLLED) code.emit(`w-=p-${start};`);
    code.moved();
    return start;
  }

  /** Numbers of the bytes that are not in a set, if they are few. */
  #stops(set: ByteSet): number[] | undefined {
    const { stops } = this.#parts;
    const gaps = set.complement().ranges();
    if (gaps.length > MOST_STOPS || gaps.some(([first, last]) => first !== last)) return undefined;
    return gaps.map(([byte]) => {
      const known = stops.indexOf(byte);
      return known >= 0 ? known : stops.push(byte) - 1;
    });
  }
}

function byteAt(offset: number): string {
  return offset === 0 ? 's.charCodeAt(p)' : `s.charCodeAt(p+${offset})`;
}
