import t from 'tap';
import { type Command, runCommand } from '../../../lib/cli/command.ts';
import { main } from '../../../lib/cli/main.ts';
import { HekateError } from '../../../lib/protocol/errors.ts';
import { fakeIo } from './fake-io.ts';

const command: Command = {
  name: 'demo',
  summary: 'Shows something.',
  usage: '[flags] FILE',
  example: 'hekate demo -num 3 a.log',
  flags: {
    num: { kind: 'uint', default: 7, doc: 'how many' },
    deep: { kind: 'bool', doc: 'all of it' },
  },
  run: async (values, positional) => {
    if (positional[0] === 'fault') throw new HekateError('HKT_TOOL_FILE', ['x.log', 'gone']);
    if (positional[0] === 'usage') throw new HekateError('HKT_TOOL_USAGE', ['no FILE']);
    if (positional[0] === 'defect') throw new TypeError('oops');
    return values.number('num');
  },
};

t.test('a command gets its flags and returns its exit code', async (t) => {
  t.equal(await runCommand(command, 'hekate demo', ['-num=4', 'x'], fakeIo()), 4);
});

t.test('-help shows usage, flags with defaults and an example on standard output', async (t) => {
  const io = fakeIo();
  t.equal(await runCommand(command, 'hekate demo', ['-help'], io), 0);
  t.equal(
    io.out,
    'Shows something.\n\nusage: hekate demo [flags] FILE\n\n' +
      '  -num uint\n        how many (default 7)\n  -deep\n        all of it\n\n' +
      'example: hekate demo -num 3 a.log\n',
  );
  t.equal(io.err, '');
});

t.test('a wrong flag is exit 2 and an error with its code and advice', async (t) => {
  const io = fakeIo();
  t.equal(await runCommand(command, 'hekate demo', ['-nun=4'], io), 2);
  t.equal(
    io.err,
    'hekate demo: HKT_TOOL_FLAG flag provided but not defined: -nun; did you mean -num?\n' +
      '  Run the command with -help to see its flags.\n',
  );
  t.equal(io.out, '');
});

t.test('a fault is exit 1, a wrong call exit 2, a defect says so', async (t) => {
  const fault = fakeIo();
  t.equal(await runCommand(command, 'p', ['fault'], fault), 1);
  t.match(fault.err, /^p: HKT_TOOL_FILE cannot read x\.log: gone\n {2}Check the path/);
  const usage = fakeIo();
  t.equal(await runCommand(command, 'p', ['usage'], usage), 2);
  const defect = fakeIo();
  t.equal(await runCommand(command, 'p', ['defect'], defect), 1);
  t.match(defect.err, /^p: HKT_TOOL_INTERNAL internal fault: TypeError: oops\n/);
  t.equal(await runCommand({ ...command, usageExit: 9 }, 'p', ['-x'], fakeIo()), 9);
});

t.test('hekate alone shows its commands and is exit 2, -help is exit 0', async (t) => {
  const bare = fakeIo();
  t.equal(await main('hekate', [], bare), 2);
  t.match(bare.err, /\n {2}cat +shows/);
  const help = fakeIo();
  t.equal(await main('hekate', ['-help'], help), 0);
  t.equal(help.out, bare.err);
});

t.test('-version prints the version of package.json alone, for every program', async (t) => {
  for (const [program, arg] of [
    ['hekate', '-version'],
    ['hekate', 'version'],
    ['heka-sbmgr', '--version'],
  ] as const) {
    const io = fakeIo();
    t.equal(await main(program, [arg], io), 0);
    t.match(io.out, /^\d+\.\d+\.\d+\n$/);
  }
});

t.test('an unknown command names the nearest one', async (t) => {
  const io = fakeIo();
  t.equal(await main('hekate', ['injct'], io), 2);
  t.match(io.err, /HKT_TOOL_COMMAND unknown command 'injct'; did you mean inject\?/);
  t.equal(await main('hekate', ['constructor'], fakeIo()), 2);
});

t.test('help COMMAND is COMMAND -help', async (t) => {
  const io = fakeIo();
  t.equal(await main('hekate', ['help', 'cat'], io), 0);
  t.match(io.out, /usage: hekate cat \[flags\] FILE/);
});
