/**
 * A real daemon in a process of its own, in a temporary folder: started from a configuration, asked for its report, stopped.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'hekate.js');
/** Longest time that a daemon may take to end. */
const STOP_MS = 60_000;
const REPORT_END = '\n========\n';

type Child = ChildProcessByStdio<null, Readable, Readable>;

export class DaemonProcess {
  readonly folder: string;
  readonly pid: number;
  readonly #child: Child;
  readonly #exited: Promise<void>;
  #out = '';
  #err = '';
  #changed = Promise.withResolvers<void>();

  private constructor(folder: string, child: Child, pid: number) {
    this.folder = folder;
    this.#child = child;
    this.pid = pid;
    this.#exited = new Promise((done) => child.once('exit', () => done()));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
      this.#wake();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text;
      this.#wake();
    });
    child.once('exit', () => this.#wake());
  }

  /** Files are written beside hekad.toml; `$FOLDER` in the configuration is the folder. Resolves when it runs. */
  static async start(
    config: string,
    files: Readonly<Record<string, string>>,
  ): Promise<DaemonProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'hekate-bench-'));
    const all = { ...files, 'hekad.toml': config.replaceAll('$FOLDER', folder) };
    for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
    const args = ['--no-node-snapshot', LAUNCHER, 'run', '-config', join(folder, 'hekad.toml')];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid === undefined) throw new Error('the daemon could not be started');
    const daemon = new DaemonProcess(folder, child, pid);
    await daemon.#until(() => daemon.#out.includes('Ctrl-C stops it'));
    return daemon;
  }

  /** Address that an input said it listens on. */
  async address(input: string): Promise<{ readonly host: string; readonly port: number }> {
    const pattern = new RegExp(`${input} listens on \\S*?([0-9.]+):([0-9]+)`);
    await this.#until(() => pattern.test(this.#out));
    const [, host = '', port = ''] = pattern.exec(this.#out) ?? [];
    return { host, port: Number(port) };
  }

  /** The daemon's own report: everything that it was told before is in it. */
  async report(): Promise<string> {
    this.#err = '';
    this.#child.kill('SIGUSR1');
    await this.#until(() => this.#err.includes(REPORT_END));
    return this.#err;
  }

  /** Resident memory, bytes. Linux only. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    const [, kibibytes = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
    return Number(kibibytes) * 1024;
  }

  /** A daemon that does not end is a fault, not a figure: it is killed, and the benchmark fails. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#exited;
    clearTimeout(patience);
    await rm(this.folder, { recursive: true, force: true });
    if (this.#child.signalCode === 'SIGKILL')
      throw new Error(`the daemon did not end\n${this.#out}${this.#err}`);
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#child.exitCode !== null) {
        throw new Error(
          `the daemon exited with code ${this.#child.exitCode}\n${this.#out}${this.#err}`,
        );
      }
      await this.#changed.promise;
    }
  }
}
