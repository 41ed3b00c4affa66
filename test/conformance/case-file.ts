/**
 * The programs of this suite. `cases/<topic>.lua` holds many, `cases/<topic>.out` what Lua 5.1 prints for each:
 *
 *   --# tail calls do not nest                 name; without one, the first line of the program
 *   --! interpreted: why it is not run there   any number of these: engine (or `all`) and reason
 *   local function f(n) …                      the program; this is its line 1
 *
 * In .out files bytes that are not printable ASCII are `\ddd` and a backslash is `\\`; a tab is itself.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from './engines.ts';

export interface ConformanceCase {
  readonly name: string;
  readonly source: string;
  /** What Lua 5.1 prints; undefined when the .out file does not know the case. */
  readonly expected: string | undefined;
  /** Why the case is not expected to pass, by engine. */
  readonly exclusions: ReadonlyMap<EngineName | 'all', string>;
}

export interface Topic {
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
}

const FOLDER = join(import.meta.dirname, 'cases');
const HEADER = '--#';
const EXCLUSION = /^--! (interpreted|compiled|all): (.+)$/;

export function topics(): readonly Topic[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.lua'));
  return files.sort().map((file) => readTopic(file.slice(0, -'.lua'.length)));
}

function readTopic(name: string): Topic {
  const expected = new Map<string, string>();
  for (const { title, body } of sections(readText(`${name}.out`))) {
    expected.set(title, decode(body.join('\n')));
  }
  const cases: ConformanceCase[] = [];
  const names = new Set<string>();
  for (const { title, body } of sections(readText(`${name}.lua`))) {
    const exclusions = new Map<EngineName | 'all', string>();
    let first = 0;
    for (; first < body.length; first++) {
      const [, engine, reason] = EXCLUSION.exec(body[first] ?? '') ?? [];
      if (engine === undefined || reason === undefined) break;
      exclusions.set(engine as EngineName | 'all', reason); // one of the names that the pattern has
    }
    const source = body.slice(first).join('\n');
    const caseName = uniqueName(
      title === '' ? (body[first] ?? '').slice(0, 90).trim() : title,
      names,
    );
    cases.push({ name: caseName, source, expected: expected.get(caseName), exclusions });
  }
  return { name, cases };
}

function uniqueName(name: string, names: Set<string>): string {
  let unique = name;
  for (let n = 2; names.has(unique); n++) unique = `${name} (${n})`;
  names.add(unique);
  return unique;
}

interface Section {
  readonly title: string;
  readonly body: string[];
}

function sections(text: string): Section[] {
  const found: Section[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    if (line.startsWith(HEADER)) found.push({ title: line.slice(HEADER.length).trim(), body: [] });
    else found.at(-1)?.body.push(line);
  }
  return found;
}

function readText(file: string): string {
  try {
    return readFileSync(join(FOLDER, file), 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Writes a topic's .out file. `print` gives what Lua 5.1 prints for a source. */
export function writeExpectations(topic: Topic, print: (source: string) => string): void {
  const parts = topic.cases.map(({ name, source }) => {
    const text = print(source);
    return `${HEADER} ${name}\n${text === '' ? '' : `${encode(text)}\n`}`;
  });
  writeFileSync(join(FOLDER, `${topic.name}.out`), parts.join(''), 'latin1');
}

function encode(text: string): string {
  return text.replace(/[^\t\n -~]|\\/g, (character) =>
    character === '\\' ? '\\\\' : `\\${String(character.charCodeAt(0)).padStart(3, '0')}`,
  );
}

function decode(text: string): string {
  return text.replace(/\\(\\|\d{3})/g, (_, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(Number(code)),
  );
}
