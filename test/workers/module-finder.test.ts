import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { ModuleFinder } from '../../workers/module-finder.ts';

const MIB = 1024 * 1024;

t.test('a module is found in the first folder that has it, dots being folders', (t) => {
  const root = t.testdir({
    first: { 'one.lua': 'return 1' },
    second: { 'one.lua': 'return "other"', 'deep.lua': 'no', deep: { 'er.lua': 'return "é"' } },
  });
  const folders = ['first', 'second'].map((name) => path.join(root, name));
  const finder = new ModuleFinder();
  t.same(finder.find(folders, 'one'), ['return 1', 'one.lua']);
  t.same(
    finder.find(folders, 'deep.er'),
    ['return "\xc3\xa9"', 'deep/er.lua'],
    'bytes, not characters',
  );
  t.end();
});

t.test(
  'a module that is nowhere is named by its path inside the folders, which are not shown',
  (t) => {
    const root = t.testdir({ empty: {} });
    const found = new ModuleFinder().find([path.join(root, 'empty'), '/nowhere'], 'a.b');
    t.equal(found, "module 'a.b' not found:\n\tno file 'a/b.lua'");
    t.end();
  },
);

for (const name of [
  '../secret',
  '..secret',
  'a/b',
  '/etc/passwd',
  'a..b',
  '.a',
  'a.',
  '',
  'a\0b',
  'a b',
  'a\nb',
  'ä',
  'x'.repeat(256),
]) {
  t.test(`'${name.slice(0, 20)}' is not a module name`, (t) => {
    const root = t.testdir({ 'secret.lua': 'return 1', inside: {} });
    const found = new ModuleFinder().find([path.join(root, 'inside')], name);
    t.match(found, /^invalid module name/);
    t.ok(found.length < 300);
    t.end();
  });
}

t.test('a link that leads out of its folder is not followed, one that stays inside is', (t) => {
  const root = t.testdir({
    'secret.lua': 'return "secret"',
    modules: { 'real.lua': 'return "real"' },
  });
  const modules = path.join(root, 'modules');
  symlinkSync(path.join(root, 'secret.lua'), path.join(modules, 'file.lua'));
  symlinkSync(root, path.join(modules, 'folder'));
  symlinkSync('real.lua', path.join(modules, 'alias.lua'));
  symlinkSync(modules, path.join(root, 'elsewhere'));
  const finder = new ModuleFinder();
  t.match(finder.find([modules], 'file'), /not found/);
  t.match(finder.find([modules], 'folder.secret'), /not found/);
  t.equal(finder.find([modules], 'alias')[0], 'return "real"');
  t.equal(finder.find([path.join(root, 'elsewhere')], 'real')[0], 'return "real"');
  t.end();
});

t.test('a folder next door whose name begins alike is outside', (t) => {
  const root = t.testdir({ lua: {}, 'lua-private': { 'key.lua': 'return "secret"' } });
  symlinkSync('../lua-private/key.lua', path.join(root, 'lua/key.lua'));
  t.match(new ModuleFinder().find([path.join(root, 'lua')], 'key'), /not found/);
  t.end();
});

t.test('what another sandbox found through a wider folder does not open a narrower one', (t) => {
  const root = t.testdir({ wide: { 'shared.lua': 'return "wide"', narrow: {} } });
  const wide = path.join(root, 'wide');
  symlinkSync('../shared.lua', path.join(wide, 'narrow/shared.lua'));
  const finder = new ModuleFinder();
  t.equal(finder.find([wide], 'narrow.shared')[0], 'return "wide"');
  t.match(finder.find([path.join(wide, 'narrow')], 'shared'), /not found/);
  t.end();
});

t.test('files that are too large, and what is no file, are passed over', (t) => {
  const root = t.testdir({ 'large.lua': '', 'folder.lua': {} });
  truncateSync(path.join(root, 'large.lua'), 4 * MIB + 1);
  execFileSync('mkfifo', [path.join(root, 'pipe.lua')]);
  const finder = new ModuleFinder();
  for (const name of ['large', 'folder', 'pipe']) t.match(finder.find([root], name), /not found/);
  truncateSync(path.join(root, 'large.lua'), 4 * MIB);
  t.equal(finder.find([root], 'large')[0]?.length, 4 * MIB);
  t.end();
});

t.test('a changed module is read anew', (t) => {
  const root = t.testdir({ 'm.lua': 'return 1' });
  const file = path.join(root, 'm.lua');
  const finder = new ModuleFinder();
  t.equal(finder.find([root], 'm')[0], 'return 1');
  writeFileSync(file, 'return 2');
  utimesSync(file, 1, 1);
  t.equal(finder.find([root], 'm')[0], 'return 2');
  mkdirSync(path.join(root, 'later'));
  t.match(finder.find([root], 'later.m'), /not found/);
  writeFileSync(path.join(root, 'later/m.lua'), 'return 3');
  t.equal(finder.find([root], 'later.m')[0], 'return 3');
  t.end();
});

t.test('every seed of randomness is another one', (t) => {
  const finder = new ModuleFinder();
  t.equal(finder.random().length, 16);
  t.not(finder.random(), finder.random());
  t.end();
});
