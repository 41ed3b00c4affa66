/**
 * The conditions that a figure was measured under. A number without them is worth nothing, so they stand in every result.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export interface Conditions {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly system: string;
  /** One-minute load average before the run: 0 when the machine was idle. */
  readonly loadBefore: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  readonly date: string;
}

export function conditions(): Conditions {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    system: `${process.platform} ${release()} ${process.arch}`,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    versions: {
      node: process.versions.node,
      v8: process.versions.v8,
      'isolated-vm': packageVersion('isolated-vm'),
      fengari: packageVersion('fengari'),
      ...rivalVersions(),
    },
    commit: commit(),
    date: new Date().toISOString(),
  };
}

/** The Lua implementations of the machine that benchmarks compare with, such as "Lua 5.1.5". */
function rivalVersions(): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const program of ['lua5.1', 'luajit']) {
    // Lua 5.1 writes its version to standard error.
    const { stdout, stderr, error } = spawnSync(program, ['-v'], { encoding: 'utf8' });
    if (error !== undefined) continue; // absent here: figures are not compared with it
    versions[program] = /\d[\w.-]*/.exec(stdout + stderr)?.[0] ?? 'unknown';
  }
  return versions;
}

function packageVersion(name: string): string {
  const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  const manifest: unknown = JSON.parse(text);
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version);
  }
  return 'unknown';
}

/** The commit, with a mark when the checkout differs from it; "none" outside of a checkout. */
function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const changed = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changed ? ' with changes' : ''}`;
  } catch {
    return 'none'; // no git here: the result says so
  }
}
