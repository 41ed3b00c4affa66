/**
 * Where a failure has to come back to. Upstream pushes an entry on its stack for each place that a failure may come back to
 * and for each call; the same places are found here, so that the limit of `setmaxstack` means the same.
 */
import { ALL_BYTES, type ByteSet } from './byte-set.ts';
import { choiceFacts, type Facts } from './facts.ts';

/** The bytes that what comes next can begin with; undefined where that differs from use to use. */
export type Follow = ByteSet | undefined;

/** Bytes that a match can begin with, whatever follows. */
export function firstOf(facts: Facts): ByteSet {
  return facts.first.union(facts.through);
}

/** Bytes that it can begin with where `follow` comes next. */
export function firstBefore(facts: Facts, follow: Follow): ByteSet {
  return facts.first.union(facts.through.intersection(follow ?? ALL_BYTES));
}

/** What follows each item of a sequence that `follow` follows. */
export function followsOf(items: readonly Facts[], follow: Follow): Follow[] {
  const follows: Follow[] = [];
  let next = follow;
  for (let i = items.length - 1; i >= 0; i--) {
    follows[i] = next;
    const facts = items[i] as Facts; // within the list
    if (next !== undefined || facts.through.isEmpty()) next = firstBefore(facts, next);
  }
  return follows;
}

/** For each alternative of a choice what is known of the choice that begins with it. */
export function restsOf(alternatives: readonly Facts[]): Facts[] {
  const rests: Facts[] = [];
  for (let i = alternatives.length - 1; i >= 0; i--) {
    const own = alternatives[i] as Facts; // within the list
    const next = rests[i + 1];
    rests[i] = next === undefined ? own : choiceFacts(own, next);
  }
  return rests;
}

export interface ChoicePoint {
  /** A failure after the first byte need not come back: what would be tried instead must fail, too. */
  readonly direct: boolean;
  /** Entries of upstream's stack while the first way is tried. */
  readonly entries: number;
}

/**
 * What is tried has these facts; otherwise comes something that begins with `other` and leads on to `follow` where `leads`
 * can. `reuses`: an entry that is there already serves.
 */
export function choicePoint(
  tried: Facts,
  other: Facts,
  follow: Follow,
  reuses: boolean,
): ChoicePoint {
  if (tried.headOnly) return { direct: true, entries: 0 };
  if (tried.untestable === 0) {
    const first = firstOf(tried);
    if (first.isDisjointFrom(firstBefore(other, follow))) return { direct: true, entries: 0 };
    // Somewhere else it may be direct: rather too few entries than too many.
    if (follow === undefined && first.isDisjointFrom(other.first)) {
      return { direct: false, entries: 0 };
    }
  }
  return { direct: false, entries: reuses ? 0 : 1 };
}

/** Most bytes that upstream goes back over after a predicate without an entry. */
const SHORT = 255;

/** Entries while the body of an and-predicate is matched. */
export function andEntries(body: Facts): number {
  return body.length >= 0 && body.length <= SHORT && !body.captures ? 0 : 1;
}

/** Entries while the body of a not-predicate is matched. */
export function notEntries(body: Facts): number {
  return body.headOnly ? 0 : 1;
}
