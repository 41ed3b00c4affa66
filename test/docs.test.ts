/**
 * The documentation is true where that can be checked: generated pages are what the source gives, links lead somewhere,
 * codes and commands are those that exist.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { main } from '../lib/cli/main.ts';
import { errorCatalogue } from '../lib/protocol/errors.ts';
import { commandsPage, documentedCommands, errorsPage, generatedPages } from '../scripts/docs.ts';
import { fakeIo } from './lib/cli/fake-io.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const codes = Object.keys(errorCatalogue);

/** Folders that hold none of the project's own pages. */
const NOT_OURS = new Set(['node_modules', 'dist', 'var', '.git', '.tap']);

/** Files below a folder whose names end in one of `endings`, relative to the root. */
function filesBelow(folder: string, endings: readonly string[]): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!NOT_OURS.has(entry.name)) files.push(...filesBelow(file, endings));
    } else if (endings.some((ending) => entry.name.endsWith(ending))) files.push(file);
  }
  return files;
}

const pages = filesBelow('.', ['.md']);

/** A page without its code blocks, in which nothing is a link or a heading. */
function prose(file: string): string {
  return read(file).replace(/^ *```[\s\S]*?^ *```/gm, '');
}

/** The anchors of a page's headings, as code hosts make them. */
function anchors(file: string): Set<string> {
  const headings = prose(file).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** What is wrong with a link of a page, or undefined. */
function linkFault(file: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [place = '', anchor = ''] = target.split('#');
  const linked = place === '' ? file : path.posix.join(path.posix.dirname(file), place);
  if (!existsSync(path.join(root, linked))) return `${file}: ${target} is not there`;
  if (anchor === '' || !linked.endsWith('.md') || anchors(linked).has(anchor)) return undefined;
  return `${file}: ${linked} has no heading for #${anchor}`;
}

t.test('every generated page is what the source gives (npm run docs writes them)', (t) => {
  for (const [file, text] of generatedPages(read)) t.equal(read(file), text, file);
  t.end();
});

t.test('the page of error codes lists exactly the codes of the catalogue', (t) => {
  const listed = [...read('docs/errors.md').matchAll(/^\| `(HKT_\w+)`/gm)].map(([, code]) => code);
  t.same(listed.toSorted(), codes.toSorted());
  t.end();
});

t.test('a code of an unknown area, and a mark for an unknown command, stop the writer', (t) => {
  const entry = { template: '', retryable: false, advice: '' };
  t.throws(() => errorsPage({ HKT_NEW_AREA: entry }), /HKT_NEW_AREA/);
  t.throws(() => commandsPage('<!-- flags: hekate fly -->\n<!-- end -->'), /hekate fly/);
  t.end();
});

t.test('every relative link leads to a file, and every anchor to a heading', (t) => {
  const faults: string[] = [];
  for (const file of pages) {
    for (const [, target = ''] of prose(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      const fault = linkFault(file, target);
      if (fault !== undefined) faults.push(fault);
    }
  }
  t.same(faults, []);
  t.match(linkFault('README.md', 'docs/nowhere.md'), /not there/);
  t.match(linkFault('docs/commands.md', '#hekate-fly'), /no heading/);
  t.end();
});

t.test('every code that a page mentions is in the catalogue', (t) => {
  const unknown: string[] = [];
  for (const file of pages) {
    // A name that ends in an underscore stands for all codes that begin like it.
    for (const [name] of read(file).matchAll(/HKT_[A-Z0-9_]+/g)) {
      const known = name.endsWith('_')
        ? codes.some((c) => c.startsWith(name))
        : codes.includes(name);
      if (!known) unknown.push(`${file}: ${name}`);
    }
  }
  t.same(unknown, []);
  t.end();
});

t.test('every code of the catalogue is raised somewhere', (t) => {
  const sources = ['lib', 'workers', 'native-limits', 'bin'].flatMap((folder) =>
    filesBelow(folder, ['.ts', '.js']),
  );
  const used = new Set<string>();
  for (const file of sources) {
    if (file.startsWith('lib/protocol/errors')) continue;
    for (const [name] of read(file).matchAll(/HKT_[A-Z0-9_]+/g)) used.add(name);
  }
  t.same(
    codes.filter((code) => !used.has(code)),
    [],
  );
  t.end();
});

t.test('decisions are numbered without gaps, and each is a page with that number', (t) => {
  const files = readdirSync(path.join(root, 'docs/decisions')).toSorted();
  t.ok(files.length > 0);
  files.forEach((file, i) => {
    t.match(file, new RegExp(`^${String(i + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
    t.match(read(`docs/decisions/${file}`), new RegExp(`^# ${i + 1}\\. `), file);
  });
  t.end();
});

t.test('every command of the help has a part of the commands page', async (t) => {
  const io = fakeIo();
  t.equal(await main('hekate', ['help'], io), 0);
  const names = [...io.out.matchAll(/^ {2}(\S+) {2,}/gm)].map(([, name]) => `hekate ${name}`);
  t.ok(names.length > 5);
  const page = read('docs/commands.md');
  for (const name of [...names, ...Object.keys(documentedCommands)]) {
    t.ok(page.includes(`\n## ${name}\n`), name);
  }
  for (const [name, { flags }] of Object.entries(documentedCommands)) {
    if (Object.keys(flags).length > 0)
      t.ok(page.includes(`<!-- flags: ${name} -->`), `${name}: flags`);
  }
});
