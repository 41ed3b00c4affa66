/**
 * One request to Elasticsearch's bulk interface, and what its answer says about each document: indexed, to be sent again
 * because the server was too busy, or refused for good.
 *
 *   {"took":3,"errors":true,"items":[{"index":{"_index":"a","status":201}},
 *                                    {"index":{"_index":"a","status":400,"error":{"type":"…","reason":"…"}}}]}
 */
import { errorText, HekateError } from '../protocol/errors.ts';
import { bodyExcerpt, type HttpAnswer, type HttpClient, requestFault } from './http-client.ts';

/** Answers grow with the number of documents. */
const ANSWER_BYTES = 32 * 1024 * 1024;

export type BulkResult =
  /** The records to send again, and how many documents were refused for good. */
  | {
      readonly kind: 'answered';
      readonly again: readonly Uint8Array[];
      readonly refused: number;
      /** Of all documents. */
      readonly documents: number;
      /** Why the first of those that were not indexed was not. */
      readonly reason: string;
    }
  /** The request as a whole is not acceptable: one of its records may be to blame. */
  | { readonly kind: 'unacceptable'; readonly reason: string };

/** Sends the records. Rejects with HKT_PLUGIN_BULK when all of them must be sent again. */
export async function sendBulk(
  client: HttpClient,
  records: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<BulkResult> {
  let answer: HttpAnswer;
  try {
    answer = await client.send('POST', Buffer.concat(records), ANSWER_BYTES, signal);
  } catch (thrown) {
    throw new HekateError(
      'HKT_PLUGIN_BULK',
      [`HTTP request failed: ${requestFault(thrown)}`],
      thrown,
    );
  }
  const { status } = answer;
  if (status === 400 || status === 413) {
    return { kind: 'unacceptable', reason: statusFault(answer) };
  }
  if (status >= 300) throw new HekateError('HKT_PLUGIN_BULK', [statusFault(answer)]);
  const { errors, count, items } = readAnswer(answer);
  const answered = { kind: 'answered', documents: count || records.length } as const;
  if (!errors) return { ...answered, again: [], refused: 0, reason: '' };
  return { ...answered, ...failures(items, records) };
}

function statusFault(answer: HttpAnswer): string {
  const text = `HTTP response error. Status: ${answer.statusText}.`;
  const body = bodyExcerpt(answer.body);
  return body === '' ? text : `${text} Body: ${body}`;
}

interface Item {
  readonly status: number;
  readonly reason: string;
}

/** What became of the documents that were not indexed. */
function failures(
  items: readonly Item[],
  records: readonly Uint8Array[],
): { readonly again: readonly Uint8Array[]; readonly refused: number; readonly reason: string } {
  // An encoder may make several documents of a message; then it cannot be told which record a document came from, and
  // sending all of them again would index the good ones twice.
  const known = items.length === records.length;
  const again: Uint8Array[] = [];
  let refused = 0;
  let reason = '';
  for (const [index, item] of items.entries()) {
    if (item.status < 300) continue;
    if (reason === '') reason = item.reason;
    const record = records[index];
    if (known && record !== undefined && isTransient(item.status)) again.push(record);
    else refused++;
  }
  return { again, refused, reason };
}

/** Too many requests, or a part of the cluster that is away. */
function isTransient(status: number): boolean {
  return status === 429 || status >= 500;
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Rejects with HKT_PLUGIN_BULK for what is no answer of a bulk interface. */
function readAnswer(answer: HttpAnswer): {
  readonly errors: boolean;
  readonly count: number;
  /** Only when there are errors. */
  readonly items: readonly Item[];
} {
  try {
    if (answer.cut) throw new Error(`longer than ${ANSWER_BYTES} bytes`);
    const value: unknown = JSON.parse(answer.body.toString('utf8'));
    if (!isObject(value)) throw new Error('not an object');
    const { errors, items } = value;
    const list: readonly unknown[] = Array.isArray(items) ? items : [];
    if (errors !== true) return { errors: false, count: list.length, items: [] };
    if (!Array.isArray(items)) throw new Error('items are missing');
    return { errors: true, count: list.length, items: list.map(readItem) };
  } catch (thrown) {
    const text = `HTTP response didn't contain valid JSON. Status: ${answer.statusText}. ${errorText(thrown)}`;
    throw new HekateError('HKT_PLUGIN_BULK', [text], thrown);
  }
}

/** An item is an object with one member, named for the action. */
function readItem(item: unknown): Item {
  const result: unknown = isObject(item) ? Object.values(item)[0] : undefined;
  if (!isObject(result)) throw new Error('an item is no object');
  const { status, error } = result;
  const code = typeof status === 'number' ? status : 500;
  if (!isObject(error))
    return { status: code, reason: String(error ?? `status ${code}`).slice(0, 200) };
  const text = `${String(error['type'])}: ${String(error['reason'])}`;
  return { status: code, reason: text.slice(0, 200) };
}
