/**
 * The kinds of captures, as constants that the bundler puts in place of their names.
 */

/** The end of a capture that has others within. */
export const close = 0;
/** A value that a match-time function gave. */
export const runtime = 1;
export const group = 2;
export const position = 3;
export const constant = 4;
export const reference = 5;
export const argument = 6;
export const simple = 7;
export const table = 8;
export const call = 9;
export const query = 10;
export const text = 11;
export const select = 12;
export const substitution = 13;
export const fold = 14;
/** A call of the guest's `tonumber` … */
export const number = 15;
/** … and a fold by its `rawset`: what these do is known. */
export const pairs = 16;
