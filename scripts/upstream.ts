/**
 * `npm run upstream -- SUITE DIR [-engine=NAME] [NAME…]`: runs programs of others, which are not part of this project, under
 * `hekate lua` or another Lua, and says of each whether it does what it should. Names choose programs by their beginning.
 * docs/conformance.md says where the suites come from.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isLuaEngine, luaEngines } from '../benchmarks/lua-engines.ts';
import { awfy } from './upstream/awfy.ts';
import { judge, type Suite, type UpstreamCase, type Verdict } from './upstream/case.ts';
import { libraryTests } from './upstream/libraries.ts';
import { lua51 } from './upstream/lua51.ts';
import { luajit } from './upstream/luajit.ts';

const suites: ReadonlyMap<string, Suite> = new Map([
  ['lua51', lua51],
  ['awfy', awfy],
  ['luajit', luajit],
  ['libraries', libraryTests],
]);

const args = process.argv.slice(2);
const engine = args.find((arg) => arg.startsWith('-engine='))?.slice(8) ?? 'compiled';
const [suiteName = '', directory, ...chosen] = args.filter((arg) => !arg.startsWith('-'));
const suite = suites.get(suiteName);
if (suite === undefined || directory === undefined || !isLuaEngine(engine)) {
  const lines = [...suites].map(([name, { directory: what }]) => `  ${name.padEnd(10)} ${what}`);
  console.error(`usage: npm run upstream -- SUITE DIR [-engine=${luaEngines.join('|')}] [NAME...]
SUITE and DIR:
${lines.join('\n')}`);
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), 'hekate-upstream-'));
const counts = { pass: 0, fail: 0, 'left out': 0 };
let cuts = 0;
try {
  for (const program of await suite.prepare(resolve(directory), folder)) {
    if (chosen.length > 0 && !chosen.some((name) => program.name.startsWith(name))) continue;
    const verdict = await judge(program, engine, folder);
    counts[verdict.kind]++;
    if (verdict.kind !== 'left out') cuts += program.cuts?.length ?? 0;
    console.log(verdictText(program, verdict));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(
  `${suiteName} under ${engine}: ${counts.pass} passed, ${counts.fail} failed, ${counts['left out']} left out, ${cuts} cuts`,
);
process.exitCode = counts.fail === 0 && counts.pass > 0 ? 0 : 1;

function verdictText(program: UpstreamCase, verdict: Verdict): string {
  const { name, cuts = [] } = program;
  switch (verdict.kind) {
    case 'pass':
      return [
        `pass      ${name} (${verdict.seconds.toFixed(1)} s)`,
        ...cuts.map((reason) => `            cut: ${reason}`),
      ].join('\n');
    case 'left out':
      return `left out  ${name}: ${verdict.text}`;
    case 'fail':
      return `FAIL      ${name}: ${verdict.text.trimEnd().replaceAll('\n', '\n            ')}`;
    default:
      return verdict.kind satisfies never;
  }
}
