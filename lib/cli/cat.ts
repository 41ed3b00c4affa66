/**
 * hekate cat: counts, shows, filters and extracts the messages of a file of frames (upstream's heka-cat: its flags, output
 * and exit codes). Signatures are not checked. Corruption is passed over and reported on standard error.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorText, HekateError } from '../protocol/errors.ts';
import { RecordFinder } from '../protocol/framing.ts';
import { compileMatcher, type Matcher } from '../protocol/matcher/matcher.ts';
import { Message } from '../protocol/message.ts';
import { type Command, type CommandIo, helpText, printError } from './command.ts';
import { messageJson, messageText } from './message-text.ts';

/** Upstream's exit codes. 7, a splitter that cannot be made, does not exist here. */
const Exit = { usage: 1, matcher: 2, input: 3, output: 4, seek: 5, read: 6, size: 8 } as const;
const EXIT_INTERRUPTED = 130;
const CHUNK_BYTES = 256 * 1024;
const TAIL_INTERVAL_MS = 500;
const MAX_UINT32 = 0xffffffff;
const FORMATS = ['txt', 'json', 'heka', 'count'] as const;
type Format = (typeof FORMATS)[number];

export const command: Command = {
  name: 'cat',
  summary: 'Counts, shows, filters and extracts the messages of a file; "-" is standard input.',
  usage: '[flags] FILE',
  example: 'hekate cat -match "Type == \'nginx\' && Severity < 4" -format json messages.log',
  usageExit: Exit.usage,
  flags: {
    match: { kind: 'string', default: 'TRUE', doc: 'message_matcher filter expression' },
    format: {
      kind: 'string',
      default: 'txt',
      choices: FORMATS,
      doc: 'output format [txt|json|heka|count]',
    },
    output: {
      kind: 'string',
      doc: 'output filename, defaults to stdout',
      placeholder: 'FILE',
    },
    tail: { kind: 'bool', doc: "don't exit on EOF" },
    offset: { kind: 'int', default: 0, doc: 'starting offset for the input file in bytes' },
    'max-message-size': {
      kind: 'uint',
      default: 4 * 1024 * 1024,
      doc: 'maximum message size in bytes',
    },
  },
  run: async (values, positional, io) => {
    const [file] = positional;
    if (file === undefined || positional.length !== 1) {
      io.stderr(helpText(command, 'hekate cat'));
      return Exit.usage;
    }
    const fail = (exit: number, error: unknown): number => {
      printError(error, 'hekate cat', io);
      return exit;
    };
    const maxMessageSize = values.number('max-message-size');
    if (maxMessageSize >= MAX_UINT32) {
      const why = `Message size is too large: ${maxMessageSize}`;
      return fail(Exit.size, new HekateError('HKT_TOOL_USAGE', [why]));
    }
    let matcher: Matcher;
    try {
      matcher = compileMatcher(values.string('match'));
    } catch (error) {
      return fail(Exit.matcher, error);
    }
    const offset = values.number('offset');
    const format = FORMATS.find((name) => name === values.string('format')) ?? 'txt';
    await using files = new AsyncDisposableStack();
    const openFile = async (name: string, flags: string): Promise<FileHandle> => {
      const handle = await open(resolve(io.cwd, name), flags, 0o644);
      files.defer(() => handle.close());
      return handle;
    };
    let input: FileHandle | undefined;
    if (file !== '-') {
      try {
        input = await openFile(file, 'r');
      } catch (error) {
        return fail(Exit.input, new HekateError('HKT_TOOL_FILE', [file, errorText(error)], error));
      }
    }
    const outputName = values.string('output');
    let output: FileHandle | undefined;
    if (outputName !== '') {
      try {
        output = await openFile(outputName, 'w');
      } catch (error) {
        return fail(
          Exit.output,
          new HekateError('HKT_TOOL_OUTPUT', [outputName, errorText(error)], error),
        );
      }
    }
    if (offset < 0 || (input === undefined && offset > 0)) {
      const why = `cannot start at offset ${offset} of ${file}`;
      return fail(Exit.seek, new HekateError('HKT_TOOL_USAGE', [why]));
    }
    const tail = values.bool('tail');
    io.stderr(
      `Input:${file}  Offset:${offset}  Match:${matcher.expression}  Format:${format}  Tail:${tail}  Output:${outputName}\n`,
    );
    const reader = new RecordReader(matcher, format, maxMessageSize, offset, io);
    const source =
      input === undefined
        ? io.stdin
        : chunksOf(input, offset, tail && format !== 'count', io.signal);
    let exit: number = 0;
    try {
      for await (const chunk of source) {
        reader.take(chunk);
        try {
          await writeOut(reader.takeOutput(), output, io);
        } catch (error) {
          exit = fail(
            Exit.output,
            new HekateError('HKT_TOOL_OUTPUT', [outputName || 'standard output', errorText(error)]),
          );
          break;
        }
        if (io.signal.aborted) break;
      }
    } catch (error) {
      exit = fail(Exit.read, new HekateError('HKT_TOOL_FILE', [file, errorText(error)], error));
    }
    reader.end();
    io.stderr(`Processed: ${reader.processed}, matched: ${reader.matched} messages\n`);
    return exit === 0 && io.signal.aborted && !tail ? EXIT_INTERRUPTED : exit;
  },
};

/** The file's bytes from `offset` on; with `tail` it waits for more at the end, until the signal aborts. */
async function* chunksOf(
  file: FileHandle,
  offset: number,
  tail: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let position = offset;
  while (!signal.aborted) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    position += bytesRead;
    if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
    else if (!tail) return;
    // Aborted while waiting: the loop's condition ends it.
    else await wait(TAIL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function writeOut(
  parts: readonly Uint8Array[],
  output: FileHandle | undefined,
  io: CommandIo,
): Promise<void> {
  if (parts.length === 0) return;
  const bytes = Buffer.concat(parts);
  if (output === undefined) {
    io.stdout(bytes);
    await io.drained();
    return;
  }
  for (let at = 0; at < bytes.length; ) {
    at += (await output.write(bytes, at)).bytesWritten;
  }
}

/** Cuts chunks into records and makes the output of those that match; its memory is a chunk's output and one record. */
class RecordReader {
  processed = 0;
  matched = 0;
  readonly #matcher: Matcher;
  readonly #format: Format;
  readonly #io: CommandIo;
  readonly #finder: RecordFinder;
  readonly #maxMessageSize: number;
  /** Place in the input of the finder's offset 0, and the end of the last record. */
  readonly #base: number;
  #lastEnd: number;
  #skipped = 0;
  #oversized = 0;
  #parts: Uint8Array[] = [];

  constructor(
    matcher: Matcher,
    format: Format,
    maxMessageSize: number,
    offset: number,
    io: CommandIo,
  ) {
    this.#matcher = matcher;
    this.#format = format;
    this.#io = io;
    this.#maxMessageSize = maxMessageSize;
    this.#finder = new RecordFinder(maxMessageSize, CHUNK_BYTES);
    this.#base = offset;
    this.#lastEnd = offset;
  }

  take(chunk: Uint8Array): void {
    const finder = this.#finder;
    finder.append(chunk);
    while (finder.next()) {
      const corrupt = this.#reportCorruption();
      const start = this.#lastEnd + corrupt;
      this.#lastEnd = this.#base + finder.endOffset;
      this.processed++;
      this.#record(finder.message(), start, this.#lastEnd - start);
    }
  }

  /** What was made since the last call. */
  takeOutput(): readonly Uint8Array[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  /** The input ended: what is left is no whole record. */
  end(): void {
    const pending = this.#finder.pendingBytes;
    this.#lastEnd += this.#reportCorruption();
    if (pending > 0) {
      this.#io.stderr(`Incomplete record at offset: ${this.#lastEnd} bytes: ${pending}\n`);
    }
  }

  /** Says what was skipped before the place where the finder stands; returns how many bytes. */
  #reportCorruption(): number {
    const { skippedBytes, oversized } = this.#finder.counters;
    const skipped = skippedBytes - this.#skipped;
    this.#skipped = skippedBytes;
    if (oversized > this.#oversized) {
      this.#oversized = oversized;
      this.#io.stderr(
        `message exceeds the maximum length [${this.#maxMessageSize} bytes] len: ${this.#finder.lastOversizedLength}\n`,
      );
    }
    if (skipped > 0) {
      this.#io.stderr(`Corruption detected at offset: ${this.#lastEnd} bytes: ${skipped}\n`);
    }
    return skipped;
  }

  #record(bytes: Uint8Array, offset: number, recordLength: number): void {
    try {
      const message = Message.decode(bytes);
      if (!this.#matcher.matchesMessage(message)) {
        return;
      }
      const made = this.#encode(message, recordLength);
      this.matched++;
      if (made !== undefined) this.#parts.push(made);
    } catch (error) {
      this.#io.stderr(
        `Error unmarshalling message at offset: ${offset} error: ${errorText(error)}\n`,
      );
    }
  }

  #encode(message: Message, recordLength: number): Uint8Array | undefined {
    switch (this.#format) {
      case 'count':
        return undefined;
      case 'json':
        return Buffer.from(`${messageJson(message)}\n`);
      case 'heka': {
        // The frame's header stands before the message, in the same memory.
        const { buffer, byteOffset, length } = message.bytes;
        return new Uint8Array(buffer, byteOffset + length - recordLength, recordLength);
      }
      case 'txt':
        return messageText(message);
      default:
        return this.#format satisfies never;
    }
  }
}
