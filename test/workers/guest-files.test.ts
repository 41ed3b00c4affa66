import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { GuestFiles } from '../../workers/guest-files.ts';
import { Whence } from '../../workers/isolate/host-api/file-host.ts';

const EACCES = -13;
const EMFILE = -24;

interface Place {
  testdir(files: Readonly<Record<string, string | Record<string, string>>>): string;
  teardown(run: () => void): void;
}

/** A root with a file and a folder, beside a file that is none of the guest's business. */
function place(t: Place, options: { openFiles?: number; input?: string } = {}) {
  const folder = t.testdir({ root: { file: 'inside' }, secret: 'outside', input: '' });
  const root = path.join(folder, 'root');
  const temporary = mkdtempSync(path.join(tmpdir(), 'hekate-files-'));
  t.teardown(() => rmSync(temporary, { recursive: true }));
  writeFileSync(path.join(folder, 'input'), options.input ?? '');
  const input = openSync(path.join(folder, 'input'), 'r');
  const output = openSync(path.join(folder, 'output'), 'a');
  const files = new GuestFiles({
    roots: [root],
    temporary,
    devices: ['/dev/null'],
    streams: [input, output, output],
    openFiles: options.openFiles ?? 10,
  });
  t.teardown(() => files.closeAll());
  return { files, root, temporary, folder };
}

t.test('files lie below the root, the folder for temporary files, or are listed devices', (t) => {
  const { files, root, temporary, folder } = place(t);
  for (const name of ['file', './file', `${root}/file`, '../root/file', '/dev/null']) {
    t.ok(files.open(name, 'r') > 2, name);
  }
  t.ok(files.open(`${temporary}/own`, 'w') > 2);
  for (const name of ['../secret', `${folder}/secret`, '/etc/passwd', '/proc/self/environ']) {
    t.equal(files.open(name, 'r'), EACCES, name);
    t.equal(files.open(name, 'w'), EACCES, name);
    t.equal(files.readAll(name), EACCES, name);
    t.equal(files.remove(name), EACCES, name);
    t.equal(files.rename('file', name), EACCES, name);
    t.equal(files.rename(name, 'mine'), EACCES, name);
  }
  t.equal(files.open('../rootless', 'w'), EACCES, 'a name that begins as the root does');
  t.end();
});

t.test('no link leads out', (t) => {
  const { files, root, folder } = place(t);
  symlinkSync(path.join(folder, 'secret'), path.join(root, 'link'));
  symlinkSync(folder, path.join(root, 'up'));
  symlinkSync(path.join(folder, 'new'), path.join(root, 'dangling'));
  symlinkSync('file', path.join(root, 'alias'));
  for (const name of ['link', 'up/secret', 'up/new', 'dangling']) {
    t.equal(files.open(name, 'w'), EACCES, name);
  }
  t.equal(readFileSync(path.join(folder, 'secret'), 'utf8'), 'outside');
  t.equal(files.readAll('alias'), 'inside', 'one that stays inside is followed');
  t.equal(files.remove('link'), 0, 'the link itself is inside');
  t.equal(readFileSync(path.join(folder, 'secret'), 'utf8'), 'outside');
  t.end();
});

t.test('positions, appends and updates', (t) => {
  const { files, root } = place(t);
  const file = files.open('new', 'w+b');
  t.equal(files.write(file, '0123456789'), 0);
  t.equal(files.seek(file, Whence.start, 3), 3);
  t.equal(files.read(file, 2), '34');
  t.equal(files.write(file, 'XY'), 0);
  t.equal(files.seek(file, Whence.end, -2), 8);
  t.equal(files.read(file, 100), '89');
  t.equal(files.read(file, 100), '');
  t.equal(files.seek(file, Whence.start, -1), -22);
  t.equal(files.close(file), 0);
  const append = files.open('new', 'a+');
  t.equal(files.read(append, 2), '01');
  t.equal(files.write(append, '\xff\0'), 0);
  t.equal(files.seek(append, Whence.current, 0), 12);
  t.equal(readFileSync(path.join(root, 'new'), 'latin1'), '01234XY789\xff\0');
  t.equal(files.open('new', 'z'), -22);
  t.equal(files.open('new', 'wx'), -17);
  t.equal(files.open('', 'r'), -2);
  t.equal(files.open('new/x', 'r'), -20);
  t.equal(files.open('.', 'w'), -21);
  t.equal(files.open('new\0.txt', 'r') > 2, true, 'a name ends at NUL, as in C');
  t.end();
});

t.test('files open at the same time are bounded', (t) => {
  const { files } = place(t, { openFiles: 2 });
  const first = files.open('file', 'r');
  t.ok(files.openTemporary() > 2);
  t.equal(files.open('file', 'r'), EMFILE);
  t.equal(files.openTemporary(), EMFILE);
  files.close(first);
  t.ok(files.open('file', 'r') > 2);
  t.equal(files.read(first, 1), -9, 'a closed one is gone');
  t.end();
});

t.test('streams are read and written where they stand', (t) => {
  const { files, folder } = place(t, { input: 'typed text' });
  t.equal(files.read(0, 5), 'typed');
  t.equal(files.seek(0, Whence.current, 0), 5);
  t.equal(files.seek(0, Whence.start, 1), 1);
  t.equal(files.read(0, 4), 'yped');
  t.equal(files.write(1, 'one '), 0);
  t.equal(files.write(2, 'two'), 0);
  t.equal(readFileSync(path.join(folder, 'output'), 'utf8'), 'one two');
  t.equal(files.isTerminal(1), false);
  t.end();
});

t.test('temporary names are made, in their own folder', (t) => {
  const { files, temporary } = place(t);
  const name = files.temporaryName();
  t.type(name, 'string');
  t.equal(path.dirname(String(name)), temporary);
  t.equal(files.readAll(String(name)), '');
  t.equal(files.remove(String(name)), 0);
  t.equal(files.remove(String(name)), -2);
  t.end();
});

t.test('a standard input without anything is looked at again until it is given up', async (t) => {
  const root = t.testdir({});
  const fifo = path.join(root, 'in');
  execFileSync('mkfifo', [fifo]);
  // Its own writer, so that opening it does not wait for one.
  const descriptor = openSync(fifo, 'r+');
  t.teardown(() => closeSync(descriptor));
  let looks = 0;
  const files = new GuestFiles({
    roots: [root],
    streams: [descriptor, 1, 2],
    openFiles: 1,
    wait: () => {
      looks++;
      if (looks === 2) writeSync(descriptor, 'late');
      return looks < 4;
    },
  });
  t.equal(files.read(0, 100), 'late');
  t.equal(looks, 2);
  t.equal(files.read(0, 100), '', 'as at its end');
  t.equal(looks, 4);
  files.closeAll();
});

t.test('a pipe without anybody at its other end holds nobody up', async (t) => {
  const root = t.testdir({});
  execFileSync('mkfifo', [path.join(root, 'pipe')]);
  let waits = 0;
  const files = new GuestFiles({
    roots: [root],
    streams: [0, 1, 2],
    openFiles: 4,
    wait: () => ++waits < 3,
  });
  t.equal(files.open('pipe', 'w'), -constants.errno.ENXIO, 'nobody reads it');
  const reader = files.open('pipe', 'r');
  t.ok(reader > 2);
  t.equal(files.read(reader, 10), '', 'nobody writes to it');
  const writer = files.open('pipe', 'w');
  t.equal(files.read(reader, 10), '');
  t.equal(waits, 3, 'a writer was waited for');
  waits = 0;
  t.equal(files.write(writer, 'x'.repeat(1 << 20)), -constants.errno.EINTR, 'it is full');
  t.equal(waits, 3);
  files.closeAll();
});
