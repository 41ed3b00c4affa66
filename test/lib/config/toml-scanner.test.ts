import t from 'tap';
import { maxDepth, maxFaults, scanToml } from '../../../lib/config/toml-scanner.ts';

function shape(text: string): string[] {
  return scanToml(text).map((statement) => {
    switch (statement.kind) {
      case 'table':
        return `[${statement.path.map((name) => name.text).join('/')}]${statement.isArray ? '*' : ''}`;
      case 'pair':
        return `${statement.key.text}=${statement.value}`;
      default:
        return `!${statement.offset} ${statement.text}`;
    }
  });
}

t.test('bare names of tables hold anything but dots and brackets', async (t) => {
  t.same(shape('[TCP:5565]\n  [ TCP:5565 . signer.Platform-Devs_0 ] # c\n[a b|c]\n[["x.y".z]]'), [
    '[TCP:5565]',
    '[TCP:5565/signer/Platform-Devs_0]',
    '[a b|c]',
    '["x.y"/z]*',
  ]);
});

t.test('bare keys run to white space or the equals sign', async (t) => {
  t.same(shape('host|ipv4 = "%Host%"\nRequestSize|B= 1\na.b=2\n"q k" =3\n%x%\t= 4'), [
    'host|ipv4="%Host%"',
    'RequestSize|B=1',
    'a.b=2',
    '"q k"=3',
    '%x%=4',
  ]);
});

t.test(
  'a value ends at the end of its line or at its comment, but for brackets and triple quotes',
  async (t) => {
    t.same(shape('a = "x # y" # c\r\nb = [ # one\n  "]", # two\n  2,\n]\nc = {d = 1}'), [
      'a="x # y"',
      'b=[ # one\n  "]", # two\n  2,\n]',
      'c={d = 1}',
    ]);
    t.same(shape('a = """\n[b]\n\\""" c"""\nd = 1\ne = """\n[f]\ng = 1'), [
      'a="""\n[b]\n\\""" c"""',
      'd=1',
      '!32 the multi-line string is never closed',
      '[f]',
      'g=1',
    ]);
    t.same(shape("a = 'C:\\'\nb = \"\\\\\"\nc = ''''x'''''"), [
      "a='C:\\'",
      'b="\\\\"',
      "c=''''x'''''",
    ]);
  },
);

t.test('a fault costs its own statement and the rest is still read', async (t) => {
  t.same(shape('[a\nb = 1\nc\n= 2\nd = "x\ne =\nf = 3\n[]\n[g] h'), [
    "!0 missing ']' of the table name",
    'b=1',
    "!10 expected '=' after the key c",
    "!11 missing key before '='",
    '!19 the string is not closed on its line',
    '!25 missing value of the key e',
    'f=3',
    '!33 a part of the table name is empty',
    '!39 expected the end of the line after the table name',
  ]);
});

t.test('behind a bracket that is never closed, reading goes on at the next header', async (t) => {
  t.same(shape('[a]\nb = [1,\n 2\nc = "d"\n[e]\nf = 1'), [
    '[a]',
    "!8 '[' is never closed",
    '[e]',
    'f=1',
  ]);
});

t.test('nesting and the number of faults are bounded', async (t) => {
  const deep = (depth: number): string => `a = ${'['.repeat(depth)}${']'.repeat(depth)}`;
  t.equal(scanToml(deep(maxDepth))[0]?.kind, 'pair');
  t.match(scanToml(deep(maxDepth + 1)), [{ kind: 'fault', fault: 'depth' }]);
  t.match(scanToml(deep(1_000_000)), [{ kind: 'fault', fault: 'depth' }]);
  t.match(scanToml(`[${'a.'.repeat(maxDepth)}a]`), [{ kind: 'fault', fault: 'depth' }]);
  t.equal(scanToml('x\n'.repeat(10_000)).length, maxFaults);
});

t.test('control characters in names are faults', async (t) => {
  t.match(scanToml('[a\0b]')[0], { kind: 'fault', text: 'control character in a table name' });
  t.match(scanToml('a\x7fb = 1')[0], { kind: 'fault', text: 'control character in a key' });
});
