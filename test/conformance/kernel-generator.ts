/**
 * Functions with loops of arithmetic over their parameters and locals, and calls of them with values of every type: what
 * an engine compiles in more than one form.
 */
import type { Scope } from './generator-scope.ts';
import { type Block, type Statement, statement } from './program-tree.ts';

const ARGUMENTS = [
  '1, 2, 3',
  '0.5, -1.25, 1e10',
  '"10", 2, "0x3"',
  'nil, 1',
  '1, nil, 2',
  '{}, 1, 2',
  '1, 2, true',
  '2147483647, -2147483648, 1',
  '1e308, 1e308, -1e308',
  '3, "x", 1',
  '-3, 7, 0',
];

export class KernelGenerator {
  readonly #scope: Scope;
  #names: string[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** A function and three calls of it. */
  statement(): Statement {
    const scope = this.#scope;
    this.#names = ['a', 'b', 'c', 's', 'x', 'y'];
    const body: Statement[] = [
      statement(`local s, x, y, t = ${scope.pick(['0', '0.5', 'a'])}, a, b, {1, 2.5, 3}`),
    ];
    for (let left = 1 + scope.below(2); left > 0; left--) body.push(this.#loop(2));
    body.push(statement('return s, x, y, #t, t[1], t[#t]'));
    const calls = [0, 1, 2].map(() => statement(`out(pcall(kernel, ${scope.pick(ARGUMENTS)}))`));
    return statement(
      'do',
      [statement('local function kernel(a, b, c)', body, 'end'), ...calls],
      'end',
    );
  }

  #loop(depth: number): Statement {
    const scope = this.#scope;
    const outer = this.#names;
    const i = ['i', 'j', 'k'][depth] ?? 'i';
    const head = scope.pick([
      `for ${i} = 1, ${2 + scope.below(6)} do`,
      `for ${i} = 1, 3, 0.5 do`,
      `for ${i} = 5, 1, -2 do`,
      `for ${i} = a, 3 do`,
      `for ${i} = 1, #t do`,
    ]);
    this.#names = [...outer, i];
    const body: Statement[] = [statement('tick()')];
    for (let left = 1 + scope.below(4); left > 0; left--) body.push(this.#step(depth));
    this.#names = outer;
    return statement(head, body, 'end');
  }

  #step(depth: number): Statement {
    const scope = this.#scope;
    const target = scope.pick(['s', 'x', 'y', 's']);
    return scope.pick<() => Statement>([
      () => statement(`${target} = ${target} + ${this.#number(2)}`),
      () => statement(`${target} = ${this.#number(3)}`),
      () => statement(`${target} = ${this.#number(2)}`),
      () => statement(`local z = ${this.#number(2)}`, `s = s - z * ${this.#name()}`),
      () => statement(`s, x = x, ${this.#number(2)}`),
      () => statement(`t[#t + 1] = ${this.#number(2)}`),
      () => statement(`t[${1 + scope.below(3)}] = ${this.#number(2)}`),
      () => statement(`x = t[${1 + scope.below(4)}]`),
      () =>
        statement(
          `if ${this.#test()} then`,
          this.#branch(),
          ...(scope.chance(40) ? ['else', this.#branch()] : []),
          'end',
        ),
      () => statement(`if ${this.#test()} then break end`),
      () => statement(`${target} = ${this.#test()} and ${this.#number(1)} or ${this.#number(1)}`),
      () => (depth > 0 ? this.#loop(depth - 1) : statement(`s = s + ${this.#name()}`)),
      () => statement(`local f = function() s = s + 1 return ${this.#name()} end`, 'y = f()'),
      () =>
        statement(
          `${target} = ${scope.pick(['"7"', 'nil', 'math.floor(s)', 'math.abs(x)', '-y', '#t', 'id(x, y)'])}`,
        ),
    ])();
  }

  #branch(): Block {
    const target = this.#scope.pick(['s', 'x', 'y']);
    return [statement(`${target} = ${this.#number(2)}`)];
  }

  #name(): string {
    return this.#scope.pick(this.#names);
  }

  #test(): string {
    return `${this.#name()} ${this.#scope.pick(['<', '<=', '>', '>=', '==', '~='])} ${this.#number(1)}`;
  }

  #number(depth: number): string {
    const scope = this.#scope;
    if (depth <= 0)
      return scope.chance(70) ? this.#name() : scope.pick(['1', '2', '0.5', '10', '-3', '1e3']);
    return scope.pick<() => string>([
      () => `${this.#name()} ${scope.pick(['+', '-', '*', '/', '%'])} ${this.#number(depth - 1)}`,
      () => `(${this.#name()} ${scope.pick(['+', '-', '*'])} ${this.#number(depth - 1)})`,
      () => `${this.#name()} ${scope.pick(['+', '-'])} (${this.#number(depth - 1)})`,
      () => `-${this.#name()}`,
      () => `${this.#name()} ^ ${scope.pick(['2', '0.5'])}`,
      () => this.#name(),
    ])();
  }
}
