/**
 * Which modules a sandbox may `require`, by its kind: what enabled packages and the operator's module_directory come to.
 */
import type { ApiFlavour, SandboxKind } from '../protocol/batch.ts';

export interface ModuleAccess {
  /** Folders that `require` searches, in order. */
  readonly moduleDirectories: readonly string[];
  /** Native modules that it finds before files. */
  readonly nativeModules: readonly string[];
  /** Modules that exist but are not to be had: what follows "module '<name>' " in the error. */
  readonly refusedModules: { readonly [name: string]: string };
}

export interface PackageSet {
  modules(kind: SandboxKind, api: ApiFlavour): ModuleAccess;
  /**
   * The path of a script that an enabled package ships, by the file name that a configuration gives ("lua_filters/x.lua",
   * "http_status.lua"); undefined when there is none.
   */
  script(kind: SandboxKind, filename: string): string | undefined;
}
