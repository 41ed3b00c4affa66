/** A CommandIo that keeps what a command writes, and lets a test wait for it. */
import type { CommandIo } from '../../../lib/cli/command.ts';

export interface FakeIo extends CommandIo {
  /** Standard output so far, as bytes and as UTF-8. */
  readonly outBytes: Buffer;
  readonly out: string;
  readonly err: string;
  /** Resolves once standard output and error satisfy the predicate. */
  until(predicate: (io: FakeIo) => boolean): Promise<void>;
  abort(): void;
}

export function fakeIo(
  options: {
    readonly cwd?: string;
    readonly stdin?: readonly Uint8Array[];
    readonly isTerminal?: boolean;
    readonly descriptors?: readonly [number, number, number];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): FakeIo {
  const controller = new AbortController();
  const out: Uint8Array[] = [];
  let err = '';
  let waiting: { predicate: (io: FakeIo) => boolean; resolve: () => void }[] = [];
  const changed = (): void => {
    waiting = waiting.filter(({ predicate, resolve }) => {
      if (!predicate(io)) return true;
      resolve();
      return false;
    });
  };
  const io: FakeIo = {
    stdout: (data) => {
      out.push(typeof data === 'string' ? Buffer.from(data) : Uint8Array.from(data));
      changed();
    },
    stderr: (text) => {
      err += text;
      changed();
    },
    drained: () => Promise.resolve(),
    stdin: (async function* () {
      yield* options.stdin ?? [];
    })(),
    descriptors: options.descriptors ?? [-1, -1, -1],
    isTerminal: options.isTerminal ?? false,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    signal: controller.signal,
    get outBytes() {
      return Buffer.concat(out);
    },
    get out() {
      return Buffer.concat(out).toString();
    },
    get err() {
      return err;
    },
    until: (predicate) =>
      new Promise((resolve) => {
        waiting.push({ predicate, resolve });
        changed();
      }),
    abort: () => controller.abort(),
  };
  return io;
}
