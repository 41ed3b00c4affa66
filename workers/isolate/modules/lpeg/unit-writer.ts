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
import { ALL_BYTES, type ByteSet, NO_BYTES } from './byte-set.ts';
import { ByteWriter, type CodeParts, type Head } from './byte-writer.ts';
import {
  andEntries,
  choicePoint,
  type Follow,
  firstOf,
  followsOf,
  notEntries,
  restsOf,
} from './choice-points.ts';
import { CodeBuffer, type Failure } from './code-buffer.ts';
import { ENDLESS, type Facts, TRUE_FACTS } from './facts.ts';
import type { Plan, Unit } from './plan.ts';
import type { CaptureTree, PredicateTree, RepeatTree, RuntimeTree, Tree } from './tree.ts';

/** Parts of a body that are looked at for one step. */
const PARTS_PER_STEP = 16;

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
  readonly #code = new CodeBuffer();
  readonly #bytes: ByteWriter;
  #loops = false;

  constructor(plan: Plan, unit: Unit, parts: CodeParts) {
    this.#plan = plan;
    this.#unit = unit;
    this.#bytes = new ByteWriter(this.#code, parts);
  }

  write(): string {
    const { index, tree, rule, tail } = this.#unit;
    const code = this.#code;
    const fail = code.failure('return -1;');
    const steps = rule
      ? this.#quickBytes(tree, (part, last) => last && this.#isStep(part))
      : NO_BYTES;
    if (!steps.isEmpty()) this.#bytes.scan(steps, ENDLESS);
    const follow = rule || index === 0 ? ALL_BYTES : undefined;
    this.#content(tree, { fail, follow, pending: 0, optional: false, tail, head: undefined });
    const body = `${code.text}\nreturn p`;
    const looped = this.#loops ? `R:for(;;){${body}}` : body;
    return `function u${index}(s,p){const n=s.length;${this.#pay(tree)}\n${looped}}`;
  }

  #facts(tree: Tree): Facts {
    return this.#plan.factsOf(tree, this.#unit.grammar);
  }

  /** Pays for what is about to be matched. */
  #pay(tree: Tree): string {
    const parts = this.#plan.sizeOf(tree, this.#unit.grammar);
    return `if((w-=${1 + Math.floor(parts / PARTS_PER_STEP)})<0)Q();`;
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
        this.#code.emit(this.#code.fail(spot.fail));
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
        if (first === undefined) break;
        this.#callDeeper(this.#plan.ruleUnit(tree.grammar, first).index, spot);
        break;
      }
      default:
        tree satisfies never;
    }
  }

  #sequence(items: readonly Tree[], spot: Spot): void {
    const facts = items.map((item) => this.#facts(item));
    const follows = followsOf(facts, spot.follow);
    let { head } = spot;
    for (let i = 0; i < items.length; ) {
      const { place } = this.#code;
      const bytes: ByteSet[] = [];
      for (; i < items.length; i++) {
        const singles = this.#bytes.singles(items[i] as Tree); // within the list
        if (singles === undefined) break;
        bytes.push(...singles);
      }
      if (bytes.length > 0) this.#bytes.run(bytes, spot.fail, head);
      else {
        const last = i === items.length - 1;
        this.#item(items[i] as Tree, {
          ...spot,
          follow: follows[i],
          optional: spot.optional && last,
          tail: spot.tail && last,
          head,
        });
        i++;
      }
      if (this.#code.place !== place) head = undefined;
    }
  }

  #item(item: Tree, spot: Spot): void {
    if (item.kind === 'text') this.#bytes.longText(item.text, spot.fail);
    else if (item.kind === 'repeat' && item.body.kind === 'set') {
      this.#bytes.span(item, item.body.set, spot.fail, spot.head);
    } else this.#part(item, spot);
  }

  #choice(alternatives: readonly Tree[], spot: Spot): void {
    const code = this.#code;
    const facts = alternatives.map((tree) => this.#facts(tree));
    const rests = restsOf(facts);
    const { place, mark } = code;
    const done = `D${code.name()}`;
    code.emit(`${done}:{`);
    let { head } = spot;
    alternatives.forEach((tree, i) => {
      code.place = place;
      code.mark = mark;
      const rest = rests[i + 1];
      if (rest === undefined) {
        this.#part(tree, { ...spot, head });
        return;
      }
      const own = facts[i] as Facts; // as many as alternatives
      const empty = rest === TRUE_FACTS;
      const point = choicePoint(own, rest, spot.follow, spot.optional && empty);
      const testable = own.untestable === 0;
      const first = firstOf(own);
      if (testable) {
        head = this.#bytes.head(head);
        code.emit(`if(${this.#bytes.inside(first, head)}){`);
      }
      const inner: Spot = {
        ...spot,
        optional: false,
        head: testable ? narrowed(head, first) : head,
      };
      const leave = `break ${done};`;
      if (point.direct) {
        this.#part(tree, inner);
        code.emit(leave);
      } else {
        const pending = spot.pending + point.entries;
        code.attempt(
          (fail) => {
            const tried = { fail, pending, follow: ALL_BYTES, optional: empty, tail: false };
            this.#part(tree, { ...inner, ...tried });
          },
          () => leave,
        );
      }
      if (testable) code.emit('}');
    });
    code.emit('}');
    code.moved();
    if (rests[0]?.captures === true) code.recorded();
  }

  #repeat({ body, least, most }: RepeatTree, spot: Spot): void {
    const code = this.#code;
    const facts = this.#facts(body);
    const point = choicePoint(facts, TRUE_FACTS, spot.follow, spot.optional);
    const endless = most === ENDLESS;
    const once = most === 1;
    const counted = least > 0 || (!endless && !once);
    const id = code.name();
    const leave = `break L${id};`;
    const turn = `${counted ? `k${id}++;` : ''}${this.#pay(body)}`;
    const next = once ? leave : `${turn}continue L${id};`;
    if (counted) code.emit(`let k${id}=0;`);
    code.moved();
    if (facts.captures) code.recorded();
    code.emit(once ? `L${id}:{` : `L${id}:for(;${endless ? '' : `k${id}<${most}`};){`);
    const quick = endless ? this.#quickBytes(body, ({ kind }) => kind === 'set') : NO_BYTES;
    if (!quick.isEmpty()) {
      const start = this.#bytes.scan(quick, most);
      if (counted) code.emit(`k${id}+=p-${start};`);
    }
    const { place, mark } = code;
    let head: Head | undefined;
    if (facts.untestable === 0) {
      head = this.#bytes.head(undefined);
      code.emit(`if(${this.#bytes.outside(firstOf(facts), head)})${leave}`);
      head = narrowed(head, firstOf(facts));
    }
    const pending = spot.pending + point.entries;
    const inner = { ...spot, pending, head, follow: ALL_BYTES, optional: false, tail: false };
    if (point.direct) {
      this.#part(body, inner);
      code.emit(once ? '}' : `${turn}}`);
    } else {
      code.attempt(
        (fail) => this.#part(body, { ...inner, fail }),
        () => next,
      );
      code.emit(once ? '}' : `${leave}}`);
    }
    code.place = place;
    code.mark = mark;
    if (once) {
      // The body may have been matched.
      code.moved();
      if (facts.captures) code.recorded();
    }
    if (least > 0) code.emit(`if(k${id}<${least})${code.fail(spot.fail)}`);
  }

  /**
   * Bytes for which a choice does nothing but go on over them: an alternative that `isQuick` says yes to begins with them, and
   * none before it does.
   */
  #quickBytes(tree: Tree, isQuick: (alternative: Tree, last: boolean) => boolean): ByteSet {
    const { grammar } = this.#unit;
    if (tree.kind !== 'choice' || this.#plan.isSeparate(tree, grammar)) return NO_BYTES;
    let before = NO_BYTES;
    let quick = NO_BYTES;
    const alternatives = this.#plan.members(tree, grammar);
    for (const alternative of alternatives) {
      const facts = this.#facts(alternative);
      const first = firstOf(facts);
      if (isQuick(alternative, alternative === alternatives.at(-1))) {
        quick = quick.union(first.minus(before));
      }
      if (facts.untestable !== 0) break;
      before = before.union(first);
    }
    return quick;
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
    const code = this.#code;
    const { body, kind } = tree;
    const facts = this.#facts(body);
    const inner: Spot = { ...spot, follow: ALL_BYTES, optional: false, tail: false };
    if (kind === 'not') {
      this.#not(body, facts, inner);
      return;
    }
    const { place, mark } = code;
    if (kind === 'and') {
      code.restoring(() => {
        this.#part(body, { ...inner, pending: spot.pending + andEntries(facts) });
        return { moved: code.place !== place, recorded: code.mark !== mark };
      });
      return;
    }
    const { length } = facts;
    if (length > 0) {
      code.emit(`if(p<${length})${code.fail(spot.fail)}`);
      code.emit(`p-=${length};`);
      code.moved();
    }
    this.#part(body, { ...inner, head: undefined });
    code.place = place;
  }

  #not(body: Tree, facts: Facts, spot: Spot): void {
    const code = this.#code;
    const testable = facts.untestable === 0;
    const first = firstOf(facts);
    if (testable && facts.headOnly) {
      code.emit(`if(${this.#bytes.inside(first, spot.head)})${code.fail(spot.fail)}`);
      return;
    }
    let { head } = spot;
    // The variable goes with what it is for: the block ends where the predicate does.
    code.emit('{');
    if (testable) {
      head = this.#bytes.head(head);
      code.emit(`if(${this.#bytes.inside(first, head)}){`);
      head = narrowed(head, first);
    }
    const pending = spot.pending + notEntries(facts);
    code.attempt(
      (fail) => this.#part(body, { ...spot, fail, head, pending }),
      () => code.fail(spot.fail),
    );
    code.emit(testable ? '}}' : '}');
  }

  #capture(tree: CaptureTree, spot: Spot): void {
    const code = this.#code;
    const { number, body } = this.#plan.captureOf(tree, this.#unit.grammar);
    const { captures, length } = this.#facts(body);
    const inner: Spot = { ...spot, optional: false, tail: false };
    if (captures) this.#open(number, body, inner, (open) => code.emit(`C(${open},p);`));
    else if (length >= 0) {
      this.#part(body, inner);
      code.emit(`P(${number},p${length === 0 ? '' : `-${length}`},p);`);
    } else {
      const start = `q${code.name()}`;
      code.emit(`const ${start}=p;`);
      this.#part(body, inner);
      code.emit(`P(${number},${start},p);`);
    }
    code.recorded();
  }

  #open(number: number, body: Tree, spot: Spot, close: (open: string) => void): void {
    const open = `o${this.#code.name()}`;
    this.#code.emit(`const ${open}=O(${number},p);`);
    this.#code.recorded();
    this.#part(body, spot);
    close(open);
  }

  #runtime(tree: RuntimeTree, spot: Spot): void {
    const code = this.#code;
    const number = this.#plan.runtimeNumber(tree);
    const inner: Spot = { ...spot, follow: ALL_BYTES, optional: false, tail: false };
    this.#open(number, tree.body, inner, (open) => {
      code.emit(`p=M(${open},s,p);`);
      code.moved();
      code.emit(`if(p<0)${code.fail(spot.fail)}`);
    });
    code.recorded();
  }

  #callRule(name: GuestValue, spot: Spot): void {
    const { grammar, rule, tree } = this.#unit;
    if (grammar === undefined) throw new Error('a call outside of a grammar');
    const callee = grammar.ruleOf(name);
    const { index } = this.#plan.ruleUnit(grammar, callee);
    if (!spot.tail) {
      this.#callDeeper(index, spot);
      return;
    }
    const code = this.#code;
    if (index === this.#unit.index) {
      this.#loops = true;
      code.emit(`${this.#pay(tree)}continue R;`);
    } else if (rule && !grammar.mayEndWith(callee, tree)) {
      // It does not come back here: so many calls at most are on the stack.
      code.emit(`return u${index}(s,p);`);
    } else code.emit(`e=p;return ${-2 - index};`);
    // What comes behind is never reached, but must not be taken for the same place.
    code.moved();
    code.recorded();
  }

  /** A call that takes an entry of the stack. */
  #callDeeper(index: number, spot: Spot): void {
    const entries = 1 + spot.pending;
    const call = `p=d>D?V(${index},s,p):u${index}(s,p);if(p<-1)p=Y(s,p);`;
    this.#code.emit(`d+=${entries};${call}d-=${entries};`);
    this.#code.moved();
    this.#code.recorded();
    this.#code.emit(`if(p<0)${this.#code.fail(spot.fail)}`);
  }

  #callUnit(tree: Tree, spot: Spot): void {
    const { pending, tail } = spot;
    const { index } = this.#plan.unit(tree, this.#unit.grammar, tail, false);
    if (tail) {
      this.#code.emit(`return u${index}(s,p);`);
      return;
    }
    const counts = tree.recursive && pending > 0;
    const call = `p=u${index}(s,p);`;
    this.#code.emit(counts ? `d+=${pending};${call}d-=${pending};` : call);
    this.#code.moved();
    if (this.#facts(tree).captures) this.#code.recorded();
    this.#code.emit(`if(p<0)${this.#code.fail(spot.fail)}`);
  }
}

/** The same variable, where its byte is known to be in a set. */
function narrowed(head: Head | undefined, set: ByteSet): Head | undefined {
  return head && { name: head.name, set: head.set?.intersection(set) ?? set };
}
