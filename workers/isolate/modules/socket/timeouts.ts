/** The two time-outs of a socket, in seconds; negative ones do not count. */
import { GuestArgumentError, type GuestValue } from '../../engine.ts';
import { optionalNumber, stringArgument } from '../../host-api/guest-arguments.ts';

export class Timeouts {
  /** Of one wait. */
  block = -1;
  /** Of a whole operation. */
  total = -1;

  /** `settimeout(seconds, mode)` */
  set(args: readonly GuestValue[]): number {
    const seconds = optionalNumber(args, 2, -1);
    const mode = args[2] === undefined ? 'b' : stringArgument(args, 3);
    if (Number.isNaN(seconds)) throw new GuestArgumentError(2, 'not a time');
    if (mode.startsWith('b')) this.block = seconds;
    else if (mode.startsWith('t') || mode.startsWith('r')) this.total = seconds;
    else throw new GuestArgumentError(3, 'invalid timeout mode');
    return 1;
  }
}
