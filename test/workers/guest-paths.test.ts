import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { GuestPaths } from '../../workers/guest-paths.ts';

function machine(t: Test): string {
  const folder = realpathSync(
    t.testdir({
      logs: { 'a.log': 'x' },
      cache: { states: { 'one.state': 'x' }, files: { 'in.txt': 'x' } },
      'secret.txt': 'x',
    }),
  );
  mkdirSync(path.join(folder, 'logs/deep'));
  return folder;
}

t.test('paths below the root, wherever they begin', async (t) => {
  const folder = machine(t);
  const root = path.join(folder, 'logs');
  const paths = new GuestPaths([root], ['/dev/null']);
  t.equal(paths.resolve('a.log'), path.join(root, 'a.log'));
  t.equal(paths.resolve(`${root}/deep/../a.log`), path.join(root, 'a.log'));
  t.equal(paths.resolve('new.log'), path.join(root, 'new.log'));
  t.equal(paths.resolve('/dev/null'), '/dev/null');
  t.equal(paths.resolve('/dev/zero'), undefined);
  t.equal(paths.resolve('../secret.txt'), undefined);
  t.equal(paths.resolve(`a.log\0/../../secret.txt`), path.join(root, 'a.log'));
  t.throws(() => paths.resolve(''), { code: 'ENOENT' });
  t.equal(paths.enter('deep'), true);
  t.equal(paths.resolve('../a.log'), path.join(root, 'a.log'));
  t.equal(paths.enter('../..'), false);
});

t.test('links that lead out are followed, and refused', async (t) => {
  const folder = machine(t);
  const root = path.join(folder, 'logs');
  symlinkSync('../secret.txt', path.join(root, 'out'));
  symlinkSync('../nothing', path.join(root, 'dangling'));
  symlinkSync('..', path.join(root, 'up'));
  const paths = new GuestPaths([root]);
  t.equal(paths.resolve('out'), undefined);
  t.equal(paths.resolve('dangling'), undefined, 'opening it would make a file outside');
  t.equal(paths.resolve('up/secret.txt'), undefined);
  t.equal(paths.resolve('up/logs/a.log'), path.join(root, 'a.log'));
});

t.test("the daemon's own folder is hidden from roots around it", async (t) => {
  const folder = machine(t);
  const hidden = path.join(folder, 'cache');
  writeFileSync(path.join(hidden, 'top'), 'x');
  for (const root of [folder, hidden]) {
    const around = new GuestPaths([root], [], hidden);
    t.equal(around.resolve(`${hidden}/states/one.state`), undefined);
    t.equal(around.resolve(`${hidden}/top`), undefined);
    t.equal(around.resolve(`${hidden}/new`), undefined);
  }
  const around = new GuestPaths([folder], [], hidden);
  t.equal(around.resolve('secret.txt'), path.join(folder, 'secret.txt'));
  const own = new GuestPaths([path.join(hidden, 'files')], [], hidden);
  t.equal(own.resolve('in.txt'), path.join(hidden, 'files/in.txt'));
  t.equal(own.resolve('../states/one.state'), undefined);
});
