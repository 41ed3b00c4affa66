/**
 * The kinds of captures. A capture that is recorded during a match has a number: the first few stand for themselves, the
 * others are places in the list of the pattern's captures.
 */
import type { GuestValue } from '../../engine.ts';

export const CaptureKind = {
  /** The end of a capture that has others within. */
  close: 0,
  /** A value that a match-time function gave. */
  runtime: 1,
  group: 2,
  position: 3,
  constant: 4,
  reference: 5,
  argument: 6,
  simple: 7,
  table: 8,
  call: 9,
  query: 10,
  text: 11,
  select: 12,
  substitution: 13,
  fold: 14,
  /** A call of the guest's `tonumber` … */
  number: 15,
  /** … and a fold by its `rawset`: what these do is known. */
  pairs: 16,
} as const;
export type CaptureKind = (typeof CaptureKind)[keyof typeof CaptureKind];

export interface Capture {
  readonly kind: CaptureKind;
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
