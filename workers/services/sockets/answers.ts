/** How operations on sockets answer, and the bytes and times that they are given. */
import type { ServiceValue } from '../../isolate/modules/native-module.ts';
import { socketErrorText } from './error-texts.ts';

/** Nothing, and LuaSocket's text of what is wrong. */
export type Failure = readonly [undefined, string];

/** `code`: the name of a system error. */
export function failure(code: string): Failure {
  return [undefined, socketErrorText(code)];
}

/**
 * Milliseconds that a wait may take, by the two time-outs of a socket in seconds, of which negative ones do not count: the
 * first is for a wait, the second for the whole operation, of which so much is over.
 */
export function remainingMs(block: ServiceValue, total: ServiceValue, overMs: number): number {
  const one = typeof block === 'number' && block >= 0 ? block * 1000 : undefined;
  const whole = typeof total === 'number' && total >= 0 ? total * 1000 : undefined;
  if (one === undefined && whole === undefined) return Number.POSITIVE_INFINITY;
  if (one === undefined) return Math.max(0, (whole ?? 0) - overMs);
  if (whole === undefined) return Math.max(0, one - overMs);
  return Math.min(one, Math.max(0, whole - overMs));
}

/** A byte string as bytes of their own, which can be given away. */
export function outgoing(text: string): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A byte string of UTF-8 as text. */
export function byteText(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
