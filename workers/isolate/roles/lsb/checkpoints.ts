/**
 * What an output says of the messages that it was given: sequence ids, and update_checkpoint. How far it has come is nothing
 * that it could come back to here, since what waits for it waits in memory; failures that it reports go to the log.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import { typeError } from '../../host-api/guest-arguments.ts';
import { type LogBook, LogLevel } from '../../host-api/log-book.ts';
import { NOTHING } from './lsb-api.ts';
import { isSequenceId, SequenceId } from './sequence-id.ts';

export class Checkpoints {
  readonly #log: LogBook;
  #current: SequenceId | undefined;
  #last = 0;
  /** Messages that the script reported as failed later than it was given them. */
  failures = 0;

  constructor(log: LogBook) {
    this.#log = log;
  }

  /** The id of the message that is processed; the same while it is tried again. */
  get id(): SequenceId {
    this.#current ??= new SequenceId(this.#last + 1);
    return this.#current;
  }

  /** Goes on to the next message. */
  advance(): void {
    this.#last++;
    this.#current = undefined;
  }

  readonly update = (args: readonly GuestValue[]): readonly GuestValue[] => {
    const [id, failures] = args;
    if (args.length > 2) {
      throw new GuestError(`update_checkpoint() invalid number of args: ${args.length}`);
    }
    if (args.length === 2) {
      if (typeof failures !== 'number') throw typeError(args, 2, 'number');
      this.#note(Math.trunc(failures));
    }
    if (args.length > 0 && !isSequenceId(id)) throw typeError(args, 1, 'userdata');
    return NOTHING;
  };

  #note(failures: number): void {
    if (!(failures > 0)) return;
    this.failures += failures;
    this.#log.write(LogLevel.warning, `update_checkpoint: ${failures} messages failed`);
  }
}
