/**
 * Builds what the npm package carries: JavaScript and declarations under dist/, and the isolate's code as one bundle.
 * A checkout needs none of it: there, Node strips the types itself.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isolateCode } from '../lib/cells/isolate-code.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

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
const code = await isolateCode();
writeFileSync(path.join(dist, 'workers/isolate-bundle.js'), code);
// Declarations and sources inside the isolate are in the bundle already.
rmSync(path.join(dist, 'workers/isolate/fengari'), { recursive: true, force: true });
console.log(`dist/: built, isolate bundle ${code.length} bytes`);
