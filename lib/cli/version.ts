/** The package's version, read from its package.json: the same in source and built layouts. */
import { readFileSync } from 'node:fs';
import { packageRoot } from '../entry-urls.ts';

/** Such as "0.1.0". */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
