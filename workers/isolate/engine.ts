/**
 * The engine interface: what runs guest code inside an isolate, and how the host API reaches it.
 * Host functions are written once over plain values; an engine adapts its own value representation to them.
 * No Node API here: everything below runs inside a V8 isolate.
 */
import type { LineCount } from '../../lib/protocol/batch.ts';

/** A guest value as the host API sees it. Strings are byte strings: one character (0–255) per byte. */
export type GuestValue =
  | undefined
  | boolean
  | number
  | string
  | GuestTable
  | GuestFunction
  | HostObject;

/** A view of a guest's table. Two views of one table have the same `identity`. */
export interface GuestTable {
  readonly kind: 'table';
  readonly identity: object;
  readonly hasMetatable: boolean;
  get(key: GuestValue): GuestValue;
  set(key: GuestValue, value: GuestValue): void;
  /** The border, as `#t` without metamethods. */
  length(): number;
  /** True when it was made as a list or holds one, even when it is empty now. */
  readonly isList: boolean;
  /** An empty table is a list from now on, until it gets another key. */
  makeList(): void;
  /**
   * Stores `values` under `keys` in a table that has no entry yet, later ones in the place of earlier ones; undefined is left
   * out. Both arrays are given away. `plain`: no key is there twice, and nothing undefined; then the keys may be given to other
   * tables as well. Faster than one by one.
   */
  fill(keys: string[], values: GuestValue[], plain: boolean): void;
  /** Raw traversal, in the engine's `next` order. */
  entries(): Iterable<readonly [GuestValue, GuestValue]>;
  /** The same without an object per entry, for those who walk much. The table must not get new keys meanwhile. */
  walk(): TableWalk;
}

/** `while (walk.advance())`, then `key` and `value`. */
export interface TableWalk {
  readonly key: GuestValue;
  readonly value: GuestValue;
  /** Goes to the next entry; false at the end. */
  advance(): boolean;
}

/** A guest function or thread: opaque to the host API but for its type name. */
export interface GuestFunction {
  readonly kind: 'function' | 'thread' | 'userdata';
  readonly identity: object;
}

/** An object of a native module (userdata), such as a circular buffer. */
export interface HostObject {
  readonly kind: 'object';
  /** Metatable name, such as "lsb.circular_buffer" (upstream's names). */
  readonly type: string;
  /**
   * Methods by name; called with an object of this type as the first argument (`cb:add(…)`). Names with two underscores
   * in front are metamethods: those get whatever the guest's operation had, in any order of operands. Objects with the
   * same `methods` share one metatable.
   */
  readonly methods: Readonly<Record<string, HostFunction>>;
  /** The methods look at what they are called with themselves: the first argument may be anything, or missing. */
  readonly checksSelf?: true;
  /** Bytes held outside of the engine's own tables; counted into the sandbox's memory. */
  readonly externalBytes: number;
  /**
   * Output support: the text that add_to_payload writes; absent when the type has none. Throws a GuestError
   * `output_limit exceeded` as soon as the text is longer than `limitBytes`.
   */
  output?(limitBytes: number): string;
  /** Zero-copy support: the bytes that it stands for, at the moment of use; what io writes. */
  zeroCopy?(): string;
  /** The payload type that goes with `output`, such as "cbuf". */
  payloadType?(): string;
  /** Preservation support: everything needed to rebuild it, and how to. */
  preserve?(): PreservedObject;
}

/** A host object's preserved form: the module that can restore it and its bytes (byte string). */
export interface PreservedObject {
  readonly module: string;
  readonly data: string;
}

/**
 * A function of the host API or of a native module. Gets the arguments as given (args.length counts trailing nils)
 * and returns one value, or several in an array. Throws GuestError for an ordinary Lua error.
 */
export type HostFunction = (args: readonly GuestValue[]) => GuestValue | readonly GuestValue[];

/** Raised by host functions; becomes an ordinary, catchable guest error with the caller's position in front. */
export class GuestError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Like GuestError, worded `bad argument #n to 'name' (text)`. */
export class GuestArgumentError extends GuestError {
  readonly argument: number;
  constructor(argument: number, text: string) {
    super(text);
    this.argument = argument;
  }
}

/** Guest code ended with an ordinary error; `text` is its message, undefined when it was no string or number. */
export interface GuestFailure {
  readonly kind: 'error';
  readonly text: string | undefined;
  /** Where it was raised, as Lua 5.1 shows it: lines that begin with "stack traceback:". */
  readonly traceback?: string;
}

/** A limit ended the guest, or the host stopped it. Nothing of the guest runs afterwards. */
export interface GuestBreach {
  readonly kind: 'instructions' | 'memory' | 'stopped';
}

export type GuestOutcome =
  | { readonly kind: 'returned'; readonly values: readonly GuestValue[] }
  | { readonly kind: 'missing' }
  | GuestFailure
  | GuestBreach;

/** What the engine may use per call, and how it asks about memory. */
export interface Meter {
  /** Instructions one call may execute; Infinity for no limit. */
  readonly instructionLimit: number;
  /** Longest single string the guest may make, bytes. */
  readonly stringLimit: number;
  /**
   * Called by the engine at safepoints with the bytes allocated since the last one (an estimate). Returns true
   * when the sandbox is over its memory limit and must end.
   */
  pollMemory(allocatedBytes: number): boolean;
  /** Asked at the same safepoints: true when the guest must end because it was told to. Absent: never. */
  stopped?(): boolean;
}

export interface Library {
  readonly name: string;
  /** What the module's table holds: functions, and values such as numbers, objects or tables. */
  readonly functions: Readonly<Record<string, HostFunction | GuestValue>>;
  /** False: `require` sets no global of the module's name. */
  readonly global?: boolean;
}

/** JavaScript text of a Lua chunk, or Lua's text of what is wrong with it. */
export type CompileResult = { readonly code: string } | { readonly error: string };

/** What the environment is made of before the script runs. */
export interface EngineOptions {
  readonly meter: Meter;
  /** Names of base library functions and library entries to leave out, such as "os.execute". */
  readonly removed: ReadonlySet<string>;
  /** Modules that `require` refuses with `module '%s' disabled`. */
  readonly disabledModules: ReadonlySet<string>;
  /** Native modules that `require` finds before files; made at first use. */
  readonly nativeModules: ReadonlyMap<string, () => Library>;
  /** Functions that standard libraries have beside the engine's own, or instead of them, by library. */
  readonly additions?: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  /** Finds a module's source file: [source, file name], or the text for the error. */
  readonly findModule: (name: string) => readonly [string, string] | string;
  /** Lua source to JavaScript, for an engine that compiles; without it such an engine cannot load anything. */
  readonly compileLua?: (source: string, chunkName: string, coroutines: boolean) => CompileResult;
  /**
   * What loadfile and dofile read: the source and its chunk name (with "@" or "=" in front), or the error's text. Without a
   * file name it is standard input. Absent: guests have no files.
   */
  readonly readFile?: (name: string | undefined) => readonly [string, string] | string;
  /** Bytes in use, for collectgarbage; with `collect` after a full collection. */
  readonly memory?: (collect: boolean) => number;
  /** Offers the debug library, which sees through whatever the guest has. Not for sandboxes. */
  readonly debugLibrary?: boolean;
  /** Counts instructions by source line; `Engine.profile` has the counts. Slower. */
  readonly profile?: boolean;
}

/** What Engine.builtIn knows. */
export const BUILT_INS = ['tonumber', 'rawset'] as const;

/** The array of values is given away. */
export type RecordMaker = (values: GuestValue[]) => GuestTable;

export interface Engine {
  /** Divides measured heap bytes into PUC-equivalent ones (documented per engine). */
  readonly memoryFactor: number;
  /** Sets a global function or value. */
  setGlobal(name: string, value: GuestValue | HostFunction): void;
  getGlobal(name: string): GuestValue;
  /** Compiles a chunk without running it; 'returned' with no values when it is right. */
  compile(source: string, chunkName: string): GuestOutcome;
  /**
   * Compiles and runs a chunk under its own instruction budget; `args` are its `...`. The name is a file's, or begins with
   * "=" and is shown as it is.
   */
  run(source: string, chunkName: string, args?: readonly GuestValue[]): GuestOutcome;
  /** Calls a global function; 'missing' when there is none of that name. */
  call(name: string, args: readonly GuestValue[]): GuestOutcome;
  /** The table of globals, for preservation. */
  globals(): GuestTable;
  createTable(): GuestTable;
  /** A host function as a value of the guest's, known to errors by its name. */
  createFunction(name: string, host: HostFunction): GuestFunction;
  /**
   * Calls a guest's function (or what has `__call`) from within a host function, and returns all its results. What the guest
   * raises, and what ends it, passes through as an exception of the engine's own: let it through.
   */
  callFunction(callee: GuestValue, args: readonly GuestValue[]): readonly GuestValue[];
  /** A list of values 1 … n as a table; undefined leaves a hole. Faster than one by one. */
  createList(values: readonly GuestValue[]): GuestTable;
  /**
   * For tables of one shape that are made again and again: gives a function that makes one of values under these names, which
   * are different from each other. Undefined is an absent field.
   */
  recordMaker(names: readonly string[]): RecordMaker;
  /**
   * "tonumber" or "rawset" when it is that function of the engine's own, whatever the guest calls it; undefined for all
   * others. What a module knows the meaning of it need not call.
   */
  builtIn(callee: GuestFunction): string | undefined;
  /** Host API from a function's point of view: calls the guest's own `tostring`. Used by print. */
  toText(value: GuestValue): string;
  /** Work of a host function, in instructions. Ends the guest, by an exception that must be let through, when its budget is used up. */
  charge(instructions: number): void;
  /** Instructions of the last call. */
  readonly instructionsUsed: number;
  /** Line counts so far, in no order; absent when the engine cannot count them. */
  profile?(): readonly LineCount[];
}
