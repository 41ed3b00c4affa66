/**
 * Where other threads start and what is bundled for isolates: the one place that knows the difference between a
 * checkout (TypeScript sources) and the installed package (built JavaScript under dist/).
 */
const source = import.meta.url.endsWith('.ts');

/** Piscina entry of a shard. */
export const shardEntry = new URL(
  source ? '../workers/shard.ts' : '../workers/shard.js',
  import.meta.url,
);

/** Entry of what runs inside isolates, to be bundled; only in a checkout. */
export const isolateSource: URL | undefined = source
  ? new URL('../workers/isolate/entry.ts', import.meta.url)
  : undefined;

/** The bundle that the package carries. */
export const isolateBundle: URL | undefined = source
  ? undefined
  : new URL('../workers/isolate-bundle.js', import.meta.url);

/** Root of the checkout or package: examples/, lua/ and docs/ lie below it. */
export const packageRoot = new URL(source ? '../' : '../../', import.meta.url);
