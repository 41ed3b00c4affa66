import { join } from 'node:path';
import t from 'tap';
import { type CheckTools, check, matcherFault } from '../../../lib/cli/check.ts';
import type { PluginSpec } from '../../../lib/config/spec.ts';
import { fakeIo } from './fake-io.ts';

const specs: PluginSpec[] = [
  {
    type: 'SandboxFilter',
    category: 'filter',
    doc: '',
    fields: {
      script_type: { kind: 'choice', choices: ['lua'], doc: '', default: 'lua' },
      filename: { kind: 'string', doc: '', default: '' },
    },
  },
  { type: 'LogOutput', category: 'output', doc: '', fields: {} },
  { type: 'PayloadEncoder', category: 'encoder', doc: '', fields: {} },
];

const tools: CheckTools = {
  registry: new Map(specs.map((spec) => [spec.type, spec])),
  compileScript: (source, chunkName) =>
    Promise.resolve(
      Buffer.from(source).includes('syntax error')
        ? `${chunkName}:1: '=' expected near 'error'`
        : undefined,
    ),
};

const sections = `
[PayloadEncoder]
[LogOutput]
message_matcher = "TRUE"
encoder = "PayloadEncoder"

[counts]
type = "SandboxFilter"
filename = "counts.lua"
message_matcher = "Type == 'nginx.access' && Fields[status] >= 500"
`;

t.test('a configuration without a fault gets one line and exit code 0', async (t) => {
  const cwd = t.testdir({
    'hekad.toml': `[hekad]\nshare_dir = "share"\n${sections}`,
    share: { 'counts.lua': 'function process_message() return 0 end' },
  });
  const io = fakeIo({ cwd });
  t.equal(await check(['hekad.toml'], io, tools), 0);
  t.equal(io.out, 'hekad.toml: ok, 3 plugins\n');
  t.equal(io.err, '');
});

const faulty = `[hekad]
share_dir = "share"
poolsize = 100
[LogOutput]
message_matcher = "Type = 'x'"
[broken]
type = "SandboxFilter"
message_matcher = "TRUE"
filename = "broken.lua"
[missing]
type = "SandboxFilter"
message_matcher = "TRUE"
filename = "missing.lua"
[none]
type = "SandboxFilter"
message_matcher = "TRUE"
mesage_signer = "x"
filename = "broken.lua"
[nameless]
type = "SandboxFilter"
message_matcher = "TRUE"
`;

t.test(
  'faults of sections, matchers and scripts are shown together, also of one section',
  async (t) => {
    const cwd = t.testdir({
      conf: { '1.toml': faulty },
      share: { 'broken.lua': 'syntax error' },
    });
    const io = fakeIo({ cwd });
    t.equal(await check(['conf'], io, tools), 1);
    const lines = io.out.trimEnd().split('\n');
    const file = join('conf', '1.toml');
    const expected = [
      `${file}:3:1: HKT_CONFIG_NO_EFFECT 'hekad' setting 'poolsize' has no effect`,
      `${file}:5:19: HKT_CONFIG_MATCHER Can't create message matcher for 'LogOutput': syntax error`,
      `${file}:9:12: HKT_CONFIG_SCRIPT 'broken' script broken.lua: broken.lua:1: '=' expected near 'error'`,
      `${file}:13:12: HKT_CONFIG_SCRIPT 'missing' script missing.lua: cannot be read: ENOENT`,
      `${file}:17:1: HKT_CONFIG_UNKNOWN_KEY unknown config setting for 'none': mesage_signer (did you mean 'message_signer'?)`,
      `${file}:18:12: HKT_CONFIG_SCRIPT 'none' script broken.lua: broken.lua:1: '=' expected near 'error'`,
      `${file}:19:1: HKT_CONFIG_REQUIRED 'nameless' is missing the setting 'filename'`,
      'conf: 6 faults, 1 warning',
    ];
    t.equal(lines.length, expected.length, io.out);
    for (const [index, line] of expected.entries()) t.ok(lines[index]?.startsWith(line), line);
    t.ok(lines[0]?.endsWith('[warning]'));
  },
);

t.test('a filter that a manager is to run needs no filename', async (t) => {
  const cwd = t.testdir({
    'filter.toml': '[Example]\ntype = "SandboxFilter"\nmessage_matcher = "TRUE"\n',
  });
  const io = fakeIo({ cwd });
  t.equal(await check(['filter.toml'], io, tools), 0, io.out);
});

t.test('for machines every fault is a JSON line', async (t) => {
  const cwd = t.testdir({ 'hekad.toml': faulty, share: { 'broken.lua': 'x = 1' } });
  const io = fakeIo({ cwd });
  t.equal(await check(['-format=json', 'hekad.toml'], io, tools), 1);
  const faults = io.out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  t.equal(faults.length, 5);
  t.match(faults[0], { severity: 'warning', code: 'HKT_CONFIG_NO_EFFECT', line: 3 });
  t.match(faults[1], {
    severity: 'fault',
    file: 'hekad.toml',
    line: 5,
    column: 19,
    code: 'HKT_CONFIG_MATCHER',
    advice: String,
  });
  t.match(faults[3], { suggestion: "did you mean 'message_signer'?" });
});

t.test('a path that is missing is a fault, and no path a wrong call', async (t) => {
  const cwd = t.testdir({});
  const missing = fakeIo({ cwd });
  t.equal(await check(['none.toml'], missing, tools), 1);
  t.match(missing.out, /^none\.toml: HKT_CONFIG_UNREADABLE .*ENOENT\nnone\.toml: 1 fault\n$/);
  const wrong = fakeIo({ cwd });
  t.equal(await check([], wrong, tools), 2);
  t.match(wrong.err, /HKT_TOOL_USAGE/);
  t.equal(await check(['a', 'b'], fakeIo({ cwd }), tools), 2);
});

t.test('a matcher that compiles has no fault, another names its token', async (t) => {
  t.equal(matcherFault("Type == 'x'", 'heka'), undefined);
  t.match(matcherFault("Type = 'x'", 'heka') ?? '', /syntax error/);
});
