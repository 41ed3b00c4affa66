import t from 'tap';
import { faultText } from '../../../lib/config/place.ts';
import { checkSection, sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue, PluginSpec } from '../../../lib/config/spec.ts';
import { readToml } from '../../../lib/config/toml-reader.ts';

const everyKind: PluginSpec = {
  type: 'EveryDecoder',
  category: 'decoder',
  doc: 'One field of every kind.',
  fields: {
    text: { kind: 'string', doc: '', default: 'none' },
    flag: { kind: 'bool', doc: '', default: true },
    whole: { kind: 'int', doc: '', default: -1 },
    count: { kind: 'uint', doc: '', default: 1 },
    ratio: { kind: 'float', doc: '' },
    period: { kind: 'seconds', doc: '', default: 5 },
    wait: { kind: 'duration', doc: '', default: '1m' },
    size: { kind: 'bytes', doc: '', default: '8KiB' },
    side: { kind: 'choice', doc: '', choices: ['left', 'right'], default: 'left' },
    names: { kind: 'strings', doc: '', default: ['a'] },
    free: { kind: 'table', doc: '' },
    tls: {
      kind: 'section',
      doc: '',
      fields: {
        cert_file: { kind: 'string', doc: '', required: true },
        min_version: { kind: 'string', doc: '', default: 'TLS12' },
      },
    },
    signer: {
      kind: 'sections',
      doc: '',
      fields: { hmac_key: { kind: 'string', doc: '', required: true } },
    },
    only: { kind: 'matcher', doc: '' },
    even: {
      kind: 'int',
      doc: '',
      check: (value) => (Number(value) % 2 === 0 ? undefined : 'must be even'),
    },
    gone: { kind: 'bool', doc: '', default: false, refused: 'it was never built' },
    never: { kind: 'table', doc: '', refused: 'no tables' },
    idle: { kind: 'uint', doc: '', ignored: 'nobody reads it' },
  },
  lint: (section) =>
    section.number('count') > section.number('period')
      ? [{ key: 'count', text: 'must not be above period' }]
      : [],
};

/** Faults of a section [S] of this text. */
function faultsOf(text: string, spec: PluginSpec = everyKind): string[] {
  const document = readToml(`[S]\n${text}`, { file: 'f' });
  const { faults } = checkSection(
    spec,
    document.tables['S'] as { [key: string]: ConfigValue }, // the text starts with its header
    {
      name: 'S',
      place: { file: 'f', line: 1, column: 1 },
      at: (path, part) => document.at(['S', ...path], part),
    },
    { matcher: (expression) => (expression === 'bogus' ? 'syntax error' : undefined) },
  );
  return faults.map((fault) => faultText(fault).replace('HKT_CONFIG_', ''));
}

t.test('what is not written has its default, in the units it is read in', async (t) => {
  const section = sectionOf(everyKind);
  t.equal(section.name, 'EveryDecoder');
  t.equal(section.string('text'), 'none');
  t.equal(section.bool('flag'), true);
  t.equal(section.number('wait'), 60_000);
  t.equal(section.number('size'), 8192);
  t.same(section.strings('names'), ['a']);
  t.equal(section.given('text'), false);
  t.equal(section.section('tls').string('min_version'), 'TLS12');
});

t.test('an absent key without a default reads as its zero value', async (t) => {
  const section = sectionOf(everyKind);
  t.equal(section.value('ratio'), undefined);
  t.equal(section.number('ratio'), 0);
  t.same(section.table('free'), {});
  t.equal(section.sections('signer').size, 0);
  t.throws(() => section.string('txet'), /no setting 'txet'/, 'a key that the spec lacks');
  t.throws(() => section.given('toString'));
});

t.test('what is written is read in the units of its kind', async (t) => {
  const section = sectionOf(
    everyKind,
    {
      TEXT: 'x',
      ratio: 2,
      wait: '1.5s',
      size: '64KiB',
      side: 'right',
      period: 60,
      free: { a: [1, { b: 2 }] },
      tls: { cert_file: 'c' },
      signer: { A_0: { hmac_key: 'k' }, a_0: { hmac_key: 'l' } },
    },
    'mine',
  );
  t.equal(section.name, 'mine');
  t.equal(section.string('text'), 'x', 'keys match without regard to case');
  t.ok(section.given('text'));
  t.equal(section.number('wait'), 1500);
  t.equal(section.number('size'), 65_536);
  t.same(section.table('free'), { a: [1, { b: 2 }] });
  t.equal(section.section('tls').string('cert_file'), 'c');
  t.same([...section.sections('signer').keys()], ['A_0', 'a_0'], 'free names keep their case');
  t.equal(section.sections('signer').get('a_0')?.string('hmac_key'), 'l');
  t.equal(sectionOf(everyKind, { size: 100 }).number('size'), 100);
});

t.test('a section cannot be changed, and shares nothing with what it was made of', async (t) => {
  const free = { list: [1], inner: { x: 1 } };
  const section = sectionOf(everyKind, { free });
  free.list.push(2);
  free.inner.x = 2;
  t.same(section.table('free'), { list: [1], inner: { x: 1 } });
  t.throws(() => Reflect.apply(Array.prototype.push, section.table('free')['list'], [3]));
  t.equal(Reflect.set(section.table('free'), 'y', 1), false);
  t.equal(Reflect.set(section, 'name', 'other'), false);
  const signers = sectionOf(everyKind, { signer: { a: { hmac_key: 'k' } } });
  const entries: unknown = signers.sections('signer');
  if (entries instanceof Map) entries.clear();
  t.equal(signers.sections('signer').size, 1);
});

t.test('an unknown key is a fault at the key, with the name that may be meant', async (t) => {
  t.same(faultsOf('  txt = 1'), [
    "f:2:3: UNKNOWN_KEY unknown config setting for 'S': txt (did you mean 'text'?)",
  ]);
  t.same(faultsOf('tls = {cert_file = "a", key = "b"}'), [
    "f:2:1: UNKNOWN_KEY unknown config setting for 'S': tls.key",
  ]);
  t.match(faultsOf('parser_type = "token"'), [/\(Heka 0\.9 replaced it by 'splitter'\)$/]);
  t.same(faultsOf('type = "EveryDecoder"\nTYPE = 1'), [], 'the type is read elsewhere');
});

t.test('a value of another type is a fault at the value', async (t) => {
  const table: [string, string][] = [
    ['text = 1', "'S' setting 'text' must be text, found an integer"],
    ['flag = 0', "'S' setting 'flag' must be true or false, found an integer"],
    [
      'flag = "true"',
      "'S' setting 'flag' must be true or false, found text (did you mean true, without quotes?)",
    ],
    ['whole = 1.5', "'S' setting 'whole' must be an integer, found a float"],
    [
      'count = "5"',
      "'S' setting 'count' must be an integer, found text (did you mean 5, without quotes?)",
    ],
    ['ratio = true', "'S' setting 'ratio' must be a number, found a boolean"],
    [
      'period = "5s"',
      "'S' setting 'period' must be an integer, in seconds, found text (did you mean 5?)",
    ],
    [
      'wait = 5',
      '\'S\' setting \'wait\' must be a duration text with a unit such as "250ms", found an integer (did you mean "5s"?)',
    ],
    [
      'size = true',
      "'S' setting 'size' must be a number of bytes or text such as \"64KiB\", found a boolean",
    ],
    ['names = "a"', "'S' setting 'names' must be an array of texts, found text"],
    ['names = ["a", 1]', "'S' setting 'names' must be an array of texts, found an array"],
    ['free = [1]', "'S' setting 'free' must be a table, found an array"],
    ['tls = 1979-05-27', "'S' setting 'tls' must be a table, found a date"],
    ['signer = {A_0 = "k"}', "'S' setting 'signer.A_0' must be a table, found text"],
  ];
  for (const [text, fault] of table) {
    const [first, ...more] = faultsOf(text);
    t.equal(first, `f:2:${text.indexOf('=') + 3}: TYPE ${fault}`);
    t.same(more, []);
  }
});

t.test('a value that is not allowed says why', async (t) => {
  const table: [string, string][] = [
    ['count = -1', "'S' setting 'count': must not be negative"],
    ['wait = "-1s"', "'S' setting 'wait': duration \"-1s\" is negative"],
    ['wait = "1d"', 'unknown unit "d" in duration "1d"'],
    ['size = "8 Mo"', 'invalid size "8 Mo"'],
    ['size = -1', 'must not be negative'],
    ['side = "rigth"', '"rigth" is not one of "left", "right" (did you mean \'right\'?)'],
    ['even = 3', "'S' setting 'even': must be even"],
    ['count = 6', "'S' setting 'count': must not be above period"],
  ];
  for (const [text, fault] of table) {
    const [first, ...more] = faultsOf(text);
    t.match(first, /^f:2:\d+: VALUE /, text);
    t.match(first, fault, text);
    t.same(more, [], text);
  }
});

t.test('a key that is refused has a code of its own, but its default may be written', async (t) => {
  t.same(faultsOf('gone = true'), [
    "f:2:1: NOT_BUILT 'S': gone is not available: it was never built",
  ]);
  t.same(faultsOf('gone = false'), []);
  t.same(faultsOf('[S.never]\nx = 1'), ["f:2:1: NOT_BUILT 'S': never is not available: no tables"]);
});

t.test('a key without effect is warned of', async (t) => {
  const place = { name: 'S', place: { file: 'f', line: 1, column: 1 } };
  const { section, warnings } = checkSection(everyKind, { idle: 1 }, place);
  t.ok(section);
  t.match(warnings, [
    { code: 'HKT_CONFIG_NO_EFFECT', text: "'S' setting 'idle' has no effect: nobody reads it" },
  ]);
  t.equal(checkSection(everyKind, {}, place).warnings.length, 0);
});

t.test('one key in two cases is a fault', async (t) => {
  t.same(faultsOf('text = "a"\nText = "b"'), [
    "f:3:1: DUPLICATE 'Text' is defined twice, first at f:2:1, as 'text'",
  ]);
});

t.test('what a nested section misses is a fault only where the section is written', async (t) => {
  t.same(faultsOf('[S.tls]\nmin_version = "TLS13"'), [
    "f:2:1: REQUIRED 'S' is missing the setting 'tls.cert_file'",
  ]);
  t.same(faultsOf('[S.signer.A_0]\n[S.signer.B_0]\nhmac_key = "k"'), [
    "f:2:1: REQUIRED 'S' is missing the setting 'signer.A_0.hmac_key'",
  ]);
});

t.test('matchers are compiled by whoever asks for it', async (t) => {
  t.same(faultsOf('only = "bogus"'), [
    "f:2:8: MATCHER Can't create message matcher for 'S': syntax error",
  ]);
  t.same(faultsOf('only = "TRUE"'), []);
});

const output: PluginSpec = {
  type: 'OneOutput',
  category: 'output',
  doc: '',
  fields: { use_framing: { kind: 'string', doc: '', default: 'own' } },
  commonDefaults: { encoder: 'ProtobufEncoder' },
  ticker: false,
};

t.test('the common keys of the category are there, changed by the plugin', async (t) => {
  const section = sectionOf(output, { message_matcher: 'TRUE', retries: { delay: '1s' } });
  t.equal(section.string('encoder'), 'ProtobufEncoder');
  t.equal(section.string('use_framing'), 'own', "the plugin's own field wins");
  t.equal(section.bool('can_exit'), false);
  const retries = section.section('retries');
  t.same(
    ['delay', 'max_delay', 'max_jitter', 'max_retries'].map((key) => retries.number(key)),
    [1000, 30_000, 500, -1],
  );
});

t.test("upstream's texts stand for a missing matcher, a ticker and disk buffering", async (t) => {
  t.same(faultsOf('', output), ["f:1:1: NO_MATCHER 'S' missing message matcher"]);
  t.same(faultsOf('message_matcher = "TRUE"\nticker_interval = 5', output), [
    "f:3:1: TICKER 'S' can't support a ticker_interval setting",
  ]);
  t.same(faultsOf('message_matcher = "TRUE"\nticker_interval = 0', output), []);
  t.match(faultsOf('message_matcher = "TRUE"\nuse_buffering = true', output), [
    /NOT_BUILT 'S': use_buffering is not available/,
  ]);
  t.match(faultsOf('message_matcher = "TRUE"\n[S.buffering]\nfull_action = "drop"', output), [
    /NOT_BUILT 'S': buffering is not available/,
  ]);
  t.match(faultsOf('message_matcher = "TRUE"\n[S.retries]\ndelay = "soon"', output), [
    /^f:4:9: VALUE 'S' setting 'retries.delay': invalid duration "soon"/,
  ]);
});

t.test('a default of the plugin takes away that a common key is required', async (t) => {
  const spec: PluginSpec = { ...output, commonDefaults: { message_matcher: "Type == 'x'" } };
  t.equal(sectionOf(spec).string('message_matcher'), "Type == 'x'");
});

t.test('a program gets the first fault as an error with its code', async (t) => {
  t.throws(() => sectionOf(output), { code: 'HKT_CONFIG_NO_MATCHER' });
  t.throws(() => sectionOf(everyKind, { txt: 1 }, 'mine'), {
    code: 'HKT_CONFIG_UNKNOWN_KEY',
    message: "unknown config setting for 'mine': txt",
  });
});
