/**
 * How deep calls may nest inside isolates. V8 ends a recursion where its stack limit is, a value that isolates take
 * from a flag of the process when a thread enters them; the thread's own stack must be longer than that by what natives
 * of V8 use beyond the limit.
 */
import v8 from 'node:v8';
import { isMainThread, resourceLimits } from 'node:worker_threads';
import { limits } from './limits.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Stack beyond V8's limit: Node's own frames below the first entry, natives of V8 above the limit. */
const MARGIN_BYTES = 2 * MIB;

/** Resource limit of a worker thread that enters isolates, MiB. */
export const threadStackMib: number = Math.ceil((limits.guestStack.value + MARGIN_BYTES) / MIB);

/**
 * Gives guests of this thread the whole stack that they may have. Does nothing in a thread whose own stack is shorter than
 * `threadStackMib`: there V8's default is in force. To be called before the thread makes isolates.
 */
export function enlargeGuestStack(): void {
  if (isMainThread || (resourceLimits.stackSizeMb ?? 0) < threadStackMib) return;
  v8.setFlagsFromString(`--stack-size=${Math.floor(limits.guestStack.value / KIB)}`);
}
