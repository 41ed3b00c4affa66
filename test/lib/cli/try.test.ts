import t from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import { command } from '../../../lib/cli/try.ts';
import { frame } from '../../../lib/protocol/framing.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { fakeIo } from './fake-io.ts';

const COUNT = `
total = 0
function process_message()
  total = total + 1
  print("seen", read_message("Payload"))
  return 0
end
function timer_event(ns, shutdown)
  inject_payload("txt", "total", total, " at ", ns / 1e9, " ", tostring(shutdown))
end`;

async function tried(
  t: { testdir(files: Readonly<Record<string, string>>): string },
  options: {
    readonly script?: string;
    readonly config?: string;
    readonly stdin?: string | Uint8Array;
    readonly args?: readonly string[];
  } = {},
) {
  const folder = t.testdir({
    'script.lua': options.script ?? COUNT,
    'config.toml': options.config ?? '',
    'input.json': '{"Payload":"from a file"}\n',
  });
  const stdin = options.stdin ?? '';
  const io = fakeIo({ cwd: folder, stdin: [Buffer.from(stdin)] });
  const args = ['script.lua', ...(options.config === undefined ? [] : ['-config=config.toml'])];
  const code = await runCommand(command, 'hekate try', [...args, ...(options.args ?? [])], io);
  const injected = io.out
    .split('\n')
    .filter(Boolean)
    .map((line): string => JSON.parse(line).payload);
  return { code, injected, err: io.err, folder };
}

/** JSON lines, a second apart. */
function seconds(...times: readonly number[]): string {
  return times.map((s) => `{"Payload":"${s}","Timestamp":${s}000000000}\n`).join('');
}

const TICKS = `[Count]\ntype = "SandboxFilter"\nmessage_matcher = "Type != 'heka.sandbox-output'"\nticker_interval = 10\n`;

t.test('prints what is injected as JSON lines, its log and usage on standard error', async (t) => {
  const script =
    'function process_message() inject_payload("txt", "e", "echo ", read_message("Payload")) return 0 end';
  const { code, injected, err } = await tried(t, {
    script,
    stdin: '{"Payload":"a"}\n{"Payload":"b"}',
  });
  t.equal(code, 0);
  t.same(injected, ['echo a', 'echo b']);
  t.match(err, /^messages +2 processed, 0 failed, 2 injected/m);
  t.match(err, /^memory +\d+ used \/ \d+ maximum \/ 8388608 limit/m);
  t.match(err, /^instructions +[1-9]/m);
});

t.test('timer_event fires by the time of the data, and once at the end', async (t) => {
  const { code, injected, err } = await tried(t, {
    config: TICKS,
    stdin: seconds(100, 105, 110, 111, 135),
  });
  t.equal(code, 0, err);
  t.same(injected, ['2 at 110 false', '4 at 120 false', '4 at 130 false', '5 at 135 true']);
  t.match(err, /seen.*135/);
});

t.test('a long gap in the data does not tick for ever', async (t) => {
  const { code, injected } = await tried(t, {
    config: TICKS,
    stdin: seconds(100, 1_000_000_000),
  });
  t.equal(code, 0);
  t.ok(injected.length <= 1001, `${injected.length} ticks`);
  t.equal(injected.at(-1), '2 at 1000000000 true');
});

for (const [format, stdin] of [
  ['json', '{"Payload":"one"}\n\n{"Payload":"two"}\n'],
  ['text', 'one\ntwo'],
  [
    'heka',
    Buffer.concat(['one', 'two'].map((payload) => frame(Message.create({ payload }).bytes))),
  ],
] as const) {
  t.test(`-format ${format} is read from standard input`, async (t) => {
    const { code, err } = await tried(t, { stdin, args: ['-format', format] });
    t.equal(code, 0, err);
    t.match(err, /seen.*one[\s\S]*seen.*two/);
  });
}

t.test('-input reads a file', async (t) => {
  const { code, err } = await tried(t, { args: ['-input', 'input.json'] });
  t.equal(code, 0);
  t.match(err, /seen.*from a file/);
});

for (const [what, options, reason] of [
  [
    'a script that does not compile',
    { script: 'x = = 1' },
    /HKT_SANDBOX_SCRIPT[\s\S]*script\.lua:1/,
  ],
  ['a script that is not there', { args: ['more.lua'] }, /HKT_TOOL_USAGE/],
  [
    'a line that is no message',
    { stdin: '{"Payload":"a"}\nnonsense\n' },
    /HKT_TOOL_INPUT[\s\S]*line 2/,
  ],
  ['an input that is not there', { args: ['-input', 'missing'] }, /HKT_TOOL_FILE/],
  ['cut frames', { stdin: 'no frame', args: ['-format', 'heka'] }, /8 bytes belong to no message/],
  [
    'a config with faults',
    { config: '[C]\ntype = "SandboxFilter"\nmemory_limti = 1\n' },
    /memory_limti/,
  ],
  ['a config without a filter', { config: '[StdinInput]\n' }, /HKT_TOOL_SECTION/],
  [
    'a Lua error',
    { script: 'function process_message() error("broken") end', stdin: '{}' },
    /broken/,
  ],
] as const) {
  t.test(`${what} is a fault`, async (t) => {
    const { code, err } = await tried(t, options);
    t.not(code, 0);
    t.not(code, 3);
    t.match(err, reason);
  });
}

for (const [limit, script] of [
  ['instructions', 'function process_message() while true do end end'],
  ['memory', 'local t = {} function process_message() for i = 1, 1e9 do t[i] = { i } end end'],
] as const) {
  t.test(`a script that a limit ends (${limit}) exits with 3`, async (t) => {
    const config =
      '[C]\ntype = "SandboxFilter"\nmessage_matcher = "TRUE"\ninstruction_limit = 100000000\nmemory_limit = "1MiB"\n';
    const { code, err } = await tried(t, {
      script,
      config,
      stdin: '{"Payload":"a"}\n{"Payload":"b"}\n',
    });
    t.equal(code, 3, err);
    t.match(err, /Terminated\. Reason/);
  });
}

t.test('a matcher and a config of the section are in force', async (t) => {
  const { code, err } = await tried(t, {
    script:
      'function process_message() print(read_config("word"), read_message("Payload")) return 0 end',
    config: `[C]\ntype = "SandboxFilter"\nmessage_matcher = "Payload == 'b'"\n[C.config]\nword = "yes"\n`,
    stdin: '{"Payload":"a"}\n{"Payload":"b"}\n',
  });
  t.equal(code, 0);
  t.match(err, /yes\s+b/);
  t.notMatch(err, /yes\s+a/);
});

t.test('an error in the script is shown with its traceback', async (t) => {
  const script =
    'local function f() local x\n x.y = 1 end\nfunction process_message() f() return 0 end';
  const { code, err } = await tried(t, { script, stdin: '{"Payload":"a"}\n' });
  t.equal(code, 1);
  t.match(err, "stack traceback:\n\tscript.lua:2: in function 'f'\n\tscript.lua:3: in function ");
});

t.test('an error at the top level is shown with its traceback', async (t) => {
  const { code, err } = await tried(t, { script: 'local function f() error("no") end\nf()' });
  t.equal(code, 1);
  t.match(
    err,
    "script.lua:1: no\nstack traceback:\n\t[C]: in function 'error'\n\tscript.lua:1: in function 'f'\n\tscript.lua:2: in main chunk\n\t[C]: ?\n",
  );
});

t.test(
  '-profile shows the lines that used most instructions, and changes nothing else',
  async (t) => {
    const script =
      'total = 0\nfunction process_message()\n for i = 1, 100 do total = total + i end\n return 0\nend';
    const stdin = '{"Payload":"a"}\n{"Payload":"b"}\n';
    const plain = await tried(t, { script, stdin });
    const { code, err } = await tried(t, { script, stdin, args: ['-profile'] });
    t.equal(code, 0);
    const [head, first] = err.slice(err.indexOf('instructions  percent')).split('\n');
    t.match(head, /^instructions +percent +line +source$/);
    t.match(first, /^ +\d{3} +9\d\.\d +script\.lua:3 +for i = 1, 100 do total = total \+ i end$/);
    const used = /^instructions +\d+ used/m;
    t.same(used.exec(err), used.exec(plain.err));
  },
);
