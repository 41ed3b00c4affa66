/**
 * The layers of the source tree, and which may import which. Used by the layering test and by `npm run layers`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A layer's folders or files, and the layers that it may import beside itself. Longest prefix wins. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'lib/protocol': [],
  'native-limits/limits.ts': ['lib/protocol'],
  // Questions about this process that need no isolate.
  'native-limits/code-generation.ts': [],
  'native-limits/guest-stack.ts': ['native-limits/limits.ts'],
  'native-limits': ['lib/protocol', 'native-limits/limits.ts'],
  'workers/isolate': [
    'lib/protocol',
    'workers/isolate/shared-parts.ts',
    'native-limits/limits.ts',
    'workers/isolate/lua/prelude.ts',
    'workers/isolate/lua/footer.ts',
  ],
  // What extensions share with the runtime: the bundler reads the names.
  'workers/isolate/shared-parts.ts': ['lib/protocol', 'workers/isolate'],
  // Texts that stand around the compiled engine's bundle.
  'workers/isolate/lua/prelude.ts': [],
  'workers/isolate/lua/footer.ts': [],
  // Where entry files lie, and how the isolate's code is bundled: names and plain data.
  'workers/isolate-bundles.ts': [],
  workers: [
    'lib/protocol',
    'native-limits',
    'native-limits/limits.ts',
    'native-limits/guest-stack.ts',
    'workers/isolate',
    'workers/isolate-bundles.ts',
  ],
  'lib/plugin.ts': ['lib/protocol', 'lib/config', 'lib/encoders'],
  'lib/entry-urls.ts': ['workers/isolate-bundles.ts'],
  'lib/system-clock.ts': ['lib/plugin.ts'],
  'lib/retry-policy.ts': ['lib/plugin.ts', 'lib/protocol', 'lib/config'],
  'lib/atomic-file.ts': ['lib/protocol'],
  'lib/network-address.ts': ['lib/protocol'],
  'lib/strftime.ts': ['lib/protocol'],
  'lib/alarm.ts': ['lib/plugin.ts'],
  'lib/config': ['lib/protocol', 'native-limits/limits.ts', 'lib/plugin.ts', 'lib/atomic-file.ts'],
  'lib/signing': ['lib/protocol', 'lib/config', 'lib/plugin.ts', 'lib/atomic-file.ts'],
  'lib/splitters': [
    'lib/protocol',
    'lib/config',
    'lib/signing',
    'lib/plugin.ts',
    'lib/splitters/loss-log.ts',
  ],
  // A rate-limited log: whoever reads what strangers send needs one.
  'lib/splitters/loss-log.ts': ['lib/protocol', 'lib/plugin.ts'],
  'lib/decoders': ['lib/protocol', 'lib/config', 'lib/plugin.ts', 'lib/strftime.ts'],
  'lib/encoders': ['lib/protocol', 'lib/config', 'lib/plugin.ts', 'lib/strftime.ts'],
  'lib/inputs': [
    'lib/protocol',
    'lib/config',
    'lib/signing',
    'lib/plugin.ts',
    'lib/atomic-file.ts',
    'lib/alarm.ts',
    'lib/network-address.ts',
    'lib/retry-policy.ts',
    'lib/splitters/loss-log.ts',
  ],
  'lib/outputs': [
    'lib/protocol',
    'lib/config',
    'lib/plugin.ts',
    'lib/inputs',
    'lib/splitters/loss-log.ts',
    'lib/atomic-file.ts',
    'lib/alarm.ts',
    'lib/network-address.ts',
    'lib/retry-policy.ts',
    'lib/strftime.ts',
  ],
  'lib/cells': [
    'lib/protocol',
    'native-limits/limits.ts',
    'native-limits/code-generation.ts',
    'native-limits/guest-stack.ts',
    'lib/entry-urls.ts',
    'workers/isolate-bundles.ts',
    'workers/isolate/shared-parts.ts',
    'workers/isolate/lua/footer.ts',
    'workers/isolate/lua/prelude.ts',
  ],
  'lib/router': [
    'lib/protocol',
    'lib/cells',
    'lib/decoders',
    'lib/plugin.ts',
    'native-limits/limits.ts',
  ],
  'lib/packages': [
    'lib/protocol',
    'lib/atomic-file.ts',
    'lib/entry-urls.ts',
    'workers/isolate-bundles.ts',
  ],
  'lib/sandboxes': [
    'lib/protocol',
    'lib/config',
    'lib/cells',
    'lib/encoders',
    'lib/packages',
    'lib/router',
    'lib/plugin.ts',
    'lib/atomic-file.ts',
    'native-limits/limits.ts',
  ],
  'lib/filters': [
    'lib/protocol',
    'lib/packages',
    'lib/sandboxes',
    'lib/config',
    'lib/cells',
    'lib/router',
    'lib/plugin.ts',
    'lib/atomic-file.ts',
    'native-limits/limits.ts',
  ],
  'lib/manager': [
    'lib/protocol',
    'lib/packages',
    'lib/sandboxes',
    'lib/config',
    'lib/filters',
    'lib/signing',
    'lib/plugin.ts',
    'lib/atomic-file.ts',
    'native-limits/limits.ts',
  ],
};

/** Composition: these join everything and may import everything below; only bin, tests and each other import them. */
const top = [
  'lib/daemon',
  'lib/host.ts',
  'lib/index.ts',
  'lib/plugin-types.ts',
  'lib/cli',
  'lib/testing',
];

/** Packages that only one place may use. */
const confined: Readonly<Record<string, string>> = {
  'isolated-vm': 'native-limits/guest-isolate.ts',
};

/** Places without any Node API. */
const pure = ['lib/protocol', 'workers/isolate'];

function within(file: string, layer: string): boolean {
  return (
    file === layer ||
    file.startsWith(`${layer}/`) ||
    file.startsWith(`${layer}-`) ||
    file === `${layer}.ts`
  );
}

/** The layer of a file; undefined for the composition on top. */
export function layerOf(file: string): string | undefined {
  const names = Object.keys(layers).filter(
    (layer) => file === layer || file.startsWith(`${layer}/`),
  );
  return names.sort((a, b) => b.length - a.length)[0];
}

/** What is wrong with `file` importing `target` (a file below the root, or a package), or undefined. */
export function mayImport(file: string, target: string): string | undefined {
  const home = confined[target];
  if (home !== undefined && file !== home) return `${file} imports ${target}: only ${home} may`;
  if (!/^(lib|workers|native-limits|scripts|test|bin)\//.test(target)) {
    const isPure = pure.some((layer) => file.startsWith(`${layer}/`));
    return isPure && target.startsWith('node:')
      ? `${file} imports ${target}: no Node API there`
      : undefined;
  }
  const from = layerOf(file);
  if (from === undefined) {
    return top.some((layer) => within(file, layer)) ? undefined : `${file} belongs to no layer`;
  }
  const to = layerOf(target);
  if (to === from || (to !== undefined && layers[from]?.includes(to) === true)) return undefined;
  return `${file} imports ${target} uphill: ${from} may not use ${to ?? 'the composition'}`;
}

/** Everything that a source text imports, relative paths resolved against the root. */
export function importsOf(file: string, text: string): string[] {
  const targets: string[] = [];
  const pattern =
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
  for (const match of text.matchAll(pattern)) {
    const specifier = match[1] ?? match[2] ?? match[3];
    if (specifier === undefined) continue;
    targets.push(
      specifier.startsWith('.')
        ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
        : specifier,
    );
  }
  return targets;
}

/** All faults of the checkout at `root`. */
export function layeringFaults(root: string): string[] {
  const faults: string[] = [];
  for (const folder of ['lib', 'workers', 'native-limits']) {
    for (const entry of readdirSync(path.join(root, folder), {
      recursive: true,
      encoding: 'utf8',
    })) {
      if (!entry.endsWith('.ts')) continue;
      const file = path.posix.join(folder, entry.split(path.sep).join('/'));
      for (const target of importsOf(file, readFileSync(path.join(root, file), 'utf8'))) {
        const fault = mayImport(file, target);
        if (fault !== undefined) faults.push(fault);
      }
    }
  }
  return faults;
}

if (import.meta.main) {
  const faults = layeringFaults(path.resolve(import.meta.dirname, '..'));
  for (const fault of faults) console.error(fault);
  console.log(
    `layers: ${faults.length === 0 ? 'all imports run downhill' : `${faults.length} faults`}`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
