/** A FileHost over files in memory, with calls counted. */
import { type FileHost, Whence } from '../../../../workers/isolate/host-api/file-host.ts';

const ENOENT = 2;
const ENOSPC = 28;

interface Handle {
  readonly path: string;
  position: number;
}

export class MemoryFiles implements FileHost {
  readonly contents = new Map<string, string>();
  /** Reads and writes so far. */
  calls = 0;
  /** Longest block that a read returns. */
  blockBytes = 32 * 1024;
  /** Writes fail. */
  full = false;
  readonly #handles = new Map<number, Handle>();
  #next = 3;

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.contents.set(path, text);
    for (const [number, path] of ['<in>', '<out>', '<err>'].entries()) {
      if (!this.contents.has(path)) this.contents.set(path, '');
      this.#handles.set(number, { path, position: 0 });
    }
  }

  /** Numbers of files that are open, without the standard ones. */
  get openCount(): number {
    return this.#handles.size - 3;
  }

  readonly open = (path: string, mode: string): number => {
    if (mode.startsWith('w')) this.contents.set(path, '');
    if (!this.contents.has(path)) return -ENOENT;
    return this.#add(path);
  };
  readonly openTemporary = (): number => {
    this.contents.set('<temporary>', '');
    return this.#add('<temporary>');
  };
  readonly read = (file: number, bytes: number): string => {
    this.calls++;
    const handle = this.#handle(file);
    const text = this.#text(handle);
    const end = handle.position + Math.min(bytes, this.blockBytes);
    const block = text.slice(handle.position, end);
    handle.position += block.length;
    return block;
  };
  readonly write = (file: number, text: string): number => {
    this.calls++;
    if (this.full) return -ENOSPC;
    const handle = this.#handle(file);
    const before = this.#text(handle);
    const after = before.slice(handle.position + text.length);
    this.contents.set(handle.path, before.slice(0, handle.position) + text + after);
    handle.position += text.length;
    return 0;
  };
  readonly seek = (file: number, whence: Whence, offset: number): number => {
    const handle = this.#handle(file);
    const { length } = this.#text(handle);
    const from = { [Whence.start]: 0, [Whence.current]: handle.position, [Whence.end]: length };
    if (from[whence] + offset < 0) return -22;
    handle.position = from[whence] + offset;
    return handle.position;
  };
  readonly close = (file: number): number => {
    this.#handles.delete(file);
    return 0;
  };
  readonly remove = (path: string): number => (this.contents.delete(path) ? 0 : -ENOENT);
  readonly rename = (): number => 0;
  readonly temporaryName = (): string => '<name>';
  readonly isTerminal = (): boolean => false;

  #add(path: string): number {
    this.#handles.set(this.#next, { path, position: 0 });
    return this.#next++;
  }

  #handle(file: number): Handle {
    const handle = this.#handles.get(file);
    if (handle === undefined) throw new Error(`no file ${file}`);
    return handle;
  }

  #text(handle: Handle): string {
    return this.contents.get(handle.path) ?? '';
  }
}
