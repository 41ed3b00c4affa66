/**
 * The native modules of one sandbox: which of them `require` finds, each loaded into the isolate when it is first asked
 * for, and what they may reach.
 */
import type { SandboxSpec } from '../../lib/protocol/batch.ts';
import { type HostCalls, STOPPED } from './contract.ts';
import { type Engine, GuestError, type Library } from './engine.ts';
import { loadExtension } from './extensions.ts';
import type { MessageReader } from './host-api/message-reader.ts';
import type {
  ModuleFactory,
  ModuleParts,
  NativeModule,
  ObjectMemory,
} from './modules/native-module.ts';
import type { Role } from './roles/role.ts';

export interface SandboxModulesOptions {
  readonly spec: SandboxSpec;
  readonly host: HostCalls;
  readonly reader: MessageReader;
  readonly role: Role;
  readonly engine: () => Engine;
  readonly memory: ObjectMemory;
}

const SAFEPOINT_CHARGE = 100_000;

/** What a filter has whose specification does not say. */
const DEFAULT_MODULES: readonly string[] = ['circular_buffer'];

/** As lua_sandbox words it when there is nowhere to look. */
const NO_PATH =
  "no 'path' configuration was specified for the sandbox; external modules have been disabled";

export class SandboxModules {
  /** What `require` finds before files, by name. */
  readonly libraries: ReadonlyMap<string, () => Library>;
  readonly #options: SandboxModulesOptions;
  readonly #loaded = new Map<string, NativeModule>();

  constructor(options: SandboxModulesOptions) {
    this.#options = options;
    const names = options.spec.nativeModules ?? DEFAULT_MODULES;
    this.libraries = new Map(names.map((name) => [name, () => this.#module(name).open()]));
  }

  /** What rebuilds a preserved object of a module, if the sandbox may have it. */
  restorer(name: string): NativeModule | undefined {
    return this.libraries.has(name) ? this.#module(name) : undefined;
  }

  /** The source of a module in Lua, or why there is none: a module that exists but is refused says so. */
  findFile(name: string): readonly [string, string] | string {
    const { api, moduleDirectories, refusedModules } = this.#options.spec;
    const found = this.#options.host.findModule(name);
    if (typeof found !== 'string') return found;
    const refused =
      refusedModules !== undefined && Object.hasOwn(refusedModules, name)
        ? refusedModules[name]
        : undefined;
    if (refused !== undefined) return `module '${name}' ${refused}`;
    return api === 'lsb' && moduleDirectories.length === 0 ? NO_PATH : found;
  }

  #module(name: string): NativeModule {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const { host } = this.#options;
    const made = loadExtension<ModuleFactory>(host, `module/${name}`)(this.#parts());
    this.#loaded.set(name, made);
    return made;
  }

  #parts(): ModuleParts {
    const { engine, host, memory, reader, role, spec } = this.#options;
    return {
      api: spec.api,
      memory,
      createTable: () => engine().createTable(),
      createList: (values) => engine().createList(values),
      recordMaker: (names) => engine().recordMaker(names),
      createFunction: (name, call) => engine().createFunction(name, call),
      call: (callee, args) => engine().callFunction(callee, args),
      builtIn: (callee) => engine().builtIn(callee),
      toText: (value) => engine().toText(value),
      outputBytes: spec.limits.outputBytes,
      messageBytes: spec.limits.messageBytes,
      messageText: (name, fieldIndex, arrayIndex) =>
        role.messageText === undefined
          ? reader.bytesOf(name, fieldIndex, arrayIndex)
          : role.messageText(name, fieldIndex, arrayIndex),
      host: (operation, args) => {
        const result = host.service(operation, ...args);
        if (!('error' in result)) return result;
        // More than the engine runs without a safepoint.
        if (result.error === STOPPED) engine().charge(SAFEPOINT_CHARGE);
        throw new GuestError(result.error);
      },
    };
  }
}
