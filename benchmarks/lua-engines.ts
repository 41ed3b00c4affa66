/**
 * The programs that run Lua: this project's `hekate lua` with either engine, and the Lua implementations of the machine.
 * A program is timed by itself, inside the process; its start and end are not counted.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export const luaEngines = ['lua5.1', 'luajit', 'compiled', 'interpreted'] as const;
export type LuaEngine = (typeof luaEngines)[number];

const HEKATE = join(import.meta.dirname, '..', 'bin', 'hekate.js');
/** Metering is on; no program comes near. */
const INSTRUCTION_LIMIT = 1e15;
const LONGEST_MS = 600_000;
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** What one process of one program gave. */
export interface TimedRun {
  /** Processor time of each iteration, milliseconds. */
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
 * Runs one of the timing scripts: each line of its output is milliseconds and a checksum. Undefined when the machine has no
 * such program; throws when it ends with another status than 0.
 */
export async function timedRun(
  engine: LuaEngine,
  folder: string,
  script: string,
  args: readonly (string | number)[],
): Promise<TimedRun | undefined> {
  const [program, first] = luaCommand(engine);
  const text = await outputOf(program, [...first, script, ...args.map(String)], folder);
  if (text === undefined) return undefined;
  const lines = text.trimEnd().split('\n');
  const parts = lines.map((line) => /^(\d+\.\d+) (.*)$/.exec(line)?.slice(1) ?? []);
  const checksum = parts.at(-1)?.[1];
  const ms = parts.map(([took]) => Number(took));
  if (checksum === undefined || ms.some(Number.isNaN)) {
    throw new Error(`${engine} ${script} ${args.join(' ')}: no times in ${text.slice(0, 200)}`);
  }
  return { ms, checksum };
}

function outputOf(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<string | undefined> {
  const options = {
    cwd,
    encoding: 'utf8',
    timeout: LONGEST_MS,
    maxBuffer: LONGEST_OUTPUT,
  } as const;
  return new Promise((done, fail) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else if (error.code === 'ENOENT') done(undefined);
      else
        fail(new Error(`${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}
