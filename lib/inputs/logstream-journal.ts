/**
 * What a logstream remembers across restarts, as one small JSON file that is replaced as a whole: the place up to which
 * records were handed to the router, and the files that were read to their end.
 *
 *   {"version":1,"stream":"nginx-access","place":{"path":"…","identity":"2049:131","offset":5120,"head":{…},"tail":{…}},
 *    "finished_ms":1704164645000,"finished":[{"identity":"2049:130","size_bytes":91,"head":{…}}]}
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readBounded, systemCode, writeAtomic } from '../atomic-file.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { BlockHash, FinishedFile, Place } from './logstream-place.ts';

const VERSION = 1;
const LIMIT_BYTES = 64 * 1024;
/** Files whose end is remembered one by one; `finishedMs` stands for the older ones. */
export const MAX_FINISHED = 64;
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

export interface JournalState {
  readonly stream: string;
  readonly place: Place | undefined;
  readonly finished: readonly FinishedFile[];
  /** Files that were last written before this were read; milliseconds since the epoch, 0 for none. */
  readonly finishedMs: number;
}

/** A file name for any stream name: names come from the paths of log files and may hold anything. */
function fileName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 60)}~${hash}`;
}

/** The directory of one input's journals. */
export function journalFolder(journalDirectory: string, input: string): string {
  return join(journalDirectory, fileName(input));
}

export function journalPath(folder: string, stream: string): string {
  return join(folder, `${fileName(stream)}.json`);
}

/** Undefined when there is no journal yet. Rejects with HKT_LOGSTREAM_JOURNAL when it cannot be used. */
export async function readJournal(path: string, stream: string): Promise<JournalState | undefined> {
  try {
    const bytes = await readBounded(path, LIMIT_BYTES);
    return checkJournal(JSON.parse(Buffer.from(bytes).toString('utf8')), stream);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw new HekateError('HKT_LOGSTREAM_JOURNAL', [path, errorText(thrown)], thrown);
  }
}

/** Rejects with HKT_LOGSTREAM_JOURNAL_WRITE. */
export async function writeJournal(path: string, state: JournalState): Promise<void> {
  const { stream, place } = state;
  const finished = state.finished.map(({ identity, sizeBytes, head }) => ({
    identity,
    size_bytes: sizeBytes,
    head,
  }));
  const text = JSON.stringify({
    version: VERSION,
    stream,
    place: place ?? null,
    finished_ms: state.finishedMs,
    finished,
  });
  try {
    await writeAtomic(path, Buffer.from(`${text}\n`));
  } catch (thrown) {
    throw new HekateError('HKT_LOGSTREAM_JOURNAL_WRITE', [path, errorText(thrown)], thrown);
  }
}

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what} is not an object`);
  }
  return value as Json; // a JSON object, as was just checked
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`${what} is not a text`);
  return value;
}

function size(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Error(`${what} is not a size`);
  }
  return value;
}

function block(value: unknown, what: string): BlockHash {
  const { length, sha256 } = object(value, what);
  return { length: size(length, `${what}.length`), sha256: text(sha256, `${what}.sha256`) };
}

function checkPlace(value: unknown): Place {
  const place = object(value, 'place');
  const checked = {
    path: text(place['path'], 'path'),
    identity: text(place['identity'], 'identity'),
    offset: size(place['offset'], 'offset'),
    head: block(place['head'], 'head'),
    tail: block(place['tail'], 'tail'),
  };
  if (checked.head.length > checked.offset || checked.tail.length > checked.offset) {
    throw new Error('a block reaches beyond the offset');
  }
  return checked;
}

function checkJournal(value: unknown, stream: string): JournalState {
  const journal = object(value, 'journal');
  if (journal['version'] !== VERSION) throw new Error(`unknown version ${journal['version']}`);
  if (journal['stream'] !== stream) throw new Error('it belongs to another stream');
  const { finished, finished_ms: finishedMs } = journal;
  if (typeof finishedMs !== 'number') throw new Error('finished_ms is not a number');
  if (!Array.isArray(finished)) throw new Error('finished is not an array');
  return {
    stream,
    finishedMs,
    place: journal['place'] === null ? undefined : checkPlace(journal['place']),
    finished: finished.slice(-MAX_FINISHED).map((entry) => {
      const file = object(entry, 'finished');
      return {
        identity: text(file['identity'], 'identity'),
        sizeBytes: size(file['size_bytes'], 'size_bytes'),
        head: block(file['head'], 'head'),
      };
    }),
  };
}
