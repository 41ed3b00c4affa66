/**
 * The code that runs inside isolates, one script per image: bundled from source in a checkout, read from the package
 * otherwise. Made once per process and image.
 */
import { readFile } from 'node:fs/promises';
import { type IsolateImage, isolateBundles } from '../../workers/isolate-bundles.ts';
import { isolateEntry } from '../entry-urls.ts';
import { bundleIsolate } from './isolate-bundler.ts';

export { bundleIsolate };

const made = new Map<IsolateImage, Promise<string>>();

/** The script that an image's startup snapshot is made from. */
export function isolateCode(image: IsolateImage): Promise<string> {
  const known = made.get(image);
  if (known !== undefined) return known;
  const { url, bundled } = isolateEntry(image);
  const code = bundled ? readFile(url, 'utf8') : bundleIsolate(url, isolateBundles[image]);
  made.set(image, code);
  // A failure is the caller's to tell; the next one tries again.
  code.catch(() => made.delete(image));
  return code;
}
