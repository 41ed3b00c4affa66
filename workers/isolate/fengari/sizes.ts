/**
 * The interpreter's own limits and the sizes that its memory estimate reckons with, in one place with reasons.
 * Sizes are V8's on a 64-bit machine without pointer compression.
 */

/** Stack slots of one coroutine: about 20,000 calls of ordinary functions, as far as Lua 5.1 lets them go; tiny ones go deeper. */
export const STACK_SLOTS = 120_000;
/** Stack slots that a coroutine begins with. */
export const THREAD_SLOTS = 40;
/** Nested calls through native functions, coroutines and the parser: Lua 5.1's LUAI_MAXCCALLS. */
export const NESTED_CALLS = 200;
/** Values that one native call may push: Lua 5.1's LUAI_MAXCSTACK. */
export const MAX_RESULTS = 8000;

/** A string object with its header, beside its characters. */
export const STRING_BYTES = 72;
/** An empty table. */
export const TABLE_BYTES = 120;
/** A value in the array part: the slot object and its place. */
export const ARRAY_ENTRY_BYTES = 48;
/** A key in the hash part: map entry, key, slot object. */
export const HASH_ENTRY_BYTES = 96;
/** A coroutine with its first stack. */
export const THREAD_BYTES = 2048;
/** Compiled code and debug information per character of source. */
export const CODE_BYTES_PER_CHARACTER = 24;
/** Instructions charged per character of source that a guest compiles. */
export const COMPILE_CHARGE = 4;
