/** Names and chances of a program that is being generated. */
import type { SeededRandom } from '../seeded-random.ts';

/**
 * What a variable holds: `int` a whole number of moderate size, `num` any number, `list` whole numbers from 1 on without
 * holes, `rec` a table of fields, `fn` a function that gives a whole number first, `obj` an object of the program's class.
 */
export type Kind = 'int' | 'num' | 'str' | 'bool' | 'list' | 'rec' | 'fn' | 'obj' | 'any';

export interface Variable {
  readonly name: string;
  readonly kind: Kind;
  /** May be assigned to: loop variables, functions and objects are not. */
  readonly assignable: boolean;
}

const NAMES = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'g',
  'h',
  'k',
  'm',
  'n',
  'p',
  'q',
  'r',
  's',
  't',
  'u',
  'w',
  'x',
  'y',
];
/** Locals a program may have in all: PUC's limit of upvalues is 60 for each function. */
const MOST_NAMES = 50;

export class Scope {
  readonly #random: SeededRandom;
  #variables: Variable[] = [];
  #made = 0;
  /** Blocks and functions around what is generated now. */
  depth = 0;
  /** Is `...` there? */
  varargs = false;
  /** Is `yield` there? */
  coroutine = false;
  /** Loops around, within the function. */
  loops = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  below(bound: number): number {
    return this.#random.below(bound);
  }

  chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.#random.below(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }

  /** A new name, sometimes one that hides another. */
  name(): string {
    const letter = this.pick(NAMES);
    return this.chance(15) ? letter : `${letter}${this.#made % 10}`;
  }

  declare(name: string, kind: Kind, assignable = true): void {
    this.#made++;
    this.#variables = this.#variables.filter((variable) => variable.name !== name);
    this.#variables.push({ name, kind, assignable });
  }

  get full(): boolean {
    return this.#variables.length >= MOST_NAMES;
  }

  /** Objects are no `any`: what orders of an object and a number ask for is another thing in every version. */
  variables(kind: Kind, assignable = false): readonly Variable[] {
    return this.#variables.filter(
      (variable) =>
        (variable.kind === kind || (kind === 'any' && variable.kind !== 'obj')) &&
        (!assignable || variable.assignable),
    );
  }

  /** A variable's name; undefined when there is none of that kind. */
  variable(kind: Kind, assignable = false): string | undefined {
    const found = this.variables(kind, assignable);
    // Those declared last are in the innermost blocks: they are chosen more often.
    if (found.length === 0) return undefined;
    const at = this.chance(60)
      ? Math.max(0, found.length - 4) + this.below(4)
      : this.below(found.length);
    return found[Math.min(at, found.length - 1)]?.name;
  }

  /** Runs `body` in a block of its own: what it declares is forgotten behind it. */
  block<T>(body: () => T): T {
    const variables = this.#variables;
    this.depth++;
    const made = body();
    this.depth--;
    this.#variables = variables;
    return made;
  }

  /** As `block`, for the body of a function. */
  function<T>(body: () => T, varargs = false, coroutine = false): T {
    const { varargs: outerVarargs, coroutine: outerCoroutine, loops } = this;
    this.varargs = varargs;
    this.coroutine = coroutine;
    this.loops = 0;
    const made = this.block(body);
    this.varargs = outerVarargs;
    this.coroutine = outerCoroutine;
    this.loops = loops;
    return made;
  }
}
