/**
 * How the code inside isolates is bundled: esbuild's settings that fengari needs, as plain data. The result is one
 * script without Node's names, fit for a V8 startup snapshot.
 */
export const isolateBundleOptions = {
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'esnext',
  define: {
    // fengari asks for Node's process as it loads: for its settings, and whether it may use the os module.
    'process.env.FENGARICONF': 'undefined',
    process: 'undefined',
  },
  // The source text is a part of every isolate's heap: minified it is half as long.
  minify: true,
  treeShaking: true,
  legalComments: 'none',
} as const;
