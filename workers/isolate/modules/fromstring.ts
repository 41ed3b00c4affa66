/**
 * What the `fromstring` methods of filters have in common: a count of items, and bytes of an exact length.
 */
import { GuestError, type GuestValue } from '../engine.ts';
import { numberArgument } from '../host-api/guest-arguments.ts';

/** A count from 0 on; what cannot be one reads as 0. */
export function countArgument(args: readonly GuestValue[], argument: number): number {
  const count = Math.trunc(numberArgument(args, argument));
  return count > 0 ? Math.min(count, Number.MAX_SAFE_INTEGER) : 0;
}

/** Throws upstream's error unless the text has that many bytes. */
export function checkLength(text: string, bytes: number): void {
  if (text.length !== bytes) throw new GuestError(lengthText(text.length, bytes));
}

export function lengthText(found: number, expected: number): string {
  return `fromstring() bytes found: ${found}, expected ${expected}`;
}
