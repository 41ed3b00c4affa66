/**
 * Registers of the engine: variables at script level, shared by the runtime and by every compiled chunk of an isolate.
 * V8 keeps such variables in typed cells that compiled code reads without a lookup; each holds values of one
 * representation for ever (a small integer stays a small integer). Declared by the prelude (prelude.ts), which is run
 * as a script before the bundle.
 *
 * Calling convention: a function of Lua is a function of JavaScript. It takes its arguments as they are, returns its
 * first result (or undefined), and says in `$count` how many there are: with two or three the others are in
 * `$second` and `$third`, with more than three `$all` has all of them. Whoever wants more than the first result reads
 * the registers at once. An array in `$all` is never changed by anyone.
 */

type LuaValue = import('./runtime/values.ts').LuaValue;

/** Instructions left until the next safepoint; a small integer. */
declare let $left: number;
/** Bytes allocated since the last safepoint, estimated; a small integer. */
declare let $bytes: number;
/** Results of the last call. -1: a tail call is handed up, see `defer` in runtime/calls.ts. */
declare let $count: number;
declare let $second: LuaValue;
declare let $third: LuaValue;
declare let $all: LuaValue[];
/** Does any function have an environment of its own (setfenv other than at the top level of its chunk)? */
declare let $fenv: boolean;
/** The function that is being tail called, and how many tail calls are on the stack above it. */
declare let $tail: unknown;
declare let $tails: number;
/** The running coroutine; undefined on the main thread. */
declare let $coroutine: import('./runtime/values.ts').Coroutine | undefined;
/** Calls of generators within the running coroutine: each resume passes through all of them. */
declare let $depth: number;
/** Calls through natives that are nested now; at most 200, as LUAI_MAXCCALLS. */
declare let $nested: number;
/** The function that calls setfenv, getfenv or module, set by compiled code just before the call. */
declare let $caller: import('./runtime/values.ts').LuaFunction | undefined;
/** Where `error` is called from, set by compiled code just before the call: the chunk, and the line. */
declare let $place: { readonly name: string } | undefined;
declare let $line: number;
/** The metatable of strings. */
declare let $strings: LuaValue;
