/**
 * `hekate demo`: plays the tutorial by itself, on a free port and in a temporary folder, with the real programs as child
 * processes. Every step is checked; a step that does not come true ends the demo with exit code 1. Ends with a table.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../entry-urls.ts';
import { parseAddress } from '../network-address.ts';
import { HekateError } from '../protocol/errors.ts';
import { frame } from '../protocol/framing.ts';
import { Message } from '../protocol/message.ts';
import type { Command, CommandIo } from './command.ts';
import { FramedConnection } from './framed-connection.ts';

const WIDGETS = 500;
const LOG_LINES = 10_000;
/** Longest time that a step may take; on a busy machine a step takes a second or two. */
const STEP_MS = 60_000;

const LOOP_SCRIPT = 'function process_message() while true do end return 0 end\n';
const LOOP_CONFIG = '[Loop]\ntype = "SandboxFilter"\nmessage_matcher = "Type == \'Widget\'"\n';
/** A second key, so that a signature by someone else's key is refused. */
const STRANGER = `ip_address = "ADDRESS"
[signer]
name = "PlatformDevs"
hmac_hash = "sha256"
hmac_key = "a guessed key"
version = 1
`;

export const command: Command = {
  name: 'demo',
  summary: 'Plays the tutorial by itself and checks every step.',
  usage: '',
  example: 'hekate demo',
  flags: {},
  run: async (_flags, positional, io) => {
    if (positional.length > 0) throw new HekateError('HKT_TOOL_USAGE', ['demo takes no argument']);
    const folder = await mkdtemp(path.join(tmpdir(), 'hekate-demo-'));
    const story = new Story(folder, io);
    try {
      await story.play();
    } finally {
      await story.end();
      await rm(folder, { recursive: true, force: true });
    }
    story.table();
    return 0;
  },
};

/** A child program whose output is awaited line by line. */
class Program {
  readonly child: ChildProcess;
  readonly exit: Promise<number>;
  #text = '';
  readonly #waiting = new Set<() => void>();

  constructor(script: string, args: readonly string[], cwd: string) {
    this.child = spawn(process.execPath, [path.join(root, 'bin', script), ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exit = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code) => {
        resolve(code ?? -1);
        for (const wake of this.#waiting) wake();
      });
    });
    const keep = (chunk: Buffer): void => {
      this.#text += chunk.toString('utf8');
      for (const wake of this.#waiting) wake();
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
  }

  get text(): string {
    return this.#text;
  }

  /** Resolves with the match when the output holds it, from `from` on. */
  async until(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const timeout = AbortSignal.timeout(STEP_MS);
    for (;;) {
      const match = pattern.exec(this.#text.slice(from));
      if (match !== null) return match;
      if (timeout.aborted || this.child.exitCode !== null) {
        throw new HekateError('HKT_TOOL_DEMO', [
          `waited for ${pattern}; the output ends with: ${this.#text.slice(-2000)}`,
        ]);
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          timeout.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        timeout.addEventListener('abort', wake, { once: true });
      });
    }
  }
}

const root = fileURLToPath(packageRoot);
const tutorial = path.join(root, 'examples', 'tutorial');

class Story {
  readonly #folder: string;
  readonly #io: CommandIo;
  readonly #rows: (readonly [string, string, number])[] = [];
  #daemon: Program | undefined;
  #address = '';

  constructor(folder: string, io: CommandIo) {
    this.#folder = folder;
    this.#io = io;
  }

  async play(): Promise<void> {
    await this.#step('start the daemon on the tutorial', () => this.#start());
    await this.#step('read the access log', () => this.#logRead());
    await this.#step('refuse a stranger', () => this.#refuseStranger());
    await this.#step('load a filter', () => this.#load());
    await this.#step('count messages in it', () => this.#count());
    await this.#step('end an endless loop', () => this.#endLoop());
    await this.#step('go on as if nothing had happened', () => this.#count());
    await this.#step('stop with SIGTERM and start again', () => this.#restart());
    await this.#step('unload the filter', () => this.#unload());
  }

  async #step(title: string, run: () => Promise<string>): Promise<void> {
    const started = performance.now();
    if (this.#io.isTerminal) this.#io.stderr(`${title} ...\n`);
    const result = await run();
    this.#rows.push([title, result, performance.now() - started]);
  }

  async #file(name: string): Promise<string> {
    return await readFile(path.join(tutorial, name), 'utf8');
  }

  #path(name: string): string {
    return path.join(this.#folder, name);
  }

  async #start(): Promise<string> {
    const config = (await this.#file('hekad.toml'))
      .replace('base_dir = "var/tutorial"', `base_dir = '${this.#path('base')}'`)
      .replace('"127.0.0.1:5565"', '"127.0.0.1:0"');
    await writeFile(this.#path('hekad.toml'), config);
    await this.#run();
    const tool = (await this.#file('PlatformDevs.toml')).replace('127.0.0.1:5565', this.#address);
    await writeFile(this.#path('PlatformDevs.toml'), tool);
    await writeFile(this.#path('stranger.toml'), STRANGER.replace('ADDRESS', this.#address));
    const example = (await this.#file('example.toml')).replace(
      /ticker_interval = \d+/,
      'ticker_interval = 1\npreserve_data = true',
    );
    await writeFile(this.#path('example.toml'), example);
    await writeFile(this.#path('loop.lua'), LOOP_SCRIPT);
    await writeFile(this.#path('loop.toml'), LOOP_CONFIG);
    return `listens on ${this.#address}`;
  }

  async #run(): Promise<Program> {
    const daemon = new Program('hekate.js', ['run', '-config', this.#path('hekad.toml')], root);
    this.#daemon = daemon;
    const [, address = ''] = await daemon.until(/TCP:5565 listens on (\S+)/);
    this.#address = address;
    return daemon;
  }

  get #running(): Program {
    if (this.#daemon === undefined) throw new HekateError('HKT_TOOL_DEMO', ['no daemon']);
    return this.#daemon;
  }

  async #logRead(): Promise<string> {
    const [line] = await this.#running.until(/nginx: 10000 lines[^\n]*unreadable 0/);
    return `${line.replace(/^nginx: /, '')} (of ${LOG_LINES})`;
  }

  async #manage(
    action: string,
    more: readonly string[],
    config = 'PlatformDevs.toml',
  ): Promise<Program> {
    const tool = new Program(
      'heka-sbmgr.js',
      [`-action=${action}`, `-config=${this.#path(config)}`, ...more],
      this.#folder,
    );
    await tool.exit;
    return tool;
  }

  #loadArgs(script: string, config: string): readonly string[] {
    return [`-script=${script}`, `-scriptconfig=${this.#path(config)}`];
  }

  async #refuseStranger(): Promise<string> {
    const from = this.#running.text.length;
    const args = [
      ...this.#loadArgs(path.join(tutorial, 'example.lua'), 'example.toml'),
      '-timeout=1s',
    ];
    await this.#manage('load', args, 'stranger.toml');
    await this.#running.until(/HKT_SIGNER|signature|HMAC/i, from);
    if (/Loading: PlatformDevs-Example/.test(this.#running.text)) {
      throw new HekateError('HKT_TOOL_DEMO', ['a wrong signature was accepted']);
    }
    return 'a control message with a wrong key is not obeyed';
  }

  async #load(): Promise<string> {
    const tool = await this.#manage(
      'load',
      this.#loadArgs(path.join(tutorial, 'example.lua'), 'example.toml'),
    );
    const [line] = await tool.until(/PlatformDevs-Example loaded/);
    return line;
  }

  async #count(): Promise<string> {
    const from = this.#running.text.length;
    await this.#send(WIDGETS);
    // The delta's rows: time, tab, count. A tick may fall between two messages, so the counts are added up.
    let seen = 0;
    for (let at = from; seen < WIDGETS; ) {
      const row = await this.#running.until(/^\d{10}\t(\d+)$/m, at);
      seen += Number(row[1]);
      at += row.index + row[0].length;
    }
    if (seen !== WIDGETS) throw new HekateError('HKT_TOOL_DEMO', [`${seen} of ${WIDGETS} counted`]);
    return `${seen} of ${WIDGETS} in its circular buffer`;
  }

  async #send(count: number): Promise<void> {
    const connection = await FramedConnection.connect({ address: parseAddress(this.#address) });
    for (let i = 0; i < count; i++) {
      await connection.send(
        frame(Message.create({ type: 'Widget', payload: `widget ${i}` }).bytes),
      );
    }
    await connection.close();
  }

  async #endLoop(): Promise<string> {
    const loaded = await this.#manage('load', this.#loadArgs(this.#path('loop.lua'), 'loop.toml'));
    await loaded.until(/PlatformDevs-Loop loaded/);
    const from = this.#running.text.length;
    await this.#send(1);
    await this.#running.until(/heka\.sandbox-terminated/, from);
    await this.#running.until(/^\d{10}\t1$/m, from);
    const [line] = await this.#running.until(
      /process_message\(\)[^\n"\\]*instruction_limit exceeded/,
      from,
    );
    return line;
  }

  async #restart(): Promise<string> {
    const before = this.#running;
    before.child.kill('SIGTERM');
    const code = await before.exit;
    if (code !== 0) throw new HekateError('HKT_TOOL_DEMO', [`the daemon ended with ${code}`]);
    const config = await readFile(this.#path('hekad.toml'), 'utf8');
    // The same port as before: the tools know it.
    await writeFile(this.#path('hekad.toml'), config.replace('127.0.0.1:0', this.#address));
    const after = await this.#run();
    await after.until(/Loading: PlatformDevs-Example/);
    await after.until(/nginx: 10000 lines/);
    return 'the filters are back; the log was not read twice';
  }

  async #unload(): Promise<string> {
    const tool = await this.#manage('unload', ['-filtername=Example']);
    const [line] = await tool.until(/PlatformDevs-Example unloaded/);
    await this.#running.until(/Filter unloaded\./);
    return line;
  }

  async end(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined || daemon.child.exitCode !== null) return;
    daemon.child.kill('SIGTERM');
    await daemon.exit;
  }

  table(): void {
    const width = Math.max(...this.#rows.map(([title]) => title.length));
    for (const [title, result, ms] of this.#rows) {
      this.#io.stdout(`${title.padEnd(width)}  ok  ${ms.toFixed(0).padStart(6)} ms  ${result}\n`);
    }
    this.#io.stdout(`${this.#rows.length} steps, all as told\n`);
  }
}
