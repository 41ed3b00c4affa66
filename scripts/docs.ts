/**
 * Writes what follows from the source into docs/: configuration reference, its JSON Schema, error codes, limits, and the
 * flag tables of the commands page. `npm run docs` writes them; a test compares what is there with what would be written.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command as cat } from '../lib/cli/cat.ts';
import { command as check } from '../lib/cli/check-command.ts';
import type { Command } from '../lib/cli/command.ts';
import { command as demo } from '../lib/cli/demo.ts';
import { command as ext } from '../lib/cli/ext.ts';
import type { FlagSpec } from '../lib/cli/flags.ts';
import { command as flood } from '../lib/cli/flood.ts';
import { command as inject } from '../lib/cli/inject.ts';
import { command as logstreamer } from '../lib/cli/logstreamer.ts';
import { command as lua } from '../lib/cli/lua.ts';
import { command as run } from '../lib/cli/run.ts';
import { command as sbmgr } from '../lib/cli/sbmgr.ts';
import { command as sbmgrload } from '../lib/cli/sbmgrload.ts';
import { command as test } from '../lib/cli/test.ts';
import { command as attempt } from '../lib/cli/try.ts';
import { byteSizeText } from '../lib/config/byte-size.ts';
import { hekadSpec } from '../lib/config/hekad-spec.ts';
import { jsonSchema } from '../lib/config/json-schema.ts';
import { referencePage } from '../lib/config/reference-page.ts';
import { pluginRegistry } from '../lib/daemon/registry.ts';
import { type ErrorEntry, errorCatalogue } from '../lib/protocol/errors.ts';
import { type Limit, limits } from '../native-limits/limits.ts';

/** Commands by the heading of their part of docs/commands.md. */
export const documentedCommands: Readonly<Record<string, Command>> = {
  'hekate run': run,
  'hekate check': check,
  'hekate try': attempt,
  'hekate test': test,
  'hekate ext': ext,
  'hekate lua': lua,
  'hekate demo': demo,
  'hekate cat': cat,
  'hekate inject': inject,
  'hekate flood': flood,
  'hekate logstreamer': logstreamer,
  'heka-sbmgr': sbmgr,
  'heka-sbmgrload': sbmgrload,
};

/** The areas of the catalogue, by the word behind HKT_, in the order in which the page shows them. */
const chapters: readonly { readonly title: string; readonly areas: readonly string[] }[] = [
  { title: 'Messages', areas: ['MESSAGE', 'UUID'] },
  { title: 'Frames, records and signatures', areas: ['FRAME', 'RECORD', 'SPLITTER', 'SIGNER'] },
  { title: 'Matchers', areas: ['MATCHER'] },
  { title: 'Configuration', areas: ['CONFIG'] },
  { title: 'Inputs, decoders, encoders and outputs', areas: ['PLUGIN', 'DECODE'] },
  { title: 'TLS', areas: ['TLS'] },
  { title: 'Log streams', areas: ['LOGSTREAM'] },
  { title: 'Sandboxes', areas: ['SANDBOX', 'HOST'] },
  { title: 'Preserved state', areas: ['STATE'] },
  { title: 'Control messages and managed filters', areas: ['CONTROL'] },
  { title: 'Batches and the router', areas: ['BATCH', 'ROUTER'] },
  { title: 'The daemon', areas: ['DAEMON'] },
  { title: 'Packages', areas: ['PACKAGE'] },
  { title: 'Commands', areas: ['TOOL', 'TEST'] },
];

const errorsIntroduction = `# Error codes

<!-- Generated from lib/protocol/errors.ts by \`npm run docs\`: do not edit. -->

Every error that bad input, a guest or the machine can cause has a code. A code never changes its meaning; its text may.
\`%s\` stands for a value. *Retry* says whether the same call may succeed later without a change by the one who receives
the error.
`;

const limitsIntroduction = `# Limits

<!-- Generated from native-limits/limits.ts by \`npm run docs\`: do not edit. -->

The limits of sandboxes, batches and queues. *Default* is in force when nothing else is configured. *Cap* is the highest
value that a configuration may ask for; where a setting may be 0, that means the cap. *Code* is what a breach raises; see
[error codes](errors.md). How an operator lowers the caps is in [configuration](configuration.md#hekad).

`;

/** `HKT_AREA_WHAT` gives `AREA`. */
function areaOf(code: string): string {
  return code.split('_')[1] ?? '';
}

/** The page of all codes, grouped by area. Throws when a code belongs to no chapter. */
export function errorsPage(catalogue: Readonly<Record<string, ErrorEntry>>): string {
  const entries = Object.entries(catalogue);
  const known = new Set(chapters.flatMap((chapter) => chapter.areas));
  const homeless = entries.find(([code]) => !known.has(areaOf(code)));
  if (homeless !== undefined) throw new Error(`${homeless[0]} belongs to no chapter`);
  let page = errorsIntroduction;
  for (const { title, areas } of chapters) {
    const members = entries.filter(([code]) => areas.includes(areaOf(code)));
    if (members.length === 0) continue;
    page += `\n## ${title}\n\n| code | text | retry | what to do |\n|---|---|---|---|\n`;
    for (const [code, { template, retryable, advice }] of members) {
      page += row([`\`${code}\``, `\`${template}\``, retryable ? 'yes' : 'no', advice]);
    }
  }
  return page;
}

/** The table of limits. */
export function limitsPage(table: Readonly<Record<string, Limit>>): string {
  let page = `${limitsIntroduction}| limit | unit | default | cap | code | why |\n|---|---|---|---|---|---|\n`;
  for (const [name, { value, unit, cap, code, reason }] of Object.entries(table)) {
    page += row([name, unit, amount(value, unit), amount(cap, unit), `\`${code}\``, reason]);
  }
  return page;
}

function amount(value: number, unit: Limit['unit']): string {
  return unit === 'bytes' ? byteSizeText(value) : value.toLocaleString('en');
}

/** The flags of a command as a table. */
export function flagTable(flags: Readonly<Record<string, FlagSpec>>): string {
  let table = '| flag | default | |\n|---|---|---|\n';
  for (const [name, flag] of Object.entries(flags)) {
    const taken = flag.choices?.join('|') ?? flag.placeholder ?? flag.kind;
    const value = flag.kind === 'bool' ? '' : ` ${taken}`;
    const fallback =
      flag.default === undefined || flag.default === '' ? '–' : `\`${flag.default}\``;
    table += row([`\`-${name}${value}\``, fallback, flag.doc]);
  }
  return table;
}

const FLAG_BLOCK = /(<!-- flags: ([^>]+?) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The commands page with the flag table of each marked place written anew; the rest of it is written by hand. */
export function commandsPage(page: string): string {
  return page.replace(FLAG_BLOCK, (_block, begin: string, name: string, end: string) => {
    const command = documentedCommands[name];
    if (command === undefined) throw new Error(`no command '${name}'`);
    return `${begin}\n${flagTable(command.flags)}\n${end}`;
  });
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
}

/** Placeholders such as <name> outside of code would be taken for tags, and vanish. */
function withoutTags(page: string): string {
  return page
    .split('\n')
    .map((line) => (line.startsWith('|') ? outsideOfCode(line) : line))
    .join('\n');
}

function outsideOfCode(line: string): string {
  return line
    .split('`')
    .map((part, i) => (i % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`');
}

const root = path.resolve(import.meta.dirname, '..');

/** As `npm run format` would leave the file, so that the formatter and this writer agree. */
function formatted(file: string, text: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/@biomejs/biome/bin/biome'),
      'format',
      `--stdin-file-path=${file}`,
    ],
    { cwd: root, input: text, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${file} cannot be formatted: ${stderr}`);
  return stdout;
}

/** All generated pages: text by path below the root. `read` gives the present text of a page that is partly by hand. */
export function generatedPages(read: (file: string) => string): ReadonlyMap<string, string> {
  const specs = [...pluginRegistry.values()];
  const schema = jsonSchema(specs, hekadSpec);
  const pages = [
    ['docs/configuration.md', withoutTags(referencePage(specs, hekadSpec))],
    ['docs/config.schema.json', JSON.stringify(schema, undefined, 2)],
    ['docs/errors.md', withoutTags(errorsPage(errorCatalogue))],
    ['docs/limits.md', limitsPage(limits)],
    ['docs/commands.md', commandsPage(read('docs/commands.md'))],
  ] as const;
  return new Map(pages.map(([file, text]) => [file, formatted(file, text)]));
}

if (import.meta.main) {
  const pages = generatedPages((file) => readFileSync(path.join(root, file), 'utf8'));
  for (const [file, text] of pages) {
    writeFileSync(path.join(root, file), text);
    console.log(`wrote ${file}`);
  }
}
