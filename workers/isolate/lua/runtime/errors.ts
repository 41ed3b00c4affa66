/**
 * Errors of Lua: any value, thrown as a LuaError. A text gets the position of the function that is to blame in front,
 * found in the JavaScript stack: compiled code keeps the line numbers of its Lua source, its script is known by a number,
 * and natives carry names that begin with NATIVE.
 */
import { allocate, charge } from './meter.ts';
import { type LuaFunction, type LuaValue, typeName } from './values.ts';

/** What is thrown for an error of Lua. No Error: making one costs microseconds. */
export class LuaError {
  readonly value: LuaValue;
  /** The stack where it was raised, when somebody above wants it (xpcall, the host). */
  readonly traceback: string | undefined;
  constructor(value: LuaValue, stack?: string) {
    this.value = value;
    this.traceback = stack ?? (tracing.wanted ? traceback(0) : undefined);
  }
}

/** Whether errors keep the stack where they were raised: set by whoever catches them. */
export const tracing = { wanted: false };

/** In front of the name of every native, where the stack is read. */
export const NATIVE = 'lua ';
/** In front of what tells compiled chunks apart, as their script's address. */
export const SCRIPT = 'lua:';

/** One function on the stack that Lua knows of. */
export interface Frame {
  /** Undefined for a native. */
  readonly chunk: ChunkInfo | undefined;
  readonly line: number;
  /** The native's name, or what compiled code is called. */
  readonly name: string;
  /** The function's object, where V8 tells it. */
  readonly callee: LuaFunction | undefined;
  /** Where it is in the chunk's code. */
  readonly at: number;
}

/** What is known of a compiled chunk beside its code. */
export class ChunkInfo {
  /** As in messages. */
  readonly name: string;
  /** As it was given: with `@` or `=` in front, or the source itself. */
  readonly source: string;
  /** The chunk's JavaScript. */
  readonly code: string;
  #lines = '';
  #sites = '';
  /** Read at the first error. */
  #sourceLines: Int32Array | undefined;
  #siteNames: readonly string[] | undefined;

  constructor(name: string, source: string, code: string) {
    this.name = name;
    this.source = source;
    this.code = code;
  }

  /**
   * What the code says of itself: `lines` is Lua's line for each line of the code, as differences separated by blanks;
   * `sites` what errors call the operands at each site, as JSON.
   */
  describe(lines: string, sites: string): void {
    this.#lines = lines;
    this.#sites = sites;
  }

  /** The line of Lua for a line of the code, both from 1. */
  sourceLine(line: number): number {
    this.#sourceLines ??= this.#readLines();
    return this.#sourceLines[line - 1] ?? 0;
  }

  /** What an error calls the operands at a site, separated by `|`. */
  siteName(site: number): string {
    if (this.#siteNames === undefined) {
      charge(this.#sites.length >> 3);
      allocate(this.#sites.length * 2);
      this.#siteNames = JSON.parse(this.#sites) as string[];
    }
    return this.#siteNames[site] ?? '';
  }

  #readLines(): Int32Array {
    charge(this.#lines.length >> 3);
    allocate(this.#lines.length * 2);
    const differences = this.#lines.split(' ');
    let line = 0;
    return Int32Array.from(differences, (difference) => (line += Number(difference)));
  }
}

/**
 * By the address of their script, without SCRIPT in front. A chunk's own functions keep its information alive; with the last
 * of them it goes.
 */
const chunks = new Map<string, WeakRef<ChunkInfo>>();
/** Chunks after which those that are gone are taken out of the map. */
const PRUNE_AFTER = 256;
let registered = 0;

/** Registers a chunk under its script's address; false when another name has it already. */
export function registerChunk(address: string, info: ChunkInfo): boolean {
  const known = chunks.get(address)?.deref();
  if (known !== undefined && known.name !== info.name) return false;
  chunks.set(address, new WeakRef(info));
  if (++registered % PRUNE_AFTER === 0) {
    for (const [key, chunk] of chunks) if (chunk.deref() === undefined) chunks.delete(key);
  }
  return true;
}

interface CallSite {
  getScriptNameOrSourceURL(): string | null;
  getLineNumber(): number | null;
  getFunctionName(): string | null;
  getFunction(): unknown;
  getPosition(): number;
}

interface StackTaker {
  stackTraceLimit: number;
  prepareStackTrace?: unknown;
  captureStackTrace(target: object): void;
}

/** JavaScript frames read for one frame of Lua's, at most. */
const FRAMES_PER_LEVEL = 12;

/** The functions on the stack, innermost first, as many as `count`. Some microseconds. */
export function frames(count: number): readonly Frame[] {
  for (let limit = count * FRAMES_PER_LEVEL; ; limit *= 8) {
    const { found, seen } = look(count, limit);
    charge(seen);
    // A native may have many frames of its own above its caller's.
    if (found.length >= count || seen < limit) return found;
  }
}

function look(count: number, limit: number): { found: readonly Frame[]; seen: number } {
  const taker = Error as unknown as StackTaker; // V8's own additions to Error
  const { stackTraceLimit, prepareStackTrace } = taker;
  taker.stackTraceLimit = limit;
  taker.prepareStackTrace = (_: unknown, sites: readonly CallSite[]) => sites;
  const holder: { stack?: readonly CallSite[] } = {};
  const found: Frame[] = [];
  let seen = 0;
  try {
    taker.captureStackTrace(holder);
    const sites = holder.stack ?? [];
    seen = sites.length;
    for (const site of sites) {
      const frame = frameOf(site);
      if (frame !== undefined && found.push(frame) >= count) break;
    }
  } finally {
    taker.stackTraceLimit = stackTraceLimit;
    taker.prepareStackTrace = prepareStackTrace;
  }
  return { found, seen };
}

function frameOf(site: CallSite): Frame | undefined {
  const name = site.getFunctionName() ?? '';
  const callee = site.getFunction();
  const known = typeof callee === 'function' ? (callee as LuaFunction) : undefined; // it is on Lua's stack
  if (name.startsWith(NATIVE)) {
    return { chunk: undefined, line: -1, name: name.slice(NATIVE.length), callee: known, at: 0 };
  }
  // Helpers that the compiler puts beside its functions are no functions of Lua.
  const script = site.getScriptNameOrSourceURL() ?? '';
  if (!script.startsWith(SCRIPT) || !name.startsWith('$f')) return undefined;
  const chunk = chunks.get(script.slice(SCRIPT.length))?.deref();
  if (chunk === undefined) return undefined;
  const line = chunk.sourceLine(site.getLineNumber() ?? 0);
  return { chunk, line, name, callee: known, at: site.getPosition() };
}

/**
 * `chunk:line: ` of a level: for natives, 0 is the native itself and 1 its caller; "" for a native or beyond the stack.
 */
export function position(level: number): string {
  const frame = frames(level + 1)[level];
  return frame?.chunk === undefined ? '' : `${frame.chunk.name}:${frame.line}: `;
}

/** Raises an error from a native: the position of the native's caller goes in front. */
export function raise(text: string): never {
  throw new LuaError(position(1) + text);
}

/** Raises an error from a helper of compiled code: the position of that code goes in front. */
export function raiseHere(text: string): never {
  throw new LuaError(position(0) + text);
}

/** What a function's code calls what it is calling now, as in "method 'm'"; "" when it has no name. */
function calledName(frame: Frame): string {
  if (frame.chunk === undefined) return '';
  // The call is at its parenthesis or at the beginning of a plain callee, and the mark comes first among the arguments.
  const mark = /^[^(]*\(\/\*(\d+)\*\//.exec(frame.chunk.code.slice(frame.at, frame.at + 40));
  if (mark === null) return '';
  return frame.chunk.siteName(Number(mark[1]));
}

/** PUC's luaG_typeerror: `site` and `which` say what the operand is called. */
export function operandError(what: string, value: LuaValue, site: number, which = 0): never {
  const [frame] = frames(1);
  let name = '';
  if (frame?.chunk !== undefined && site > 0) {
    name = frame.chunk.siteName(site).split('|')[which] ?? '';
  }
  const type = typeName(value);
  const where = frame?.chunk === undefined ? '' : `${frame.chunk.name}:${frame.line}: `;
  const subject = name === '' ? `a ${type} value` : `${name} (a ${type} value)`;
  throw new LuaError(`${where}attempt to ${what} ${subject}`);
}

/** Frames at the top and at the bottom that a long traceback shows. */
const TOP_FRAMES = 12;
const BOTTOM_FRAMES = 10;
const MOST_FRAMES = 2000;

/** The stack as debug.traceback writes it, without the functions above `level`. */
export function traceback(level: number): string {
  const all = frames(MOST_FRAMES).slice(level);
  const lines = ['stack traceback:'];
  const skipped = all.length > TOP_FRAMES + BOTTOM_FRAMES;
  all.forEach((frame, i) => {
    if (skipped && i === TOP_FRAMES) lines.push('\t...');
    if (skipped && i >= TOP_FRAMES && i < all.length - BOTTOM_FRAMES) return;
    lines.push(`\t${describeFrame(frame)}`);
  });
  lines.push('\t[C]: ?');
  return lines.join('\n');
}

function describeFrame(frame: Frame): string {
  if (frame.chunk === undefined) return `[C]: in function '${frame.name}'`;
  const where = `${frame.chunk.name}:${frame.line}:`;
  const [, id, line, name] = /^\$f(\d+)_(\d+)_(.*?)\$?$/.exec(frame.name) ?? [];
  if (id === '0') return `${where} in main chunk`;
  return name === undefined || name === ''
    ? `${where} in function <${frame.chunk.name}:${line ?? '?'}>`
    : `${where} in function '${name}'`;
}

/** luaL_argerror: `index` counts from 1. */
export function argumentError(index: number, text: string): never {
  const [, caller] = frames(2);
  const where = caller?.chunk === undefined ? '' : `${caller.chunk.name}:${caller.line}: `;
  const called = caller === undefined ? '' : calledName(caller);
  const name = /'(.*)'/s.exec(called)?.[1] ?? '?';
  let number = index;
  if (called.startsWith('method')) {
    number--;
    if (number === 0) throw new LuaError(`${where}calling '${name}' on bad self (${text})`);
  }
  throw new LuaError(`${where}bad argument #${number} to '${name}' (${text})`);
}

/** luaL_typerror; `given` is how many arguments there were. */
export function typeError(index: number, expected: string, value: LuaValue, given: number): never {
  const got = index > given ? 'no value' : typeName(value);
  argumentError(index, `${expected} expected, got ${got}`);
}

/** The error of a stack that is full; all that is left of it is V8's text of its innermost functions. */
function overflow(stack: string): LuaError {
  let where = '';
  const lines = ['stack traceback:'];
  for (const [, name = '', address = '', line] of stack.matchAll(
    /at (\$f\S*) \(lua:([0-9a-f-]+):(\d+):/g,
  )) {
    const chunk = chunks.get(address)?.deref();
    if (chunk === undefined) continue;
    const frame = { chunk, name, line: chunk.sourceLine(Number(line)), callee: undefined, at: 0 };
    if (where === '') where = `${chunk.name}:${frame.line}: `;
    lines.push(`\t${describeFrame(frame)}`);
  }
  lines.push('\t...');
  return new LuaError(`${where}stack overflow`, lines.join('\n'));
}

/** What a `catch` of the runtime does with what it caught: the error's value, or thrown on if it is not Lua's. */
export function caught(error: unknown): LuaError {
  // A tail call that was under way is not.
  $tail = undefined;
  if (error instanceof LuaError) return error;
  if (error instanceof RangeError) {
    // JavaScript's stack is at its end, or a built-in refused to make something that large.
    if (!/call stack/.test(error.message)) return new LuaError('not enough memory');
    return overflow(error.stack ?? '');
  }
  throw error;
}
