/** What runs on a thread, frame by frame, and the traceback text that Lua 5.1 makes of it. */
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import { chunkName } from './error-wording.ts';
import { isClosure } from './slot.ts';
import { LUA_FRAME, ldebug } from './vm.ts';
import type { CallInfo, Closure, LuaState } from './vm-types.ts';

/** fengari's CIST_TAIL: the frame's caller is gone. */
const TAIL_FRAME = 32;
/** Levels shown of a deep stack: up to this one, and at its outer end. */
const FIRST_LEVELS = 12;
const LAST_LEVELS = 10;
/** Characters shown of a name. */
const LONGEST_NAME = 80;
const WHAT_NAME = latin1Bytes('n');

/** The frames of a thread from its innermost on, without the one that is no function. */
export function* framesOf(L: LuaState): Iterable<CallInfo> {
  for (let ci: CallInfo | null = L.ci; ci !== null && ci !== L.base_ci; ci = ci.previous) yield ci;
}

/** The Lua function of a frame; undefined for a native. */
export function closureOf(ci: CallInfo): Closure | undefined {
  const value = ci.func.value;
  return (ci.callstatus & LUA_FRAME) !== 0 && isClosure(value) ? value : undefined;
}

/** The line that a frame is at; -1 for a native. */
export function lineOf(ci: CallInfo): number {
  return closureOf(ci)?.p.lineinfo[ci.l_savedpc - 1] ?? -1;
}

/** How the code that called a frame names its function: "global", "local", "method", "field", "upvalue" or "". */
export function calledAs(L: LuaState, ci: CallInfo): { name: string; kind: string } {
  if ((ci.callstatus & TAIL_FRAME) !== 0) return { name: '', kind: '' };
  const record = { i_ci: ci, name: null, namewhat: null };
  ldebug.lua_getinfo(L, WHAT_NAME, record);
  const { name, namewhat } = record as { name: Uint8Array | null; namewhat: Uint8Array | null };
  if (name === null || namewhat === null) return { name: '', kind: '' };
  const length = Math.min(name.length, LONGEST_NAME);
  return { name: latin1Text(name, 0, length), kind: latin1Text(namewhat, 0, namewhat.length) };
}

function describe(L: LuaState, ci: CallInfo): string {
  const closure = closureOf(ci);
  const { name, kind } = calledAs(L, ci);
  if (closure === undefined) return `[C]: ${kind === '' ? '?' : `in function '${name}'`}`;
  const { linedefined, source } = closure.p;
  const chunk = chunkName(source.text);
  let what = `in function <${chunk}:${linedefined}>`;
  if (kind !== '') what = `in function '${name}'`;
  else if (linedefined === 0) what = 'in main chunk';
  return `${chunk}:${lineOf(ci)}: ${what}`;
}

/**
 * "stack traceback:" and a line for each level from `level` on; level 0 is the running function. `inner`: levels further
 * in that are not on the stack but count, as an error handler's do.
 */
export function tracebackOf(L: LuaState, level: number, inner = 0): string {
  // The host, which called the first of them, is a level too.
  const host = L.l_G.mainthread === L ? [undefined] : [];
  const frames = [...[...framesOf(L)].slice(level), ...host];
  const lines: string[] = [];
  const first = Math.max(0, FIRST_LEVELS - level - inner);
  const last = frames.length - LAST_LEVELS;
  for (const [index, ci] of frames.entries()) {
    if (last > first + 1) {
      if (index === first) lines.push('...');
      if (index >= first && index < last) continue;
    }
    if (ci === undefined) {
      lines.push('[C]: ?');
      continue;
    }
    lines.push(describe(L, ci));
    if ((ci.callstatus & TAIL_FRAME) !== 0) lines.push('(tail call): ?');
  }
  return ['stack traceback:', ...lines].join('\n\t');
}
