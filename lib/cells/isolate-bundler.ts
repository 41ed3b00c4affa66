/**
 * Makes one script of an isolate's entry: in a checkout when the first host starts, and when the package is built.
 * What the script holds is in every isolate's heap, several bytes for each of its own, so what isolates never use is left out.
 */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import {
  BUNDLE_GLOBAL,
  extensionFiles,
  isolateBundleOptions,
} from '../../workers/isolate-bundles.ts';

export interface BundleOptions {
  /** The compiled engine's registers come before the code, its exports after it, in the same script. */
  readonly registers: boolean;
  /** Regular expressions of matchers run outside of the isolate. */
  readonly hostRegex: boolean;
}

/** Families of the error catalogue whose codes are raised inside isolates. */
const FAMILIES: ReadonlySet<string> = new Set(['batch', 'matcher', 'message', 'sandbox']);
const ERRORS = /[\\/]lib[\\/]protocol[\\/]errors[\\/]\w+\.[jt]s$/;

/** Bundles are made one after the other: the bundler's helper process serves all of them, and ends with the first. */
let bundling: Promise<unknown> = Promise.resolve();

/** Bundles an entry; some tens of milliseconds. */
export function bundleIsolate(
  entry: URL,
  options: BundleOptions = { registers: false, hostRegex: false },
): Promise<string> {
  const bundle = bundling.then(() => runBundler(entry, options));
  bundling = bundle.catch(() => undefined);
  return bundle;
}

async function runBundler(entry: URL, options: BundleOptions): Promise<string> {
  const { build, stop } = await import('esbuild');
  try {
    const result = await build({
      ...isolateBundleOptions,
      mainFields: [...isolateBundleOptions.mainFields],
      entryPoints: [fileURLToPath(entry)],
      plugins: [shortErrors],
      ...(options.registers ? await registers() : {}),
      ...(options.hostRegex ? { alias: { re2js: hostRegexFile } } : {}),
    });
    const file = result.outputFiles?.[0];
    if (file === undefined) throw new Error('the bundler wrote nothing');
    return file.text;
  } finally {
    // Its helper process would live as long as this one.
    await stop();
  }
}

/**
 * Bundles all extensions: the text of each, by name. The runtime's own parts are not in them but referred to. Some tenths of
 * a second.
 */
export function bundleExtensions(
  files: Readonly<Record<string, string>> = extensionFiles,
): Promise<Readonly<Record<string, string>>> {
  const bundle = bundling.then(() => runExtensionBundler(files));
  bundling = bundle.catch(() => undefined);
  return bundle;
}

async function runExtensionBundler(
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { build, stop } = await import('esbuild');
  const { sharedParts } = await import('../../workers/isolate/shared-parts.ts');
  try {
    const result = await build({
      ...isolateBundleOptions,
      mainFields: [...isolateBundleOptions.mainFields],
      entryPoints: Object.entries(files).map(([out, file]) => ({
        in: path.join(isolateFolder, `${file}${ending}`),
        out,
      })),
      outdir: OUTPUT_FOLDER,
      plugins: [sharedWith(sharedParts)],
      globalName: 'extension',
      banner: { js: '(hekateParts)=>{' },
      footer: { js: 'return extension.createModule??extension.createRole}' },
    });
    return Object.fromEntries(
      (result.outputFiles ?? []).map((file) => {
        const name = path.relative(OUTPUT_FOLDER, file.path).replace(/\.js$/, '');
        return [name.split(path.sep).join('/'), file.text.trimEnd()];
      }),
    );
  } finally {
    await stop();
  }
}

const isolateFolder = fileURLToPath(new URL('../../workers/isolate', import.meta.url));
const ending = path.extname(fileURLToPath(import.meta.url));
const OUTPUT_FOLDER = path.resolve('/extensions');

/** Imports of the runtime's own parts become references to them. */
function sharedWith(parts: Readonly<Record<string, object>>): Plugin {
  const root = path.resolve(isolateFolder, '..', '..');
  return {
    name: 'shared-parts',
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, (args) => {
        const file = path.resolve(args.resolveDir, args.path);
        const key = path
          .relative(root, file)
          .split(path.sep)
          .join('/')
          .replace(/\.[jt]s$/, '');
        return Object.hasOwn(parts, key) ? { path: key, namespace: 'shared' } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: 'shared' }, (args) => ({
        contents: Object.keys(parts[args.path] ?? {})
          .map(
            (name) =>
              `export const ${name}=/* @__PURE__ */(()=>hekateParts['${args.path}'].${name})();`,
          )
          .join('\n'),
      }));
    },
  };
}

const hostRegexFile = fileURLToPath(
  new URL('../../workers/isolate/host-regex.ts', import.meta.url),
);

/** What stands around the code of the compiled engine, in the same script. */
async function registers() {
  const { PRELUDE } = await import('../../workers/isolate/lua/prelude.ts');
  const { FOOTER } = await import('../../workers/isolate/lua/footer.ts');
  return { globalName: BUNDLE_GLOBAL, banner: { js: PRELUDE }, footer: { js: FOOTER } };
}

/** Leaves the error catalogue's advice out, and the families that isolates do not raise. */
const shortErrors: Plugin = {
  name: 'short-errors',
  setup(build) {
    build.onLoad({ filter: ERRORS }, async (args) => {
      const family = path.basename(args.path).replace(/\.[jt]s$/, '');
      const name = `${family}Errors`;
      if (!FAMILIES.has(family)) return { contents: `export const ${name} = {};` };
      const module: unknown = await import(pathToFileURL(args.path).href);
      return { contents: `export const ${name} = ${JSON.stringify(templates(module, name))};` };
    });
  },
};

/** Code → { template } of a family; what else an entry has is for those outside. */
function templates(module: unknown, name: string): Record<string, { readonly template: string }> {
  const catalogue = (module as Record<string, Record<string, { readonly template: string }>>)[name];
  if (catalogue === undefined) throw new Error(`no catalogue ${name}`);
  const short = Object.entries(catalogue).map(([code, { template }]) => [code, { template }]);
  return Object.fromEntries(short) as Record<string, { readonly template: string }>;
}
