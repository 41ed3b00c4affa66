/**
 * The code that runs inside isolates, as one script: bundled from source in a checkout, read from the package
 * otherwise. Made once per process; bundling takes some tens of milliseconds, less than a cache on disk is worth (and a
 * cache is a file from which a daemon would run code).
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isolateBundleOptions } from '../../workers/fengari-bundle.ts';
import { isolateBundle, isolateSource } from '../entry-urls.ts';

let made: Promise<string> | undefined;

/** The script that makes a startup snapshot. */
export function isolateCode(): Promise<string> {
  made ??= isolateSource === undefined ? readBundle() : bundleIsolate(isolateSource);
  return made;
}

async function readBundle(): Promise<string> {
  if (isolateBundle === undefined) throw new Error('neither source nor bundle');
  return await readFile(isolateBundle, 'utf8');
}

/** Bundles the isolate's entry. Also used when the package is built. */
export async function bundleIsolate(entry: URL): Promise<string> {
  const { build, stop } = await import('esbuild');
  const result = await build({
    ...isolateBundleOptions,
    mainFields: [...isolateBundleOptions.mainFields],
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: 'iife',
    charset: 'ascii',
    logLevel: 'silent',
  });
  // Its helper process would live as long as this one.
  await stop();
  const file = result.outputFiles?.[0];
  if (file === undefined) throw new Error('the bundler wrote nothing');
  return file.text;
}
