/**
 * Random programs of Lua 5.1 that are the same for the same seed, end by themselves and print nothing that differs
 * between machines: no addresses, no time, no order of `pairs`.
 */
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import { ExpressionGenerator } from './expression-generator.ts';
import { type Kind, Scope } from './generator-scope.ts';
import { KernelGenerator } from './kernel-generator.ts';
import { type Block, type Statement, statement } from './program-tree.ts';

export interface GeneratorOptions {
  /** Statements at the top level. */
  readonly size?: number;
  /** With coroutines? */
  readonly coroutines?: boolean;
}

/** What every generated program begins with. `fuel` bounds its work: when it is used up, loops and calls are errors. */
const HEAD = `local fuel = 1000
local function tick() fuel = fuel - 1 if fuel < 0 then error("out of fuel", 0) end end
local function show(v, depth)
  if type(v) == "number" then return v ~= v and "nan" or v == 0 and "0" or tostring(v) end
  if type(v) == "string" then return string.format("%q", v) end
  if type(v) ~= "table" then return v == nil and "nil" or type(v) == "boolean" and tostring(v) or type(v) end
  if depth == 0 then return "{...}" end
  local parts = {}
  for k, x in next, v do parts[#parts + 1] = show(k, 0) .. "=" .. show(x, (depth or 3) - 1) end
  fuel = fuel - math.floor(#parts / 10)
  if #parts > 40 then return "{" .. #parts .. " entries}" end
  table.sort(parts)
  return "{" .. table.concat(parts, " ") .. "}"
end
local function out(...)
  tick()
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = show((select(i, ...))) end
  print(table.concat(parts, ", "))
end
local function cut(s) return #s > 60 and s:sub(1, 60) or s end
local function visible(s) return (s:gsub("%z", ".")) end
local function dense(t) local r = {} for i, v in ipairs(t) do r[i] = v end return r end
local function id(...) tick() return ... end
local function sorted(l) local r = {} for i, v in ipairs(l) do r[i] = v end table.sort(r) return r end
local yield, wrap = coroutine.yield, coroutine.wrap
local one, half, word, yes, list, record = 1, 0.5, "word", true, {3, 1, 2}, {x = 1, name = "rec"}
tally = 0`;

export function generateProgram(seed: number, options: GeneratorOptions = {}): Block {
  return new ProgramGenerator(seededRandom(seed), options).program();
}

class ProgramGenerator {
  readonly #scope: Scope;
  readonly #expressions: ExpressionGenerator;
  readonly #options: GeneratorOptions;

  constructor(random: SeededRandom, options: GeneratorOptions) {
    this.#scope = new Scope(random);
    this.#expressions = new ExpressionGenerator(this.#scope);
    this.#options = options;
  }

  program(): Block {
    const scope = this.#scope;
    const body: Statement[] = [statement(...HEAD.split('\n')), this.#class()];
    for (let left = this.#options.size ?? 12; left > 0; left--) {
      body.push(statement('fuel = 1000'));
      if (scope.chance(60)) {
        const inner = scope.function(() => this.#block(4));
        body.push(statement('out(pcall(function(...)', inner, `end, ${this.#of('any')}))`));
      } else {
        body.push(this.#statement());
      }
    }
    const all = scope.variables('any').map(({ name }) => name);
    body.push(statement(`out(tally, ${all.slice(-30).join(', ') || 'nil'})`));
    return body;
  }

  #of(kind: Kind, depth?: number): string {
    return this.#expressions.of(kind, depth);
  }

  /** The class of `obj` values: its handlers have random bodies. */
  #class(): Statement {
    const scope = this.#scope;
    const body = (parameters: string, result: Kind): string => {
      const text = scope.function(() => {
        scope.declare('self', 'obj', false);
        if (parameters !== '') scope.declare('n', 'int');
        return this.#of(result, 2);
      });
      return `tick() return ${text}`;
    };
    return statement(
      'local Class = {}',
      'Class.__index = Class',
      'local object',
      'local function new(v) return setmetatable({v = v}, Class) end',
      'object = new(5)',
      `function Class:get(n) n = n or 2 if n > 50 or n < -50 then return self.v end ${body('n', 'int')} end`,
      'Class.__add = function(a, b)',
      [
        statement('tick()'),
        statement('if type(a) == "table" then a = a.v end'),
        statement('if type(b) == "table" then b = b.v end'),
        statement('return a + b'),
      ],
      'end',
      `Class.__call = function(self, n) ${body('n', 'int')} end`,
      `Class.__eq = function(a, b) tick() return a.v == b.v end`,
      `Class.__lt = function(a, b) tick() return a.v < b.v end`,
      'Class.__concat = function(a, b)',
      [
        statement('tick()'),
        statement('if type(a) == "table" then a = "obj" end'),
        statement('if type(b) == "table" then b = "obj" end'),
        statement('return a .. b'),
      ],
      'end',
      `Class.__tostring = function(self) return "object " .. tostring(self.v) end`,
      ...(scope.chance(50) ? [`Class.__unm = function(self) return new(-self.v) end`] : []),
      ...(scope.chance(30)
        ? [`Class.__index = function(self, k) tick() return rawget(Class, k) or k end`]
        : []),
    );
  }

  #block(most: number): Block {
    const statements: Statement[] = [];
    for (let left = 1 + this.#scope.below(most); left > 0; left--)
      statements.push(this.#statement());
    return statements;
  }

  #inner(most = 3): Block {
    return this.#scope.block(() => this.#block(most));
  }

  #statement(): Statement {
    const scope = this.#scope;
    const deep = scope.depth > 4;
    const simple: (() => Statement)[] = [
      () => this.#local(),
      () => this.#local(),
      () => this.#assignment(),
      () => this.#assignment(),
      () => this.#multiple(),
      () => this.#store(),
      () => this.#store(),
      () => this.#output(),
      () => this.#output(),
      () => statement(`tally = tally + ${this.#of('int')}`),
      () => this.#call(),
    ];
    if (scope.coroutine) simple.push(() => statement(`yield(${this.#expressions.arguments(2)})`));
    const compound: (() => Statement)[] = [
      () => this.#if(),
      () => this.#if(),
      () => this.#numericFor(),
      () => this.#numericFor(),
      () => this.#genericFor(),
      () => this.#while(),
      () => this.#function(),
      () => this.#function(),
      () => this.#closures(),
      () => this.#protected(),
      () => statement('do', this.#inner(), 'end'),
      () => this.#environment(),
      () => new KernelGenerator(scope).statement(),
    ];
    if (this.#options.coroutines === true)
      compound.push(
        () => this.#coroutine(),
        () => this.#coroutine(),
      );
    return scope.pick(deep || scope.full || scope.chance(62) ? simple : compound)();
  }

  #local(): Statement {
    const scope = this.#scope;
    if (scope.full) return this.#output();
    const kind = scope.pick<Kind>([
      'int',
      'int',
      'num',
      'str',
      'bool',
      'list',
      'rec',
      'obj',
      'any',
    ]);
    if (scope.chance(20)) {
      const names = [scope.name(), scope.name()];
      const values = scope.chance(50)
        ? `${this.#of('fn')}(${this.#expressions.arguments(2)})`
        : `${this.#of(kind)}, ${this.#of('any')}`;
      for (const [at, name] of names.entries()) scope.declare(name, at === 0 ? kind : 'any');
      return statement(`local ${names.join(', ')} = ${values}`);
    }
    const value = kind === 'str' ? `cut(${this.#of('str')})` : this.#of(kind);
    const name = scope.name();
    scope.declare(name, kind, kind !== 'obj');
    return statement(`local ${name} = ${value}`);
  }

  #assignment(): Statement {
    const scope = this.#scope;
    const kind = scope.pick<Kind>([
      'int',
      'int',
      'int',
      'num',
      'str',
      'bool',
      'list',
      'rec',
      'any',
    ]);
    const name = scope.variable(kind, true);
    if (name === undefined) return this.#local();
    if (kind === 'int' && scope.chance(40))
      return statement(`${name} = ${name} + ${this.#of('int', 2)}`);
    return statement(`${name} = ${kind === 'str' ? `cut(${this.#of('str')})` : this.#of(kind)}`);
  }

  #multiple(): Statement {
    const scope = this.#scope;
    const a = scope.variable('int', true);
    const b = scope.variable('int', true);
    const list = scope.variable('list');
    if (a === undefined || b === undefined || list === undefined) return this.#local();
    return scope.pick([
      () => statement(`${a}, ${b} = ${b}, ${a}`),
      () => statement(`${a}, ${list}[#${list} + 1] = ${b} + 1, ${a} + 1`),
      () => statement(`${a}, ${b} = ${this.#of('fn')}(${this.#expressions.arguments(2)})`),
      () => statement(`${list}[1], ${a} = ${a} + 1, #${list}`),
      () => statement(`${a}, ${b} = ${this.#of('int')}`),
    ])();
  }

  #store(): Statement {
    const scope = this.#scope;
    const list = scope.variable('list') ?? 'list';
    const record = scope.variable('rec') ?? 'record';
    const object = scope.variable('obj') ?? 'object';
    return scope.pick([
      () => statement(`do local v = ${this.#of('int')} or 0 ${list}[#${list} + 1] = v end`),
      () => statement(`table.insert(${list}, ${this.#of('int')} or 0)`),
      () => statement(`table.insert(${list}, 1, ${this.#of('int')} or 0)`),
      () => statement(`out(table.remove(${list}))`),
      () => statement(`table.remove(${list}, 1)`),
      () =>
        statement(
          `do local v = ${this.#of('int')} or 0 if #${list} > 0 then ${list}[#${list}] = v end end`,
        ),
      () => statement(`table.sort(${list}, function(a, b) tick() return a > b end)`),
      () => statement(`${record}.${this.#expressions.field()} = ${this.#of('int')}`),
      () => statement(`${record}.${this.#expressions.field()} = ${this.#of('any')}`),
      () => statement(`${record}[${this.#of('str')}] = ${this.#of('any')}`),
      () => statement(`${record}[${this.#of('int')}] = ${this.#of('int')}`),
      () => statement(`${record}.${this.#expressions.field()} = nil`),
      () =>
        statement(
          `for k in pairs(${record}) do if type(k) == "string" then ${record}[k] = nil end end`,
        ),
      () => statement(`${object}.v = ${this.#of('int')}`),
    ])();
  }

  #output(): Statement {
    const scope = this.#scope;
    const values = [
      this.#of(scope.pick<Kind>(['int', 'num', 'str', 'bool', 'list', 'rec', 'any'])),
    ];
    if (scope.chance(40)) values.push(this.#of('any'));
    const last = scope.below(100);
    if (last < 30) values.push(`${this.#of('fn')}(${this.#expressions.arguments(2)})`);
    else if (scope.varargs && last < 50) values.push('...');
    return statement(`out(${values.join(', ')})`);
  }

  #call(): Statement {
    return statement(`${this.#of('fn')}(${this.#expressions.arguments(3)})`);
  }

  #if(): Statement {
    const scope = this.#scope;
    const pieces: (string | Block)[] = [`if ${this.#of('bool')} then`, this.#inner()];
    while (scope.chance(35)) pieces.push(`elseif ${this.#of('bool')} then`, this.#inner());
    if (scope.chance(50)) pieces.push('else', this.#inner());
    pieces.push('end');
    if (scope.loops > 0 && scope.chance(30)) pieces.push(`if ${this.#of('bool')} then break end`);
    return statement(...pieces);
  }

  /** The body of a loop, with `fuel` burnt at its head. */
  #loopBody(declare: () => void, most = 3): Block {
    const scope = this.#scope;
    return scope.block(() => {
      declare();
      scope.loops++;
      const block = [statement('tick()'), ...this.#block(most)];
      scope.loops--;
      return block;
    });
  }

  #numericFor(): Statement {
    const scope = this.#scope;
    const name = scope.name();
    const range = scope.pick([
      () => `1, ${1 + scope.below(6)}`,
      () => `${scope.below(6)}, ${this.#of('int', 1)} % 8`,
      () => `${4 + scope.below(4)}, 1, -1`,
      () => `1, 3, ${scope.pick(['0.5', '0.7', '2'])}`,
      () => `#${scope.variable('list') ?? 'list'}, 1, -1`,
      () => `2147483645, 2147483649`,
    ])();
    const body = this.#loopBody(() => scope.declare(name, 'int', scope.chance(20)));
    return statement(`for ${name} = ${range} do`, body, 'end');
  }

  #genericFor(): Statement {
    const scope = this.#scope;
    const [key, value] = [scope.name(), scope.name()];
    if (key === value) return this.#numericFor();
    const [head, keyKind, valueKind] = scope.pick<() => readonly [string, Kind, Kind]>([
      () => [`ipairs(${this.#of('list', 1)})`, 'int', 'int'],
      () => [`ipairs(${this.#of('list', 1)})`, 'int', 'int'],
      () => [`pairs(sorted(${this.#of('list', 1)}))`, 'int', 'int'],
      () => [
        `("${scope.pick(['a=1, b=2', 'xy=zz k=v', ''])}"):gmatch("(%w+)=(%w+)")`,
        'str',
        'str',
      ],
      () => [
        `function(s, c) tick() if c < s then return c + 1, c * c end end, ${scope.below(5)}, 0`,
        'int',
        'int',
      ],
    ])();
    const body = this.#loopBody(() => {
      scope.declare(key, keyKind, false);
      scope.declare(value, valueKind);
    });
    return statement(`for ${key}, ${value} in ${head} do`, body, 'end');
  }

  #while(): Statement {
    const scope = this.#scope;
    const counter = scope.name();
    const repeat = scope.chance(40);
    const [loop, end] = scope.block(() => {
      scope.declare(counter, 'int', false);
      const head = this.#of('bool', 1);
      const step = statement(`${counter} = ${counter} + 1`);
      const body = [step, ...this.#loopBody(() => undefined)];
      return repeat
        ? ([['repeat', body], `until ${counter} > ${scope.below(5)} or ${head}`] as const)
        : ([[`while ${counter} < ${scope.below(5)} and not (${head}) do`, body], 'end'] as const);
    });
    return statement('do', [statement(`local ${counter} = 0`), statement(...loop, end)], 'end');
  }

  #parameters(): string[] {
    const scope = this.#scope;
    const names = ['a', 'b', 'c'].slice(0, scope.below(4));
    return scope.chance(20) ? names.map((name) => `${name}1`) : names;
  }

  /** `(…)`, the body and `end`. Functions give a whole number first, and sometimes more. */
  #functionBody(most = 4): readonly [string, Block] {
    const scope = this.#scope;
    const parameters = this.#parameters();
    const varargs = scope.chance(30);
    const block = scope.function(() => {
      for (const name of parameters) scope.declare(name, 'int');
      const defaults = parameters.map((name) =>
        statement(`${name} = ${name} or ${1 + scope.below(9)}`),
      );
      const last = scope.pick([
        () => `return ${this.#of('int')}`,
        () => `return ${this.#of('int')}`,
        () => `return ${this.#of('int')}, ${this.#of('any')}`,
        () => `return ${this.#of('fn')}(${this.#expressions.arguments(2)})`,
        () =>
          varargs
            ? 'return ...'
            : `return ${this.#of('int')}, ${this.#of('str')}, ${this.#of('int')}, ${this.#of('bool')}`,
      ]);
      const body = this.#block(most);
      const early = scope.chance(20)
        ? [statement(`if ${this.#of('bool')} then return ${this.#of('int')} end`)]
        : [];
      return [
        statement('tick()'),
        ...(scope.chance(85) ? defaults : []),
        ...early,
        ...body,
        statement(last()),
      ];
    }, varargs);
    return [[...parameters, ...(varargs ? ['...'] : [])].join(', '), block];
  }

  #function(): Statement {
    const scope = this.#scope;
    if (scope.full) return this.#output();
    const name = scope.name();
    if (scope.chance(40)) {
      // May call itself; fuel ends that.
      const made = scope.block(() => {
        if (scope.chance(30)) scope.declare(name, 'fn', false);
        return this.#functionBody();
      });
      scope.declare(name, 'fn', false);
      return statement(`local function ${name}(${made[0]})`, made[1], 'end');
    }
    if (scope.chance(30)) {
      const [parameters, block] = this.#functionBody();
      return statement(
        `function Class:${scope.pick(['get', 'extra'])}(${parameters})`,
        block,
        'end',
      );
    }
    const [parameters, block] = this.#functionBody();
    scope.declare(name, 'fn', false);
    return statement(`local ${name} = function(${parameters})`, block, 'end');
  }

  /** Closures that are made in a loop and called behind it. */
  #closures(): Statement {
    const scope = this.#scope;
    const each = scope.name();
    const body = this.#loopBody(() => {
      scope.declare(each, 'int', scope.chance(30));
    }, 1);
    const shared = scope.function(() => {
      scope.declare(each, 'int');
      scope.declare('kept', 'int');
      return this.#block(2);
    });
    return statement(
      'do',
      [
        statement('local fs = {}'),
        statement(
          `for ${each} = 1, ${1 + scope.below(4)} do`,
          [
            statement(`local kept = ${each} * ${1 + scope.below(5)}`),
            ...body,
            statement(
              `fs[#fs + 1] = function(n) tick() kept = kept + (n or 1)`,
              shared,
              `return kept, ${each} end`,
            ),
            ...(scope.chance(25) ? [statement(`if ${this.#of('bool')} then break end`)] : []),
          ],
          'end',
        ),
        statement(`for i = 1, 2 do for _, f in ipairs(fs) do out(f(i)) end end`),
      ],
      'end',
    );
  }

  #protected(): Statement {
    const scope = this.#scope;
    const inner = scope.function(() => {
      const block = this.#block(3);
      const last = scope.pick([
        () => `error(${this.#of('any')})`,
        () => `error(${this.#of('str')}, ${scope.pick(['0', '1', '2'])})`,
        () => `return ${this.#of('any')}, ${this.#of('int')}`,
        () => `local nothing = ${this.#of('any')}; return nothing.x.y`,
        () =>
          `return ${scope.pick(['undefinedglobal()', 'record.x.y.z', 'list[1]()', '#one', 'record < 1', 'one .. {}', 'nil + one', 'record:missing()', 'word.x.y', '-record', 'list[nil][1]'])}`,
        () => `assert(${this.#of('bool')}, visible(${this.#of('str')}))`,
      ])();
      return [...block, statement(last)];
    });
    return scope.chance(70)
      ? statement('out(pcall(function()', inner, 'end))')
      : statement(
          'out(xpcall(function()',
          inner,
          'end, function(m) tick() return "handled " .. show(m) end))',
        );
  }

  /** A function with globals of its own. */
  #environment(): Statement {
    const scope = this.#scope;
    const inner = scope.function(() => this.#block(2));
    return statement(
      'do',
      [
        statement('local env = setmetatable({tally = 100}, {__index = _G})'),
        statement(
          'local f = setfenv(function()',
          inner,
          'tally = tally + 1 return tally end, env)',
        ),
        statement('out(f(), env.tally, tally)'),
      ],
      'end',
    );
  }

  #coroutine(): Statement {
    const scope = this.#scope;
    const body = scope.function(
      () => {
        scope.declare('a', 'int');
        return [
          statement('a = a or 1'),
          ...this.#block(4),
          statement(`return ${this.#of('int')}, "end"`),
        ];
      },
      true,
      true,
    );
    const resumes = 2 + scope.below(5);
    if (scope.chance(40)) {
      return statement(
        'do',
        [
          statement('local gen = wrap(function(a, ...)', body, 'end)'),
          statement(`for i = 1, ${resumes} do tick() out(pcall(gen, i, ${this.#of('int')})) end`),
        ],
        'end',
      );
    }
    return statement(
      'do',
      [
        statement('local co = coroutine.create(function(a, ...)', body, 'end)'),
        statement(
          `for i = 1, ${resumes} do tick() out(coroutine.resume(co, i, ${this.#expressions.arguments(1) || 'nil'})) out(coroutine.status(co)) end`,
        ),
      ],
      'end',
    );
  }
}
