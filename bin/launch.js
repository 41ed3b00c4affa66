/**
 * Finds the program's files and a Node.js that can run them, and becomes that program. Plain JavaScript that any Node.js
 * from version 12 on can read, because its task is to notice one that is too old.
 *
 *   source   lib/cli/entry.ts        in a checkout; Node runs TypeScript by itself
 *   built    dist/lib/cli/entry.js   in the npm package; Node refuses TypeScript under node_modules
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_NODE = 24;
const NODE_FLAG = '--no-node-snapshot';
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs `program` with this process's arguments. `isolates`: the program may make V8 isolates, which need Node's
 * startup snapshot switched off; programs that make none start in this very process.
 */
export function launch(program, { isolates }) {
  const entry = findEntry();
  if (entry === undefined) {
    fail(
      program,
      'HKT_TOOL_NOT_BUILT',
      `neither source nor built files are there: ${root}`,
      'Install the package again; in a checkout the folder lib/ must exist.',
    );
    return;
  }
  let node = process.execPath;
  const old = majorOf(process.versions.node) < OLDEST_NODE;
  if (old) {
    node = findNode();
    if (node === undefined) {
      fail(
        program,
        'HKT_TOOL_NODE_VERSION',
        `Node.js ${process.versions.node} is too old: ${OLDEST_NODE} or newer is needed`,
        "Run npm ci in a checkout (it brings its own Node.js), or install Node.js 24 or newer, or add the npm package 'node'.",
      );
      return;
    }
  }
  if (!old && (!isolates || flagInForce())) {
    process.argv.splice(1, 1, entry, program);
    void import(pathToFileURL(entry).href);
    return;
  }
  become(program, node, [NODE_FLAG, ...process.execArgv, entry, program, ...process.argv.slice(2)]);
}

function findEntry() {
  const packaged = root.split(sep).includes('node_modules');
  const source = join(root, 'lib', 'cli', 'entry.ts');
  if (!packaged && existsSync(source)) return source;
  const built = join(root, 'dist', 'lib', 'cli', 'entry.js');
  return existsSync(built) ? built : undefined;
}

/** The Node.js of the npm package `node`: this project's own, or that of the project we are installed in. */
function findNode() {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const modules of [join(root, 'node_modules'), dirname(root)]) {
    const binary = join(modules, 'node', 'bin', `node${suffix}`);
    const manifest = join(modules, 'node', 'package.json');
    if (!existsSync(binary) || !existsSync(manifest)) continue;
    if (majorOf(JSON.parse(readFileSync(manifest, 'utf8')).version) >= OLDEST_NODE) return binary;
  }
  return undefined;
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

function flagInForce() {
  const given = `${process.env.NODE_OPTIONS || ''} ${process.execArgv.join(' ')}`;
  // Node takes quoted words in NODE_OPTIONS too.
  return given.split(/[\s"]+/).includes(NODE_FLAG);
}

/** Replaces this process where the platform can, so that signals and the exit status are the program's own. */
function become(program, node, args) {
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...args], process.env);
    return;
  }
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of FORWARDED) {
    // The handler also keeps this process alive until the child has ended. Where the platform lacks a signal, on() throws.
    try {
      process.on(signal, () => child.kill(signal));
    } catch {
      // safe: a signal that does not exist here cannot arrive
    }
  }
  child.on('error', (error) => {
    fail(
      program,
      'HKT_TOOL_NODE_VERSION',
      `${node} does not start: ${error.message}`,
      'Run npm ci again, or use Node.js 24 or newer.',
    );
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + (constants.signals[signal] || 0);
  });
}

function fail(program, code, text, advice) {
  process.stderr.write(`${program}: ${code} ${text}\n  ${advice}\n`);
  process.exitCode = 1;
}
