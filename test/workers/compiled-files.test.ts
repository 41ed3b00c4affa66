import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { CompiledFiles, type FileBounds } from '../../workers/compiled-files.ts';

const KEY = createHash('sha256').update('one').digest('hex');
const OTHER = createHash('sha256').update('other').digest('hex');
const CODE = 'let x = "\xff\0";\n';

function opened(folder: string, bounds: Partial<FileBounds> = {}, version = 'v1'): CompiledFiles {
  const files = CompiledFiles.open(folder, version, { count: 100, bytes: 1e6, ...bounds });
  if (typeof files === 'string') throw new Error(files);
  return files;
}

t.test('code comes back as it was, in this process and the next', (t) => {
  const folder = path.join(t.testdir({}), 'a/b');
  const files = opened(folder);
  t.equal(files.read(KEY), undefined);
  files.write(KEY, CODE);
  t.equal(files.read(KEY), CODE);
  t.equal(opened(folder).read(KEY), CODE);
  t.equal(files.read(OTHER), undefined);
  t.equal(lstatSync(folder).mode & 0o777, 0o700);
  t.equal(lstatSync(path.join(folder, KEY)).mode & 0o777, 0o600);
  t.same(readdirSync(folder), [KEY], 'no temporary file is left');
  t.end();
});

t.test('whatever is not exactly the file that was written is not there', (t) => {
  const folder = t.testdir({});
  const file = path.join(folder, KEY);
  const files = opened(folder);
  files.write(KEY, CODE);
  const good = readFileSync(file);
  const spoiled: [string, Buffer][] = [
    ['empty', Buffer.alloc(0)],
    ['cut short', good.subarray(0, -1)],
    ['longer', Buffer.concat([good, Buffer.from(' ')])],
    ['only its header', good.subarray(0, 30)],
    ['another format', Buffer.from(good.toString('latin1').replace('lua 1', 'lua 2'), 'latin1')],
    ['no digest', Buffer.from(`hekate-compiled-lua 1 v1\n\n${CODE}`, 'latin1')],
  ];
  for (const at of [good.length - 3, 40, 5]) {
    const flipped = Buffer.from(good);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    spoiled.push([`byte ${at} changed`, flipped]);
  }
  for (const [what, bytes] of spoiled) {
    writeFileSync(file, bytes);
    t.equal(files.read(KEY), undefined, what);
  }
  files.write(KEY, CODE);
  t.equal(files.read(KEY), CODE, 'it is written again');
  t.equal(opened(folder, {}, 'v2').read(KEY), undefined, 'another version is another compiler');
  writeFileSync(path.join(folder, OTHER), good);
  t.equal(files.read(OTHER), undefined, 'a file under the name of another');
  t.end();
});

t.test('a link, a folder or a file that others may write is not read', (t) => {
  const folder = t.testdir({});
  const files = opened(folder);
  files.write(KEY, CODE);
  const file = path.join(folder, KEY);
  symlinkSync(file, path.join(folder, OTHER));
  t.equal(files.read(OTHER), undefined);
  chmodSync(file, 0o622);
  t.equal(files.read(KEY), undefined);
  const third = createHash('sha256').update('third').digest('hex');
  mkdirSync(path.join(folder, third));
  t.equal(files.read(third), undefined);
  files.write(third, CODE);
  t.equal(files.read(third), undefined, 'and a write that fails changes nothing');
  t.same(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
  );
  t.end();
});

t.test('a folder that others may write, or that is none, is not used', (t) => {
  const root = t.testdir({ open: {}, file: '' });
  const open = (name: string) =>
    CompiledFiles.open(path.join(root, name), 'v1', { count: 1, bytes: 1 });
  chmodSync(path.join(root, 'open'), 0o777);
  t.match(open('open'), /can be written by others/);
  t.type(open('file'), 'string');
  symlinkSync('open', path.join(root, 'link'));
  t.type(open('link'), 'string');
  t.end();
});

t.test('the oldest go when there are too many or they are too long', (t) => {
  const folder = t.testdir({});
  const keys = Array.from({ length: 12 }, (_, i) =>
    createHash('sha256').update(String(i)).digest('hex'),
  );
  const files = opened(folder, { count: 8 });
  for (const [i, key] of keys.entries()) {
    files.write(key, 'x'.repeat(1000));
    utimesSync(path.join(folder, key), i, i);
  }
  const left = readdirSync(folder);
  t.ok(left.length <= 8, `${left.length} files`);
  t.ok(left.includes(keys.at(-1) ?? ''));
  t.notOk(left.includes(keys[0] ?? ''));
  opened(folder, { bytes: 3000 });
  t.ok(readdirSync(folder).length <= 2, 'also at the start');
  const stranger = path.join(folder, 'notes.txt');
  writeFileSync(stranger, 'mine');
  const abandoned = path.join(folder, `.${KEY}.0123456789abcdef.tmp`);
  writeFileSync(abandoned, 'half');
  utimesSync(abandoned, 1, 1);
  opened(folder, { count: 0 });
  t.same(readdirSync(folder), ['notes.txt'], 'what is not ours stays');
  t.end();
});
