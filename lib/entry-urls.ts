/**
 * Where other threads start and what is bundled for isolates: the one place that knows the difference between a
 * checkout (TypeScript sources) and the installed package (built JavaScript under dist/).
 */
import { EXTENSIONS_FILE, type IsolateImage, isolateBundles } from '../workers/isolate-bundles.ts';

const source = import.meta.url.endsWith('.ts');

/** Piscina entry of a shard. */
export const shardEntry = new URL(
  source ? '../workers/shard.ts' : '../workers/shard.js',
  import.meta.url,
);

/** Entry of the thread that runs a plain Lua program. */
export const programEntry: URL = new URL(
  source ? '../workers/program.ts' : '../workers/program.js',
  import.meta.url,
);

/** Where the code of an isolate comes from: an entry to be bundled, in a checkout, or the bundle that the package carries. */
export function isolateEntry(image: IsolateImage): {
  readonly url: URL;
  readonly bundled: boolean;
} {
  const { entry, bundle } = isolateBundles[image];
  const file = source ? `isolate/${entry}.ts` : bundle;
  return { url: new URL(`../workers/${file}`, import.meta.url), bundled: !source };
}

/** The extensions' texts that the package carries; undefined in a checkout, where they are bundled. */
export function extensionsFile(): URL | undefined {
  return source ? undefined : new URL(`../workers/${EXTENSIONS_FILE}`, import.meta.url);
}

/** Root of the checkout or package: examples/, lua/ and docs/ lie below it. */
export const packageRoot = new URL(source ? '../' : '../../', import.meta.url);
