/**
 * Compiles Lua for the sandboxes of a shard: a source is compiled once, however many sandboxes run it. The compiler lives
 * in an isolate of its own, limited in memory and time like a guest, because sources are hostile: one that kills it
 * gets an error, and the next source a new isolate.
 *
 *   source ─▶ memory ─▶ file ─▶ compiler's isolate ─▶ kept in both
 *
 * Compiled code does not depend on the chunk's name; the text of a syntax error does.
 */
import { createHash } from 'node:crypto';
import {
  GuestIsolate,
  type IsolateSnapshot,
  type SharedText,
} from '../native-limits/guest-isolate.ts';
import { limits } from '../native-limits/limits.ts';
import type { CompiledFiles } from './compiled-files.ts';
import { CompiledTexts } from './compiled-texts.ts';
import { ENTRY_GLOBAL } from './isolate/contract.ts';

/** Sources that killed the compiler and are refused without a further try. */
const REMEMBERED_KILLERS = 1000;

export interface CompilerOptions {
  readonly snapshot: IsolateSnapshot;
  /** Changes with the compiler: code of another version is not used. */
  readonly version: string;
  readonly files?: CompiledFiles | undefined;
  readonly timeoutMs?: number;
  readonly memoryBytes?: number;
}

export interface CompileRequest {
  /** Byte string. */
  readonly source: string;
  readonly chunkName: string;
  /** Functions are compiled so that coroutines can run them. */
  readonly coroutines: boolean;
  /** The code counts its instructions by source line. */
  readonly profile?: boolean;
  /**
   * A sandbox's script or module: kept for long and in files. What a guest makes up at run time is kept shortly, and only in
   * memory: it may be a secret, and there is no end to it.
   */
  readonly lasting: boolean;
}

/** Code, or the error's text. */
export type Compiled = { readonly code: SharedText } | { readonly error: string };

export class LuaCompiler {
  readonly #options: CompilerOptions;
  readonly #lasting = new CompiledTexts(limits.compileCache.value);
  readonly #passing = new CompiledTexts(limits.compileCacheTexts.value);
  /** Keys of sources that killed the compiler, and what with. */
  readonly #killers = new Map<string, string>();
  #isolate: GuestIsolate | undefined;
  #runs = 0;
  #dirty = false;
  #ranAtLastLook = 0;

  constructor(options: CompilerOptions) {
    this.#options = options;
  }

  /** How often the compiler itself ran. */
  get runs(): number {
    return this.#runs;
  }

  compile(request: CompileRequest): Compiled {
    const { source, chunkName, coroutines, profile = false, lasting } = request;
    if (source.length > limits.compileSource.value) {
      const longest = limits.compileSource.value;
      return { error: `${chunkName}: chunk is longer than ${longest} bytes` };
    }
    const key = this.#keyOf(source, coroutines, profile);
    const known = this.#lasting.get(key) ?? this.#passing.get(key);
    if (known !== undefined) return { code: known };
    const killer = this.#killers.get(key);
    if (killer !== undefined) return { error: `${chunkName}: ${killer}` };
    const { files } = this.#options;
    const filed = lasting ? files?.read(key) : undefined;
    if (filed !== undefined) return { code: this.#lasting.put(key, filed) };
    const code = this.#run(source, chunkName, coroutines, profile, key);
    if (typeof code !== 'string') return { error: code[0] };
    if (!lasting) return { code: this.#passing.put(key, code) };
    files?.write(key, code);
    return { code: this.#lasting.put(key, code) };
  }

  #run(
    source: string,
    chunkName: string,
    coroutines: boolean,
    profile: boolean,
    key: string,
  ): string | readonly [error: string] {
    const { snapshot, timeoutMs, memoryBytes } = this.#options;
    this.#runs++;
    this.#isolate ??= new GuestIsolate({
      snapshot,
      backstopBytes: memoryBytes ?? limits.compileMemory.value,
      entry: ENTRY_GLOBAL,
      functions: ['compile'],
    });
    const outcome = this.#isolate.enter(
      'compile',
      [source, chunkName, coroutines, profile],
      timeoutMs ?? limits.compileTime.value,
    );
    if (outcome.kind === 'value') {
      this.#dirty = true;
      return outcome.value as string | readonly [error: string]; // the entry's contract
    }
    this.dispose();
    const reason = reasonOf(outcome.kind);
    this.#remember(key, reason);
    return [`${chunkName}: ${reason}`];
  }

  /** Gives back the memory of syntax trees once no source came between two calls. */
  collectIdle(): void {
    if (this.#ranAtLastLook !== this.#runs) this.#ranAtLastLook = this.#runs;
    else if (this.#dirty) {
      this.#dirty = false;
      this.#isolate?.collect();
    }
  }

  #remember(key: string, reason: string): void {
    this.#killers.set(key, reason);
    const oldest = this.#killers.keys().next();
    if (this.#killers.size > REMEMBERED_KILLERS && oldest.done !== true) {
      this.#killers.delete(oldest.value);
    }
  }

  #keyOf(source: string, coroutines: boolean, profile: boolean): string {
    // Every part ends where the next begins: the version has no newline, each flag is one character.
    return createHash('sha256')
      .update(`${this.#options.version}\n${coroutines ? 1 : 0}${profile ? 1 : 0}`)
      .update(source, 'latin1')
      .digest('hex');
  }

  /** Ends the compiler's isolate; the next source gets a new one. What was kept is kept. */
  dispose(): void {
    this.#isolate?.dispose();
    this.#isolate = undefined;
  }
}

function reasonOf(kind: 'timeout' | 'memory' | 'fault'): string {
  switch (kind) {
    case 'timeout':
      return 'chunk takes too long to compile';
    case 'memory':
      return 'not enough memory to compile the chunk';
    case 'fault':
      return 'chunk cannot be compiled (internal fault of the compiler)';
    default:
      return kind satisfies never;
  }
}
