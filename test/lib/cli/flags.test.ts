import t from 'tap';
import { type FlagSpec, parseFlags } from '../../../lib/cli/flags.ts';
import { HekateError } from '../../../lib/protocol/errors.ts';

const specs: Readonly<Record<string, FlagSpec>> = {
  config: { kind: 'string', default: 'a.toml', doc: '' },
  action: { kind: 'string', default: 'load', choices: ['load', 'unload'], doc: '' },
  num: { kind: 'uint', default: 1, doc: '' },
  offset: { kind: 'int', doc: '' },
  share: { kind: 'float', doc: '' },
  tail: { kind: 'bool', doc: '' },
  timeout: { kind: 'duration', default: '5s', doc: '' },
  field: { kind: 'string', repeatable: true, doc: '' },
};

function fault(args: readonly string[]): string {
  try {
    parseFlags(specs, args);
  } catch (error) {
    if (error instanceof HekateError) return `${error.code} ${error.message}`;
  }
  return 'nothing thrown';
}

t.test('one and two dashes, a space and an equals sign all mean the same', async (t) => {
  for (const args of [['-config', 'x'], ['-config=x'], ['--config', 'x'], ['--config=x']]) {
    const { values } = parseFlags(specs, args);
    t.equal(values.string('config'), 'x', args.join(' '));
    t.equal(values.given('config'), true);
    t.equal(values.givenCount, 1);
  }
});

t.test('a value may hold equals signs, be empty, or start with a dash', async (t) => {
  t.equal(parseFlags(specs, ['-config=a=b']).values.string('config'), 'a=b');
  t.equal(parseFlags(specs, ['-config=']).values.string('config'), '');
  t.equal(parseFlags(specs, ['-offset', '-5']).values.number('offset'), -5);
});

t.test('flags that are not given have their defaults', async (t) => {
  const { values } = parseFlags(specs, []);
  t.equal(values.string('config'), 'a.toml');
  t.equal(values.number('num'), 1);
  t.equal(values.number('offset'), 0);
  t.equal(values.bool('tail'), false);
  t.equal(values.number('timeout'), 5000);
  t.same(values.strings('field'), []);
  t.equal(values.given('config'), false);
});

t.test('a boolean stands alone or takes its value after an equals sign', async (t) => {
  t.equal(parseFlags(specs, ['-tail']).values.bool('tail'), true);
  t.equal(parseFlags(specs, ['-tail=F']).values.bool('tail'), false);
  const { values, positional } = parseFlags(specs, ['-tail', 'false']);
  t.equal(values.bool('tail'), true, 'the next argument is not its value');
  t.same(positional, ['false']);
});

t.test('flags may follow positional arguments, and -- ends them', async (t) => {
  const { values, positional } = parseFlags(specs, ['file', '-num', '3', '--', '-x', '-']);
  t.equal(values.number('num'), 3);
  t.same(positional, ['file', '-x', '-']);
});

t.test('a command can leave everything behind its first argument to that argument', async (t) => {
  const { values, positional } = parseFlags(specs, ['-tail', 's.lua', '-num', '3'], true);
  t.equal(values.bool('tail'), true);
  t.same(positional, ['s.lua', '-num', '3']);
});

t.test('a repeatable flag keeps all values, any other the last one', async (t) => {
  const { values } = parseFlags(specs, ['-field', 'a=1', '-field=b=2', '-num=1', '-num=2']);
  t.same(values.strings('field'), ['a=1', 'b=2']);
  t.equal(values.number('num'), 2);
});

t.test('numbers are read in decimal and hexadecimal', async (t) => {
  t.equal(parseFlags(specs, ['-num=0x10']).values.number('num'), 16);
  t.equal(parseFlags(specs, ['-share=0.25']).values.number('share'), 0.25);
  t.equal(parseFlags(specs, ['-timeout=1m30s']).values.number('timeout'), 90_000);
});

t.test('help wins over everything behind it', async (t) => {
  for (const flag of ['-h', '-help', '--help']) {
    t.equal(parseFlags(specs, [flag, '-nonsense']).help, true, flag);
  }
});

t.test('an unknown flag names the nearest known one', async (t) => {
  t.equal(
    fault(['-confg=x']),
    'HKT_TOOL_FLAG flag provided but not defined: -confg; did you mean -config?',
  );
  t.equal(fault(['-zzzzzzz']), 'HKT_TOOL_FLAG flag provided but not defined: -zzzzzzz');
  t.equal(
    fault(['-toString']),
    'HKT_TOOL_FLAG flag provided but not defined: -toString',
    'names of Object.prototype are no flags',
  );
});

t.test('wrong and missing values are refused', async (t) => {
  t.match(fault(['-num']), /^HKT_TOOL_FLAG_MISSING_VALUE/);
  for (const arg of [
    '-num=-1',
    '-num=1.5',
    '-num=',
    '-num=9007199254740993',
    '-offset=x',
    '-share=',
    '-share=x',
    '-tail=maybe',
    '-timeout=5',
    '-timeout=s',
  ]) {
    t.match(fault([arg]), /^HKT_TOOL_FLAG_VALUE/, arg);
  }
  t.match(fault(['-action=lod']), /expected load, unload; did you mean load\?/);
});
