/**
 * What a native module offers beside its library: rebuilding its preserved objects. One object of this shape per
 * module; the sandbox's entry knows them by the name that `require` uses.
 */
import type { HostObject, Library } from '../engine.ts';

/** Memory outside of the engine's tables, as modules ask for it, and what their work costs. */
export interface ObjectMemory {
  /** False, and the sandbox ends, when that many bytes do not fit. */
  reserve(bytes: number): boolean;
  /** Counts the new object's bytes; it holds on to the token as long as it lives. */
  add(bytes: number): object;
  /** Pays for work in instructions, before it is done. */
  charge(instructions: number): void;
}

/** Preserved bytes cannot be an object of this module; `text` says why. */
export class RestoreError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export interface NativeModule {
  readonly name: string;
  open(): Library;
  /**
   * Rebuilds an object from what its `preserve` gave. `existing` is the object that the script made under the same
   * global name: when it is of this module it is filled and returned, so that the script's own references stay good.
   * Throws RestoreError.
   */
  restore(data: string, existing: HostObject | undefined): HostObject;
}
