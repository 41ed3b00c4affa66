/**
 * The real file system with one call that fails: `error` fails once, as a full disk does; `crash` also fails every call
 * after it, so that no clean-up runs, as after kill -9. A write that is hit leaves half of its bytes.
 */
import type { FileHandle } from 'node:fs/promises';
import { type FileSystem, nodeFileSystem } from '../lib/atomic-file.ts';

export class FaultyFileSystem {
  /** Calls made so far. */
  calls = 0;
  readonly #failAt: number;
  readonly #crash: boolean;
  readonly #code: string;

  /** `failAt` counts from 1; 0 never fails. */
  constructor(failAt: number, kind: 'error' | 'crash' = 'error', code = 'ENOSPC') {
    this.#failAt = failAt;
    this.#crash = kind === 'crash';
    this.#code = code;
  }

  get hit(): boolean {
    return this.#failAt > 0 && this.calls >= this.#failAt;
  }

  #fails(): boolean {
    this.calls++;
    return this.calls === this.#failAt || (this.#crash && this.hit);
  }

  #error(): Error {
    return Object.assign(new Error(`${this.#code}: injected`), { code: this.#code });
  }

  #step(): void {
    if (this.#fails()) throw this.#error();
  }

  get fs(): FileSystem {
    const step = async <T>(call: () => Promise<T>): Promise<T> => {
      this.#step();
      return await call();
    };
    return {
      ...nodeFileSystem,
      open: async (...args) => this.#wrap(await step(() => nodeFileSystem.open(...args))),
      rename: (...args) => step(() => nodeFileSystem.rename(...args)),
      unlink: (...args) => step(() => nodeFileSystem.unlink(...args)),
    };
  }

  #wrap(handle: FileHandle): FileHandle {
    return new Proxy(handle, {
      get: (target, key): unknown => {
        if (key === 'writeFile') {
          return async (bytes: Uint8Array) => {
            if (!this.#fails()) return await target.writeFile(bytes);
            await target.writeFile(bytes.subarray(0, bytes.length >> 1));
            throw this.#error();
          };
        }
        if (key === 'sync') {
          return async () => {
            this.#step();
            await target.sync();
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}
