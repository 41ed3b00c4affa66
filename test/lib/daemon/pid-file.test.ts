import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { claimPidFile } from '../../../lib/daemon/pid-file.ts';

/** Alive as long as this test, and not this process. */
const LIVING = process.ppid;
/** Beyond any system's highest process id. */
const NOBODY = 2 ** 30;

t.test('the file names this process, and is gone afterwards', (t) => {
  const file = path.join(t.testdir({}), 'hekad.pid');
  const claim = claimPidFile(file);
  t.equal(readFileSync(file, 'utf8'), `${process.pid}\n`);
  claim[Symbol.dispose]();
  t.throws(() => readFileSync(file), { code: 'ENOENT' });
  claim[Symbol.dispose]();
  t.end();
});

t.test('a live process keeps its file', (t) => {
  const file = path.join(t.testdir({ 'hekad.pid': `${LIVING}\n` }), 'hekad.pid');
  t.throws(() => claimPidFile(file), {
    code: 'HKT_DAEMON_PID_FILE',
    message: new RegExp(`process ${LIVING} is alive`),
  });
  t.equal(readFileSync(file, 'utf8'), `${LIVING}\n`);
  t.end();
});

for (const stale of [`${NOBODY}\n`, 'nonsense', '', '-1', '0', `${process.pid}`, '1e99']) {
  t.test(`a stale file (${JSON.stringify(stale)}) is taken over`, (t) => {
    const file = path.join(t.testdir({ 'hekad.pid': stale }), 'hekad.pid');
    const claim = claimPidFile(file);
    t.equal(readFileSync(file, 'utf8'), `${process.pid}\n`);
    claim[Symbol.dispose]();
    t.end();
  });
}

t.test('nothing is written through a link that somebody laid', (t) => {
  const folder = t.testdir({ precious: 'precious' });
  const file = path.join(folder, 'hekad.pid');
  symlinkSync('precious', file);
  using _claim = claimPidFile(file);
  t.equal(readFileSync(path.join(folder, 'precious'), 'utf8'), 'precious');
  t.ok(lstatSync(file).isFile());
  t.end();
});

t.test('a file that another daemon took over is left to it', (t) => {
  const file = path.join(t.testdir({}), 'hekad.pid');
  const claim = claimPidFile(file);
  writeFileSync(file, `${LIVING}\n`);
  claim[Symbol.dispose]();
  t.equal(readFileSync(file, 'utf8'), `${LIVING}\n`);
  t.end();
});

t.test('a folder that is not there is said', (t) => {
  const file = path.join(t.testdir({}), 'missing/hekad.pid');
  t.throws(() => claimPidFile(file), { code: 'HKT_DAEMON_PID_FILE', message: /ENOENT/ });
  t.end();
});
