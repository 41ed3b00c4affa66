import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import { command } from '../../../lib/cli/lua.ts';
import { DEFAULT_ENGINE } from '../../../lib/protocol/batch.ts';
import { fakeIo } from './fake-io.ts';

interface Place {
  testdir(files: Readonly<Record<string, string | Record<string, string>>>): string;
}

/** Runs the command in a folder with these files; standard streams are files too. */
async function runLua(
  t: Place,
  args: readonly string[],
  options: {
    readonly files?: Readonly<Record<string, string>>;
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
) {
  const folder = t.testdir({ work: { ...options.files }, input: options.input ?? '' });
  const file = (name: string) => path.join(folder, name);
  writeFileSync(file('out'), '');
  const input = openSync(file('input'), 'r');
  const output = openSync(file('out'), 'a');
  const error = openSync(file('err'), 'a');
  const io = fakeIo({
    cwd: file('work'),
    descriptors: [input, output, error],
    env: options.env ?? {},
  });
  const code = await runCommand(command, 'hekate lua', args, io);
  for (const descriptor of [input, output, error]) closeSync(descriptor);
  return {
    code,
    out: readFileSync(file('out'), 'latin1'),
    err: io.err,
    written: readFileSync(file('err'), 'latin1'),
    read: (name: string) => readFileSync(path.join(folder, 'work', name), 'latin1'),
  };
}

for (const engine of ['interpreted', 'compiled']) {
  t.test(`on the ${engine} engine`, (t) => {
    suite(t, engine);
    t.end();
  });
}

function suite(t: Test, engine: string): void {
  const lua = (place: Place, args: readonly string[], options?: Parameters<typeof runLua>[2]) =>
    runLua(place, [`-engine=${engine}`, ...args], options);

  t.test('runs a script with its arguments', async (t) => {
    const script = '#!/usr/bin/env lua\nprint(arg[-1], arg[0], arg[1], #arg, ...)';
    const { code, out, err } = await lua(t, ['p.lua', 'a', '-b'], { files: { 'p.lua': script } });
    t.equal(code, 0, err);
    t.equal(out, 'hekate lua\tp.lua\ta\t2\ta\t-b\n');
  });

  t.test('runs code given by -e before the script, and without one', async (t) => {
    const files = { 'p.lua': 'print(x, ...)' };
    t.equal((await lua(t, ['-e', 'x = 1', '-e=x = x + 1', 'p.lua', 'a'], { files })).out, '2\ta\n');
    t.equal((await lua(t, ['-e', 'print(arg)'])).out, 'nil\n');
  });

  for (const args of [[], ['-', 'a']]) {
    t.test(`reads the program from standard input: [${args.join(' ')}]`, async (t) => {
      const { out } = await lua(t, args, { input: 'print(arg[0], ...) print(io.read())' });
      t.equal(out, args.length === 0 ? '-\nnil\n' : '-\ta\nnil\n');
    });
  }

  t.test('an error has its message and its traceback, and exit status 1', async (t) => {
    const script = 'local function f() error("boom") end\nfunction g() f() end\nprint(1) g()';
    const { code, out, err } = await lua(t, ['p.lua'], { files: { 'p.lua': script } });
    t.equal(code, 1);
    t.equal(out, '1\n', 'what was written before is there');
    t.equal(
      err,
      'hekate lua: p.lua:1: boom\nstack traceback:\n' +
        "\t[C]: in function 'error'\n\tp.lua:1: in function 'f'\n\tp.lua:2: in function 'g'\n" +
        '\tp.lua:3: in main chunk\n\t[C]: ?\n',
    );
  });

  for (const [what, code, text] of [
    ['a syntax error', 'x = = 1', "(command line):1: unexpected symbol near '='"],
    ['an error without a text', 'error({})', '(error object is not a string)'],
    ['a missing module', 'require "no.mod"', "(command line):1: module 'no.mod' not found:"],
  ] as const) {
    t.test(`fails with ${what}`, async (t) => {
      const { code: status, err } = await lua(t, ['-e', code]);
      t.equal(status, 1);
      t.equal(err.split('\n')[0], `hekate lua: ${text}`);
    });
  }

  for (const [code, status] of [
    ['os.exit()', 0],
    ['os.exit(7)', 7],
    ['pcall(os.exit, 8)', 8],
    ['coroutine.wrap(function() xpcall(function() os.exit(9) end, print) end)()', 9],
  ] as const) {
    t.test(`${code} ends the program with status ${status}`, async (t) => {
      const result = await lua(t, ['-e', `io.write("held") ${code} io.write("never")`]);
      t.equal(result.code, status, result.err);
      t.equal(result.out, 'held');
    });
  }

  for (const [flag, code] of [
    ['-instruction_limit=100000', 'io.write("x") while true do end'],
    ['-instruction_limit=100000', 'io.write("x") while true do pcall(error) end'],
    ['-memory_limit=1000000', 'io.write("x") local t = {} while true do t[#t + 1] = {} end'],
    ['-memory_limit=1000000', 'io.write("x") local s = "x" while true do s = s .. s end'],
  ] as const) {
    t.test(`${flag} ends ${code} with status 3`, async (t) => {
      const result = await lua(t, [flag, '-e', code]);
      t.equal(result.code, 3, result.err);
      t.match(result.err, /^hekate lua: HKT_TOOL_LIMIT /);
      t.equal(result.out, 'x');
    });
  }

  t.test('wrong calls end with status 2', async (t) => {
    t.equal((await lua(t, ['-engine', 'other', 'p.lua'])).code, 2);
    t.equal((await lua(t, ['-memory_limit', 'much', 'p.lua'])).code, 2);
    t.equal((await lua(t, ['none.lua'])).code, 1, 'a file that is not there is a fault');
  });

  t.test('files are those below the working folder', async (t) => {
    // Above every folder: the project may lie below the system's folder for temporary files.
    const above = `${'../'.repeat(30)}etc/input`;
    const files = {
      'q.lua': `
      local f = assert(io.open("out.txt", "w"))
      f:write("written ", 1.5, "\\0\\255")
      -- left open
      print(io.open("${above}"))
      print(pcall(io.lines, "/etc/passwd"))
      print(loadfile("${above}"))
      print(os.remove("${above}"))
      local name = os.tmpname()
      assert(io.open(name, "w")):close()
      print(os.rename(name, "/moved"))
      assert(os.remove(name))
      local temporary = io.tmpfile()
      temporary:write("t") temporary:seek("set")
      print(temporary:read("*a"))
      print(pcall(os.execute, "ls"))
    `,
    };
    const { code, out, err, read } = await lua(t, ['q.lua'], { files });
    t.equal(code, 0, err);
    t.match(
      out,
      /^nil\t[./]*etc\/input: Permission denied\t13\nfalse\t.*\/etc\/passwd: Permission denied.*\nnil\tcannot open [./]*etc\/input: Permission denied\nnil\t[./]*etc\/input: Permission denied\t13\nnil\t.*: Permission denied\t13\nt\nfalse\t'execute' not supported\n$/,
    );
    t.equal(read('out.txt'), 'written 1.5\0\xff', 'open files are written at the end');
  });

  t.test(
    'what was written is there after an error, and standard error is not held back',
    async (t) => {
      const script = 'io.output("f") io.write("kept") io.stderr:write("first") error("x")';
      const { code, read, written } = await lua(t, ['-e', script]);
      t.equal(code, 1);
      t.equal(read('f'), 'kept');
      t.equal(written, 'first');
    },
  );

  t.test('modules are found by package.path, and preloaded ones first', async (t) => {
    const files = {
      'm.lua': 'local name = ... return { name = name, count = (n or 0) + 1 }',
      'broken.lua': 'x = = 1',
      'old.lua': 'module(..., package.seeall) function hello() return _NAME, type(print) end',
      'q.lua': `
      local m = require "m"
      print(m.name, m.count, require "m" == m, package.loaded.m == m)
      package.loaded.m = nil
      print(require "m" == m)
      package.preload.made = function(name) return name .. "!" end
      print(require "made")
      print(require "old".hello())
      package.path = "./lib/?.lua"
      print(pcall(require, "lib.none"))
      package.path = "./?.lua"
      print(pcall(require, "broken"))
      print(require "io" == io, require "string" == string, package.loaded._G == _G)
      print(dofile "m.lua".count)
    `,
    };
    const { code, out, err } = await lua(t, ['q.lua'], { files });
    t.equal(code, 0, err);
    t.equal(
      out,
      'm\t1\ttrue\ttrue\nfalse\nmade!\nold\tfunction\n' +
        "false\tmodule 'lib.none' not found:\n\tno field package.preload['lib.none']\n" +
        "\tno file './lib/lib/none.lua'\n" +
        "false\terror loading module 'broken' from file './broken.lua':\n" +
        "\t./broken.lua:1: unexpected symbol near '='\n" +
        'true\ttrue\ttrue\n1\n',
    );
  });

  t.test('the environment is the user’s, as bytes', async (t) => {
    const { out } = await lua(t, ['-e', 'print(os.getenv("A"), os.getenv("B"), #os.getenv("A"))'], {
      env: { A: 'é' },
    });
    t.equal(out, '\xc3\xa9\tnil\t2\n');
  });

  t.test('-profile shows the lines that used most instructions', async (t) => {
    const script = 'local n = 0\nfor i = 1, 1000 do n = n + i end\nprint(n)\n';
    const args = ['-engine=interpreted', '-profile', 'p.lua'];
    const { out, err } = await lua(t, args, { files: { 'p.lua': script } });
    t.equal(out, '500500\n');
    const [head, first, second] = err.split('\n');
    t.match(head, /^instructions +percent +line +source$/);
    t.match(first, /^ +[23]\d\d\d +9\d\.\d +p\.lua:2 +for i = 1, 1000 do n = n \+ i end$/);
    t.match(second, /p\.lua:[13]/);
  });

  t.test('collectgarbage tells of live memory, os.clock of time that passes', async (t) => {
    const { code, err } = await lua(t, [
      '-e',
      `local before = collectgarbage("count")
    kept = {} for i = 1, 1e5 do kept[i] = {} end
    assert(collectgarbage("count") > before + 1000, collectgarbage("count") - before)
    kept = nil collectgarbage()
    assert(collectgarbage("count") < before + 1000)
    assert(type(os.clock()) == "number" and os.clock() > 0)`,
    ]);
    t.equal(code, 0, err);
  });

  for (const [what, code] of [
    ['a loop', 'io.write("ready\\n") io.flush() while true do end'],
    [
      'a loop that catches everything',
      'io.write("ready\\n") io.flush() while true do pcall(error) end',
    ],
    ['a program that waits for input', 'io.write("ready\\n") io.read()'],
  ] as const) {
    t.test(`SIGINT ends ${what} with status 130`, async (t) => {
      const bin = path.resolve(import.meta.dirname, '../../../bin/hekate.js');
      const child = spawn(process.execPath, [bin, 'lua', `-engine=${engine}`, '-e', code], {
        cwd: t.testdir({}),
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      child.kill('SIGINT');
      const [status, signal] = await once(child, 'exit');
      // A shell shows 130 for both.
      t.ok(status === 130 || signal === 'SIGINT', `${status} ${signal}`);
      child.stdin.destroy();
    });
  }
}

t.test('the default engine is the one of sandboxes', (t) => {
  t.equal(command.flags.engine?.default, DEFAULT_ENGINE);
  t.end();
});
