/**
 * Writes one unit of a pattern as a function of JavaScript: `u3(s, p)` matches at offset `p` of `s` and returns the offset
 * behind the match, or -1. A failure leaves a labelled block, whatever it goes on with:
 *
 *     D1:{const c1=p<n?s.charCodeAt(p):256;       the byte that all alternatives look at
 *     if(c1===97){const q2=p;A2:{                 "a" …
 *     if(p+2>n||s.charCodeAt(p+1)!==98)break A2;
 *     p+=2;
 *     …break D1;}p=q2;}                           back to where it began, on to the next one
 *     …}
 *
 * `t` is where the next capture is recorded: it goes back like `p`. What else stands in the code is in code-writer.ts.
 */
import type { GuestValue } from '../../engine.ts';
import { ALL_BYTES, type ByteSet, END, NO_BYTES, singleByte } from './byte-set.ts';
import type { ByteTests } from './byte-tests.ts';
import {
  andEntries,
  choicePoint,
  type Follow,
  firstOf,
  followsOf,
  notEntries,
  restsOf,
} from './choice-points.ts';
import { type Facts, TRUE_FACTS } from './facts.ts';
import type { Plan, Unit } from './plan.ts';
import type { CaptureTree, PredicateTree, RepeatTree, RuntimeTree, Tree } from './tree.ts';

/** Repetitions of a set that are written one by one at most. */
const UNROLLED = 8;
/** Longer texts are compared by a built-in. */
const INLINE_TEXT = 24;
/** Parts of a body that are looked at for one step. */
const PARTS_PER_STEP = 16;
/** A search for so many bytes, by a built-in, takes the place of a look at each byte … */
const MOST_STOPS = 3;
/** … when so many have been looked at. */
const LOOKED_AT = 8;

/** What all units of a pattern share. */
export interface CodeParts {
  readonly tests: ByteTests;
  /** Texts that are compared by a built-in. */
  readonly texts: string[];
  /** Bytes that are searched for by a built-in. */
  readonly stops: number[];
}

/** Where a failure goes, and what held there. */
interface Failure {
  readonly text: string;
  readonly place: number;
  readonly mark: number;
  /** Some failure comes from another offset … */
  moved: boolean;
  /** … or after captures were recorded. */
  recorded: boolean;
}

/** A variable that has the byte at `p`, or END; with `set` it is a byte of that. */
interface Head {
  readonly name: string;
  readonly set: ByteSet | undefined;
}

interface Spot {
  readonly fail: Failure;
  readonly follow: Follow;
  /** Entries that upstream's stack has for this unit. */
  readonly pending: number;
  /** It is the end of something optional: a choice point is there already. */
  readonly optional: boolean;
  /** The rule ends here. */
  readonly tail: boolean;
  readonly head: Head | undefined;
}

export class UnitWriter {
  readonly #plan: Plan;
  readonly #unit: Unit;
  readonly #tests: ByteTests;
  readonly #parts: CodeParts;
  readonly #lines: string[] = [];
  #names = 0;
  /** Changes whenever `p` or `t` may have changed. */
  #place = 0;
  #mark = 0;
  #changes = 0;
  #loops = false;

  constructor(plan: Plan, unit: Unit, parts: CodeParts) {
    this.#plan = plan;
    this.#unit = unit;
    this.#parts = parts;
    this.#tests = parts.tests;
  }

  write(): string {
    const { index, tree, grammar, rule, tail } = this.#unit;
    const whole = rule || index === 0;
    const quick = rule
      ? this.#quickBytes(tree, (part, last) => last && this.#isStep(part))
      : undefined;
    if (quick !== undefined) {
      this.#scan(quick, Number.POSITIVE_INFINITY);
      this.#moved();
    }
    this.#content(tree, {
      fail: { text: 'return -1;', place: 0, mark: 0, moved: false, recorded: false },
      follow: whole ? ALL_BYTES : undefined,
      pending: 0,
      optional: false,
      tail,
      head: undefined,
    });
    const pay = pays(this.#plan.sizeOf(tree, grammar));
    const body = `${this.#lines.join('\n')}\nreturn p`;
    const looped = this.#loops ? `R:for(;;){${body}}` : body;
    return `function u${index}(s,p){const n=s.length;${pay}\n${looped}}`;
  }

  #emit(line: string): void {
    this.#lines.push(line);
  }

  #facts(tree: Tree): Facts {
    return this.#plan.factsOf(tree, this.#unit.grammar);
  }

  #moved(): void {
    this.#place = ++this.#changes;
  }

  #recorded(): void {
    this.#mark = ++this.#changes;
  }

  #fail(failure: Failure): string {
    if (failure.place !== this.#place) failure.moved = true;
    if (failure.mark !== this.#mark) failure.recorded = true;
    return failure.text;
  }

  #part(tree: Tree, spot: Spot): void {
    if (this.#plan.isSeparate(tree, this.#unit.grammar)) this.#callUnit(tree, spot);
    else this.#content(tree, spot);
  }

  #content(tree: Tree, spot: Spot): void {
    switch (tree.kind) {
      case 'true':
        break;
      case 'false':
        this.#emit(this.#fail(spot.fail));
        break;
      case 'set':
      case 'text':
        this.#sequence([tree], spot);
        break;
      case 'sequence':
        this.#sequence(this.#plan.members(tree, this.#unit.grammar), spot);
        break;
      case 'choice':
        this.#choice(this.#plan.members(tree, this.#unit.grammar), spot);
        break;
      case 'repeat':
        if (tree.body.kind === 'set') this.#sequence([tree], spot);
        else this.#repeat(tree, spot);
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
        this.#runtime(tree, spot);
        break;
      case 'call':
        this.#callRule(tree.name, spot);
        break;
      case 'grammar': {
        const [first] = tree.grammar.rules;
        if (first !== undefined) {
          const { index } = this.#plan.ruleUnit(tree.grammar, first);
          this.#callDeeper(index, spot);
        }
        break;
      }
      default:
        tree satisfies never;
    }
  }

  #sequence(items: readonly Tree[], spot: Spot): void {
    const follows = followsOf(
      items.map((item) => this.#facts(item)),
      spot.follow,
    );
    let head = spot.head;
    for (let i = 0; i < items.length; ) {
      const bytes: ByteSet[] = [];
      const from = i;
      while (i < items.length) {
        const single = this.#singles(items[i] as Tree); // within the list
        if (single === undefined) break;
        bytes.push(...single);
        i++;
      }
      if (i > from) {
        this.#run(bytes, { ...spot, head });
        head = undefined;
        continue;
      }
      const item = items[i] as Tree; // within the list
      const last = i === items.length - 1;
      const inner: Spot = {
        ...spot,
        follow: follows[i],
        optional: spot.optional && last,
        tail: spot.tail && last,
        head,
      };
      const place = this.#place;
      if (item.kind === 'text') this.#longText(item.text, spot.fail);
      else if (item.kind === 'repeat' && item.body.kind === 'set') {
        this.#span(item, item.body.set, inner);
      } else this.#part(item, inner);
      if (this.#place !== place) head = undefined;
      i++;
    }
  }

  /** The sets of what takes a few single bytes and nothing else. */
  #singles(tree: Tree): readonly ByteSet[] | undefined {
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
  #run(bytes: readonly ByteSet[], { fail, head }: Spot): void {
    const { length } = bytes;
    const conditions: string[] = [];
    bytes.forEach((set, i) => {
      if (i === 0 && head !== undefined) {
        if (head.set === undefined) conditions.push(this.#tests.outside(set, head.name, true));
        else if (!head.set.isWithin(set)) {
          conditions.push(this.#tests.outside(set, head.name, false));
        }
        if (length > 1) conditions.push(`p+${length}>n`);
      } else {
        if (i === 0) conditions.push(length === 1 ? 'p>=n' : `p+${length}>n`);
        conditions.push(this.#tests.outside(set, byteAt(i), false));
      }
    });
    const wanted = conditions.filter((condition) => condition !== 'false');
    if (wanted.length > 0) this.#emit(`if(${wanted.join('||')})${this.#fail(fail)}`);
    this.#emit(length === 1 ? 'p++;' : `p+=${length};`);
    this.#moved();
  }

  #longText(text: string, fail: Failure): void {
    const index = this.#parts.texts.push(text) - 1;
    this.#emit(`if(!s.startsWith(X${index},p))${this.#fail(fail)}`);
    this.#emit(`p+=${text.length};`);
    this.#moved();
  }

  /** Repetitions of a set of bytes. */
  #span({ least, most }: RepeatTree, set: ByteSet, spot: Spot): void {
    if (set.isFull()) {
      if (least > 0) this.#emit(`if(p+${least}>n)${this.#fail(spot.fail)}`);
      if (most === Number.POSITIVE_INFINITY) this.#emit('p=n;');
      else this.#emit(least === most ? `p+=${least};` : `p=p+${most}<n?p+${most}:n;`);
      this.#moved();
      return;
    }
    const written = least <= UNROLLED ? least : 0;
    if (written > 0) this.#run(Array<ByteSet>(written).fill(set), spot);
    const rest = most - written;
    if (rest === 1) this.#emit(`if(p<n&&(${this.#tests.inside(set, byteAt(0), false)}))p++;`);
    else {
      const start = this.#scan(set, rest);
      if (written < least) {
        this.#moved();
        this.#emit(`if(p-${start}<${least})${this.#fail(spot.fail)}`);
      }
    }
    this.#moved();
  }

  /** Goes on over bytes of a set, at most so many; gives the name of a variable with the offset before. */
  #scan(set: ByteSet, most: number): string {
    const test = this.#tests.inside(set, byteAt(0), false);
    const id = this.#names++;
    const start = `q${id}`;
    this.#emit(`const ${start}=p;`);
    const stops = this.#stops(set);
    if (most === Number.POSITIVE_INFINITY && stops !== undefined) {
      this.#emit(`const e${id}=p+${LOOKED_AT}<n?p+${LOOKED_AT}:n;`);
      this.#emit(`while(p<e${id}&&(${test}))p++;`);
      const [first, ...others] = stops.map((stop) => `N(${stop},s,p)`);
      this.#emit(`if(p===e${id}&&p<n){let x=${first ?? 'n'};`);
      for (const other of others) this.#emit(`{const y=${other};if(y<x)x=y}`);
      this.#emit('p=x}');
    } else if (most === Number.POSITIVE_INFINITY) this.#emit(`while(p<n&&(${test}))p++;`);
    else {
      this.#emit(`const e${id}=p+${most}<n?p+${most}:n;`);
      this.#emit(`while(p<e${id}&&(${test}))p++;`);
    }
    if (most > UNROLLED) this.#emit(`w-=p-${start};`);
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

  /** A variable with the byte at `p`. */
  #head(known: Head | undefined): Head {
    if (known !== undefined) return known;
    const name = `c${this.#names++}`;
    this.#emit(`const ${name}=p<n?s.charCodeAt(p):${END};`);
    return { name, set: undefined };
  }

  #insideHead(set: ByteSet, head: Head): string {
    if (head.set?.isWithin(set) === true) return 'true';
    return this.#tests.inside(set, head.name, head.set === undefined);
  }

  /**
   * Writes what may fail without failing the whole: then `p` and `t` go back to what they were, and the code goes on behind
   * it. `then` is what comes when all went well.
   */
  #attempt(write: (fail: Failure) => void, then: () => string): void {
    const id = this.#names++;
    const before = this.#lines.push('') - 1;
    const fail = {
      text: `break A${id};`,
      place: this.#place,
      mark: this.#mark,
      moved: false,
      recorded: false,
    };
    this.#emit(`A${id}:{`);
    write(fail);
    this.#emit(`${then()}}`);
    let saved = '';
    let restored = '';
    if (fail.moved) {
      saved += `const q${id}=p;`;
      restored += `p=q${id};`;
    }
    if (fail.recorded) {
      saved += `const r${id}=t;`;
      restored += `t=r${id};`;
    }
    this.#lines[before] = saved;
    this.#emit(restored);
    this.#place = fail.place;
    this.#mark = fail.mark;
  }

  #choice(alternatives: readonly Tree[], spot: Spot): void {
    const facts = alternatives.map((tree) => this.#facts(tree));
    const rests = restsOf(facts);
    const place = this.#place;
    const mark = this.#mark;
    const done = `D${this.#names++}`;
    this.#emit(`${done}:{`);
    let head = spot.head;
    alternatives.forEach((tree, i) => {
      this.#place = place;
      this.#mark = mark;
      const rest = rests[i + 1];
      if (rest === undefined) {
        this.#part(tree, { ...spot, head });
        return;
      }
      const own = facts[i] as Facts; // as many as alternatives
      const point = choicePoint(own, rest, spot.follow, spot.optional && rest === TRUE_FACTS);
      let inner: Spot = { ...spot, optional: false, head };
      if (own.untestable === 0) {
        const first = firstOf(own);
        head = this.#head(head);
        const test = this.#insideHead(first, head);
        this.#emit(`if(${test}){`);
        inner = {
          ...inner,
          head: { name: head.name, set: head.set?.intersection(first) ?? first },
        };
      }
      const leave = (): string => `break ${done};`;
      if (point.direct) {
        this.#part(tree, inner);
        this.#emit(leave());
      } else {
        this.#attempt((fail) => {
          const { pending } = spot;
          this.#part(tree, {
            ...inner,
            fail,
            follow: ALL_BYTES,
            pending: pending + point.entries,
            optional: rest === TRUE_FACTS,
            tail: false,
          });
        }, leave);
      }
      if (own.untestable === 0) this.#emit('}');
    });
    this.#emit('}');
    this.#moved();
    if (rests[0]?.captures === true) this.#recorded();
  }

  #repeat({ body, least, most }: RepeatTree, spot: Spot): void {
    const facts = this.#facts(body);
    const point = choicePoint(facts, TRUE_FACTS, spot.follow, spot.optional);
    const id = this.#names++;
    const counted = least > 0 || most !== Number.POSITIVE_INFINITY;
    if (counted) this.#emit(`let k${id}=0;`);
    this.#moved();
    if (facts.captures) this.#recorded();
    const bound = most === Number.POSITIVE_INFINITY ? '' : `k${id}<${most}`;
    this.#emit(`L${id}:for(;${bound};){`);
    let inner: Spot = {
      ...spot,
      follow: ALL_BYTES,
      pending: spot.pending + point.entries,
      optional: false,
      tail: false,
      head: undefined,
    };
    const quick = this.#quickBytes(body, (tree) => tree.kind === 'set');
    if (quick !== undefined && bound === '') {
      const start = this.#scan(quick, most);
      if (counted) this.#emit(`k${id}+=p-${start};`);
    }
    if (facts.untestable === 0) {
      const first = firstOf(facts);
      const { name } = this.#head(undefined);
      this.#emit(`if(${this.#tests.outside(first, name, true)})break;`);
      inner = { ...inner, head: { name, set: first } };
    }
    const next = `${counted ? `k${id}++;` : ''}${pays(this.#plan.sizeOf(body, this.#unit.grammar))}`;
    const place = this.#place;
    const mark = this.#mark;
    if (point.direct) {
      this.#part(body, inner);
      this.#emit(`${next}}`);
    } else {
      this.#attempt(
        (fail) => this.#part(body, { ...inner, fail }),
        () => `${next}continue L${id};`,
      );
      this.#emit('break;}');
    }
    this.#place = place;
    this.#mark = mark;
    if (least > 0) this.#emit(`if(k${id}<${least})${this.#fail(spot.fail)}`);
  }

  /**
   * Bytes for which a choice does nothing but go on over them: an alternative that `isQuick` says yes to begins with them, and
   * none before it does. Undefined when there are none.
   */
  #quickBytes(
    tree: Tree,
    isQuick: (alternative: Tree, last: boolean) => boolean,
  ): ByteSet | undefined {
    if (tree.kind !== 'choice' || this.#plan.isSeparate(tree, this.#unit.grammar)) return undefined;
    let before = NO_BYTES;
    let quick = NO_BYTES;
    const alternatives = this.#plan.members(tree, this.#unit.grammar);
    for (const alternative of alternatives) {
      const facts = this.#facts(alternative);
      const first = firstOf(facts);
      if (isQuick(alternative, alternative === alternatives.at(-1)))
        quick = quick.union(first.minus(before));
      if (facts.untestable !== 0) break;
      before = before.union(first);
    }
    return quick.isEmpty() ? undefined : quick;
  }

  /** A byte of a set, and then the rule that it is in once more: how a pattern searches. */
  #isStep(tree: Tree): boolean {
    const { grammar } = this.#unit;
    if (tree.kind !== 'sequence' || grammar === undefined) return false;
    const { first, second } = tree;
    return (
      first.kind === 'set' &&
      second.kind === 'call' &&
      grammar.ruleOf(second.name).tree === this.#unit.tree
    );
  }

  #predicate(tree: PredicateTree, spot: Spot): void {
    const { body } = tree;
    const facts = this.#facts(body);
    const place = this.#place;
    const mark = this.#mark;
    const inner: Spot = { ...spot, follow: ALL_BYTES, optional: false, tail: false };
    if (tree.kind === 'behind') {
      const { length } = facts;
      if (length > 0) {
        this.#emit(`if(p<${length})${this.#fail(spot.fail)}`);
        this.#emit(`p-=${length};`);
        this.#moved();
      }
      this.#part(body, { ...inner, head: undefined });
    } else if (tree.kind === 'and') {
      const id = this.#names++;
      const before = this.#lines.push('') - 1;
      this.#part(body, { ...inner, pending: spot.pending + andEntries(facts) });
      let saved = '';
      if (this.#place !== place) {
        saved += `const q${id}=p;`;
        this.#emit(`p=q${id};`);
      }
      if (this.#mark !== mark) {
        saved += `const r${id}=t;`;
        this.#emit(`t=r${id};`);
      }
      this.#lines[before] = saved;
    } else this.#not(body, facts, inner);
    this.#place = place;
    this.#mark = mark;
  }

  #not(body: Tree, facts: Facts, spot: Spot): void {
    const testable = facts.untestable === 0;
    let { head } = spot;
    const first = firstOf(facts);
    if (testable && facts.headOnly) {
      const test =
        head === undefined
          ? `p<n&&(${this.#tests.inside(first, byteAt(0), false)})`
          : this.#insideHead(first, head);
      this.#emit(`if(${test})${this.#fail(spot.fail)}`);
      return;
    }
    // The variable must be gone with what it is for: the block ends where the predicate does.
    this.#emit('{');
    if (testable) {
      head = this.#head(head);
      this.#emit(`if(${this.#insideHead(first, head)}){`);
      head = { name: head.name, set: head.set?.intersection(first) ?? first };
    }
    this.#attempt(
      (fail) => {
        this.#part(body, { ...spot, fail, head, pending: spot.pending + notEntries(facts) });
      },
      () => this.#fail(spot.fail),
    );
    this.#emit(testable ? '}}' : '}');
  }

  #capture(tree: CaptureTree, spot: Spot): void {
    const { body } = tree;
    const facts = this.#facts(body);
    const number = this.#plan.captureNumber(tree.capture);
    const inner: Spot = { ...spot, optional: false, tail: false };
    if (facts.captures) this.#open(number, body, inner, (open) => this.#emit(`C(${open},p);`));
    else if (facts.length >= 0) {
      this.#part(body, inner);
      this.#emit(`P(${number},p${facts.length === 0 ? '' : `-${facts.length}`},p);`);
    } else {
      const id = this.#names++;
      this.#emit(`const q${id}=p;`);
      this.#part(body, inner);
      this.#emit(`P(${number},q${id},p);`);
    }
    this.#recorded();
  }

  #open(number: number, body: Tree, spot: Spot, close: (open: string) => void): void {
    const open = `o${this.#names++}`;
    this.#emit(`const ${open}=O(${number},p);`);
    this.#recorded();
    this.#part(body, spot);
    close(open);
  }

  #runtime(tree: RuntimeTree, spot: Spot): void {
    const number = this.#plan.captureNumber(tree);
    const inner: Spot = { ...spot, follow: ALL_BYTES, optional: false, tail: false };
    this.#open(number, tree.body, inner, (open) => {
      this.#emit(`p=M(${open},s,p);`);
      this.#moved();
      this.#emit(`if(p<0)${this.#fail(spot.fail)}`);
    });
    this.#recorded();
  }

  #callRule(name: GuestValue, spot: Spot): void {
    const { grammar } = this.#unit;
    if (grammar === undefined) throw new Error('a call outside of a grammar');
    const unit = this.#plan.ruleUnit(grammar, grammar.ruleOf(name));
    if (!spot.tail) this.#callDeeper(unit.index, spot);
    else if (unit === this.#unit) {
      this.#loops = true;
      this.#emit(`${pays(this.#plan.sizeOf(unit.tree, grammar))}continue R;`);
    } else this.#emit(`e=p;return ${-2 - unit.index};`);
    // What comes behind is never reached, but must not be taken for the same place.
    this.#moved();
    this.#recorded();
  }

  /** A call that takes an entry of the stack. */
  #callDeeper(index: number, spot: Spot): void {
    const entries = 1 + spot.pending;
    this.#emit(
      `d+=${entries};p=d>D?V(${index},s,p):u${index}(s,p);if(p<-1)p=Y(s,p);d-=${entries};`,
    );
    this.#moved();
    this.#recorded();
    this.#emit(`if(p<0)${this.#fail(spot.fail)}`);
  }

  #callUnit(tree: Tree, spot: Spot): void {
    const { tail } = spot;
    const { index } = this.#plan.unit(tree, this.#unit.grammar, tail, false);
    if (tail) {
      this.#emit(`return u${index}(s,p);`);
      return;
    }
    const facts = this.#facts(tree);
    const counts = tree.recursive && spot.pending > 0;
    const call = `p=u${index}(s,p);`;
    this.#emit(counts ? `d+=${spot.pending};${call}d-=${spot.pending};` : call);
    this.#moved();
    if (facts.captures) this.#recorded();
    this.#emit(`if(p<0)${this.#fail(spot.fail)}`);
  }
}

function byteAt(offset: number): string {
  return offset === 0 ? 's.charCodeAt(p)' : `s.charCodeAt(p+${offset})`;
}

/** Pays for what is about to be matched. */
function pays(parts: number): string {
  return `if((w-=${1 + Math.floor(parts / PARTS_PER_STEP)})<0)Q();`;
}
