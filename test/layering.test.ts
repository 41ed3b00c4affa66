/**
 * Imports run downhill only. The table says which folders a folder may import from; everything else is an uphill import.
 */
import path from 'node:path';
import t from 'tap';
import { importsOf, layeringFaults, layerOf, mayImport } from '../scripts/layers.ts';

const root = path.resolve(import.meta.dirname, '..');

t.test('no source file imports uphill', (t) => {
  t.same(layeringFaults(root), []);
  t.end();
});

t.test('an uphill import is found', (t) => {
  t.match(mayImport('lib/protocol/message.ts', 'lib/router/router.ts'), /uphill/);
  t.match(mayImport('workers/shard-core.ts', 'lib/daemon.ts'), /uphill/);
  t.match(mayImport('workers/isolate/compiled-entry.ts', 'workers/sandbox.ts'), /uphill/);
  t.match(mayImport('lib/cells/thread-cell.ts', 'native-limits/guest-isolate.ts'), /uphill/);
  t.match(mayImport('lib/router/router.ts', 'isolated-vm'), /isolated-vm/);
  t.match(mayImport('lib/protocol/framing.ts', 'node:crypto'), /Node/);
  t.match(mayImport('workers/isolate/compiled-entry.ts', 'node:fs'), /Node/);
  t.end();
});

t.test('imports of all forms are read', (t) => {
  const text =
    "import a from './a.ts';\nimport type { B } from '../b.ts';\nimport {\n  c,\n} from 'c';\nexport * from './d.ts';\nimport './e.ts';\nconst f = await import('./f.ts');";
  t.same(importsOf('lib/x/y.ts', text), [
    'lib/x/a.ts',
    'lib/b.ts',
    'c',
    'lib/x/d.ts',
    'lib/x/e.ts',
    'lib/x/f.ts',
  ]);
  t.end();
});

t.test('a downhill import passes', (t) => {
  t.equal(mayImport('lib/router/router.ts', 'lib/protocol/pack.ts'), undefined);
  t.equal(mayImport('workers/shard-core.ts', 'native-limits/guest-isolate.ts'), undefined);
  t.equal(mayImport('lib/cells/thread-cell.ts', 'native-limits/limits.ts'), undefined);
  t.equal(layerOf('lib/protocol/matcher/lexer.ts'), 'lib/protocol');
  t.end();
});
