import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isolateCode } from '../../../lib/cells/isolate-code.ts';
import { batchErrors } from '../../../lib/protocol/errors/batch.ts';
import { matcherErrors } from '../../../lib/protocol/errors/matcher.ts';
import { messageErrors } from '../../../lib/protocol/errors/message.ts';
import { sandboxErrors } from '../../../lib/protocol/errors/sandbox.ts';
import { errorCatalogue } from '../../../lib/protocol/errors.ts';
import { IsolateSnapshot } from '../../../native-limits/guest-isolate.ts';

const root = path.resolve(import.meta.dirname, '../../..');

t.test('every error that is raised inside isolates has its text in their bundles', (t) => {
  const bundled = { ...batchErrors, ...matcherErrors, ...messageErrors, ...sandboxErrors };
  const missing: string[] = [];
  for (const folder of ['workers/isolate', 'lib/protocol/matcher']) {
    const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      const text = readFileSync(path.join(root, folder, file), 'utf8');
      for (const [code] of text.matchAll(/HKT_[A-Z_]+[A-Z]/g)) {
        if (code in errorCatalogue && !(code in bundled)) missing.push(`${file}: ${code}`);
      }
    }
  }
  t.same(missing, []);
  t.end();
});

t.test('bundles hold what their isolates need and no more', async (t) => {
  // At the same time: the bundler's helper must not end while another bundle is made.
  const [interpreted, compiled, compiler] = await Promise.all(
    (['interpreted', 'compiled', 'compiler'] as const).map(isolateCode),
  );
  if (interpreted === undefined || compiled === undefined || compiler === undefined) {
    throw new Error('three bundles');
  }
  t.ok(compiled.length < interpreted.length / 2, 'no interpreter, no regular expressions');
  t.ok(compiler.length < compiled.length / 2, 'no runtime');
  t.ok(compiled.startsWith('let $left'), 'registers come first');
  t.match(compiled.slice(-2000), /const ?\{\$/, 'exports come last');
  t.notMatch(compiled, errorCatalogue.HKT_SANDBOX_LOST.advice);
  for (const code of [compiled, compiler]) {
    t.equal(Buffer.byteLength(code), code.length, 'ASCII: one byte per character in every heap');
    t.ok(IsolateSnapshot.make(code).bytes.byteLength > 100_000);
  }
  t.equal(await isolateCode('compiled'), compiled, 'made once');
});
