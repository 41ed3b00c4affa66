import t from 'tap';
import { faultText } from '../../../lib/config/place.ts';
import { maxConfigBytes, readToml } from '../../../lib/config/toml-reader.ts';

t.test("the tutorial's configuration is read with its odd names", async (t) => {
  const { tables, faults } = readToml(`
[PlatformDevs]
type = "SandboxManagerFilter"
message_signer = "PlatformDevs"
working_directory = "/var/heka/sandbox"
max_filters = 100

[TCP:5565]
type = "TcpInput"
parser_type = "message.proto"
address = ":5565"
    [TCP:5565.signer.PlatformDevs_0]
    hmac_key = "Old Platform devs signing key"
    [TCP:5565.signer.PlatformDevs_1]
    hmac_key = "Platform devs signing key"

[access.message_fields]
host|ipv4 = "%Host%"
a.b = 1
`);
  t.same(faults, []);
  t.same(tables, {
    PlatformDevs: {
      type: 'SandboxManagerFilter',
      message_signer: 'PlatformDevs',
      working_directory: '/var/heka/sandbox',
      max_filters: 100,
    },
    'TCP:5565': {
      type: 'TcpInput',
      parser_type: 'message.proto',
      address: ':5565',
      signer: {
        PlatformDevs_0: { hmac_key: 'Old Platform devs signing key' },
        PlatformDevs_1: { hmac_key: 'Platform devs signing key' },
      },
    },
    access: { message_fields: { 'host|ipv4': '%Host%', 'a.b': 1 } },
  });
});

t.test('the forms that configurations of hekad use are read', async (t) => {
  const { tables, faults } = readToml(`
# A whole line
[hekad] # behind a header
maxprocs = 4
	[indented]
	type="PayloadRegexDecoder"
	match_regex = '^(?P<Host>\\S+) \\[(?P<Timestamp>[^\\]]+)\\] "(?P<Method>[A-Z]+)'
	timestamp_layout = "02/Jan/2006:15:04:05 -0700"

	[indented.severity_map]
	DEBUG = 7
	"an error" = 3

	[indented.message_fields]
	Url|uri = "%Url%"
	RequestSize|B= "%RequestSize%"
	Payload = ""

[log-stream.er_2]
differentiator = ["nginx", "-", "access"]
priority = [
    "^Seq", # newest last
    'x',
]
message_matcher = "Type =~ /^a\\\\.b/ && Fields[\\"x\\"] != NIL"
mixed = [[0, 60, 1440], [0, 900, 8]]
rate = -0.5
seen = 2014-05-14T14:20:18Z
`);
  t.same(faults.map(faultText), []);
  t.same(tables, {
    hekad: { maxprocs: 4 },
    indented: {
      type: 'PayloadRegexDecoder',
      match_regex: '^(?P<Host>\\S+) \\[(?P<Timestamp>[^\\]]+)\\] "(?P<Method>[A-Z]+)',
      timestamp_layout: '02/Jan/2006:15:04:05 -0700',
      severity_map: { DEBUG: 7, 'an error': 3 },
      message_fields: { 'Url|uri': '%Url%', 'RequestSize|B': '%RequestSize%', Payload: '' },
    },
    'log-stream': {
      er_2: {
        differentiator: ['nginx', '-', 'access'],
        priority: ['^Seq', 'x'],
        message_matcher: 'Type =~ /^a\\.b/ && Fields["x"] != NIL',
        mixed: [
          [0, 60, 1440],
          [0, 900, 8],
        ],
        rate: -0.5,
        seen: new Date('2014-05-14T14:20:18Z'),
      },
    },
  });
});

t.test('every key and value knows its line and column', async (t) => {
  const document = readToml('[a.b]\nx   =  "1"\n\n  [a] # later than its child\ny = {z = 1}', {
    file: 'f.toml',
  });
  const at = (path: string[], part: 'key' | 'value') => {
    const place = document.at(path, part);
    return place && `${place.file}:${place.line}:${place.column}`;
  };
  t.equal(at(['a', 'b', 'x'], 'key'), 'f.toml:2:1');
  t.equal(at(['a', 'b', 'x'], 'value'), 'f.toml:2:8');
  t.equal(at(['a', 'b'], 'key'), 'f.toml:1:1');
  t.equal(at(['a'], 'key'), 'f.toml:4:3');
  t.equal(at(['a', 'y', 'z'], 'value'), 'f.toml:5:5', 'inside a value: the value');
  t.equal(at(['no'], 'key'), undefined);
});

t.test('what is defined twice is a fault that names both places', async (t) => {
  const text = (toml: string): string[] =>
    readToml(toml, { file: 'f' }).faults.map((fault) => faultText(fault));
  const twice = (name: string, place: string, first: string): string =>
    `${place}: HKT_CONFIG_DUPLICATE '${name}' is defined twice, first at ${first}`;
  t.same(text('[a]\nx = 1\nx = 2'), [twice('x', 'f:3:1', 'f:2:1')]);
  t.same(text('[a]\n"x" = 1\nx = 2\nx = 3').length, 2);
  t.same(text('[a]\n[b]\n[ a ]\nx = 1'), [twice('a', 'f:3:1', 'f:1:1')]);
  t.same(text('[a]\nb = 1\n[a.b]\n[a.b.c]'), [
    twice('a.b', 'f:3:1', 'f:2:1'),
    twice('a.b', 'f:4:1', 'f:2:1'),
  ]);
  t.same(text('[a]\nb = {c = 1}\n[a.b]'), [twice('a.b', 'f:3:1', 'f:2:1')]);
  t.same(text('[[a]]\n[a]'), [twice('a', 'f:2:1', 'f:1:1')]);
  t.same(text('[a]\n[[a]]'), [twice('a', 'f:2:1', 'f:1:1')]);
  t.same(text('[a.b]\n[a]\n[a.c]'), []);
  t.same(text('[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]'), []);
});

t.test('arrays of tables collect their tables', async (t) => {
  const { tables } = readToml('[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\nx = 3');
  t.same(tables, { a: [{ x: 1, b: { y: 2 } }, { x: 3 }] });
});

t.test('all syntax errors of a text are shown, each at its own place', async (t) => {
  const { faults, tables, damaged } = readToml(
    '[one]\na = yes\nb = 1\n[two\nc = "d\n[three]\ne = [1, 2 3]\nf = "\\q"\n[four]\ng = 1',
    { file: 'x' },
  );
  t.same(
    faults.map((fault) => `${fault.line}:${fault.column} ${fault.code}`),
    [
      '2:5 HKT_CONFIG_SYNTAX',
      '4:1 HKT_CONFIG_SYNTAX',
      '5:5 HKT_CONFIG_SYNTAX',
      '7:11 HKT_CONFIG_SYNTAX',
      '8:7 HKT_CONFIG_SYNTAX',
    ],
  );
  t.same(tables, { one: { b: 1 }, three: {}, four: { g: 1 } });
  t.same([...damaged], ['one', 'three']);
});

t.test('nothing is read of a text beyond the largest size', async (t) => {
  const { faults, tables } = readToml(`a = 1\n${'#'.repeat(maxConfigBytes)}`);
  t.match(faults, [{ code: 'HKT_CONFIG_TOO_BIG' }]);
  t.same(tables, {});
});

t.test('keys of Object.prototype are keys like any other', async (t) => {
  const { tables, faults } = readToml('[__proto__]\nx = 1\n[a]\nconstructor = 1\n__proto__ = 2');
  t.same(faults, []);
  t.same(Object.keys(tables), ['__proto__', 'a']);
  t.same(Object.keys(tables['a'] ?? {}), ['constructor', '__proto__']);
  t.equal(Reflect.get({}, 'x'), undefined);
});

t.test('hostile texts cost little', async (t) => {
  const started = process.cpuUsage();
  for (const text of [
    '[a]\nk=[\n'.repeat(8000),
    `k=${'['.repeat(64_000)}`,
    `k=${'"'.repeat(64_000)}`,
    `k=[${'1,'.repeat(32_000)}]`,
    `k="${'\\/'.repeat(32_000)}"`,
    `k={${Array.from({ length: 6000 }, (_, i) => `a${i}=1`).join(',')}}`,
    `[${'a'.repeat(64_000)}`,
    `k=${'9'.repeat(64_000)}`,
    '\\"\n'.repeat(20_000),
    `${' '.repeat(64_000)}[`,
    `${'[a'.repeat(32_000)}\n`,
    `k=[\n${`${' '.repeat(50)}[a\n`.repeat(1000)}`,
  ])
    readToml(text);
  const { user, system } = process.cpuUsage(started);
  t.ok(user + system < 5_000_000, `${(user + system) / 1000} ms`);
});

t.test('a byte order mark and carriage returns do not matter', async (t) => {
  const { tables, faults } = readToml('\uFEFF[a]\r\nx = 1\r\n\r\ny = [\r\n1,\r\n]\r\n');
  t.same(faults, []);
  t.same(tables, { a: { x: 1, y: [1] } });
});
