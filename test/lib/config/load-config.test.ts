import { join } from 'node:path';
import t from 'tap';
import type { ConfigText } from '../../../lib/config/config-files.ts';
import { hekadSpec } from '../../../lib/config/hekad-spec.ts';
import { loadConfig, readConfig } from '../../../lib/config/load-config.ts';
import { faultText } from '../../../lib/config/place.ts';
import type { Category, FieldSpec, PluginSpec } from '../../../lib/config/spec.ts';
import { maxConfigBytes } from '../../../lib/config/toml-reader.ts';

function spec(type: string, category: Category, more: Partial<PluginSpec> = {}): PluginSpec {
  return { type, category, doc: `${type}.`, fields: {}, ...more };
}

const address: FieldSpec = { kind: 'string', doc: '', required: true };
const signer: FieldSpec = {
  kind: 'sections',
  doc: '',
  fields: { hmac_key: { kind: 'string', doc: '', required: true } },
};

const registry = new Map(
  [
    spec('TcpInput', 'input', {
      fields: { address, keep_alive: { kind: 'bool', doc: '', default: false }, signer },
      commonDefaults: { splitter: 'HekaFramingSplitter', decoder: 'ProtobufDecoder' },
      ticker: false,
    }),
    spec('TokenSplitter', 'splitter', { fields: { count: { kind: 'uint', doc: '', default: 1 } } }),
    spec('RegexSplitter', 'splitter'),
    spec('HekaFramingSplitter', 'splitter', { fields: { signer } }),
    spec('NullSplitter', 'splitter', { commonDefaults: { min_buffer_size: 65_536 } }),
    spec('ProtobufDecoder', 'decoder'),
    spec('ProtobufEncoder', 'encoder'),
    spec('PayloadEncoder', 'encoder', { fields: { prefix_ts: { kind: 'bool', doc: '' } } }),
    spec('SandboxFilter', 'filter', {
      fields: {
        filename: { kind: 'string', doc: '', default: '' },
        memory_limit: { kind: 'bytes', doc: '', default: '8MiB' },
        config: { kind: 'table', doc: '' },
      },
      commonDefaults: { can_exit: true },
    }),
    spec('LogOutput', 'output'),
  ].map((its) => [its.type, its]),
);

const options = {
  registry,
  env: { KEY: 'secret' },
  matcher: (text: string) =>
    text === 'bogus' ? 'syntax error: last token: bogus pos: 5' : undefined,
};

function read(text: string, ...more: ConfigText[]) {
  return readConfig([{ file: 'hekad.toml', text }, ...more], options);
}

function texts(text: string): string[] {
  return read(text).faults.map((fault) => faultText(fault).replaceAll('hekad.toml:', ''));
}

const working = `
[hekad]
maxprocs = 2
base_dir = "/var/lib/hekate"

# The name may hold anything.
[TCP:5565]
type = "TcpInput"
address = "127.0.0.1:5565"
    [TCP:5565.signer.PlatformDevs_0]
    hmac_key = "%ENV[KEY]"

[lines]
type = "TokenSplitter"
count = 2

[counts]
type = "SandboxFilter"
filename = "counts.lua"
message_matcher = "Type == 'nginx.access'"
Ticker_Interval = 5
memory_limit = "1MiB"
    [counts.config]
    rows = 1440
    names = ["a", "b"]

[PayloadEncoder]

[LogOutput]
message_matcher = "TRUE"
encoder = "PayloadEncoder"
`;

t.test('a working configuration gives its sections in order', async (t) => {
  const config = read(working);
  t.same(config.faults, []);
  t.same(config.warnings, []);
  t.equal(config.hekad.number('maxprocs'), 2);
  t.same(
    config.plugins.map((section) => `${section.name} ${section.type} ${section.line}`),
    [
      'TCP:5565 TcpInput 7',
      'lines TokenSplitter 13',
      'counts SandboxFilter 17',
      'PayloadEncoder PayloadEncoder 27',
      'LogOutput LogOutput 29',
    ],
  );
  const [tcp, , counts] = config.plugins;
  t.equal(tcp?.sections('signer').get('PlatformDevs_0')?.string('hmac_key'), 'secret');
  t.equal(counts?.number('ticker_interval'), 5);
  t.equal(counts?.number('memory_limit'), 1_048_576);
  t.equal(counts?.bool('can_exit'), true);
  t.same(counts?.table('config'), { rows: 1440, names: ['a', 'b'] });
});

t.test(
  'plugins that need no section are found by name, and a section overrides them',
  async (t) => {
    const config = read(`${working}\n[NullSplitter]\nmin_buffer_size = 100\n`);
    t.equal(config.find('splitter', 'NullSplitter')?.number('min_buffer_size'), 100);
    t.equal(config.find('splitter', 'HekaFramingSplitter')?.type, 'HekaFramingSplitter');
    t.equal(config.find('splitter', 'lines')?.number('count'), 2);
    t.equal(config.find('decoder', 'ProtobufDecoder')?.type, 'ProtobufDecoder');
    t.equal(config.find('splitter', 'RegexSplitter'), undefined);
    t.equal(config.find('decoder', 'lines'), undefined, 'of another category');
  },
);

const faulty = `# faults of every sort
[hekad]
max_message_loop = 4
base_dir = /var/lib

[tcp]
type = "TcpInptu"
address = ":5565"

[TcpInput]
adress = ":5566"
splitter = "lines"
decoder = "ProtobufDecodr"
keep_alive = "yes"

[counts]
type = "SandboxFilter"
message_matcher = "bogus"
memory_limit = "8 Mo"
ticker_interval = "5s"
can_exit = false
can_exit = true
use_buffering = true

[silent]
type = "SandboxFilter"
[silent.retries]
delay = "soon"

[counts]
type = "LogOutput"

[shown]
type = "LogOutput"
message_matcher = "TRUE"
encoder = "PayloadEncoder"

[decoders]
type = "GeoIpDecoder"

[TCP:1
address = 1

[lines]
type = "RegexSplitter"
message_matcher = "TRUE"
`;

t.test(
  'all faults of a configuration come out in one go, in the order of their places',
  async (t) => {
    t.same(texts(faulty), [
      '4:12: HKT_CONFIG_SYNTAX syntax error: not a value: texts stand in quotes',
      "7:8: HKT_CONFIG_PLUGIN_TYPE No registered plugin type: TcpInptu (did you mean 'TcpInput'?)",
      "10:1: HKT_CONFIG_REQUIRED 'TcpInput' is missing the setting 'address'",
      "11:1: HKT_CONFIG_UNKNOWN_KEY unknown config setting for 'TcpInput': adress (did you mean 'address'?)",
      "14:14: HKT_CONFIG_TYPE 'TcpInput' setting 'keep_alive' must be true or false, found text",
      "18:19: HKT_CONFIG_MATCHER Can't create message matcher for 'counts': syntax error: last token: bogus pos: 5",
      '19:16: HKT_CONFIG_VALUE \'counts\' setting \'memory_limit\': invalid size "8 Mo", write bytes or a unit such as "64KiB", "8MiB", "1GB"',
      "20:19: HKT_CONFIG_TYPE 'counts' setting 'ticker_interval' must be an integer, in seconds, found text (did you mean 5?)",
      "22:1: HKT_CONFIG_DUPLICATE 'can_exit' is defined twice, first at 21:1",
      "23:1: HKT_CONFIG_NOT_BUILT 'counts': use_buffering is not available: TcpOutput, HttpOutput and ElasticSearchOutput have disk queues; elsewhere the router holds inputs back while a plugin is busy, and drops nothing silently",
      "25:1: HKT_CONFIG_NO_MATCHER 'silent' missing message matcher",
      "28:9: HKT_CONFIG_VALUE 'silent' setting 'retries.delay': invalid duration \"soon\" (write a number and a unit: ns, us, ms, s, m or h)",
      "30:1: HKT_CONFIG_DUPLICATE 'counts' is defined twice, first at 16:1",
      "36:11: HKT_CONFIG_ENCODER shown can't create encoder PayloadEncoder (add a section [PayloadEncoder])",
      "39:8: HKT_CONFIG_NOT_BUILT 'decoders': plugin type GeoIpDecoder is not available: it is outside of what Hekate does",
      "41:1: HKT_CONFIG_SYNTAX syntax error: missing ']' of the table name",
      "46:1: HKT_CONFIG_UNKNOWN_KEY unknown config setting for 'lines': message_matcher",
    ]);
  },
);

t.test('what cannot be read of a section hides no other section', async (t) => {
  const hidden = texts('[hekad]\nmax_message_loop = 4\nbase_dir = x\n[LogOutput]\nencoder = 1');
  t.same(
    hidden.map((text) => text.split(' ', 2).join(' ')),
    ['3:12: HKT_CONFIG_SYNTAX', '4:1: HKT_CONFIG_NO_MATCHER', '5:11: HKT_CONFIG_TYPE'],
  );
});

t.test('references to what does not exist are faults with upstream texts', async (t) => {
  t.same(
    texts(`
[a]
type = "TcpInput"
address = ":1"
splitter = "TokenSpliter"
decoder = "nginx"
[b]
type = "LogOutput"
message_matcher = "TRUE"
encoder = "a"`),
    [
      "5:12: HKT_CONFIG_SPLITTER a specifies undefined splitter TokenSpliter (did you mean 'TokenSplitter'?)",
      "6:11: HKT_CONFIG_DECODER a: no registered 'nginx' decoder",
      "10:11: HKT_CONFIG_ENCODER b can't create encoder a",
    ],
  );
});

t.test('a reference to a section with a fault of its own is not a second fault', async (t) => {
  t.same(
    texts(`
[TcpInput]
address = ":1"
splitter = "mine"
decoder = "other"
[mine]
type = "TokenSplitter"
count = -1
[other]
type = "Nginx"`),
    [
      "8:9: HKT_CONFIG_VALUE 'mine' setting 'count': must not be negative",
      '10:8: HKT_CONFIG_PLUGIN_TYPE No registered plugin type: Nginx',
    ],
  );
});

t.test('known types that are not built are told from unknown ones', async (t) => {
  t.match(texts('[DashboardOutput]\nticker_interval = 6'), [
    /^1:1: HKT_CONFIG_NOT_BUILT .*DashboardOutput is not available: this version does not build it yet/,
  ]);
  t.match(texts('[IrcOutput]'), [/NOT_BUILT .*outside of what Hekate does/]);
  t.match(texts('[my.thing]\nx = 1'), [
    /No registered plugin type: my \(give the section a 'type'\)/,
  ]);
  t.match(texts('[x]\ntype = 5'), [/^2:8: HKT_CONFIG_TYPE 'x' setting 'type' must be text/]);
});

t.test('settings outside of sections are faults', async (t) => {
  t.same(texts('address = ":1"\n[[list]]\n[LogOutput]\nmessage_matcher = "TRUE"'), [
    "1:1: HKT_CONFIG_NOT_SECTION 'address' stands outside of any section",
    "2:1: HKT_CONFIG_NOT_SECTION 'list' stands outside of any section",
  ]);
});

t.test('a configuration without a plugin is empty', async (t) => {
  for (const text of ['', '# nothing', '[hekad]\nmaxprocs = 1'])
    t.same(
      read(text).faults.map(faultText),
      ['hekad.toml: HKT_CONFIG_EMPTY Empty configuration, exiting.'],
      text,
    );
});

t.test('places behind an environment variable are those of the file', async (t) => {
  const text = '[LogOutput]\nmessage_matcher = "%ENV[KEY]%ENV[NONE]" # c\n%ENV[KEY] = %ENV[KEY]x';
  const { faults, warnings } = read(text);
  t.match(faults, [{ line: 3, column: 13, code: 'HKT_CONFIG_SYNTAX' }]);
  t.match(warnings, [{ line: 2, column: 29, code: 'HKT_CONFIG_ENVIRONMENT_UNSET' }]);
  t.match(read('[LogOutput]\nmessage_matcher = "%ENV[A B]"').faults, [
    { line: 2, column: 20, text: 'Invalid characters in environmental variable' },
  ]);
});

t.test('values of the environment stay out of the texts of syntax faults', async (t) => {
  const { faults } = read('[LogOutput]\nmessage_matcher = %ENV[KEY]\n[a\nx = %ENV[KEY');
  t.notMatch(faults.map(faultText).join('\n'), /secret/);
});

t.test('in a directory every *.toml is read in the order of names', async (t) => {
  const folder = t.testdir({
    '10-hekad.toml':
      '[hekad]\nmaxprocs = 1\nlog_flags = 0\n[LogOutput]\nmessage_matcher = "TRUE"\n',
    '20-more.toml': '[hekad]\nmaxprocs = 3\n',
    '05-first.toml': '[TcpInput]\naddress = ":1"\n',
    '30-last.toml': '[TcpInput]\naddress = ":2"\nkeep_alive = true\n',
    'sbmgr.toml': 'ip_address = "127.0.0.1:5565"\n[signer]\nname = "test"\n',
    'notes.txt': 'not TOML',
    deeper: { 'x.toml': 'not TOML either' },
  });
  const config = await loadConfig(folder, options);
  t.same(config.faults, []);
  t.equal(config.hekad.number('maxprocs'), 3);
  t.equal(config.hekad.number('log_flags'), 3, 'the last [hekad] counts as a whole');
  t.same(
    config.plugins.map((section) => `${section.name} ${section.file}`),
    [`TcpInput ${join(folder, '30-last.toml')}`, `LogOutput ${join(folder, '10-hekad.toml')}`],
  );
  t.equal(config.plugins[0]?.string('address'), ':2');
  t.same(
    config.warnings.map((fault) => [fault.file, fault.code]),
    [
      [join(folder, '05-first.toml'), 'HKT_CONFIG_SUPERSEDED'],
      [join(folder, '10-hekad.toml'), 'HKT_CONFIG_SUPERSEDED'],
      [join(folder, 'sbmgr.toml'), 'HKT_CONFIG_PASSED_OVER'],
    ],
  );
});

t.test(
  'files of the tools in a directory are passed over, but filters in them are checked',
  async (t) => {
    const folder = t.testdir({
      'flood.toml': '[default]\nip_address = ":1"\n[other]\nip_address = ":2"\n[other.signer]\n',
      'hekad.toml': '[LogOutput]\nmessage_matcher = "TRUE"\n',
      'loaded.toml': '[Example]\ntype = "SandboxFilter"\nmessage_matcher = "bogus"\n',
    });
    const { faults, warnings, plugins } = await loadConfig(folder, options);
    t.same(
      warnings.map((fault) => fault.text),
      [
        'passed over: this file configures a tool such as heka-sbmgr',
        'passed over: this file configures a filter for heka-sbmgr to load, since it has no filename',
      ],
    );
    t.match(faults, [{ code: 'HKT_CONFIG_MATCHER', line: 3, file: join(folder, 'loaded.toml') }]);
    t.same(
      plugins.map((section) => section.name),
      ['LogOutput'],
    );
  },
);

t.test('what cannot be read is a fault with the name of the file', async (t) => {
  const folder = t.testdir({
    'big.toml': `# ${'x'.repeat(maxConfigBytes)}`,
    'latin.toml': Buffer.from([0x61, 0x3d, 0x22, 0xe9, 0x22]),
    'odd.toml': { inside: 'a folder with the name of a file' },
  });
  const { faults } = await loadConfig(folder, options);
  t.match(faults, [
    { code: 'HKT_CONFIG_TOO_BIG', file: join(folder, 'big.toml') },
    { code: 'HKT_CONFIG_ENCODING', file: join(folder, 'latin.toml') },
    { code: 'HKT_CONFIG_UNREADABLE', file: join(folder, 'odd.toml'), values: [String, 'EISDIR'] },
  ]);
  t.match((await loadConfig(join(folder, 'none.toml'), options)).faults, [
    { code: 'HKT_CONFIG_UNREADABLE', text: /cannot read .*none\.toml: ENOENT/ },
  ]);
});

t.test('the place of a setting is that of its value, or of its section', async (t) => {
  const config = read(working);
  const counts = config.plugins.find((section) => section.name === 'counts');
  if (counts === undefined) return t.fail('counts is missing');
  t.match(config.place(counts, ['filename']), { file: 'hekad.toml', line: 19, column: 12 });
  t.match(config.place(counts, ['ticker_interval']), { line: 21 });
  t.match(config.place(counts, ['message_signer']), { line: 17, column: 1 });
});

t.test('a configuration that is all faults still has a [hekad] of defaults', async (t) => {
  const config = read('[hekad]\nmaxprocs = "many"');
  t.equal(config.hekad.spec, hekadSpec);
  t.equal(config.hekad.number('maxprocs'), 0);
  t.same(config.plugins, []);
});
