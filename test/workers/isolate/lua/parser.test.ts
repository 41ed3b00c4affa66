/**
 * The parser: messages of faulty sources, shapes of trees, what names mean, and lines. Expectations come from Lua 5.1.5: the
 * messages from its `loadstring`, the lines from the listing of its compiler.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { Chunk, FunctionNode, Local } from '../../../../workers/isolate/lua/compiler/ast.ts';
import { parse } from '../../../../workers/isolate/lua/compiler/parser.ts';
import { chunkId, LuaSyntaxError } from '../../../../workers/isolate/lua/compiler/syntax-error.ts';
import { faultySources } from './faulty-sources.ts';
import { lineText, treeText } from './tree-text.ts';

/** The message of a source, or "ok". */
function verdict(source: string, chunkName = '=c'): string {
  try {
    parse(source, chunkName);
    return 'ok';
  } catch (error) {
    if (error instanceof LuaSyntaxError) return error.text;
    throw error;
  }
}

/** A source as it may stand in a test's name. */
function label(source: string): string {
  const text = JSON.stringify(source);
  return text.length > 60 ? `${text.slice(0, 60)}… (${source.length} bytes)` : text;
}

const REFERENCE = `
while true do
  local size = io.read("*n")
  if not size then break end
  io.read(1)
  local f, text = loadstring(size > 0 and io.read(size) or "", "=c")
  text = f and "ok" or text:gsub("\\nstack traceback:.*", "")
  io.write(#text, "\\n", text)
end`;

/** What lua5.1 says about each source. */
function reference(sources: readonly string[]): string[] {
  const input = Buffer.from(sources.map((s) => `${s.length}\n${s}`).join(''), 'latin1');
  const run = spawnSync('lua5.1', ['-e', REFERENCE], {
    input,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const texts: string[] = [];
  for (let at = 0; at < run.stdout.length; ) {
    const start = run.stdout.indexOf('\n', at) + 1;
    at = start + Number(run.stdout.slice(at, start));
    texts.push(run.stdout.slice(start, at));
  }
  return texts;
}

const hasReference = spawnSync('lua5.1', ['-v']).status === 0;
const required = process.env['HEKATE_REQUIRE_SERVICES'] === '1';
const skip = hasReference || required ? false : 'no lua5.1 on this machine';

t.test('faulty sources get the messages of Lua 5.1', async (t) => {
  t.ok(faultySources.length >= 150);
  for (const [source, text] of faultySources) t.equal(verdict(source), text, label(source));
});

t.test('lua5.1 gives the messages that are expected here', { skip }, async (t) => {
  t.same(
    reference(faultySources.map(([source]) => source)),
    faultySources.map(([, text]) => text),
  );
});

t.test('files compile or fail as lua5.1 has it', { skip }, async (t) => {
  const files = globSync([
    'test/hostile/**/*.lua',
    'test/conformance/**/*.lua',
    'examples/**/*.lua',
  ]);
  t.ok(files.length > 50);
  const sources = files.map((file) => readFileSync(file, 'latin1').replace(/^#[^\n]*/, ''));
  const texts = reference(sources);
  for (const [index, source] of sources.entries()) {
    t.equal(verdict(source), texts[index], label(files[index] ?? ''));
  }
});

t.test('cut and damaged files fail as lua5.1 has it', { skip }, async (t) => {
  const files = globSync([
    'test/hostile/**/*.lua',
    'test/conformance/**/*.lua',
    'examples/**/*.lua',
  ]);
  let seed = 20_260_101;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const pieces = [
    'end',
    '(',
    ')',
    '{',
    '}',
    ',',
    '=',
    '..',
    '"',
    '[[',
    '--[[',
    '\n',
    '\0',
    '1e',
    'x',
  ];
  const sources: string[] = [];
  for (const file of files) {
    const whole = readFileSync(file, 'latin1').replace(/^[#\x1b][^\n]*/, '');
    for (let i = 0; i < 5; i++) {
      const source = whole.slice(0, random(whole.length + 1));
      const at = random(source.length + 1);
      const piece = pieces[random(pieces.length)] ?? '';
      sources.push(source.slice(0, at) + piece + source.slice(at + random(4)));
    }
  }
  const texts = reference(sources);
  for (const [index, source] of sources.entries()) {
    t.equal(verdict(source), texts[index], label(source));
  }
});

t.test('a function has 262143 constants and functions at most', async (t) => {
  const strings = (count: number) =>
    `x = {${Array.from({ length: count }, (_, index) => `"s${index}"`).join(',')}}`;
  t.equal(verdict(strings(262_142)), 'ok');
  t.equal(verdict(strings(262_143)), 'constant table overflow');
  t.equal(verdict('x = function() end '.repeat(262_144)), 'constant table overflow');
});

t.test('chains and long tokens of any length are parsed without nesting', async (t) => {
  const sources = [
    `x = a${' + a'.repeat(100_000)}`,
    `x = a${'.b'.repeat(100_000)}`,
    `a${'()'.repeat(100_000)}`,
    `a${':b()'.repeat(100_000)}`,
    `if a then ${'elseif a then '.repeat(50_000)} end`,
    `x = "${'\\n'.repeat(200_000)}"`,
    `x = [==[${']=]\r\n'.repeat(200_000)}]==]`,
    'local a '.repeat(200) + 'a = b '.repeat(100_000),
    '--[[ x ]]'.repeat(100_000),
  ];
  for (const source of sources) t.equal(verdict(source), 'ok', label(source));
  t.equal(
    verdict(`x = ${'1'.repeat(1_000_000)}y`),
    `c:1: malformed number near '${'1'.repeat(1_000_000)}y'`,
  );
});

t.test('a chunk is called as luaO_chunkid calls it', async (t) => {
  const ten = 'abcdefghij';
  const long = ten.repeat(12);
  t.equal(chunkId('@prog.lua'), 'prog.lua');
  t.equal(chunkId(`@${long}`), `...${long.slice(-52)}`);
  t.equal(chunkId('=stdin'), 'stdin');
  t.equal(chunkId(`=${long}`), long.slice(0, 59));
  t.equal(chunkId('x = 1'), '[string "x = 1"]');
  t.equal(chunkId('x = 1\ny = 2'), '[string "x = 1..."]');
  t.equal(chunkId('x\r'), '[string "x..."]');
  t.equal(chunkId(long), `[string "${long.slice(0, 43)}..."]`);
  t.equal(chunkId('a\0b'), '[string "a"]');
  t.equal(chunkId(''), '[string ""]');
  // Syntax errors leave more room.
  t.equal(verdict('x', '@prog.lua'), "prog.lua:1: '=' expected near '<eof>'");
  t.equal(verdict('x', `@${long}`), `...${long.slice(-72)}:1: '=' expected near '<eof>'`);
  t.equal(verdict('x', `=${long}`), `${long.slice(0, 79)}:1: '=' expected near '<eof>'`);
  t.equal(verdict('x', long), `[string "${long.slice(0, 63)}..."]:1: '=' expected near '<eof>'`);
});

const shapes: readonly (readonly [source: string, tree: string])[] = [
  ['return a + b * c', 'return (a + (b * c))'],
  ['return a - b - c', 'return ((a - b) - c)'],
  ['return a .. b .. c', 'return (a .. (b .. c))'],
  ['return a ^ b ^ c', 'return (a ^ (b ^ c))'],
  ['return -a ^ b', 'return (- (a ^ b))'],
  ['return a ^ -b', 'return (a ^ (- b))'],
  ['return not a == b', 'return ((not a) == b)'],
  ['return - - #a', 'return (- (- (# a)))'],
  ['return a or b and c', 'return (a or (b and c))'],
  ['return a < b == c', 'return ((a < b) == c)'],
  ['return a .. b == c', 'return ((a .. b) == c)'],
  ['return a + b .. c', 'return ((a + b) .. c)'],
  ['return (a + b) * c', 'return ((a + b) * c)'],
  ['return a and b < c + d % e', 'return (a and (b < (c + (d % e))))'],
  // constants
  ['return 1 + 2 * 3, -2 ^ 2, 7 % -3, -7 % 3', 'return 7, -4, -2, 2'],
  ['return 1 / 0, 1 % 0, 0 / 0', 'return (1 / 0), (1 % 0), (0 / 0)'],
  ['return 2 ^ 53, 2 ^ -2, 10 ^ 15', 'return 9007199254740992, 0.25, 1000000000000000'],
  ['return 2 ^ 0.5, 10 ^ -1', 'return (2 ^ 0.5), (10 ^ -1)'],
  ['return 1 < 2, 1 .. 2', 'return (1 < 2), (1 .. 2)'],
  ['return not nil, not 0, not ""', 'return true, false, false'],
  ['return true and f(), nil or ..., nil and 1', 'return one(f()), one(...), (nil and 1)'],
  // A function has one constant for both zeros.
  ['return 0, -0', 'return 0, 0'],
  ['return -0, 0', 'return -0, -0'],
  ['return -0, function() return 0 end', 'return -0, function() return 0 end'],
  ['return 0x10, 0xAp4, 1e3, .5, 3., 5e-1', 'return 16, 160, 1000, 0.5, 3, 0.5'],
  // strings
  ['return "a\\n\\065\\10\\"\\z\\\n"', 'return "a\\nA\\n\\"z\\n"'],
  [
    "return 'it\\'s', \"\\a\\b\\f\\r\\t\\v\\0001\"",
    'return "it\'s", "\\u0007\\b\\f\\r\\t\\u000b\\u00001"',
  ],
  ['return [[\na\r\nb\rc\n\rd]], [==[]]]=]]==]', 'return "a\\nb\\nc\\nd", "]]]=]"'],
  ['return [[\r\n\r\n]]', 'return "\\n"'],
  // calls and fields
  ['f "x" {} (1)', 'f("x")({})(1)'],
  ['a.b["c"][1]:m(...):n "s"', 'a["b"]["c"][1]:m(...):n("s")'],
  [
    'return (f()), (...), (a), (a.b), ("x"):rep(2)',
    'return one(f()), one(...), a, a["b"], "x":rep(2)',
  ],
  ['return ((f()))', 'return one(f())'],
  [
    'x = {1, f(); a = 2, ["b"] = 3, [c] = 4, a, ...}',
    'x = {1, f(), ["a"] = 2, ["b"] = 3, [c] = 4, a, ...}',
  ],
  ['a, b.c, d[1] = f()', 'a, b["c"], d[1] = f()'],
  ['return; -- end', 'return'],
  // statements
  ['function a.b.c:m(x) end', 'a["b"]["c"]["m"] = function(self:0,x:1) end'],
  ['local function f() return f end', 'local f:0 = function() return f:0 end'],
  ['local f = function() return f end', 'local f:0 = function() return f end'],
  ['local a = a local a, b = a', 'local a:0 = a; local a:1,b:2 = a:0'],
  ['do local a end a = 1', 'do local a:0 =  end; a = 1'],
  ['for i = i, 2 do i = 1 end i = 2', 'for i:0 = i, 2 do i:0 = 1 end; i = 2'],
  ['for i = 1, 2, 3 do break end', 'for i:0 = 1, 2, 3 do break end'],
  ['for k, v in k, v do f(k, v) end', 'for k:0,v:1 in k, v do f(k:0, v:1) end'],
  ['repeat local a until a', 'repeat local a:0 =  until a:0'],
  [
    'while a do if b then c() elseif d then else e() end end',
    'while a do if b then c() else if d then  else e() end end',
  ],
  ['function f(a, a, ...) return a, arg end', 'f = function(a:0,a:1,...) return a:1, arg:2 end'],
];

t.test('trees have the shape of the source', async (t) => {
  for (const [source, tree] of shapes) t.equal(treeText(source), tree, source);
});

/** All local variables a chunk uses, by name. */
function localsOf(chunk: Chunk): ReadonlyMap<string, Local> {
  const found = new Map<string, Local>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('captured' in node) {
      const local = node as Local; // only locals have it
      found.set(local.name, local);
      return;
    }
    for (const [key, value] of Object.entries(node)) if (key !== 'parent') visit(value);
  };
  visit(chunk.main);
  return found;
}

function functionAt(chunk: Chunk, id: number): FunctionNode {
  const node = chunk.functions[id];
  if (node === undefined) throw new Error(`no function ${id}`);
  return node;
}

t.test('locals know how they are used', async (t) => {
  const chunk = parse(
    `local plain, stored, shared = 1
stored = 2
stored, shared = 3
function shared() end
while x do
  local turn
  repeat local inner = function() local own return turn, shared, own end until inner
end
for index = 1, 2 do end
for key in f do local function again() return again end end
local function fixed(parameter) parameter = 1 end`,
    '=c',
  );
  const locals = localsOf(chunk);
  const told = (name: string) => {
    const { captured, assignments, loops, line } = locals.get(name) ?? {};
    return [captured, assignments, loops, line];
  };
  t.same(told('plain'), [false, 0, 0, 1]);
  t.same(told('stored'), [false, 2, 0, 1]);
  t.same(told('shared'), [true, 2, 0, 1]);
  t.same(told('turn'), [true, 0, 1, 6]);
  t.same(told('inner'), [false, 0, 2, 7]);
  t.same(told('own'), [false, 0, 0, 7]);
  t.same(told('index'), [false, 0, 1, 9]);
  t.same(told('key'), [false, 0, 1, 10]);
  t.same(told('again'), [true, 0, 1, 10]);
  t.same(told('fixed'), [false, 0, 0, 11]);
  t.same(told('parameter'), [false, 1, 0, 11]);
  t.equal(chunk.localCount, locals.size);
});

t.test('functions know their upvalues, through the functions between', async (t) => {
  const chunk = parse(
    'local a, b function f() local c return function() return function() return c, b, a, c end end end',
    '=c',
  );
  const names = chunk.functions.map((node) => node.upvalues.map(({ name }) => name).join(' '));
  t.same(names, ['', 'b a', 'c b a', 'c b a']);
  t.same(
    chunk.functions.map((node) => node.parent?.id),
    [undefined, 0, 1, 2],
  );
});

t.test('functions are named by what they are stored in', async (t) => {
  const chunk = parse(
    `function f() end function a.b.c() end function a.b:m() end local function g() end
local h, i = function() end, function() end
j = function() end k.l["m"], x[1] = function() end, function() end
n = {o = function() end, function() end, [1] = function() end}
p(function() g = function() end end) f().q = function() end`,
    '=c',
  );
  t.same(
    chunk.functions.map(({ name }) => name ?? '-').join(' '),
    "- global 'f' field 'a.b.c' method 'm' local 'g' local 'h' local 'i' global 'j' field 'k.l.m' - field 'o' - - - " +
      "upvalue 'g' field 'q'",
  );
});

t.test('a vararg function that uses no dots has arg', async (t) => {
  const chunk = parse(
    `local function a(...) return arg end local function b(...) return arg, ... end
local function c(...) end local function d(...) return function() return arg end end
local function e(arg, ...) return arg end local function f(...) local arg return arg end
local function g(arg) return arg end return arg`,
    '=c',
  );
  const told = chunk.functions.map((node) => [node.argTable !== undefined, node.usesDots]);
  const expected = { main: 0, a: 1, b: 2, c: 3, d: 4, inner: 5, e: 6, f: 7, g: 8 };
  t.same(told[expected.main], [false, false]);
  t.same(told[expected.a], [true, false]);
  t.same(told[expected.b], [true, true]);
  t.same(told[expected.c], [false, false]);
  t.same(told[expected.d], [true, false]);
  t.same(told[expected.inner], [false, false]);
  // The table comes last and hides a parameter of its name.
  t.same(told[expected.e], [true, false]);
  t.same(told[expected.f], [false, false]);
  t.same(told[expected.g], [false, false]);
  t.equal(functionAt(chunk, expected.d).argTable?.captured, true);
  t.equal(functionAt(chunk, expected.main).isVararg, true);
});

t.test('the word coroutine is noticed as a name or in a string', async (t) => {
  const mentions = (source: string) => parse(source, '=c').mentionsCoroutines;
  t.equal(mentions('coroutine.yield()'), true);
  t.equal(mentions('_G["coroutine"]'.concat('.x = 1')), true);
  t.equal(mentions('x = [[a coroutine here]]'), true);
  t.equal(mentions('x = "\\99oroutine"'), true);
  t.equal(mentions('-- coroutine'), false);
  t.equal(mentions('coroutines = 1'), false);
});

const lines: readonly (readonly [source: string, nodes: string])[] = [
  // operators: where the right side ends
  ['return a\n+\nb\n', 'return@1 binary@3 global@2 global@3'],
  ['return a\n.. b\n.. c\n', 'return@1 binary@3 global@2 binary@3 global@3 global@3'],
  ['return a .. (b\n.. c\n)', 'return@1 binary@2 global@1 binary@2 global@2 global@2'],
  ['return -\na\n', 'return@1 unary@2 global@2'],
  ['return a\nor\nb', 'return@1 logical@3 global@2 global@3'],
  // fields: where the value is needed
  ['return a\n.\nb\n.\nc', 'return@1 index@5 index@3 global@1'],
  ['return a\n.b\n+ 1', 'return@1 binary@3 index@3 global@1'],
  ['return (a\n.b\n)', 'return@1 index@3 global@1'],
  ['f(a\n.b\n,\nc)', 'callStatement@1 call@1 global@1 index@3 global@1 global@4'],
  ['return a[b\n.c\n]', 'return@1 index@3 global@1 index@2 global@1'],
  // calls: the parenthesis, the string's end, the brace
  ['f(\n1\n)', 'callStatement@1 call@1 global@1'],
  ['f\n"a"', 'callStatement@1 call@2 global@1'],
  ['f\n[[\n\n]]', 'callStatement@1 call@4 global@1'],
  ['f\n{\n}', 'callStatement@1 call@2 global@1 table@2'],
  ['a\n:\nm\n{}', 'callStatement@1 name@3 method@4 global@3 table@4'],
  // stores: where the values end
  ['a.b\n=\n1\n', 'assign@1 index@3 global@1'],
  ['a,\nb.c\n=\n1,\n2', 'assign@1 global@5 index@5 global@2'],
  ['function a\n.b\n()\nend', 'assign@1 index@1 global@1 function@1'],
  ['return {\n[a]\n=\n1\n,\n2\n,\n}', 'return@1 table@1 item@4 global@2 item@6'],
  // loops
  ['for i =\n1,\n2\ndo\nend', 'numericFor@4'],
  ['for i\nin\nf\ndo\nend', 'genericFor@3 global@3'],
  ['if a\nthen\nend', 'if@1 global@1'],
  ['return function\n(\n)\nend', 'return@1 function@2'],
];

t.test('lines are those of the instructions of Lua 5.1', async (t) => {
  for (const [source, nodes] of lines) t.equal(lineText(source), nodes, JSON.stringify(source));
});

t.test('functions know their last line', async (t) => {
  const chunk = parse('function f()\nreturn function()\nend\n\nend\n', '=c');
  t.same(
    chunk.functions.map(({ line, endLine }) => [line, endLine]),
    [
      [0, 6],
      [1, 5],
      [2, 3],
    ],
  );
});
