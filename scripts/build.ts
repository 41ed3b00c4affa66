/**
 * Builds what the npm package carries: JavaScript and declarations under dist/, and the isolates' code as bundles.
 * A checkout needs none of it: there, Node strips the types itself.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { extensionCode, isolateCode } from '../lib/cells/isolate-code.ts';
import { EXTENSIONS_FILE, type IsolateImage, isolateBundles } from '../workers/isolate-bundles.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const images: readonly IsolateImage[] = [
  'interpreted',
  'compiled',
  'compiler',
  'interpreted-program',
  'compiled-program',
];

rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    path.join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    path.join(root, 'tsconfig.build.json'),
  ],
  { stdio: 'inherit' },
);
for (const image of images) {
  const { bundle, entry } = isolateBundles[image];
  const code = await isolateCode(image);
  writeFileSync(path.join(dist, 'workers', bundle), code);
  rmSync(path.join(dist, `workers/isolate/${entry}.js`));
  rmSync(path.join(dist, `workers/isolate/${entry}.d.ts`));
  console.log(`dist/workers/${bundle}: ${code.length} bytes`);
}
const extensions = JSON.stringify(await extensionCode());
writeFileSync(path.join(dist, 'workers', EXTENSIONS_FILE), extensions);
console.log(`dist/workers/${EXTENSIONS_FILE}: ${extensions.length} bytes`);
// Declarations and sources inside the isolates are in the bundles already.
for (const folder of ['fengari', 'lua', 'lua-text', 'roles']) {
  rmSync(path.join(dist, 'workers/isolate', folder), { recursive: true, force: true });
}
