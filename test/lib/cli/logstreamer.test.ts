/** `hekate logstreamer`: what a configuration would follow, without following it. */
import path from 'node:path';
import t from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import { command } from '../../../lib/cli/logstreamer.ts';
import { fakeIo } from './fake-io.ts';

t.test('streams are shown with their files, oldest first', async (t) => {
  const folder = t.testdir({
    logs: { 'web.log.1': 'a\n', 'web.log.2': 'b\n', 'web.log': 'c\n', 'other.txt': 'd\n' },
  });
  const config = path.join(folder, 'hekad.toml');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(
    config,
    `[Logs]\ntype = "LogstreamerInput"\nlog_directory = '${folder}/logs'\nfile_match = 'web\\.log\\.?(?P<Seq>\\d*)'\npriority = ["^Seq"]\n[Logs.translation.Seq]\nmissing = 0\n`,
  );
  const io = fakeIo({ cwd: folder });
  t.equal(await runCommand(command, 'hekate logstreamer', ['-config=hekad.toml'], io), 0, io.err);
  t.match(io.out, /^Found 1 Logstream\(s\) for section \[Logs\]\./);
  const files = [...io.out.matchAll(/\t.*\/(web[^\n]*)/g)].map((match) => match[1]);
  t.same(files, ['web.log.2', 'web.log.1', 'web.log']);
  const json = fakeIo({ cwd: folder });
  await runCommand(command, 'hekate logstreamer', ['-config=hekad.toml', '-format=json'], json);
  t.match(JSON.parse(json.out), { section: 'Logs', stream: 'Logs' });
});

t.test('a directory that is not there is an error', async (t) => {
  const folder = t.testdir({
    'hekad.toml': `[Logs]\ntype = "LogstreamerInput"\nlog_directory = "/nowhere/at/all"\nfile_match = 'x'\n`,
  });
  const io = fakeIo({ cwd: folder });
  t.equal(await runCommand(command, 'hekate logstreamer', ['-config=hekad.toml'], io), 1);
  t.match(io.err, /HKT_LOGSTREAM_DIRECTORY/);
});
