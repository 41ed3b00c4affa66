/**
 * Random expressions of Lua 5.1 by the kind of their value. Arithmetic never has constants on both sides: Lua 5.1 folds
 * those and then takes 0 and -0 for one constant.
 */
import type { Kind, Scope } from './generator-scope.ts';

const NUMBERS = [
  '0.5',
  '0.1',
  '1.5',
  '-2.25',
  '1e15',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740992',
  '1e300',
  '1e-7',
  '-1e10',
  '123456789.125',
  '0x7fff',
  '3.0',
  '1e308',
  '5e-324',
  '65536',
  '-2147483648',
];
const TEXTS = [
  '""',
  '"a"',
  '"abc"',
  '"hello world"',
  '"x=1, y=22"',
  '"10"',
  '"0x1F"',
  '" 7 "',
  '"-3.5"',
  '"a\\nb"',
  '"\\0z"',
  '"%d"',
  '"\\200\\255"',
  '"[x]"',
  '"1e2"',
  '"A_b.C"',
  '"aaa"',
  "'q\"q'",
];
const PATTERNS = [
  '"%a+"',
  '"%d"',
  '"."',
  '"(.)(.)"',
  '"^%s*"',
  '"%w*$"',
  '"a*"',
  '"a-b"',
  '"[%w_]+"',
  '"[^a]"',
  '"()"',
  '"%s"',
  '"l+"',
  '"(%w)=(%w)"',
  '"%f[%w]%w"',
  '"o"',
  '"x?"',
  '"%."',
  '""',
  '"%b[]"',
];
const REPLACEMENTS = [
  '"-"',
  '"%0%0"',
  '"<%1>"',
  '""',
  'string.upper',
  '{a = "A", l = 1, x = false}',
];
const FORMATS: readonly (readonly [string, readonly Kind[]])[] = [
  ['"%d"', ['int']],
  ['"%5d|%-5d|"', ['int', 'int']],
  ['"%x"', ['int']],
  ['"%.3f"', ['num']],
  ['"%g"', ['num']],
  ['"%s:%s"', ['str', 'int']],
  ['"%5.1f"', ['num']],
  ['"%q"', ['str']],
  ['"%10s|%-6s|"', ['str', 'str']],
  ['"%e"', ['num']],
  ['"%05d %+d"', ['int', 'int']],
  ['"%.14g"', ['num']],
];
const FIELDS = ['x', 'y', 'z', 'name', 'constructor'];

export class ExpressionGenerator {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  of(kind: Kind, depth = 3): string {
    const scope = this.#scope;
    // Now and then a value of another kind: most of these are errors.
    if (kind !== 'fn' && kind !== 'obj' && scope.chance(1)) return this.#any(1);
    switch (kind) {
      case 'int':
        return this.#int(depth);
      case 'num':
        return this.#num(depth);
      case 'str':
        return this.#str(depth);
      case 'bool':
        return this.#bool(depth);
      case 'list':
        return this.#list(depth);
      case 'rec':
        return this.#rec(depth);
      case 'fn':
        return scope.variable('fn') ?? 'id';
      case 'obj':
        return scope.chance(60) ? this.#object() : `new(${this.of('int', depth - 1)})`;
      case 'any':
        return this.#any(depth);
    }
  }

  /** A list of arguments; sometimes ends in a call or dots, which give any number of values. */
  arguments(depth: number, most = 3): string {
    const scope = this.#scope;
    const args: string[] = [];
    for (let left = scope.below(most + 1); left > 0; left--) args.push(this.of('int', depth));
    if (scope.varargs && scope.chance(25)) args.push('...');
    else if (scope.chance(15)) args.push(`${this.of('fn')}(${this.of('int', 1)})`);
    return args.join(', ');
  }

  field(): string {
    return this.#scope.pick(FIELDS);
  }

  #object(): string {
    return this.#scope.variable('obj') ?? 'object';
  }

  /** Something of a kind that is no constant. */
  #variable(kind: Kind): string {
    const constants: Record<Kind, string> = {
      int: 'one',
      num: 'half',
      str: 'word',
      bool: 'yes',
      list: 'list',
      rec: 'record',
      fn: 'id',
      obj: 'object',
      any: 'one',
    };
    return this.#scope.variable(kind) ?? constants[kind];
  }

  #int(depth: number): string {
    const scope = this.#scope;
    if (depth <= 0 || scope.chance(20)) {
      return scope.chance(55) ? this.#variable('int') : String(scope.below(24) - 4 || 3);
    }
    const inner = depth - 1;
    const choices: (() => string)[] = [
      () => `(${this.#variable('int')} + ${this.of('int', inner)})`,
      () => `(${this.of('int', inner)} - ${this.#variable('int')})`,
      () => `(${this.#variable('int')} * ${this.of('int', inner)} % 1009)`,
      () => `(${this.#variable('int')} % ${scope.pick(['7', '-5', '10', '256'])})`,
      () => `-${this.#variable('int')}`,
      () => `#${this.#variable('list')}`,
      () => `#${this.#variable('str')}`,
      () => `(${this.#variable('list')}[${this.of('int', inner)}] or ${this.of('int', inner)})`,
      () => `(${this.#variable('rec')}.${this.field()} or ${this.of('int', inner)})`,
      () => `${this.of('fn')}(${this.arguments(inner)})`,
      () => `(${this.of('fn')}(${this.arguments(inner)}))`,
      () => `math.floor(${this.#variable('int')} / ${scope.pick(['2', '3', '-7'])})`,
      () => `(${this.of('bool', inner)} and ${this.of('int', inner)} or ${this.of('int', inner)})`,
      () => `math.max(${this.of('int', inner)}, ${this.of('int', inner)})`,
      () => `(tonumber(${this.of('str', inner)}) or ${this.of('int', inner)})`,
      () => `(${this.#variable('str')}:byte(${this.of('int', inner)}) or 0)`,
      () => `select("#", ${this.of('fn')}(${this.arguments(inner)}))`,
      () => `${this.#object()}:get(${this.arguments(inner)})`,
      () => `${this.#object()}.v`,
      () => `(${this.#object()} + ${this.of('int', inner)})`,
      () => `${this.#object()}(${this.of('int', inner)})`,
      () => `(${this.#variable('str')}:find(${scope.pick(PATTERNS)}) or 0)`,
      () => `tally`,
      () => `("${scope.below(30)}" + ${this.of('int', inner)})`,
      () => `(function(...) return select("#", ...) end)(${this.arguments(inner)})`,
    ];
    if (scope.varargs) {
      choices.push(
        () => 'select("#", ...)',
        () => `(select(${scope.pick(['1', '2', '-1'])}, 0, ...) or 5)`,
        () => '(... or 9)',
      );
    }
    if (scope.coroutine) choices.push(() => `(yield(${this.arguments(inner, 2)}) or 1)`);
    return scope.pick(choices)();
  }

  #num(depth: number): string {
    const scope = this.#scope;
    if (depth <= 0 || scope.chance(25)) {
      return scope.chance(50) ? scope.pick(NUMBERS) : this.#variable('num');
    }
    const inner = depth - 1;
    return scope.pick<() => string>([
      () =>
        `(${this.#variable('num')} ${scope.pick(['+', '-', '*', '/', '%'])} ${this.of('num', inner)})`,
      () =>
        `(${this.of('num', inner)} ${scope.pick(['+', '-', '*', '/', '%'])} ${this.#variable('num')})`,
      () => `(${this.#variable('num')} ^ ${scope.pick(['2', '0.5', '3', '-1', '0'])})`,
      () => `-${this.#variable('num')}`,
      () => this.of('int', inner),
      () => `math.abs(${this.of('num', inner)})`,
      () => `math.floor(${this.of('num', inner)})`,
      () => `math.ceil(${this.#variable('num')})`,
      () => `(${this.of('bool', inner)} and ${this.of('num', inner)} or ${this.of('num', inner)})`,
      () => `math.min(${this.of('num', inner)}, ${this.of('num', inner)})`,
      () => `math.fmod(${this.#variable('num')}, ${scope.pick(['3', '0.7', '-2'])})`,
    ])();
  }

  #str(depth: number): string {
    const scope = this.#scope;
    if (depth <= 0 || scope.chance(25)) {
      return scope.chance(50) ? scope.pick(TEXTS) : this.#variable('str');
    }
    const inner = depth - 1;
    return scope.pick<() => string>([
      () => `(${this.of('str', inner)} .. ${this.of('str', inner)})`,
      () => `(${this.of('str', inner)} .. ${this.#variable('int')} .. ${this.of('str', inner)})`,
      () => `(${this.#variable('int')} .. ${this.of('str', inner)})`,
      () => `${this.#variable('str')}:sub(${this.of('int', inner)}, ${this.of('int', inner)})`,
      () => `${this.#variable('str')}:${scope.pick(['upper', 'lower', 'reverse'])}()`,
      () => `(${this.of('str', inner)}):rep(${scope.below(4)})`,
      () => `tostring(${this.of(scope.pick(['int', 'bool', 'str']), inner)})`,
      () => `table.concat(${this.#variable('list')}, ${scope.pick(['","', '""', '" "'])})`,
      () => `(${this.#variable('str')}:gsub(${scope.pick(PATTERNS)}, ${scope.pick(REPLACEMENTS)}))`,
      () => `(${this.#variable('str')}:match(${scope.pick(PATTERNS)}) or "none")`,
      () => `type(${this.of('any', inner)})`,
      () => `string.char(${this.#variable('int')} % 26 + 97)`,
      () => {
        const [text, kinds] = scope.pick(FORMATS);
        const values = kinds.map((kind) => {
          const value = this.of(kind, inner);
          // A text with a zero byte would end there.
          return kind === 'str' && text !== '"%q"' ? `visible(${value})` : value;
        });
        return `cut(string.format(${text}, ${values.join(', ')}))`;
      },
      () => `tostring(${this.#object()})`,
      () => `(${this.#object()} .. ${this.of('str', inner)})`,
      () => `(${this.of('bool', inner)} and ${this.of('str', inner)} or ${this.of('str', inner)})`,
    ])();
  }

  #bool(depth: number): string {
    const scope = this.#scope;
    if (depth <= 0 || scope.chance(15)) {
      return scope.chance(40) ? scope.pick(['true', 'false', 'nil']) : this.#variable('bool');
    }
    const inner = depth - 1;
    const order = scope.pick(['<', '<=', '>', '>=', '==', '~=']);
    return scope.pick<() => string>([
      () => `${this.of('int', inner)} ${order} ${this.of('int', inner)}`,
      () => `(${this.of('int', inner)} ${order} ${this.of('int', inner)})`,
      () => `(${this.of('num', inner)} ${order} ${this.of('num', inner)})`,
      () => `(${this.of('str', inner)} ${order} ${this.of('str', inner)})`,
      () => `not ${this.#variable('bool')}`,
      () => `not (${this.of('bool', inner)})`,
      () => `(${this.of('bool', inner)} and ${this.of('bool', inner)})`,
      () => `(${this.of('bool', inner)} or ${this.of('bool', inner)})`,
      () => `(${this.of('any', inner)} ${scope.pick(['==', '~='])} ${this.of('any', inner)})`,
      () => `(${this.#object()} ${order} ${this.#object()})`,
      () => `(next(${this.#variable('rec')}) == nil)`,
      () => `(${this.#variable('rec')}.${this.field()} ~= nil)`,
      () => `(rawget(${this.#variable('rec')}, ${this.of('str', inner)}) == nil)`,
    ])();
  }

  #list(depth: number): string {
    const scope = this.#scope;
    if (depth <= 0 || scope.chance(30)) return this.#variable('list');
    const inner = depth - 1;
    return scope.pick<() => string>([
      () => `dense{${this.of('int', inner)}, ${this.of('int', inner)}, ${this.of('int', inner)}}`,
      () => `dense{${this.arguments(inner, 6)}}`,
      () => `{${this.of('int', inner)}}`,
      () => '{}',
      () => `sorted(${this.of('list', inner)})`,
    ])();
  }

  #rec(depth: number): string {
    const scope = this.#scope;
    if (depth <= 0 || scope.chance(30)) return this.#variable('rec');
    const inner = depth - 1;
    const fields: string[] = [];
    for (let left = scope.below(5); left > 0; left--) {
      fields.push(
        scope.pick<() => string>([
          () => `${this.field()} = ${this.of('int', inner)}`,
          () => `${this.field()} = ${this.of('int', inner)}`,
          () => `["${this.field()}"] = ${this.of('int', inner)}`,
          () => `[${this.of('str', inner)}] = ${this.of('any', inner)}`,
          () => `[${this.of('int', inner)}] = ${this.of('str', inner)}`,
          () => `[${this.#variable('bool')} == true] = ${this.of('int', inner)}`,
          () => `sub = ${this.of('rec', inner)}`,
        ])(),
      );
    }
    return `{${fields.join(scope.pick([', ', '; ']))}}`;
  }

  #any(depth: number): string {
    const scope = this.#scope;
    const variable = scope.variable('any');
    if (variable !== undefined && scope.chance(40)) return variable;
    if (scope.chance(10)) return 'nil';
    return this.of(scope.pick<Kind>(['int', 'num', 'str', 'bool', 'list', 'rec']), depth - 1);
  }
}
