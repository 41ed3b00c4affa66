/**
 * How the isolate's code is bundled: no Node API, fengari's single files, and its checks for Node answered with "none".
 */
export const isolateBundleOptions = {
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'esnext',
  // fengari calls itself free of side effects, but its files register themselves with each other when they load.
  ignoreAnnotations: true,
  define: { 'process.env.FENGARICONF': 'undefined', process: 'undefined' },
} as const;
