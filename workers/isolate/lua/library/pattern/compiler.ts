/**
 * Patterns compiled to JavaScript. A search becomes one function: a loop over the places to begin at, and in it a loop for
 * every repetition that may have to give something back, nested in the order of the pattern. What does not match continues
 * the innermost loop around it; what gets through all of them has matched. So for `(%d*)1$`
 *
 *     L0: for (let b = i, r = i; b <= n; b = r > b ? r : b + 1) {
 *       const q1 = how far %d goes from b;
 *       L1: for (let p1 = q1; p1 >= b; p1--) {
 *         if (p1 + 1 > n || s.charCodeAt(p1) !== 49) continue L1;
 *         if (p1 + 1 !== n) continue L1;
 *         found…; return b;
 *       }
 *     }
 *     return -1;
 *
 * Captures are expressions over the loops' variables, written down when all has matched. A repetition needs no loop where
 * what follows cannot begin with a byte that the repetition ate. `w` counts steps; it is paid in batches and at the end.
 * Nothing of the pattern's text gets into the code: bytes as numbers, literals and tables as arguments.
 */
import { charge, safepoint } from '../../runtime/meter.ts';
import { ALL_BYTES, ByteSet, ByteTests } from './byte-set.ts';
import { FIRST, found, POSITION, type Search } from './captures.ts';
import type { Instantiate } from './instantiate.ts';
import { type Item, type Parsed, parsePattern, type SetItem } from './parser.ts';

/** Longest literal that V8 may look for by itself: its worst case is the product of the lengths. */
const MAX_LITERAL = 16;
/** Pays the steps in `w` when there are many. A step is a quarter of an instruction, a backtrack a whole one. */
const BACKTRACK = 'if((w+=4)>4095)w=pay(w);';

/** What can match at a place: nothing can fail; or some byte of a set must come next, or maybe the subject's end. */
interface Beginning {
  readonly certain: boolean;
  readonly set: ByteSet;
  readonly atEnd: boolean;
}

/** Steps are paid, four for an instruction. */
function pay(steps: number): number {
  charge(steps >> 4);
  return 0;
}

/** The offset behind the text that is balanced from `start` on, or -1. */
function balance(source: string, start: number, open: number, close: number): number {
  if (start >= source.length || source.charCodeAt(start) !== open) return -1;
  let nested = 1;
  let at = start + 1;
  for (; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === close) {
      if (--nested === 0) break;
    } else if (code === open) {
      nested++;
    }
  }
  charge((at - start) >> 4);
  return nested === 0 ? at + 1 : -1;
}

/** What the pattern from its character `from` on compiles to; undefined if it has to stay interpreted. */
export function compilePattern(
  pattern: string,
  from: number,
  anchored: boolean,
  instantiate: Instantiate,
): Search | undefined {
  const parsed = parsePattern(pattern, from);
  if (parsed === undefined) return undefined;
  const writer = new SearchWriter(parsed, anchored);
  const code = writer.write();
  // The text was written above: a function of these parameters.
  const make = instantiate(code) as (
    found: Int32Array,
    pay: (steps: number) => number,
    safepoint: () => void,
    balance: (source: string, start: number, open: number, close: number) => number,
    literal: string,
    tables: readonly Uint8Array[],
  ) => Search;
  const tables = writer.tests.tables.map((set) => set.table());
  return make(found, pay, safepoint, balance, writer.literal, tables);
}

class SearchWriter {
  readonly tests = new ByteTests();
  literal = '';
  readonly #items: readonly Item[];
  readonly #positions: readonly boolean[];
  readonly #anchored: boolean;
  readonly #references: boolean;
  readonly #starts: string[] = [];
  readonly #ends: string[] = [];
  #lines: string[] = [];
  /** The place that has been reached: a variable and an offset to it. */
  #base = 'b';
  #offset = 0;
  /** How many bytes from #base on are known to be there. */
  #known = 0;
  /** The item whose first byte has been tested at #base. */
  #tested = -1;
  /** The innermost loop. */
  #loop = 'L0';
  #names = 0;
  #braces = 0;

  constructor({ items, positions }: Parsed, anchored: boolean) {
    this.#items = items;
    this.#positions = positions;
    this.#anchored = anchored;
    this.#references = items.some(({ kind }) => kind === 'reference');
  }

  write(): string {
    const items = this.#items;
    this.#emit(
      this.#anchored ? 'L0:for(let b=i,r=n+1;b<=n;b=r){' : 'L0:for(let b=i,r=i;b<=n;b=r>b?r:b+1){',
    );
    this.#braces++;
    if (!this.#anchored) this.#emit(BACKTRACK);
    let index = this.#anchored ? 0 : this.#seek();
    while (index < items.length) index = this.#item(index);
    this.#success();
    const body = this.#lines.join('\n');
    const tables = this.tests.tables.map((_, i) => `const t${i}=tables[${i}];`).join('');
    return (
      `(function(found,pay,safepoint,balance,literal,tables){"use strict";${tables}\n` +
      `return(function(s,i){const n=s.length;let w=0,c=0;\n${body}${'}'.repeat(this.#braces)}\n` +
      'if(($left-=1+(w>>2))<0)safepoint();return -1})})'
    );
  }

  #emit(line: string): void {
    this.#lines.push(line);
  }

  #place(offset = this.#offset): string {
    return offset === 0 ? this.#base : `${this.#base}+${offset}`;
  }

  #moveTo(variable: string): void {
    this.#base = variable;
    this.#offset = 0;
    this.#known = 0;
  }

  #unless(condition: string): void {
    if (condition !== 'true') this.#emit(`if(!(${condition}))continue ${this.#loop};`);
  }

  /** Is the byte at a place in the set? */
  #test(set: ByteSet, place: string): string {
    return this.tests.inside(set, `s.charCodeAt(${place})`);
  }

  /** Goes on to the next place where the match can begin; returns the first item that is still to be tested. */
  #seek(): number {
    const items = this.#items;
    let index = 0;
    let bytes = '';
    while (bytes.length < MAX_LITERAL) {
      const item = items[index];
      if (item === undefined) break;
      if (item.kind === 'set') {
        const byte = item.set.onlyByte();
        if (byte === undefined || item.least === 0 || item.most > 1) break;
        bytes += String.fromCharCode(byte);
        this.#offset++;
      } else if (!this.#note(item)) break;
      index++;
    }
    if (bytes !== '') {
      this.literal = bytes;
      this.#known = bytes.length;
      this.#emit('{const a=b;b=s.indexOf(literal,b);if(b<0){w+=(n-a)>>2;break L0}w+=(b-a)>>2}');
      return index;
    }
    const { certain, set, atEnd } = this.#beginning(0);
    if (!certain && !set.isFull()) {
      const test = this.#test(set, 'b');
      this.#emit(`{const a=b;while(b<n&&!(${test}))b++;w+=b-a;${atEnd ? '' : 'if(b>=n)break;'}}`);
      const item = items[index];
      if (item?.kind === 'set' && item.least === 1) {
        this.#tested = index;
        this.#known = 1;
      }
    }
    return index;
  }

  /** Writes down where a capture begins or ends, if that is what the item is. */
  #note(item: Item): boolean {
    switch (item.kind) {
      case 'open':
      case 'position':
        this.#starts[item.index] = this.#place();
        return true;
      case 'close':
        this.#ends[item.index] = this.#place();
        return true;
      default:
        return false;
    }
  }

  /** Writes one item, or a run of single bytes; returns the index behind it. */
  #item(index: number): number {
    const item = this.#items[index] as Item; // the index is within
    switch (item.kind) {
      case 'set':
        if (item.least === 1 && item.most === 1) return this.#run(index);
        this.#repetition(item, index);
        break;
      case 'end':
        this.#unless(`${this.#place()}===n`);
        break;
      case 'balance': {
        const end = this.#name('p');
        this.#emit(`const ${end}=balance(s,${this.#place()},${item.open},${item.close});`);
        this.#unless(`${end}>=0`);
        this.#moveTo(end);
        break;
      }
      case 'frontier': {
        const here = this.#place();
        const before = `(${here}===0?0:s.charCodeAt(${here}-1))`;
        this.#unless(`!(${this.tests.inside(item.set, before)})`);
        this.#unless(this.tests.inside(item.set, `(${here}<n?s.charCodeAt(${here}):0)`));
        break;
      }
      case 'reference': {
        const from = this.#starts[item.index] ?? '';
        const length = this.#name('l');
        const end = this.#name('p');
        this.#emit(`const ${length}=${this.#ends[item.index]}-(${from});w+=${length}>>2;`);
        this.#emit(`const ${end}=${this.#place()}+${length};`);
        this.#unless(
          `${end}<=n&&s.substring(${from},${from}+${length})===s.substring(${this.#place()},${end})`,
        );
        this.#moveTo(end);
        break;
      }
      default:
        this.#note(item);
    }
    return index + 1;
  }

  #name(letter: string): string {
    this.#names++;
    return `${letter}${this.#names}`;
  }

  /** Single bytes, one after the other: one look at the length for all. */
  #run(from: number): number {
    const conditions: string[] = [];
    let index = from;
    let offset = this.#offset;
    for (; index < this.#items.length; index++) {
      const item = this.#items[index] as Item; // the index is within
      if (item.kind === 'set' && item.least === 1) {
        const test = this.#test(item.set, this.#place(offset));
        if (test !== 'true' && index !== this.#tested) conditions.push(test);
        offset++;
        // A repetition needs its first byte here; it is written by itself.
        if (item.most > 1) break;
        this.#offset = offset;
      } else if (!this.#note(item)) break;
    }
    if (offset > this.#known) conditions.unshift(`${this.#place(offset)}<=n`);
    this.#known = offset;
    if (conditions.length > 0) this.#unless(conditions.join('&&'));
    return index;
  }

  #repetition(item: SetItem, index: number): void {
    const { set, least, lazy } = item;
    if (least === 1 && this.#known <= this.#offset) {
      this.#unless(`${this.#place()}<n`);
      this.#unless(this.#test(set, this.#place()));
    }
    const first = this.#place(this.#offset + least);
    const rest = this.#beginning(index + 1);
    // What never has to be shorter or longer needs no loop.
    const settled = rest.certain || set.isDisjointFrom(rest.set);
    const start = this.#name('m');
    this.#emit(`const ${start}=${first};`);
    if (lazy && rest.certain) {
      this.#moveTo(start);
      return;
    }
    if (lazy && !settled) this.#shortest(set, rest, start);
    else this.#longest(item, start, settled);
    this.#skip(item, index, settled);
  }

  #longest({ set, most }: SetItem, start: string, settled: boolean): void {
    const end = this.#name('q');
    const test = this.#test(set, end);
    if (most === 1) {
      this.#emit(`let ${end}=${start};if(${end}<n&&${test})${end}++;`);
    } else if (test === 'true') {
      this.#emit(`const ${end}=n;`);
    } else {
      this.#emit(`let ${end}=${start};while(${end}<n&&${test})${end}++;w+=${end}-${start};`);
    }
    this.#moveTo(end);
    if (settled) return;
    const at = this.#name('p');
    this.#open(`for(let ${at}=${end};${at}>=${start};${at}--){${BACKTRACK}`);
    this.#moveTo(at);
  }

  #shortest(set: ByteSet, rest: Beginning, start: string): void {
    const at = this.#name('p');
    const outer = this.#loop;
    const goOn = set.isFull() ? 'true' : this.#test(set, `${at}-1`);
    const advance = goOn === 'true' ? `${at}<=n` : `${at}===${start}||(${at}<=n&&${goOn})`;
    this.#open(`for(let ${at}=${start};${advance};${at}++){${BACKTRACK}`);
    this.#moveTo(at);
    if (rest.set.isFull()) return;
    // Straight to the next place where the rest can begin.
    const from = this.#name('a');
    const stop = goOn === 'true' ? '' : `if(!(${this.#test(set, at)}))continue ${outer};`;
    const begins = this.#test(rest.set, at);
    this.#emit(`const ${from}=${at};for(;${at}<n;${at}++){if(${begins})break;${stop}}`);
    this.#emit(`w+=${at}-${from};${rest.atEnd ? '' : `if(${at}>=n)continue ${outer};`}`);
  }

  #open(head: string): void {
    this.#loop = this.#name('L');
    this.#emit(`${this.#loop}:${head}`);
    this.#braces++;
  }

  /** If the pattern begins with this repetition: the places it passed need not be tried once more when the rest fails. */
  #skip(item: SetItem, index: number, settled: boolean): void {
    if (this.#anchored || this.#references || item.most === 1) return;
    if (this.#items.slice(0, index).some(({ kind }) => kind !== 'open' && kind !== 'position')) {
      return;
    }
    if (item.set.isFull()) this.#emit('r=n+1;');
    else if (settled) this.#emit(`r=${this.#base}+1;`);
  }

  /** What the items from `index` on need. */
  #beginning(index: number): Beginning {
    const set = new ByteSet();
    for (let i = index; i < this.#items.length; i++) {
      const item = this.#items[i] as Item; // the index is within
      switch (item.kind) {
        case 'set':
          set.addAll(item.set);
          if (item.least === 1) return { certain: false, set, atEnd: false };
          break;
        case 'end':
          return { certain: false, set, atEnd: true };
        case 'balance':
          set.addRange(item.open, item.open);
          return { certain: false, set, atEnd: false };
        case 'frontier':
          set.addAll(item.set);
          return { certain: false, set, atEnd: item.set.has(0) };
        case 'reference':
          return { certain: false, set: ALL_BYTES, atEnd: true };
        default:
      }
    }
    return { certain: true, set, atEnd: true };
  }

  #success(): void {
    const count = this.#positions.length;
    const writes = [`found[0]=${this.#place()};found[1]=${count};`];
    for (let i = 0; i < count; i++) {
      const start = this.#starts[i] ?? '';
      const length = this.#positions[i] ? String(POSITION) : `${this.#ends[i]}-(${start})`;
      writes.push(`found[${FIRST + 2 * i}]=${start};found[${FIRST + 1 + 2 * i}]=${length};`);
    }
    this.#emit(`${writes.join('')}if(($left-=1+(w>>2))<0)safepoint();return b;`);
  }
}
