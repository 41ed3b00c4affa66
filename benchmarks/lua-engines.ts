/**
 * The programs that run Lua: this project's `hekate lua` with either engine, and the Lua implementations of the machine.
 * A program says when an iteration begins and ends; the start of the process and what comes before is not counted.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const luaEngines = ['lua5.1', 'luajit', 'compiled', 'interpreted'] as const;
export type LuaEngine = (typeof luaEngines)[number];

const HEKATE = join(import.meta.dirname, '..', 'bin', 'hekate.js');
/** Metering is on; no program comes near. */
const INSTRUCTION_LIMIT = 1e15;
const LONGEST_MS = 600_000;

/** What one process of one program gave. */
export interface TimedRun {
  /** Wall clock of each iteration, milliseconds. */
  readonly ms: readonly number[];
  /** The last iteration's checksum: the same in every engine. */
  readonly checksum: string;
}

export function isLuaEngine(name: string): name is LuaEngine {
  return luaEngines.some((engine) => engine === name);
}

/** Program and first arguments; a script and its arguments follow. */
export function luaCommand(engine: LuaEngine): readonly [string, readonly string[]] {
  if (engine === 'lua5.1' || engine === 'luajit') return [engine, []];
  return [
    process.execPath,
    [
      '--no-node-snapshot',
      HEKATE,
      'lua',
      `-engine=${engine}`,
      `-instruction_limit=${INSTRUCTION_LIMIT}`,
    ],
  ];
}

/**
 * Runs one of the timing scripts: it writes `begin` before each iteration and the checksum after it. Undefined when the
 * machine has no such program; throws when it ends with another status than 0.
 */
export async function timedRun(
  engine: LuaEngine,
  folder: string,
  script: string,
  args: readonly (string | number)[],
): Promise<TimedRun | undefined> {
  const [program, first] = luaCommand(engine);
  const child = spawn(program, [...first, script, ...args.map(String)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
  });
  const ended = new Promise<number | 'missing'>((done, fail) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? done('missing') : fail(error),
    );
    child.on('close', (code) => done(code ?? -1));
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text.slice(0, 1000);
  });
  const ms: number[] = [];
  let checksum = '';
  let begun: number | undefined;
  let rest = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    const now = performance.now();
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'begin') begun = now;
      else if (begun !== undefined) {
        ms.push(now - begun);
        checksum = line;
        begun = undefined;
      }
    }
  });
  const status = await ended;
  if (status === 'missing') return undefined;
  if (status !== 0 || ms.length === 0) {
    throw new Error(`${engine} ${script} ${args.join(' ')}: status ${status}: ${errors.trim()}`);
  }
  return { ms, checksum };
}
