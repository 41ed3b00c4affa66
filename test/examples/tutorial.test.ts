import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { accessLog, LINES } from '../../examples/tutorial/make-access-log.ts';
import { readTargetConfig, signerOf } from '../../lib/cli/tool-config.ts';
import { readToml } from '../../lib/config/toml-reader.ts';
import { fakeIo } from '../lib/cli/fake-io.ts';

const folder = fileURLToPath(new URL('../../examples/tutorial/', import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

t.test('the access log is what its generator makes', async (t) => {
  t.ok(accessLog() === read('logs/access.log'));
});

t.test(
  'the access log has 10,000 lines in order of time, and the statuses that the README tells',
  async (t) => {
    const lines = accessLog().trimEnd().split('\n');
    t.equal(lines.length, LINES);
    const classes = new Map<string, number>();
    let last = '';
    for (const line of lines) {
      const [, time = '', status = ''] =
        /^[\d.]+ - \S+ \[12\/Mar\/2026:(\d\d:\d\d:\d\d) \+0000\] "[A-Z]+ \S+ HTTP\/1\.1" (\d{3}) \d+ "[^"]*" "[^"]+"$/.exec(
          line,
        ) ?? [];
      if (status === '' || time < last) t.fail(line);
      last = time;
      const first = `${status[0]}xx`;
      classes.set(first, (classes.get(first) ?? 0) + 1);
    }
    const text = `2xx ${classes.get('2xx')}, 3xx ${classes.get('3xx')}, 4xx ${classes.get('4xx')}, 5xx ${classes.get('5xx')}`;
    t.ok(read('README.md').includes(text), text);
  },
);

t.test('every TOML file of the tutorial parses', async (t) => {
  for (const name of ['hekad', 'PlatformDevs', 'sbmgrload', 'flood', 'example']) {
    t.same(readToml(read(`${name}.toml`)).faults, [], name);
  }
});

t.test('the keys of the tools are those that the daemon knows', async (t) => {
  const { tables } = readToml(read('hekad.toml'));
  const input = Object(tables['TCP:5565']);
  for (const name of ['PlatformDevs.toml', 'sbmgrload.toml']) {
    const io = fakeIo({ cwd: folder });
    const config = await readTargetConfig(name, io);
    t.equal(io.err, '', 'no unknown keys');
    t.equal(config.string('ip_address'), input.address);
    const signer = signerOf(config);
    t.equal(input.signer[`${signer?.name}_${signer?.keyVersion}`].hmac_key, signer?.key);
    t.equal(signer?.name, Object(tables['PlatformDevs']).message_signer);
  }
});
