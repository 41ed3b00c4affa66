/**
 * The messages of a file or of standard input: JSON lines, Heka's frames, or lines of text that become payloads.
 */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { errorText, HekateError } from '../protocol/errors.ts';
import { RecordFinder } from '../protocol/framing.ts';
import { Message } from '../protocol/message.ts';
import type { CommandIo } from './command.ts';
import { messageOfJson } from './json-message.ts';

export const sourceFormats = ['json', 'heka', 'text'] as const;
export type SourceFormat = (typeof sourceFormats)[number];

/** Longest line that is read. */
const MAX_LINE = 16 * 1024 * 1024;

export interface MessageSource {
  /** A file; "" or "-" is standard input. */
  readonly file: string;
  readonly format: SourceFormat;
  readonly maxMessageSize: number;
}

/** Throws HKT_TOOL_INPUT for what is no message, HKT_TOOL_FILE for what cannot be read. */
export async function* readMessages(source: MessageSource, io: CommandIo): AsyncGenerator<Message> {
  const bytes =
    source.file === '' || source.file === '-'
      ? io.stdin
      : createReadStream(resolve(io.cwd, source.file));
  try {
    if (source.format === 'heka') yield* framedMessages(bytes, source.maxMessageSize);
    else yield* lineMessages(bytes, source);
  } catch (error) {
    if (error instanceof HekateError) throw error;
    throw new HekateError(
      'HKT_TOOL_FILE',
      [source.file || 'standard input', errorText(error)],
      error,
    );
  }
}

async function* framedMessages(
  chunks: AsyncIterable<Uint8Array>,
  maxMessageSize: number,
): AsyncGenerator<Message> {
  const finder = new RecordFinder(maxMessageSize, 64 * 1024);
  for await (const chunk of chunks) {
    finder.append(chunk);
    while (finder.next()) yield Message.decode(finder.message());
  }
  const lost = finder.counters.skippedBytes + finder.end();
  if (lost > 0) throw new HekateError('HKT_TOOL_INPUT', [0, `${lost} bytes belong to no message`]);
}

async function* lineMessages(
  chunks: AsyncIterable<Uint8Array>,
  source: MessageSource,
): AsyncGenerator<Message> {
  let number = 0;
  let rest = Buffer.alloc(0);
  const messageOf = (line: Buffer): Message | undefined => {
    number++;
    if (source.format === 'text') {
      return Message.create({ payload: line, type: 'text' }, source.maxMessageSize);
    }
    const text = line.toString('utf8').trim();
    return text === '' ? undefined : messageOfJson(text, number, source.maxMessageSize);
  };
  for await (const chunk of chunks) {
    let data = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      const message = messageOf(data.subarray(0, end));
      if (message !== undefined) yield message;
      data = data.subarray(end + 1);
    }
    if (data.length > MAX_LINE) {
      throw new HekateError('HKT_TOOL_INPUT', [number + 1, `line longer than ${MAX_LINE} bytes`]);
    }
    rest = data;
  }
  if (rest.length > 0) {
    const message = messageOf(rest);
    if (message !== undefined) yield message;
  }
}
