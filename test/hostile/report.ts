/**
 * Runs all hostile programs and writes docs/hostile.md: how each ended on each engine, and how long that took here.
 *
 *   node --no-node-snapshot test/hostile/report.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Encounter, RECORD_FILE } from './record.ts';

const TARGET = join(import.meta.dirname, '../../docs/hostile.md');
const FILE_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'hekate-hostile-'));
try {
  const path = join(folder, 'encounters');
  for (const file of readdirSync(import.meta.dirname)) {
    if (!file.endsWith('.test.ts')) continue;
    const run = spawnSync(
      process.execPath,
      ['--no-node-snapshot', join(import.meta.dirname, file)],
      { env: { ...process.env, [RECORD_FILE]: path }, timeout: FILE_MS, stdio: 'ignore' },
    );
    process.stdout.write(`${file}: ${run.status === 0 ? 'contained' : 'FAILED'}\n`);
    if (run.status !== 0) process.exitCode = 1;
  }
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(TARGET, page(lines.map((line) => JSON.parse(line) as Encounter))); // record.ts wrote them
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function page(encounters: readonly Encounter[]): string {
  const rows = new Map<string, Partial<Record<Encounter['engine'], Encounter>>>();
  for (const encounter of encounters) {
    const row = rows.get(encounter.attack) ?? {};
    row[encounter.engine] = encounter;
    rows.set(encounter.attack, row);
  }
  const cell = (encounter: Encounter | undefined): string =>
    encounter === undefined
      ? ' | '
      : `${encounter.end.replace('HKT_SANDBOX_', '').toLowerCase()} | ${encounter.ms}`;
  const body = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([attack, row]) => `| ${attack} | ${cell(row.compiled)} | ${cell(row.interpreted)} |`);
  return `# Hostile programs

Written by \`node --no-node-snapshot test/hostile/report.ts\` (Node ${process.version}, ${process.arch}). Each row is a program of
\`test/hostile\`, how it ended (by which limit or error, or "lives": nothing came of it) and the milliseconds from its load
to its end or its tenth message. The limits are the defaults but where the program's head says otherwise; the wall clock is 20 s,
or 250 ms for programs that any limit may end. Times depend on the machine: they are recorded, not promised.

| program | compiled | ms | interpreted | ms |
|---|---|---|---|---|
${body.join('\n')}
`;
}
