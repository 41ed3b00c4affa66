/**
 * Holds what a run gave against what its case expects.
 */
import { isTable } from '../config/field-value.ts';
import type { ConfigValue } from '../config/spec.ts';
import type { SandboxKind } from '../protocol/batch.ts';
import { Message } from '../protocol/message.ts';
import { utf8Text } from '../protocol/text.ts';
import type { TestCase } from './case-file.ts';
import type { CaseRun } from './case-runner.ts';
import { type Actual, differences, shown } from './comparison.ts';

/** What is wrong, a text for each fault. */
export function judge(kind: SandboxKind, test: TestCase, run: CaseRun): readonly string[] {
  const { expect } = test;
  const faults: string[] = [];
  const compare = (key: string, actual: Actual): void => {
    const expected = expect[key];
    if (expected !== undefined) faults.push(...differences(expected, actual, key));
  };
  compare('load_error', run.loadError);
  compare('terminated', run.terminated);
  if (expect['load_error'] === undefined && run.loadError !== undefined) {
    faults.push(`it could not be loaded: ${run.loadError}`);
  }
  if (expect['terminated'] === undefined && run.terminated !== undefined) {
    faults.push(`it was terminated: ${run.terminated}`);
  }
  compare('returns', run.returns);
  compare('failures', run.failures);
  compare('checkpoint', run.checkpoint);
  compare('files', run.files);
  compare('state', run.state as Actual); // plain values, made by the sandbox's own serialisation
  for (const line of listOf(expect['logs'])) {
    if (!run.logs.some((log) => differences(line, log, '').length === 0)) {
      faults.push(`no log line ${shown(line)}; there were: ${run.logs.join(' | ')}`);
    }
  }
  const { limits } = expect;
  if (limits !== undefined && isTable(limits)) {
    for (const [name, most] of Object.entries(limits)) {
      const used = run.limits[name as keyof CaseRun['limits']]; // an unknown name gives undefined
      if (used === undefined) faults.push(`limits.${name}: there is no such limit`);
      else if (typeof most === 'number' && used > most) {
        faults.push(`limits.${name}: ${used} were used, ${most} are allowed`);
      }
    }
  }
  if (test.out !== undefined) faults.push(...compareOut(kind, test.out, run.out));
  return faults;
}

/** A timestamp this near to the clock is the run's own, and different each time. */
const NOW_NS = 3_600_000_000_000;

/**
 * What a run gave, as text for a snapshot: no identities, no time of the run, lines as they are.
 */
export function runText(kind: SandboxKind, run: CaseRun): string {
  const lines: string[] = [];
  const add = (name: string, value: unknown): void => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (text.includes('\n')) {
      lines.push(`${name}:`, ...text.split('\n').map((line) => `  | ${line}`));
    } else lines.push(`${name}: ${text}`);
  };
  if (run.loadError !== undefined) add('load_error', run.loadError);
  if (run.terminated !== undefined) add('terminated', run.terminated);
  add('returns', run.returns);
  for (const text of run.failures) add('failure', text);
  for (const text of run.logs) add('log', text);
  for (const bytes of run.out) {
    if (kind === 'encoder') add('bytes', utf8Text(bytes, 0, bytes.length));
    else {
      lines.push('injection');
      for (const [name, value] of messageEntries(bytes)) add(`  ${name}`, value);
    }
  }
  if (run.checkpoint !== undefined) add('checkpoint', run.checkpoint);
  return lines.join('\n');
}

const SNAPSHOT_HEADERS = [
  'Type',
  'Logger',
  'Severity',
  'Payload',
  'EnvVersion',
  'Pid',
  'Hostname',
] as const;

function* messageEntries(bytes: Uint8Array): Iterable<readonly [string, unknown]> {
  const message = plainMessage(bytes);
  const { Fields, Representations, Timestamp } = message;
  const own = Math.abs(Timestamp / 1e6 - Date.now()) < NOW_NS / 1e6;
  yield ['Timestamp', own ? '(now)' : Timestamp];
  for (const name of SNAPSHOT_HEADERS) {
    const value = message[name];
    if (value !== undefined && value !== '') yield [name, value];
  }
  for (const [name, value] of Object.entries(Fields)) {
    const representation = Representations[name];
    const unit =
      representation === undefined || representation === '' ? '' : ` (${representation})`;
    yield [`Fields[${name}]${unit}`, value];
  }
}

function listOf(value: ConfigValue | undefined): readonly ConfigValue[] {
  return Array.isArray(value) ? value : [];
}

function compareOut(
  kind: SandboxKind,
  expected: readonly ConfigValue[],
  out: readonly Uint8Array[],
): string[] {
  const actual = out.map((bytes) => (kind === 'encoder' ? encoded(bytes) : plainMessage(bytes)));
  const faults: string[] = [];
  for (const [i, wanted] of expected.entries()) {
    const got = actual[i];
    if (got === undefined) faults.push(`injection ${i + 1} is missing: ${shown(wanted)}`);
    else faults.push(...differences(wanted, got, `injection ${i + 1}`));
  }
  for (const more of actual.slice(expected.length)) {
    faults.push(`an injection too much: ${shown(more)}`);
  }
  return faults;
}

function encoded(bytes: Uint8Array): Actual {
  return { bytes: utf8Text(bytes, 0, bytes.length) };
}

interface PlainMessage {
  readonly [header: string]: Actual;
  readonly Timestamp: number;
  readonly Fields: Readonly<Record<string, Actual>>;
  readonly Representations: Readonly<Record<string, Actual>>;
}

/** A message as cases write it. A field of several values, or several fields of a name, is a list. */
function plainMessage(bytes: Uint8Array): PlainMessage {
  const message = Message.decode(bytes);
  const fields: Record<string, Actual> = {};
  const representations: Record<string, Actual> = {};
  const types: Record<string, Actual> = {};
  for (const { name, representation, type, values } of message.fields()) {
    const plain = values.map((value) =>
      value instanceof Uint8Array ? utf8Text(value, 0, value.length) : value,
    );
    const before = fields[name];
    const list =
      before === undefined ? plain : [...(Array.isArray(before) ? before : [before]), ...plain];
    fields[name] = list.length === 1 ? list[0] : list;
    representations[name] = representation;
    types[name] = type;
  }
  return {
    Uuid: message.uuid,
    Timestamp: Number(message.timestampNs),
    Type: message.type,
    Logger: message.logger,
    Severity: message.severity,
    Payload: message.payload,
    EnvVersion: message.envVersion,
    Pid: message.pid,
    Hostname: message.hostname,
    Fields: fields,
    /** Of each field: its representation, and its type's number on the wire. */
    Representations: representations,
    Types: types,
  };
}
