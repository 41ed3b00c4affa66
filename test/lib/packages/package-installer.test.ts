/** Packages that are added: what is taken of a folder or an archive, and what is left when one is refused. */
import { access, mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { create, Header } from 'tar';
import { addPackage } from '../../../lib/packages/package-installer.ts';
import { ADDED_FOLDER, luaModules } from '../../../lib/packages/package-store.ts';

/** Bytes, more than a package may have. */
const TOO_LARGE = 300 * 1024 * 1024;

function manifestOf(more: Readonly<Record<string, unknown>> = {}): string {
  const hekate = { extension: 'words', modules: 'modules', ...more };
  return JSON.stringify({ name: 'words', version: '1.0.0', hekate });
}

/** A base_dir, and a folder "package" with a manifest and a module. */
function setUp(t: Test, manifest = manifestOf()) {
  const root = t.testdir({
    base: {},
    source: { package: { 'package.json': manifest, modules: { 'words.lua': 'return {}' } } },
  });
  const source = path.join(root, 'source');
  const base = path.join(root, 'base');
  return {
    base,
    folder: path.join(source, 'package'),
    archive: async (): Promise<string> => {
      const file = path.join(root, 'words.tgz');
      await create({ file, cwd: source, gzip: true }, ['package']);
      return file;
    },
    added: () => readdir(path.join(base, ADDED_FOLDER)),
  };
}

t.test('a folder, a link to one and an archive give the same package', async (t) => {
  const { added, archive, base, folder } = setUp(t);
  const link = path.join(base, 'link');
  await symlink(folder, link);
  for (const source of [folder, link, await archive()]) {
    const manifest = await addPackage(base, source);
    t.equal(manifest.extension, 'words');
    t.same(luaModules(manifest.modules), ['words'], source);
  }
  t.same(await added(), ['words'], 'nothing is left beside it');
});

t.test('links in a package are left out', async (t) => {
  const { archive, base, folder } = setUp(t);
  await symlink('/etc', path.join(folder, 'modules', 'etc'));
  await symlink('/etc/hostname', path.join(folder, 'modules', 'name.lua'));
  for (const source of [folder, await archive()]) {
    const manifest = await addPackage(base, source);
    t.same(await readdir(manifest.modules ?? ''), ['words.lua'], source);
  }
});

t.test('an archive with a path that leads out is refused', async (t) => {
  const { added, base, folder } = setUp(t);
  await writeFile(path.join(folder, 'out.lua'), 'return 1');
  const file = path.join(base, 'out.tgz');
  await create(
    {
      file,
      cwd: path.dirname(folder),
      gzip: true,
      onWriteEntry: (entry) => {
        if (entry.path.endsWith('out.lua')) entry.path = 'package/../../../out.lua';
      },
    },
    ['package'],
  );
  await t.rejects(addPackage(base, file), { code: 'HKT_PACKAGE_ADD' });
  await t.rejects(access(path.join(base, 'out.lua')));
  t.same(await added(), []);
});

t.test('a package that would fill the disk is refused, however it comes', async (t) => {
  const { added, base, folder } = setUp(t);
  const large = path.join(folder, 'large');
  await writeFile(large, '');
  await truncate(large, TOO_LARGE); // a hole
  const block = Buffer.alloc(512);
  new Header({ path: 'package/large', type: 'File', mode: 0o644, size: TOO_LARGE }).encode(block);
  const archive = path.join(base, 'large.tgz');
  await writeFile(archive, gzipSync(Buffer.concat([block, Buffer.alloc(1024)])));
  for (const source of [folder, archive]) {
    await t.rejects(addPackage(base, source), { code: 'HKT_PACKAGE_ADD', message: /more than/ });
  }
  t.same(await added(), [], 'nothing is left of it');
});

t.test('what is no package is refused with a reason', async (t) => {
  const { added, archive, base } = setUp(t);
  const cut = await archive();
  await truncate(cut, 60);
  const rubbish = path.join(base, 'rubbish.tgz');
  await writeFile(rubbish, 'no archive '.repeat(1000));
  const bare = path.join(base, 'bare');
  await mkdir(bare);
  for (const source of [cut, rubbish, bare, path.join(base, 'missing')]) {
    await t.rejects(addPackage(base, source), { code: 'HKT_PACKAGE_ADD' }, source);
  }
  t.same(await added(), []);
});

t.test('a package that is refused leaves the one of before', async (t) => {
  const { base, folder } = setUp(t);
  const { folder: installed } = await addPackage(base, folder);
  for (const [more, code] of [
    [{ native: ['lpeg'] }, 'HKT_PACKAGE_ADD'],
    [{ modules: '../..' }, 'HKT_PACKAGE_MANIFEST'],
    [{ extension: '../words' }, 'HKT_PACKAGE_MANIFEST'],
    [{ extension: 'all' }, 'HKT_PACKAGE_MANIFEST'],
  ] as const) {
    await writeFile(path.join(folder, 'package.json'), manifestOf(more));
    await t.rejects(addPackage(base, folder), { code }, JSON.stringify(more));
  }
  t.equal(await readFile(path.join(installed, 'package.json'), 'utf8'), manifestOf());
});

t.test('modules that are no folder are none', async (t) => {
  const { base, folder } = setUp(t, manifestOf({ modules: 'package.json' }));
  t.same(luaModules((await addPackage(base, folder)).modules), []);
});
