/**
 * The functions that a filter script finds in `api = "heka"`, and what is taken out of its environment (Heka 0.11,
 * with `output` and `print` on top). All of them are there from the script's first line on.
 */
import type { GuestConfigValue } from '../../../lib/protocol/batch.ts';
import { type Engine, GuestError, type GuestValue } from '../engine.ts';
import { checkArgument, stringArgument } from './guest-arguments.ts';
import type { Injector } from './injector.ts';
import { type LogBook, LogLevel } from './log-book.ts';
import { decodeMessage } from './message-decoder.ts';
import type { MessageReader } from './message-reader.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { tableJson } from './table-json.ts';

/**
 * Left out of a filter's environment. Upstream removes `loadstring` and `print` too: both are harmless here, since
 * chunks are text and print goes to the log. `string.dump` is gone because nothing could load what it makes.
 */
export const FILTER_REMOVED: ReadonlySet<string> = new Set([
  'collectgarbage',
  'coroutine',
  'dofile',
  'load',
  'loadfile',
  'newproxy',
  'os.getenv',
  'os.execute',
  'os.exit',
  'os.remove',
  'os.rename',
  'os.setlocale',
  'os.tmpname',
  'string.dump',
]);

export const FILTER_DISABLED_MODULES: ReadonlySet<string> = new Set(['io', 'coroutine']);

/** Bytes that are decoded or encoded for the price of one instruction. */
const BYTES_PER_INSTRUCTION = 8;
const INJECT_CHARGE = 20;

export interface ReadingParts {
  readonly reader: MessageReader;
  readonly output: OutputBuffer;
  readonly log: LogBook;
  readonly config: { readonly [key: string]: GuestConfigValue };
}

export interface HekaApiParts extends ReadingParts {
  readonly injector: Injector;
}

/** What filters, decoders and encoders read with, add_to_payload and print. */
export function installReading(engine: Engine, parts: ReadingParts): void {
  const { reader, output, log, config } = parts;
  engine.setGlobal('read_message', reader.readMessage);
  engine.setGlobal('read_next_field', reader.readNextField);
  engine.setGlobal('read_config', (args) => readConfig(args, config));
  engine.setGlobal('decode_message', (args) => {
    const [text] = args;
    if (typeof text === 'string') engine.charge(text.length / BYTES_PER_INSTRUCTION);
    return decodeMessage(args, () => engine.createTable());
  });
  engine.setGlobal('add_to_payload', (args) => {
    checkArgument(args.length > 0, 0, 'must have at least one argument');
    output.appendValues(args, 0);
    return undefined;
  });
  engine.setGlobal('print', (args) => print(args, engine, output, log));
}

export function installHekaApi(engine: Engine, parts: HekaApiParts): void {
  const { output, injector } = parts;
  installReading(engine, parts);
  engine.setGlobal('inject_message', (args) => {
    const [text] = args;
    if (typeof text === 'string') engine.charge(text.length / BYTES_PER_INSTRUCTION);
    try {
      return injector.injectMessage(args);
    } finally {
      // Also when it was refused in the middle.
      engine.charge(INJECT_CHARGE + injector.encodedBytes / BYTES_PER_INSTRUCTION);
    }
  });
  engine.setGlobal('inject_payload', injector.injectPayload);
  // The same under its name of Heka 0.5, where it wrote tables as JSON.
  engine.setGlobal('output', (args) => {
    checkArgument(args.length > 0, 0, 'must have at least one argument');
    injector.legacy = true;
    output.appendValues(args, 0, tableJson);
    return undefined;
  });
}

/** Strings, numbers and booleans of the `config` table; everything else reads as nil. */
export function readConfig(
  args: readonly GuestValue[],
  config: { readonly [key: string]: GuestConfigValue },
): GuestValue {
  if (args.length !== 1) throw new GuestError('read_config() must have a single argument');
  const key = stringArgument(args, 1);
  if (!Object.hasOwn(config, key)) return undefined;
  const value = config[key];
  return typeof value === 'object' ? undefined : value;
}

const UNPRINTABLE = /[^\x20-\x7e]/g;

/** To the log, one line, tabs between the values. Empties the output buffer, as upstream's print shares it. */
export function print(
  args: readonly GuestValue[],
  engine: Engine,
  output: OutputBuffer,
  log: LogBook,
): undefined {
  output.clear();
  if (args.length === 0) return undefined;
  let line = '';
  for (let i = 0; i < args.length && line.length < output.capacity; i++) {
    if (i > 0) line += '\t';
    const text = engine.toText(args[i]);
    const nul = text.indexOf('\0');
    const end = Math.min(nul < 0 ? text.length : nul, output.capacity - line.length);
    line += text.slice(0, Math.max(end, 0)).replace(UNPRINTABLE, ' ');
  }
  log.write(LogLevel.debug, line);
  return undefined;
}
