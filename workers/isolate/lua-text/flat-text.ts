/**
 * How V8 holds a text. A text made by concatenation is a rope, which takes many times its length; one that is cut out of
 * another keeps all of the other alive.
 */

/** V8 copies shorter pieces instead of keeping a reference to their parent. */
const SLICE_MINIMUM = 13;
/** Parents shorter than this may stay. */
const PARENT_MINIMUM = 4096;
const PARENT_RATIO = 8;

/** Written by `flatten` so that V8 cannot drop the read that does the work. */
export let lastRead = 0;

/** Copies a rope into one piece. */
export function flatten(text: string): string {
  if (text.length >= SLICE_MINIMUM) lastRead = text.charCodeAt(text.length >> 1);
  return text;
}

/** Copies a text out of its parent. */
export function unslice(text: string): string {
  if (text.length < SLICE_MINIMUM) return text;
  const half = text.length >> 1;
  return flatten(text.substring(0, half) + text.substring(half));
}

/** Copies a part, if it would keep alive a parent that is much longer. */
export function cut(part: string, parentLength: number): string {
  return parentLength > PARENT_MINIMUM && parentLength > PARENT_RATIO * part.length
    ? unslice(part)
    : part;
}
