import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { payloadXmlDecoder } from '../../../lib/decoders/payload-xml-decoder.ts';
import { XmlPathEvaluator } from '../../../lib/decoders/xml-path.ts';
import { parseXmlPath } from '../../../lib/decoders/xml-path-parser.ts';
import { parseXml } from '../../../lib/decoders/xml-tree.ts';
import { packOf, testContext } from '../../plugin-context.ts';

const LIBRARY = `<?xml version="1.0"?>
<library>
  <!-- Two shelves. -->
  <shelf id="s1" full="true">
    <book lang="en"><title>Moby <b>Dick</b></title><year>1851</year></book>
    <book lang="de"><title>Faust</title><year>1808</year></book>
  </shelf>
  <?order by="year"?>
  <shelf id="s2">
    <book><title><![CDATA[<Ulysses> & more]]></title><year>1922</year></book>
    <note x:kind="loan" xmlns:x="urn:x">lent &lt;out&gt; &#x263A;</note>
  </shelf>
</library>`;

function find(path: string, xml: string = LIBRARY): string | undefined {
  return new XmlPathEvaluator(parseXml(xml)).find(parseXmlPath(path));
}

t.test('paths lead along every axis', async (t) => {
  const cases: Record<string, string | undefined> = {
    '/library/shelf/book/title': 'Moby Dick',
    'library/*/note': 'lent <out> ☺',
    '//title': 'Moby Dick',
    '//note/@kind': 'loan',
    '//shelf[@id="s2"]/book/title': '<Ulysses> & more',
    "//book[title='Faust']/year": '1808',
    '//book[2]/title': 'Faust',
    '//shelf[2]//title': '<Ulysses> & more',
    '//book[@lang]/@lang': 'en',
    '//year/../@lang': 'en',
    '//shelf/@*': 's1',
    '//title/b/ancestor::shelf/@id': 's1',
    '//b/ancestor-or-self::b': 'Dick',
    '//book[title="Faust"]/preceding-sibling::book/year': '1851',
    '//book[title="Moby Dick"]/following-sibling::*/title': 'Faust',
    '//note/preceding::year': '1851',
    '//note/preceding::year[1]': '1922',
    '//shelf[1]/following::title': '<Ulysses> & more',
    '//shelf[1]/following::shelf/@id': 's2',
    '/library/comment()': ' Two shelves. ',
    '/library/processing-instruction()': 'by="year"',
    "/library/processing-instruction('order')": 'by="year"',
    "/library/processing-instruction('other')": undefined,
    '//title/text()': 'Moby ',
    '//title/node()[2]': 'Dick',
    '//year/self::year': '1851',
    '//year/self::title': undefined,
    '//shelf/descendant::b': 'Dick',
    '//b/descendant-or-self::b': 'Dick',
    '//b/parent::title/text()': 'Moby ',
    '//book[.//b]/year': '1851',
    '//book[//nothing]/year': undefined,
    '//shelf[/library/shelf/@full = "true"]/@id': 's1',
    '//@lang[.="de"]': 'de',
    '//@lang/..//year': '1851',
    ' / library / shelf [ 2 ] / @id ': 's2',
    '/library/nothing': undefined,
    '//title/@lang': undefined,
    '//note/@y': undefined,
  };
  for (const [path, expected] of Object.entries(cases)) t.equal(find(path), expected, path);
  t.match(find('/'), /Moby Dick[\s\S]*1922/);
  t.equal(find('.', '<a>x<!--no--><b>y</b></a>'), 'xy');
});

t.test('captures become headers and fields', async (t) => {
  const context = testContext('decoder');
  const section = sectionOf(payloadXmlDecoder.spec, {
    xpath_map: {
      Count: '/m/count',
      Pid: '//pid',
      Timestamp: '//time',
      Severity: '//level',
      None: '//none',
    },
    severity_map: { WARNING: 4 },
    message_fields: { Pid: '%Pid%', 'StatCount|n': '%Count%', Missing: '[%None%]' },
  });
  const decoder = payloadXmlDecoder.create(section, context);
  const payload =
    '<m><count>7</count><pid>42</pid><time>2013-08-13T10:32:00Z</time><level>WARNING</level></m>';
  const packs = await decoder.decode(packOf({ payload, type: 'kept' }));
  const message = packs[0]?.message;
  t.match(message, { pid: 42, severity: 4, type: 'kept', payload });
  t.equal(message?.timestampNs, 1376389920000000000n);
  t.same(
    message?.fields().map(({ name, values, representation }) => [name, values[0], representation]),
    [
      ['StatCount', '7', 'n'],
      ['Missing', '[<None>]', ''],
    ],
  );
});

t.test('a payload that is not well-formed is an error', async (t) => {
  const payloads = [
    '',
    'text',
    '<a>',
    '<a></b>',
    '<a b=c/>',
    '<a/><b/>',
    '<a>&unknown;</a>',
    '<a>\u0001</a>',
  ];
  for (const payload of payloads) {
    t.throws(() => parseXml(payload), { code: 'HKT_DECODE_XML' }, payload);
  }
});

t.test('entities of a DTD do not expand', async (t) => {
  const lol = Array.from(
    { length: 9 },
    (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
  ).join('');
  const bomb = `<!DOCTYPE a [<!ENTITY l0 "lol">${lol}]><a>&l9;</a>`;
  t.throws(() => parseXml(bomb), { code: 'HKT_DECODE_XML' });
  const external = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>';
  t.throws(() => parseXml(external), { code: 'HKT_DECODE_XML' });
  t.equal(find('/a', '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a>ok</a>'), 'ok');
});

t.test('depth and number of nodes are bounded', async (t) => {
  t.equal(find('//b', `${'<a>'.repeat(255)}<b>x</b>${'</a>'.repeat(255)}`), 'x');
  t.throws(() => parseXml('<a>'.repeat(300_000)), { code: 'HKT_DECODE_BOUND' });
  t.throws(() => parseXml(`<a>${'<b/>'.repeat(100_000)}</a>`), { code: 'HKT_DECODE_BOUND' });
  const attributes = Array.from({ length: 100_000 }, (_, i) => `a${i}=""`).join(' ');
  t.throws(() => parseXml(`<a ${attributes}/>`), { code: 'HKT_DECODE_BOUND' });
});

t.test('a path that would look at too many nodes is refused soon', async (t) => {
  const flat = `<a>${'<b/>'.repeat(20_000)}</a>`;
  const nested = `${'<x>'.repeat(250)}${'<y/>'.repeat(2000)}${'</x>'.repeat(250)}`;
  const cases: readonly (readonly [path: string, xml: string])[] = [
    ['//b[following::c]', flat],
    ['//b[preceding-sibling::c]', flat],
    ['//b[../b[../b="c"]]', flat],
    ['//x//x//x//x//x//z', nested],
  ];
  for (const [path, xml] of cases) {
    const started = process.hrtime.bigint();
    t.throws(() => find(path, xml), { code: 'HKT_DECODE_BOUND' }, path);
    t.ok(process.hrtime.bigint() - started < 2_000_000_000n);
  }
});

t.test('wrong paths are found before a message comes', async (t) => {
  const check = (path: ConfigValue): void => {
    sectionOf(payloadXmlDecoder.spec, { xpath_map: { A: path } });
  };
  const faults: Record<string, RegExp> = {
    '': /'A': a name is missing at position 0/,
    'a//': /a name is missing/,
    'a]': /not understood at position 1/,
    'a[': /a name is missing/,
    'a[0]': /positions count from 1/,
    'a[1': /'\]' is missing/,
    'a[b=c]': /a text in quotes is missing/,
    'a[b][c]': /only one predicate/,
    'x:a': /namespaces are not supported/,
    'up::a': /unknown axis 'up'/,
    'namespace::a': /unknown axis/,
    'count(a)': /is missing|not supported/,
    'last()': /function 'last' is not supported/,
    'a and b': /not understood/,
  };
  for (const [path, fault] of Object.entries(faults)) t.throws(() => check(path), fault, path);
  t.throws(() => check(`${'a['.repeat(50)}a${']'.repeat(50)}`), /nested too deep/);
});
