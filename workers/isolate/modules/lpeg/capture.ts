/**
 * Captures as patterns have them. One that is recorded during a match has a number: the first few stand for themselves, the
 * others are places in the list of the pattern's captures.
 */
import type { GuestValue } from '../../engine.ts';
import * as CaptureKind from './capture-kind.ts';

export interface Capture {
  /** One of CaptureKind. */
  readonly kind: number;
  /** What the pattern has with it: a constant, a function, a number. */
  readonly value: GuestValue;
  /** Of a named group; or of one that is around this capture and nothing else. */
  readonly name: GuestValue;
}

/** Captures that every pattern has; those of its own have the following numbers. */
export const COMMON_CAPTURES: readonly Capture[] = [
  { kind: CaptureKind.close, value: undefined, name: undefined },
  { kind: CaptureKind.runtime, value: undefined, name: undefined },
  { kind: CaptureKind.group, value: undefined, name: undefined },
];
