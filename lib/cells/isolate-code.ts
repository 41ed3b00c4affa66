/**
 * The code that runs inside isolates, one script per image: bundled from source in a checkout, read from the package
 * otherwise. Made once per process and image.
 */
import { readFile } from 'node:fs/promises';
import { type IsolateImage, isolateBundles } from '../../workers/isolate-bundles.ts';
import { extensionsFile, isolateEntry } from '../entry-urls.ts';
import { bundleExtensions, bundleIsolate } from './isolate-bundler.ts';

export { bundleExtensions, bundleIsolate };

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

let extensions: Promise<Readonly<Record<string, string>>> | undefined;

/** The texts of all extensions, by name. */
export function extensionCode(): Promise<Readonly<Record<string, string>>> {
  const known = extensions;
  if (known !== undefined) return known;
  const url = extensionsFile();
  const made =
    url === undefined
      ? bundleExtensions()
      : readFile(url, 'utf8').then(
          (text) => JSON.parse(text) as Readonly<Record<string, string>>, // scripts/build.ts wrote it
        );
  extensions = made;
  made.catch(() => {
    extensions = undefined;
  });
  return made;
}
