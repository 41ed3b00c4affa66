/**
 * What a native module offers beside its library: rebuilding its preserved objects. One object of this shape per
 * module; the sandbox's entry knows them by the name that `require` uses.
 */
import type {
  GuestFunction,
  GuestTable,
  GuestValue,
  HostFunction,
  HostObject,
  Library,
  RecordMaker,
} from '../engine.ts';

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

/** An object that holds a message of its own, as an input's stream reader does. */
export interface MessageHolder extends HostObject {
  /** As ModuleParts.messageText, of the message that it holds. */
  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined;
}

export function holdsMessage(value: GuestValue): value is MessageHolder {
  return typeof value === 'object' && value.kind === 'object' && 'messageText' in value;
}

export interface NativeModule {
  readonly name: string;
  open(): Library;
  /**
   * Rebuilds an object from what its `preserve` gave. `existing` is the object that the script made under the same
   * global name: when it is of this module it is filled and returned, so that the script's own references stay good.
   * Throws RestoreError. Absent: no object of this module is ever preserved.
   */
  restore?(data: string, existing: HostObject | undefined): HostObject;
}

/** What a module may reach: the guest's values and its own share of the limits; nothing else of the sandbox. */
export interface ModuleParts {
  readonly api: 'heka' | 'lsb';
  readonly memory: ObjectMemory;
  createTable(): GuestTable;
  /** Values 1 … n; undefined leaves a hole. */
  createList(values: readonly GuestValue[]): GuestTable;
  /** See Engine.recordMaker. */
  recordMaker(names: readonly string[]): RecordMaker;
  createFunction(name: string, host: HostFunction): GuestFunction;
  /** Calls a guest's function; what it raises passes through, and must not be caught but to be thrown on. */
  call(callee: GuestValue, args: readonly GuestValue[]): readonly GuestValue[];
  /** See Engine.builtIn. */
  builtIn(callee: GuestFunction): string | undefined;
  /** The guest's own `tostring`. */
  toText(value: GuestValue): string;
  /** Bytes that the sandbox's output may have. */
  readonly outputBytes: number;
  /** Longest message, bytes: what a module may expand compressed data to. */
  readonly messageBytes: number;
  /**
   * Bytes of a header or field of the message that is processed, as a byte string; undefined when it has none. An error when
   * there is no message.
   */
  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined;
  /**
   * An operation of the host outside of the isolate, such as "gzfile.open": only for kinds that may have it. Throws a
   * GuestError with the host's text. About 1 µs and a copy of what is passed.
   */
  host(operation: string, args: readonly ServiceValue[]): readonly ServiceValue[];
}

/** What passes between a module and the host outside: plain values, strings as byte strings. */
export type ServiceValue = undefined | boolean | number | string;

/** Makes a module for one sandbox; called at the first `require` of its name. */
export type ModuleFactory = (parts: ModuleParts) => NativeModule;
