import { statSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { GuestPaths } from '../../../../../workers/guest-paths.ts';
import { createModule } from '../../../../../workers/isolate/modules/lfs/module.ts';
import { lfsService } from '../../../../../workers/services/lfs-service.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { serviceHost } from '../service-host.ts';

onBothEngines((name, create) => {
  const opened = (t: Test) => {
    const folder = t.testdir({ root: { file: 'content', sub: { a: '', b: '' } }, secret: '' });
    const root = path.join(folder, 'root');
    const service = lfsService(new GuestPaths([root]));
    t.teardown(() => service.close());
    const host = serviceHost({ lfs: service });
    const guest = new ModuleGuest(create, { lfs: createModule }, { host });
    guest.run('require "lfs" require "table"');
    return { guest, root };
  };

  t.test(`${name}: attributes as a table, into a table, or one of them`, async (t) => {
    const { guest, root } = opened(t);
    const { ino } = statSync(path.join(root, 'file'));
    t.equal(guest.value('return lfs.attributes("file", "ino")'), ino);
    t.same(
      guest.run('local a = lfs.attributes("file") return a.mode, a.size, a.ino, #a.permissions'),
      ['file', 7, ino, 9],
    );
    t.same(
      guest.run(
        'local own = {kept = 1} return lfs.attributes("sub", own) == own, own.mode, own.kept',
      ),
      [true, 'directory', 1],
    );
    t.same(guest.run('return lfs.attributes("missing")'), [
      undefined,
      "cannot obtain information from file 'missing': No such file or directory",
      2,
    ]);
    t.same(guest.run('return lfs.attributes("../secret", "size")'), [
      undefined,
      "cannot obtain information from file '../secret': Permission denied",
      13,
    ]);
    t.match(guest.error('lfs.attributes("file", "color")'), "invalid attribute name 'color'");
    t.match(guest.error('lfs.attributes({})'), 'string expected, got table');
  });

  t.test(`${name}: links and where they lead`, async (t) => {
    const { guest } = opened(t);
    t.equal(guest.value('return lfs.link("file", "link", true)'), true);
    t.same(
      guest.run('return lfs.symlinkattributes("link", "target"), lfs.attributes("link", "mode")'),
      ['file', 'file'],
    );
    t.same(guest.run('local a = lfs.symlinkattributes("link") return a.mode, a.target'), [
      'link',
      'file',
    ]);
    t.same(guest.run('return lfs.symlinkattributes("file", "target")'), [
      undefined,
      'could not obtain link target: Invalid argument',
      22,
    ]);
    t.same(guest.run('return lfs.link("../secret", "x", true)'), [
      undefined,
      'Permission denied',
      13,
    ]);
  });

  t.test(`${name}: dir goes through the names, or is asked and closed`, async (t) => {
    const { guest } = opened(t);
    guest.run('names = {} for n in lfs.dir("sub") do names[#names + 1] = n end table.sort(names)');
    t.equal(guest.value('return table.concat(names, " ")'), '. .. a b');
    guest.run('iterate, folder = lfs.dir("sub")');
    t.equal(guest.value('return folder:next()'), '.');
    guest.run('folder:close() folder:close()');
    t.match(guest.error('folder:next()'), 'closed directory');
    t.match(guest.error('iterate(folder)'), 'closed directory');
    t.match(guest.error('iterate({})'), 'directory metatable expected, got table');
    t.match(guest.error('lfs.dir("missing")'), 'cannot open missing: No such file or directory');
    t.match(guest.error('lfs.dir("..")'), 'cannot open ..: Permission denied');
    guest.run('for i = 1, 200 do for n in lfs.dir(".") do end end');
  });

  t.test(`${name}: folders, times and the working folder`, async (t) => {
    const { guest, root } = opened(t);
    t.same(guest.run('return lfs.mkdir("new"), lfs.mkdir("new")'), [
      true,
      undefined,
      'File exists',
      17,
    ]);
    t.same(guest.run('return lfs.touch("file", 10.9), lfs.attributes("file", "modification")'), [
      true,
      10,
    ]);
    t.same(guest.run('return lfs.touch("file", 10, 20), lfs.attributes("file", "modification")'), [
      true,
      20,
    ]);
    t.equal(
      guest.value('return lfs.touch("file") and lfs.attributes("file", "access") > 1e9'),
      true,
    );
    t.match(guest.error('lfs.touch("file", 1/0)'), 'not a time');
    t.equal(guest.value('return lfs.currentdir()'), root);
    t.equal(guest.value('lfs.chdir("sub") return lfs.currentdir()'), path.join(root, 'sub'));
    t.same(guest.run('return lfs.chdir("../..")'), [
      undefined,
      "Unable to change working directory to '../..'\nPermission denied\n",
    ]);
    t.equal(guest.value('return lfs.rmdir("../new")'), true);
    t.same(guest.run('return lfs.rmdir("../sub")'), [undefined, 'Directory not empty', 39]);
  });

  t.test(`${name}: a folder can be locked, files cannot`, async (t) => {
    const { guest } = opened(t);
    guest.run('lock = assert(lfs.lock_dir("sub"))');
    t.same(guest.run('return lfs.lock_dir("sub")'), [undefined, 'File exists']);
    guest.run('lock:free() lock:free() assert(lfs.lock_dir("sub"))');
    t.match(
      guest.error('lfs.lock(nil, "w")'),
      'lfs.lock is not to be had: files cannot be locked here',
    );
    t.match(guest.error('lfs.unlock(nil)'), 'lfs.unlock is not to be had');
    t.match(guest.error('lfs.setmode("x", "text")'), 'FILE* expected, got string');
  });
});
