/**
 * What the sandbox types of lua_sandbox 1.x have in common: their configuration, the message functions over it, what is taken
 * out of their environments, and what the results of their calls mean.
 */
import { type Engine, GuestError, type GuestOutcome, type GuestValue } from '../../engine.ts';
import { type CallResult, processResult, timerResult } from '../../host-api/call-result.ts';
import { checkArgument } from '../../host-api/guest-arguments.ts';
import { print } from '../../host-api/heka-api.ts';
import { LogLevel } from '../../host-api/log-book.ts';
import { decodeLsbMessage } from '../../host-api/lsb/message-decoder.ts';
import { LsbMessageEncoder } from '../../host-api/lsb/message-encoder.ts';
import { LsbMessageReader } from '../../host-api/lsb/message-reader.ts';
import type { RoleParts } from '../role.ts';
import { Configuration } from './configuration.ts';

/** What upstream takes out of inputs and outputs. */
export const MACHINE_REMOVED: ReadonlySet<string> = new Set([
  'dofile',
  'load',
  'loadfile',
  'loadstring',
  'newproxy',
  'os.exit',
  'os.setlocale',
  'string.dump',
]);

/** What upstream takes out of analysis plugins; their print goes to the log, as everybody's. */
export const ANALYSIS_REMOVED: ReadonlySet<string> = new Set([
  ...MACHINE_REMOVED,
  'collectgarbage',
  'os.execute',
  'os.getenv',
  'os.remove',
  'os.rename',
  'os.tmpname',
]);

/** What encoding costs, in instructions, and bytes for the price of one more. */
const ENCODE_CHARGE = 20;
export const BYTES_PER_INSTRUCTION = 8;

/** What functions return that return no value at all. */
export const NOTHING: readonly GuestValue[] = [];

const TERMINATED = 'process_message() received a termination status code';

export class LsbApi {
  readonly parts: RoleParts;
  readonly configuration: Configuration;
  readonly reader: LsbMessageReader;
  readonly encoder: LsbMessageEncoder;
  #engine: Engine | undefined;

  constructor(parts: RoleParts) {
    this.parts = parts;
    this.configuration = new Configuration(parts.spec);
    this.reader = new LsbMessageReader(parts.reader);
    this.encoder = new LsbMessageEncoder({
      headers: this.configuration.headers,
      output: parts.output,
      maximumBytes: parts.outbox.maximumBytes,
      random: parts.random,
      clock: parts.clock,
    });
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('no engine yet');
    return this.#engine;
  }

  /** What every type has. */
  install(engine: Engine): void {
    const { configuration, parts } = this;
    this.#engine = engine;
    engine.setGlobal('read_config', (args) => configuration.read(args, engine));
    engine.setGlobal('decode_message', (args) => decodeLsbMessage(args, engine));
    engine.setGlobal('print', (args) => {
      if (configuration.prints) return print(args, engine, parts.output, parts.log);
      parts.output.clear();
      return undefined;
    });
  }

  /** `output` and `add_to_payload`. */
  readonly appendOutput = (args: readonly GuestValue[]): undefined => {
    checkArgument(args.length > 0, 0, 'must have at least one argument');
    this.parts.output.appendValues(args, 0);
    return undefined;
  };

  readonly encodeMessage = (args: readonly GuestValue[]): string =>
    this.encoding(() => this.encoder.encodeMessage(args));

  /** Runs something that encodes a message, and charges it, also when it was refused in the middle. */
  encoding<T>(encode: () => T): T {
    try {
      return encode();
    } finally {
      this.charge(this.encoder.length);
    }
  }

  /** Charges the work on a message of so many bytes. */
  charge(bytes: number): void {
    this.engine.charge(ENCODE_CHARGE + bytes / BYTES_PER_INSTRUCTION);
  }

  /** Throws the error for a message that is too long to leave. */
  checkSize(bytes: number): void {
    if (bytes > this.parts.outbox.maximumBytes) {
      throw new GuestError('inject_message() failed: exceeded max_message_size');
    }
  }

  /**
   * The text that comes with a status above 0, which upstream's own text takes the place of, goes to the log. `injections`: how
   * many the call had, when it is not what the specification says.
   */
  processResult(outcome: GuestOutcome, injections?: number): CallResult {
    const { limits, log } = this.parts;
    const own = outcome.kind === 'error' && injections !== undefined;
    const result = processResult(outcome, own ? { ...limits, injections } : limits, TERMINATED);
    if (result.kind === 'ended' && result.termination.text === TERMINATED) {
      const [status, text] = outcome.kind === 'returned' ? outcome.values : [];
      if (typeof text === 'string' && text !== '') {
        log.write(LogLevel.error, `process_message returned: ${Number(status)} ${text}`);
      }
    }
    return result;
  }

  /** A script that has no timer_event is not at fault when everything stops. */
  timerResult(outcome: GuestOutcome, shutdown: boolean): CallResult {
    const quiet = shutdown && outcome.kind === 'missing';
    return timerResult(quiet ? { kind: 'returned', values: [] } : outcome, this.parts.limits);
  }
}
