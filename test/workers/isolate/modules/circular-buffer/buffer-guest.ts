/**
 * A circular buffer with its methods as a script would call them, without an engine: what the tests of this folder share.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostObject,
} from '../../../../../workers/isolate/engine.ts';
import { circularBufferModule } from '../../../../../workers/isolate/modules/circular-buffer/module.ts';
import type { NativeModule } from '../../../../../workers/isolate/modules/native-module.ts';
import { FakeTable } from '../../fake-engine.ts';

const NO_LIMIT = 1e9;

export function moduleOf(
  api: 'heka' | 'lsb' = 'heka',
  roomBytes: number = NO_LIMIT,
): Required<NativeModule> {
  let used = 0;
  const memory = {
    reserve: (bytes: number) => used + bytes <= roomBytes,
    charge: () => undefined,
    add: (bytes: number) => {
      used += bytes;
      return {};
    },
  };
  return circularBufferModule({ api, memory, createTable: () => new FakeTable() });
}

/** A buffer with its methods as a script would call them. */
export class BufferGuest {
  readonly object: HostObject;
  readonly module: Required<NativeModule>;

  constructor(module: Required<NativeModule>, object: HostObject) {
    this.module = module;
    this.object = object;
  }

  all(name: string, ...args: readonly GuestValue[]): readonly GuestValue[] {
    const result = this.object.methods[name]?.([this.object, ...args]);
    return Array.isArray(result) ? result : [result as GuestValue]; // not an array: one value
  }

  call(name: string, ...args: readonly GuestValue[]): GuestValue {
    return this.all(name, ...args)[0];
  }

  get text(): string {
    return this.object.output?.(NO_LIMIT) ?? 'none';
  }

  /** The lines after the header. */
  get rows(): string[] {
    return this.text.split('\n').slice(1, -1);
  }

  get state(): string {
    return this.object.preserve?.().data ?? '';
  }
}

export function made(module: Required<NativeModule>, ...args: readonly GuestValue[]): BufferGuest {
  const create = module.open().functions['new'];
  if (typeof create !== 'function') throw new Error('no new');
  return new BufferGuest(module, create(args) as HostObject); // new returns one object
}

export const heka = (...args: readonly GuestValue[]): BufferGuest => made(moduleOf(), ...args);
export const lsb = (...args: readonly GuestValue[]): BufferGuest => made(moduleOf('lsb'), ...args);

export function header(...columns: readonly (readonly [string, string, string])[]): string {
  const info = columns.map(
    ([name, unit, aggregation]) =>
      `{"name":"${name}","unit":"${unit}","aggregation":"${aggregation}"}`,
  );
  return `"column_info":[${info.join(',')}]`;
}

/** The error of a call, as "#argument text". */
export function errorOf(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (error) {
    if (error instanceof GuestArgumentError) return `#${error.argument} ${error.text}`;
    if (error instanceof GuestError) return error.text;
    throw error;
  }
}
