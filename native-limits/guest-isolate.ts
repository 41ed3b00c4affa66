/**
 * One V8 isolate that runs guest code, made from a startup snapshot. The only module that touches isolated-vm.
 * An isolate belongs to the thread that made it; every entry is synchronous and bounded in wall clock; whatever
 * goes wrong inside comes out as a value, never as an exception of the guest's making.
 */
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import ivm from 'isolated-vm';
import { errorText, HekateError } from '../lib/protocol/errors.ts';
import { limits } from './limits.ts';
import { MappingRoom } from './memory-mappings.ts';

const MIB = 1024 * 1024;
/** V8's own part of an isolate (context, compiled code, young generation) that no guest asked for. */
const RUNTIME_ROOM_MIB = 16;

/** How an entry ended. */
export type EntryOutcome =
  | { readonly kind: 'value'; readonly value: unknown }
  /** The wall clock limit ended it; the isolate still exists but must not be entered again. */
  | { readonly kind: 'timeout' }
  /** The backstop of V8's heap limit disposed the isolate. */
  | { readonly kind: 'memory' }
  /** The code inside threw: a defect of the runtime, not of the guest. */
  | { readonly kind: 'fault'; readonly text: string };

export type HostCallback = (...args: never[]) => unknown;

export interface IsolateOptions {
  readonly snapshot: IsolateSnapshot;
  /** Highest use of heap and external memory before V8 ends the isolate, bytes; soft (V8 overshoots it). */
  readonly backstopBytes: number;
  /** Name of the object on the isolate's global whose functions can be entered. */
  readonly entry: string;
  readonly functions: readonly string[];
}

/** Isolates of this thread that are not disposed. */
const living = new Set<GuestIsolate>();
const mappings = new MappingRoom();
let collectorExposed = false;

/** A startup snapshot's bytes, and the handle that isolates of this thread are made from. */
export class IsolateSnapshot {
  readonly bytes: ArrayBuffer;
  readonly handle: ivm.ExternalCopy<ArrayBuffer>;

  private constructor(bytes: ArrayBuffer, handle: ivm.ExternalCopy<ArrayBuffer>) {
    this.bytes = bytes;
    this.handle = handle;
  }

  /**
   * Runs `code` in a fresh isolate and keeps the heap; `warmUp` runs in a context that is thrown away, and leaves only the
   * compiled code of the functions that it called. Takes some tens of milliseconds. Throws what either of them throws.
   */
  static make(code: string, warmUp?: string): IsolateSnapshot {
    const script = { code, filename: 'hekate-isolate.js' };
    const handle =
      warmUp === undefined
        ? ivm.Isolate.createSnapshot([script])
        : ivm.Isolate.createSnapshot([script], warmUp);
    return new IsolateSnapshot(handle.copy(), handle);
  }

  /** Takes over bytes that another thread made with the same V8. */
  static adopt(bytes: ArrayBuffer): IsolateSnapshot {
    return new IsolateSnapshot(bytes, new ivm.ExternalCopy(bytes));
  }
}

export class GuestIsolate {
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #functions = new Map<string, ivm.Reference<(...args: unknown[]) => unknown>>();
  readonly #collector: ivm.Reference<(...args: unknown[]) => unknown> | undefined;
  #disposed = false;

  constructor(options: IsolateOptions) {
    if (living.size >= limits.isolatesPerProcess.value || !mappings.take()) {
      throw new HekateError('HKT_SANDBOX_TOO_MANY', [living.size]);
    }
    exposeCollector();
    this.#isolate = new ivm.Isolate({
      memoryLimit: Math.max(8, RUNTIME_ROOM_MIB + Math.ceil(options.backstopBytes / MIB)),
      snapshot: options.snapshot.handle,
    });
    living.add(this);
    try {
      this.#context = this.#isolate.createContextSync();
      const global = this.#context.global;
      this.#collector = takeCollector(this.#context);
      const entry = global.getSync(options.entry, { reference: true });
      for (const name of options.functions) {
        this.#functions.set(name, entry.getSync(name as never, { reference: true }));
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Isolates of this thread that are not disposed. */
  static get living(): number {
    return living.size;
  }

  /**
   * Ends all isolates of this thread. To be called before the thread ends: isolated-vm, which would end them then, can
   * stop the process over what they still hold.
   */
  static disposeAll(): void {
    for (const isolate of living) isolate.dispose();
    // Handles that are garbage would be collected with the thread's heap, after isolated-vm has left the thread.
    collectThread();
  }

  /** True once `dispose` was called or V8 ended the isolate. */
  get disposed(): boolean {
    return this.#disposed || this.#isolate.isDisposed;
  }

  /**
   * Calls an entry function. Arguments are primitives or what `share`, `copyIn` and `callback` return. Without a timeout the
   * call may go on for ever.
   */
  enter(name: string, args: readonly unknown[], timeoutMs: number | undefined): EntryOutcome {
    const target = this.#functions.get(name);
    if (target === undefined) return { kind: 'fault', text: `no entry function ${name}` };
    try {
      const value: unknown = target.applySync(undefined, args as never[], {
        ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
        result: { copy: true },
      });
      return { kind: 'value', value };
    } catch (error) {
      return this.#outcomeOf(error);
    }
  }

  /** Evaluates an expression of ours in the isolate and leaves its value on the global. False when it cannot be. */
  place(name: string, expression: string): boolean {
    if (this.disposed) return false;
    const script = this.#isolate.compileScriptSync(`globalThis.${name} = ${expression};`);
    script.runSync(this.#context);
    script.release();
    return true;
  }

  #outcomeOf(error: unknown): EntryOutcome {
    const text = errorText(error);
    if (this.#isolate.isDisposed) return { kind: 'memory' };
    if (/Script execution timed out/.test(text)) return { kind: 'timeout' };
    // Array buffers are refused by the same limit before V8 disposes the isolate.
    if (/allocation failed|Invalid string length/.test(text)) return { kind: 'memory' };
    return { kind: 'fault', text };
  }

  /** Heap and external bytes in use, garbage included. About 3 µs; works while the isolate runs. */
  usedBytes(): number {
    if (this.disposed) return 0;
    const heap = this.#isolate.getHeapStatisticsSync();
    return heap.used_heap_size + heap.externally_allocated_size;
  }

  /** A full garbage collection; 1 to 10 ms. Also callable from a callback while the isolate runs. */
  collect(): void {
    if (this.disposed) return;
    this.#collector?.applySync(
      undefined,
      [{ type: 'major', execution: 'sync', flavor: 'last-resort' }] as never[],
      { arguments: { copy: true } },
    );
  }

  /** Ends the isolate. Safe to call twice, and after V8 ended it. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    living.delete(this);
    // An isolate that V8 ended already refuses a second disposal.
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Shared memory as an argument: both sides see the same bytes. */
export function share(memory: SharedArrayBuffer): unknown {
  return new ivm.ExternalCopy(memory).copyInto({ release: true });
}

/** A deep copy of plain data as an argument. */
export function copyIn(value: unknown): unknown {
  return new ivm.ExternalCopy(value).copyInto({ release: true });
}

/**
 * Text that crosses into many isolates: its memory lies outside of their heaps, is common to all of them, and counts as
 * external memory of each. Texts below 1 KiB are copied.
 */
export class SharedText {
  readonly length: number;
  readonly #copy: ivm.ExternalCopy<string>;

  constructor(text: string) {
    this.length = text.length;
    this.#copy = new ivm.ExternalCopy(text);
  }

  /** The text as an argument or as the result of a callback. */
  asArgument(): unknown {
    return this.#copy.copyInto();
  }

  /** The text itself, copied into this thread. */
  toString(): string {
    return this.#copy.copy();
  }
}

/** An object whose members are synchronous callbacks into this thread; results are copied in, SharedText is shared. */
export function callbacks(functions: Readonly<Record<string, HostCallback>>): unknown {
  const members: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(functions)) {
    members[name] = new ivm.Callback((...args: never[]) => {
      const value = call(...args);
      if (value instanceof SharedText) return value.asArgument();
      return typeof value === 'object' && value !== null ? copyIn(value) : value;
    });
  }
  return new ivm.ExternalCopy(members).copyInto({ release: true });
}

/** A full collection of this thread's own heap. */
function collectThread(): void {
  exposeCollector();
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return;
  // What the first one finalizes lets go of more.
  collect();
  collect();
}

/** V8 installs `gc` in contexts that are made after this flag is set. */
function exposeCollector(): void {
  if (collectorExposed) return;
  v8.setFlagsFromString('--expose-gc');
  collectorExposed = true;
}

/** Takes `gc` off a new context's global (it can be overwritten, not deleted), so that no guest can find it. */
function takeCollector(
  context: ivm.Context,
): ivm.Reference<(...args: unknown[]) => unknown> | undefined {
  const collector: unknown = context.evalClosureSync(
    'const collect = globalThis.gc; globalThis.gc = undefined; return collect;',
    [],
    { result: { reference: true } },
  );
  return collector instanceof ivm.Reference && collector.typeof === 'function'
    ? (collector as ivm.Reference<(...args: unknown[]) => unknown>) // typeof was checked
    : undefined;
}
