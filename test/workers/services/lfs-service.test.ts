import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { GuestPaths } from '../../../workers/guest-paths.ts';
import type { ServiceValue } from '../../../workers/isolate/modules/native-module.ts';
import { lfsService } from '../../../workers/services/lfs-service.ts';

const ENOENT = [-2];
const EACCES = [-13];
const EEXIST = [-17];
const ENOTDIR = [-20];
const EMFILE = [-24];

function place(t: Test) {
  const folder = t.testdir({ root: { file: 'content', sub: { own: '' } }, secret: 'outside' });
  const root = path.join(folder, 'root');
  const paths = new GuestPaths([root]);
  const { close, operations } = lfsService(paths);
  t.teardown(close);
  const call = (name: string, ...args: ServiceValue[]): readonly ServiceValue[] =>
    operations[name]?.(args) ?? [];
  return { call, close, folder, paths, root };
}

t.test('attributes of files, folders and links', async (t) => {
  const { call, root } = place(t);
  symlinkSync('file', path.join(root, 'link'));
  const stats = statSync(path.join(root, 'file'));
  const own = call('attributes', 'file');
  t.equal(own.length, 14);
  t.same(own.slice(0, 3), ['file', stats.dev, stats.ino]);
  t.equal(own[10], 7);
  t.match(String(own[11]), /^rw-[r-][w-]-[r-][w-]-$/);
  t.same(call('attributes', 'link'), own, 'a link is followed');
  t.same(call('attributes', 'link', true)[0], 'link', 'or not');
  t.same(call('linkTarget', 'link'), ['file']);
  t.same(call('attributes', '.')[0], 'directory');
  t.same(call('attributes', '.', true)[0], 'directory');
  t.same(call('attributes', 'missing'), ENOENT);
  t.same(call('attributes', 'file/x'), ENOTDIR);
});

t.test('names of a folder come in parts, those of the folder itself left out', async (t) => {
  const { call, root } = place(t);
  for (let i = 0; i < 150; i++) writeFileSync(path.join(root, 'sub', `n${i}`), '');
  writeFileSync(Buffer.from(`${root}/sub/\xff`, 'latin1'), '');
  const [id] = call('openFolder', 'sub');
  const names: ServiceValue[] = [];
  for (;;) {
    const part = call('names', id);
    t.ok(part.length <= 64);
    if (part.length === 0) break;
    names.push(...part);
  }
  t.equal(new Set(names).size, 152);
  t.ok(names.includes('\xff'), 'names are bytes');
  t.same(call('names', id), [], 'it closed itself');
  t.same(call('openFolder', 'file'), ENOTDIR);
});

t.test('folders are made and removed, times set, the working folder changed', async (t) => {
  const { call, paths, root } = place(t);
  t.same(call('mkdir', 'new'), [0]);
  t.same(call('mkdir', 'new'), EEXIST);
  t.same(call('touch', 'file', 1000, 2000), [0]);
  t.same(call('attributes', 'file').slice(7, 9), [1000, 2000]);
  t.same(call('touch', 'missing', 1, 1), ENOENT);
  t.same(call('currentdir'), [root]);
  t.same(call('chdir', 'sub'), [0]);
  t.same(call('currentdir'), [path.join(root, 'sub')]);
  t.same(call('attributes', 'own')[0], 'file');
  t.equal(paths.resolve('own'), path.join(root, 'sub', 'own'), 'for all who share the paths');
  t.same(call('chdir', '../file'), ENOTDIR);
  t.same(call('rmdir', '../new'), [0]);
  t.notOk(existsSync(path.join(root, 'new')));
});

t.test('nothing leads out of the root', async (t) => {
  const { call, folder, root } = place(t);
  symlinkSync(path.join(folder, 'secret'), path.join(root, 'link'));
  symlinkSync(folder, path.join(root, 'up'));
  linkSync(path.join(root, 'file'), path.join(root, 'hard'));
  mkdirSync(path.join(folder, 'rooted'));
  for (const name of [
    '../secret',
    `${folder}/secret`,
    'link',
    'up/secret',
    'up',
    '/',
    '/etc/passwd',
  ]) {
    t.same(call('attributes', name), EACCES, name);
    t.same(call('touch', name, 1, 1), EACCES, name);
    t.same(call('openFolder', name), EACCES, name);
    t.same(call('chdir', name), EACCES, name);
  }
  for (const name of ['../new', 'up/new', `${root}ed/new`]) {
    t.same(call('mkdir', name), EACCES, name);
    t.same(call('link', 'file', name, false), EACCES, name);
    t.same(call('link', 'file', name, true), EACCES, name);
  }
  t.same(call('link', '../secret', 'mine', false), EACCES);
  t.same(call('link', 'up/secret', 'mine', false), EACCES);
  for (const target of [
    '../secret',
    `${folder}/secret`,
    '/etc/passwd',
    'link',
    'sub/../../secret',
  ]) {
    t.same(call('link', target, 'mine', true), EACCES, `a symbolic link to ${target}`);
  }
  t.same(call('link', '../secret', 'sub/mine', true), [0], 'inside, though there is none yet');
  t.equal(
    readlinkSync(path.join(root, 'sub', 'mine')),
    path.join(root, 'secret'),
    'it leads there wherever it is moved',
  );
  t.same(call('rmdir', '../rooted'), EACCES);
  t.same(call('lockFolder', '..'), EACCES);
  t.same(call('linkTarget', 'up/x'), EACCES);
  t.notOk(existsSync(path.join(root, 'mine')));
  t.same(call('link', 'file', 'alias', true), [0], 'one that stays inside is made');
  t.equal(readlinkSync(path.join(root, 'alias')), 'file');
});

t.test('a folder is locked once, until it is freed or the sandbox ends', async (t) => {
  const { call, close, root } = place(t);
  const [lock] = call('lockFolder', 'sub');
  t.ok(lstatSync(path.join(root, 'sub', 'lockfile.lfs')).isSymbolicLink());
  t.same(call('lockFolder', 'sub'), EEXIST);
  t.same(call('unlockFolder', path.join(root, 'file')), [0]);
  t.ok(existsSync(path.join(root, 'file')), 'what is no lock stays');
  t.same(call('unlockFolder', lock), [0]);
  t.type(call('lockFolder', 'sub')[0], 'string');
  close();
  t.notOk(lstatSync(path.join(root, 'sub', 'lockfile.lfs'), { throwIfNoEntry: false }));
});

t.test('open folders are bounded; names with NULs end there', async (t) => {
  const { call } = place(t);
  for (let i = 0; i < 64; i++) t.type(call('openFolder', '.')[0], 'number');
  t.same(call('openFolder', '.'), EMFILE);
  t.same(call('attributes', 'file\0/../../secret')[0], 'file');
  t.same(call('attributes', '\0'), ENOENT);
  t.throws(() => call('attributes', 5), /a path is missing/);
  t.same(call('attributes', 'x'.repeat(10_000)), [-36]);
});
