/**
 * One outside program and the engine that runs it. A suite lays its files into a folder of its own and says which programs
 * to run; this file runs them, one process each, and judges.
 */
import { spawn } from 'node:child_process';
import { type LuaEngine, luaCommand } from '../../benchmarks/lua-engines.ts';

export interface UpstreamCase {
  readonly name: string;
  /** Script and arguments, seen from the folder. */
  readonly args: readonly string[];
  /** Below the suite's folder; default: the folder itself. */
  readonly folder?: string;
  /** Standard input. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The output must be, byte for byte, what lua5.1 writes. */
  readonly compare?: boolean;
  /** What differs from run to run, such as times, and is not compared. */
  readonly volatile?: RegExp;
  /** The output must match, or must not. */
  readonly wanted?: RegExp;
  readonly unwanted?: RegExp;
  /** Why this program is not run at all. */
  readonly leftOut?: string;
  /** Why parts of it were taken out. */
  readonly cuts?: readonly string[];
}

export interface Suite {
  /** What DIR is, for the usage text. */
  readonly directory: string;
  /** Copies what is needed from `directory` to the empty `folder`. */
  prepare(directory: string, folder: string): Promise<readonly UpstreamCase[]>;
}

export interface Verdict {
  readonly kind: 'pass' | 'fail' | 'left out';
  /** Why it failed or was left out; '' when it passed. */
  readonly text: string;
  readonly seconds: number;
}

interface Ending {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const LONGEST_MS = 300_000;
const LONGEST_OUTPUT = 64 * 1024 * 1024;
const SHOWN_LINES = 12;

/** Runs one program to its end. */
export async function judge(
  program: UpstreamCase,
  engine: LuaEngine,
  folder: string,
): Promise<Verdict> {
  if (program.leftOut !== undefined) return { kind: 'left out', text: program.leftOut, seconds: 0 };
  const started = performance.now();
  const ending = await end(program, engine, folder);
  const seconds = (performance.now() - started) / 1000;
  const fault = await faultOf(program, ending, engine, folder);
  return { kind: fault === undefined ? 'pass' : 'fail', text: fault ?? '', seconds };
}

async function faultOf(
  program: UpstreamCase,
  ending: Ending,
  engine: LuaEngine,
  folder: string,
): Promise<string | undefined> {
  const { status, stdout, stderr } = ending;
  const { wanted, unwanted, compare, volatile = /(?!)/ } = program;
  if (status !== 0) return `ended with ${status}\n${lastLines(stdout)}\n${lastLines(stderr)}`;
  if (wanted !== undefined && !wanted.test(stdout)) {
    return `no ${wanted} in its output\n${lastLines(stdout)}`;
  }
  const bad = unwanted?.exec(stdout);
  if (bad) return `${unwanted} in its output\n${lastLines(stdout.slice(0, bad.index + 2000))}`;
  if (compare !== true || engine === 'lua5.1') return undefined;
  const reference = await end(program, 'lua5.1', folder);
  if (reference.status !== 0) return `lua5.1 ended with ${reference.status}: ${reference.stderr}`;
  const got = stdout.replace(volatile, '');
  const expected = reference.stdout.replace(volatile, '');
  return got === expected ? undefined : difference(got, expected);
}

function difference(got: string, wanted: string): string {
  const gotLines = got.split('\n');
  const wantedLines = wanted.split('\n');
  const at = wantedLines.findIndex((line, i) => line !== gotLines[i]);
  const line = at < 0 ? wantedLines.length : at;
  return `line ${line + 1} of its output differs\n  lua5.1: ${wantedLines[line]}\n  here:   ${gotLines[line]}`;
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
}

function end(program: UpstreamCase, engine: LuaEngine, folder: string): Promise<Ending> {
  const [command, first] = luaCommand(engine);
  const child = spawn(command, [...first, ...program.args], {
    cwd: program.folder === undefined ? folder : `${folder}/${program.folder}`,
    env: { ...process.env, ...program.env },
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    // Bytes, not text: programs print what they like.
    child[stream].setEncoding('latin1').on('data', (text: string) => {
      output[stream] += text;
      if (output[stream].length > LONGEST_OUTPUT) child.kill('SIGKILL');
    });
  }
  // A program may end without reading all of its input.
  child.stdin.on('error', () => undefined).end(program.input ?? '', 'latin1');
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ status: code ?? signal ?? 'nothing', ...output }));
  });
}
