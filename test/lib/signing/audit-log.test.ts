import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type AuditEntry, AuditLog, type AuditLogOptions } from '../../../lib/signing/audit-log.ts';

const entry: AuditEntry = {
  timeMs: Date.UTC(2024, 0, 2, 3, 4, 5, 6),
  manager: 'PlatformDevs',
  signer: 'PlatformDevs',
  action: 'load',
  filter: 'Example',
  source: 'TCP:5565 127.0.0.1:40112',
  uuid: '00010203-0405-0607-0809-0a0b0c0d0e0f',
  code: 'OK',
  text: 'loaded',
};

function logIn(
  t: Test,
  options: Partial<AuditLogOptions> = {},
): { path: string; log: AuditLog; said: string[] } {
  const said: string[] = [];
  const path = options.path ?? join(t.testdir(), 'audit.log');
  const log = new AuditLog({ onFailure: (text) => said.push(text), ...options, path });
  t.teardown(() => log[Symbol.dispose]());
  return { path, log, said };
}

const lines = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

t.test('each control action is one JSON line', async (t) => {
  const { path, log } = logIn(t);
  log.record(entry);
  const { uuid: _uuid, ...unsigned } = entry;
  log.record({ ...unsigned, signer: '', code: 'HKT_CONTROL_SKEW', text: 'a "quoted"\nline' });
  t.same(
    lines(path).map((line) => JSON.parse(line)),
    [
      {
        time: '2024-01-02T03:04:05.006Z',
        manager: 'PlatformDevs',
        signer: 'PlatformDevs',
        action: 'load',
        filter: 'Example',
        source: 'TCP:5565 127.0.0.1:40112',
        uuid: '00010203-0405-0607-0809-0a0b0c0d0e0f',
        code: 'OK',
        text: 'loaded',
      },
      {
        time: '2024-01-02T03:04:05.006Z',
        manager: 'PlatformDevs',
        signer: '',
        action: 'load',
        filter: 'Example',
        source: 'TCP:5565 127.0.0.1:40112',
        code: 'HKT_CONTROL_SKEW',
        text: 'a "quoted"\nline',
      },
    ],
  );
});

t.test('the file is readable by its owner only, also when it was there before', async (t) => {
  const { path, log } = logIn(t);
  writeFileSync(path, '{"old":1}\n');
  chmodSync(path, 0o644);
  log.record(entry);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.equal(lines(path).length, 2, 'and it is appended to');
});

t.test('a line that was cut off by a crash does not spoil the next one', async (t) => {
  const { path, log } = logIn(t);
  writeFileSync(path, '{"time":"2024');
  log.record(entry);
  const [torn, whole] = lines(path);
  t.equal(torn, '{"time":"2024');
  t.match(JSON.parse(whole ?? ''), { filter: 'Example' });
});

t.test('the file is bounded, and one old file is kept', async (t) => {
  const { path, log } = logIn(t, { maxBytes: 1000 });
  for (let i = 0; i < 50; i++) log.record({ ...entry, filter: `F${i}` });
  t.ok(statSync(path).size <= 1000);
  t.ok(statSync(`${path}.1`).size <= 1000);
  t.equal(statSync(path).mode & 0o777, 0o600);
  const kept = [...lines(`${path}.1`), ...lines(path)].map((line) => JSON.parse(line).filter);
  t.same(
    kept,
    Array.from({ length: kept.length }, (_, i) => `F${50 - kept.length + i}`),
    'the newest, in order',
  );
  t.equal(log.lost, 0);
});

t.test('a line is bounded, whatever was sent', async (t) => {
  const { path, log } = logIn(t);
  const long = '\u0000'.repeat(100_000);
  log.record({ ...entry, filter: long, action: long, text: long, signer: long, source: long });
  t.ok(statSync(path).size < 20_000);
  t.equal(lines(path).length, 1);
});

t.test('when writing fails it is said once, counted, and said again when it works', async (t) => {
  const folder = join(t.testdir(), 'logs');
  const path = join(folder, 'audit.log');
  const { log, said } = logIn(t, { path });
  for (let i = 0; i < 3; i++) t.doesNotThrow(() => log.record(entry));
  t.equal(log.lost, 3);
  t.equal(said.length, 1);
  t.match(said[0], /cannot write the audit log .*ENOENT/);
  mkdirSync(folder);
  log.record(entry);
  t.match(said, [String, /again; 3 entries are missing/]);
  t.equal(lines(path).length, 1);
  renameSync(folder, `${folder}.away`);
  log.record(entry);
  t.equal(said.length, 2, 'an open file goes on');
});

const linux = process.platform === 'linux' ? {} : { skip: 'there is no /dev/full' };
t.test('a full disk loses the entry and nothing else', linux, async (t) => {
  const path = join(t.testdir(), 'audit.log');
  symlinkSync('/dev/full', path);
  const { log, said } = logIn(t, { path });
  log.record(entry);
  log.record(entry);
  t.equal(log.lost, 2);
  t.equal(said.length, 1);
  t.match(said[0], /ENOSPC/);
  rmSync(path);
  log.record(entry);
  t.equal(lines(path).length, 1);
});

t.test('entries after the end are lost and counted', async (t) => {
  const { path, log, said } = logIn(t, { fsync: true });
  log.record(entry);
  log[Symbol.dispose]();
  log.record(entry);
  t.equal(log.lost, 1);
  t.equal(said.length, 1);
  t.equal(lines(path).length, 1);
});
