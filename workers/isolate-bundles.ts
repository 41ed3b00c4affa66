/**
 * The scripts that run inside isolates, each bundled from an entry of its own into one script without Node's names,
 * fit for a V8 startup snapshot. Plain data: names of files, and esbuild's settings.
 */

/**
 * What a startup snapshot is made of: a sandbox on either engine, or the compiler that the sandboxes of the compiled
 * engine share, or a plain Lua program (`hekate lua`) on either engine.
 */
export type IsolateImage =
  | 'interpreted'
  | 'compiled'
  | 'compiler'
  | 'interpreted-program'
  | 'compiled-program';

/** The images that shards make sandboxes from. */
export type ShardImage = 'interpreted' | 'compiled' | 'compiler';

export interface IsolateBundle {
  /** Source below workers/isolate, without its ending. */
  readonly entry: string;
  /** File in workers/ of the package. */
  readonly bundle: string;
  /** The compiled engine's registers come before the code, its exports after it, in the same script. */
  readonly registers: boolean;
  /** Regular expressions of matchers run outside of the isolate: the library for them would be a third of its heap. */
  readonly hostRegex: boolean;
}

export const isolateBundles: Readonly<Record<IsolateImage, IsolateBundle>> = {
  interpreted: {
    entry: 'interpreted-entry',
    bundle: 'interpreted-bundle.js',
    registers: false,
    hostRegex: false,
  },
  compiled: {
    entry: 'compiled-entry',
    bundle: 'compiled-bundle.js',
    registers: true,
    hostRegex: true,
  },
  'interpreted-program': {
    entry: 'interpreted-program',
    bundle: 'interpreted-program-bundle.js',
    registers: false,
    hostRegex: false,
  },
  'compiled-program': {
    entry: 'compiled-program',
    bundle: 'compiled-program-bundle.js',
    registers: true,
    hostRegex: false,
  },
  compiler: {
    entry: 'compiler-entry',
    bundle: 'compiler-bundle.js',
    registers: false,
    hostRegex: false,
  },
};

/**
 * Extensions of the runtime (see isolate/extensions.ts), by name: the file below workers/isolate, without its ending. A
 * module's file exports createModule, a role's createRole.
 */
export const extensionFiles: Readonly<Record<string, string>> = {
  'module/bit': 'modules/bit/module',
  'module/bit32': 'modules/bit32/module',
  'module/bloom_filter': 'modules/bloom-filter/module',
  'module/cuckoo_filter': 'modules/cuckoo-filter/module',
  'module/cuckoo_filter_expire': 'modules/cuckoo-filter-expire/module',
  'module/gzfile': 'modules/gzfile/module',
  'module/hyperloglog': 'modules/hyperloglog/module',
  'module/lfs': 'modules/lfs/module',
  'module/sax': 'modules/sax/module',
  'module/socket.core': 'modules/socket/module',
  'module/struct': 'modules/struct/module',
  'module/xxhash': 'modules/xxhash/module',
  'module/zlib': 'modules/zlib/module',
  'module/cjson': 'modules/cjson/module',
  'module/lpeg': 'modules/lpeg/module',
  'module/mime.core': 'modules/mime/module',
  'module/rjson': 'modules/rjson/module',
  'module/circular_buffer': 'modules/circular-buffer/module',
  'role/heka-decoder': 'roles/heka/decoder-role',
  'role/heka-encoder': 'roles/heka/encoder-role',
  'role/heka-input': 'roles/heka/input-role',
  'role/heka-output': 'roles/heka/output-role',
  'role/lsb-decoder': 'roles/lsb/decoder-role',
  'role/lsb-encoder': 'roles/lsb/encoder-role',
  'role/lsb-filter': 'roles/lsb/analysis-role',
  'role/lsb-input': 'roles/lsb/input-role',
  'role/lsb-output': 'roles/lsb/output-role',
  'role/unit': 'roles/lsb/unit-role',
};

/** File of all extensions' texts in the package, JSON: text by name. */
export const EXTENSIONS_FILE = 'extensions.json';

/** Name of the global variable that a bundle with registers puts its entry's exports into, for what comes after it. */
export const BUNDLE_GLOBAL = 'hekateRuntime';

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
  bundle: true,
  write: false,
  format: 'iife',
  charset: 'ascii',
  logLevel: 'silent',
} as const;
