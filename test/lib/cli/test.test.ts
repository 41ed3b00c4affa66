import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import { command } from '../../../lib/cli/test.ts';
import { fakeIo } from './fake-io.ts';

async function hekateTest(cwd: string, args: readonly string[]) {
  const io = fakeIo({ cwd });
  const status = await runCommand(command, 'hekate', args, io);
  return { status, out: io.out, err: io.err };
}

const counter = `
count = 0
function process_message()
  count = count + 1
  inject_payload("txt", "count", read_message("Payload"), "\\n", count)
  if read_message("Payload") == "bad" then return -1, "no good" end
  return 0
end
function timer_event(ns) print("tick") end
`;

const cases = (payload: string): string => `
[[case]]
name = "counts"
config = { rows = 3 }

  [[case.in]]
  payload = "a"
  repeat = 2
  [[case.in]]
  payload = "bad"
  [[case.in]]
  timer = 1

  [[case.out]]
  Payload = "a\\n1"
  Fields = { absent = "(nothing)" }
  [[case.out]]
  Payload = ${JSON.stringify(payload)}
  [[case.out]]
  Payload = '/^bad\\n\\d$/'

  [case.expect]
  returns = [0, 0, -1]
  failures = ["no good"]
  logs = ["tick"]
  state = { count = 3 }
  limits = { instructions = 100000 }
`;

const folder = (t: Test, files: Record<string, string>): string => t.testdir({ filter: files });

t.test('cases that hold', async (t) => {
  const cwd = folder(t, { 'c.lua': counter, 'c.test.toml': cases('a\n2') });
  const { err, out, status } = await hekateTest(cwd, ['.']);
  t.equal(err, '');
  t.equal(out, 'filter/c.test.toml  1 passed\n1 passed, 0 failed\n');
  t.equal(status, 0);
});

t.test('a failure says where it is and how it differs; JUnit has it too', async (t) => {
  const cwd = folder(t, { 'c.lua': counter, 'c.test.toml': cases('a\n3') });
  const { out, status } = await hekateTest(cwd, ['-junit', 'out.xml', 'filter/c.test.toml']);
  t.equal(status, 1);
  t.match(out, 'filter/c.test.toml:2  counts\n');
  t.match(out, /injection 2\.Payload:\n +a\n +- 3\n +\+ 2\n/);
  const xml = readFileSync(path.join(cwd, 'out.xml'), 'utf8');
  t.match(xml, /<testcase [^>]*name="counts"/);
  t.match(xml, '<failure');
});

t.test('what is missing, too much, or breaks the sandbox is a failure', async (t) => {
  const failures = async (out: string, script = counter): Promise<string> => {
    const cwd = folder(t, {
      'c.lua': script,
      'c.test.toml': `[[case]]\nname = "x"\n${out}\n[[case.in]]\npayload = "a"\n`,
    });
    const result = await hekateTest(cwd, ['.']);
    t.equal(result.status, 1);
    return result.out;
  };
  t.match(await failures('out = []'), 'an injection too much');
  t.match(
    await failures('out = [{ Payload = "a\\n1" }, { Payload = "b" }]'),
    'injection 2 is missing',
  );
  t.match(await failures('expect = { limits = { instructions = 1 } }'), /\d+ were used, 1 are/);
  t.match(await failures('expect = { logs = ["never"] }'), 'no log line never');
  t.match(
    await failures('', 'function process_message() error("boom") end'),
    /it was terminated: .*boom/,
  );
  t.match(await failures('', 'x ='), 'it could not be loaded');
  t.match(await failures('unknown = 1'), 'unknown key unknown');
});

t.test('snapshots are written with -update, and compared without', async (t) => {
  const cwd = folder(t, {
    'c.lua': counter,
    'c.test.toml': '[[case]]\nname = "x"\nsnapshot = true\n[[case.in]]\npayload = "bad"\n',
  });
  const first = await hekateTest(cwd, ['.']);
  t.match(first.out, 'it has no snapshot: run with -update');
  t.equal((await hekateTest(cwd, ['-update', '.'])).status, 0);
  const text = readFileSync(path.join(cwd, 'filter/c.test.snap'), 'utf8');
  t.match(text, '=== x\nreturns: [-1]\nfailure: no good\n');
  t.match(text, '  Timestamp: (now)\n');
  t.match(text, '  Payload:\n  | bad\n  | 1\n');
  t.equal((await hekateTest(cwd, ['.'])).status, 0);
  writeFileSync(path.join(cwd, 'filter/c.lua'), counter.replace('"\\n", count', '"\\n", -count'));
  const changed = await hekateTest(cwd, ['.']);
  t.match(changed.out, /- +\| 1\n +\+ +\| -1\n/);
  t.equal(changed.status, 1);
});

t.test('functions of a test.lua file are one test each, on either engine', async (t) => {
  const script = `
local cjson = require "cjson"
local ok = cjson.decode('{"a":1}')
function test_right() assert(ok.a == 1) end
function test_wrong() assert(ok.a == 2, "a is " .. ok.a) end
`;
  const cwd = folder(t, { 'm.test.lua': script });
  for (const engine of ['compiled', 'interpreted']) {
    const { out, status } = await hekateTest(cwd, ['-engine', engine, '.']);
    t.match(out, 'filter/m.test.lua  1 passed, 1 failed');
    t.match(out, /m\.test\.lua:5: a is 1/);
    t.equal(status, 1);
  }
  const off = await hekateTest(cwd, ['-extensions', 'lpeg', '.']);
  t.match(off.out, /cjson.*package/, 'a module of a package that is off names the package');
});

t.test('an output that asks for a message again and again gives it up', async (t) => {
  const cwd = t.testdir({
    output: {
      'o.lua': `function process_message()
  if read_message("Payload") == "again" then return -3, "not yet" end
  return 0
end
function timer_event() end`,
      'o.test.toml':
        'api = "lsb"\n[[case]]\nname = "x"\nexpect = { returns = [0, -3, 0] }\n' +
        ['a', 'again', 'b'].map((p) => `[[case.in]]\npayload = "${p}"\n`).join(''),
    },
  });
  const { out, status } = await hekateTest(cwd, ['.']);
  t.equal(out, 'output/o.test.toml  1 passed\n1 passed, 0 failed\n');
  t.equal(status, 0);
});

t.test('no tests are a fault', async (t) => {
  const { err, status } = await hekateTest(t.testdir({}), ['.']);
  t.match(err, 'no tests below');
  t.not(status, 0);
});
