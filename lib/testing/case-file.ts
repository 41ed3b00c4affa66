/**
 * Reads `<name>.test.toml`: the cases of one sandbox, each with the line it begins at. docs/testing.md describes the form.
 */
import path from 'node:path';
import { type ConfigTable, isTable } from '../config/field-value.ts';
import { faultText } from '../config/place.ts';
import type { ConfigValue } from '../config/spec.ts';
import { readToml } from '../config/toml-reader.ts';
import type { ApiFlavour, SandboxKind } from '../protocol/batch.ts';
import { HekateError } from '../protocol/errors.ts';

export interface CaseFile {
  readonly file: string;
  /** Path of the script. */
  readonly script: string;
  readonly kind: SandboxKind;
  readonly api: ApiFlavour;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly name: string;
  readonly line: number;
  readonly config: ConfigTable;
  readonly settings: ConfigTable;
  readonly matcher: string;
  readonly files: Readonly<Record<string, string>>;
  readonly checkpoint: string | number | undefined;
  readonly events: readonly CaseEvent[];
  /** Undefined: injections are not compared. */
  readonly out: readonly ConfigTable[] | undefined;
  readonly expect: ConfigTable;
  /** The whole result is compared with what `-update` wrote down. */
  readonly snapshot: boolean;
}

export type CaseEvent =
  | { readonly kind: 'message'; readonly message: ConfigTable }
  | { readonly kind: 'timer'; readonly ns: number; readonly shutdown: boolean };

const KIND_BY_FOLDER: Readonly<Record<string, SandboxKind>> = {
  analysis: 'filter',
  filter: 'filter',
  lua_filters: 'filter',
  decoder: 'decoder',
  lua_decoders: 'decoder',
  encoder: 'encoder',
  lua_encoders: 'encoder',
  input: 'input',
  output: 'output',
};
const KINDS: ReadonlySet<string> = new Set(Object.values(KIND_BY_FOLDER));
const FILE_KEYS: ReadonlySet<string> = new Set(['sandbox', 'kind', 'api', 'case']);
const CASE_KEYS: ReadonlySet<string> = new Set([
  'name',
  'config',
  'settings',
  'matcher',
  'files',
  'checkpoint',
  'in',
  'out',
  'expect',
  'snapshot',
]);
export const EXPECT_KEYS: ReadonlySet<string> = new Set([
  'returns',
  'failures',
  'terminated',
  'load_error',
  'logs',
  'state',
  'limits',
  'files',
  'checkpoint',
]);
/** An event may be repeated so often. */
const MOST_REPEATS = 1_000_000;

/** Throws HKT_TEST_FILE with what is wrong and where. */
export function readCaseFile(file: string, text: string): CaseFile {
  const document = readToml(text, { file });
  const [fault] = document.faults;
  if (fault !== undefined) throw new HekateError('HKT_TEST_FILE', [faultText(fault)]);
  const { tables } = document;
  unknownKeys(file, 1, tables, FILE_KEYS);
  const folder = path.basename(path.dirname(file));
  const kind = tables['kind'] ?? KIND_BY_FOLDER[folder];
  if (typeof kind !== 'string' || !KINDS.has(kind)) {
    throw fileFault(file, 1, 'kind is missing: the folder does not say it');
  }
  const api = tables['api'] ?? (file.includes(`${path.sep}sandboxes${path.sep}`) ? 'lsb' : 'heka');
  if (api !== 'heka' && api !== 'lsb') throw fileFault(file, 1, 'api must be "heka" or "lsb"');
  const sandbox = tables['sandbox'] ?? path.basename(file).replace(/\.test\.toml$/, '.lua');
  if (typeof sandbox !== 'string') throw fileFault(file, 1, 'sandbox must be a file name');
  const cases = tables['case'];
  if (!Array.isArray(cases)) throw fileFault(file, 1, 'there is no [[case]]');
  const lines = caseLines(text);
  return {
    file,
    script: path.resolve(path.dirname(file), sandbox),
    kind: kind as SandboxKind, // one of KINDS
    api,
    cases: cases.map((value, i) => readCase(file, lines[i] ?? 1, value)),
  };
}

function caseLines(text: string): number[] {
  const lines: number[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\s*\[\[\s*case\s*\]\]/.test(line)) lines.push(i + 1);
  }
  return lines;
}

function readCase(file: string, line: number, value: ConfigValue): TestCase {
  const fail = (text: string): HekateError => fileFault(file, line, text);
  if (!isTable(value)) throw fail('a case must be a table');
  unknownKeys(file, line, value, CASE_KEYS);
  const table = (key: string): ConfigTable => {
    const part = value[key] ?? {};
    if (!isTable(part)) throw fail(`${key} must be a table`);
    return part;
  };
  const { checkpoint, matcher, name, out } = value;
  if (typeof name !== 'string' || name === '') throw fail('a case must have a name');
  if (
    checkpoint !== undefined &&
    typeof checkpoint !== 'string' &&
    typeof checkpoint !== 'number'
  ) {
    throw fail('checkpoint must be a text or a number');
  }
  if (out !== undefined && !isTables(out)) throw fail('out must be a list of tables');
  const expect = table('expect');
  unknownKeys(file, line, expect, EXPECT_KEYS);
  return {
    name,
    line,
    config: table('config'),
    settings: table('settings'),
    matcher: typeof matcher === 'string' ? matcher : '',
    files: textsOf(table('files'), fail),
    checkpoint,
    events: eventsOf(value['in'], fail),
    out: out === undefined ? undefined : out,
    expect,
    snapshot: value['snapshot'] === true,
  };
}

function isTables(value: ConfigValue): value is readonly ConfigTable[] {
  return Array.isArray(value) && value.every((item) => isTable(item));
}

function textsOf(
  table: ConfigTable,
  fail: (text: string) => HekateError,
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(table)) {
    if (typeof text !== 'string') throw fail(`files.${name} must be a text`);
    texts[name] = text;
  }
  return texts;
}

function eventsOf(
  value: ConfigValue | undefined,
  fail: (text: string) => HekateError,
): readonly CaseEvent[] {
  if (value === undefined) return [];
  if (!isTables(value)) throw fail('in must be a list of tables');
  return value.flatMap((entry) => {
    const { message, payload, repeat = 1, shutdown = false, timer } = entry;
    if (typeof repeat !== 'number' || !(repeat >= 1) || repeat > MOST_REPEATS) {
      throw fail(`repeat must be a number of 1 to ${MOST_REPEATS}`);
    }
    let event: CaseEvent;
    if (typeof timer === 'number') {
      event = { kind: 'timer', ns: timer, shutdown: shutdown === true };
    } else if (message !== undefined && isTable(message)) event = { kind: 'message', message };
    else if (typeof payload === 'string') {
      event = { kind: 'message', message: { Payload: payload } };
    } else throw fail('an event has a message, a payload or a timer');
    return Array.from({ length: repeat }, () => event);
  });
}

function unknownKeys(
  file: string,
  line: number,
  table: ConfigTable,
  known: ReadonlySet<string>,
): void {
  for (const key of Object.keys(table)) {
    if (!known.has(key)) throw fileFault(file, line, `unknown key ${key}`);
  }
}

function fileFault(file: string, line: number, text: string): HekateError {
  return new HekateError('HKT_TEST_FILE', [`${file}:${line}: ${text}`]);
}
