/**
 * The Lua programs of are-we-fast-yet, when a checkout of it is given. Their files are copied to a folder of their own, beside
 * the timing script and a library `bit` in plain Lua, which some of them ask for (LuaJIT has its own).
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface AwfyProgram {
  readonly name: string;
  /** Inner iterations: 0.1 to 1 s in Lua 5.1, where the program takes what one likes. */
  readonly inner: number;
  readonly iterations: number;
}

const ITERATIONS = 10;

function program(name: string, inner: number, iterations = ITERATIONS): AwfyProgram {
  return { name, inner, iterations };
}

export const awfyPrograms: readonly AwfyProgram[] = [
  program('bounce', 200),
  program('sieve', 400),
  program('queens', 200),
  program('permute', 150),
  program('towers', 80),
  program('list', 200),
  program('storage', 100),
  program('nbody', 250_000),
  program('mandelbrot', 500),
  program('richards', 8),
  program('deltablue', 2000),
  program('json', 15),
  program('cd', 100),
  program('havlak', 1, 3),
];

const OURS = ['bit.lua', 'timing-awfy.lua'];

/** A folder that holds everything the programs need. `suite` is a checkout of are-we-fast-yet. The caller removes it. */
export async function awfyFolder(suite: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hekate-awfy-'));
  try {
    await cp(join(suite, 'benchmarks', 'Lua'), folder, { recursive: true });
    for (const name of OURS) await cp(join(import.meta.dirname, 'lua', name), join(folder, name));
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
