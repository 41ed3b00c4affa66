/**
 * Counts a guest's instructions by source line. The machine asks before every instruction; what was used since then,
 * native calls included, belongs to the line before.
 */
import type { LineCount } from '../../../lib/protocol/batch.ts';
import { budget } from './budget.ts';
import { chunkName } from './error-wording.ts';
import { isClosure } from './slot.ts';
import { ldebug } from './vm.ts';
import type { LuaState, Proto } from './vm-types.ts';

export class LineProfile {
  readonly #counts = new Map<Proto, Map<number, number>>();
  #lines: Map<number, number> | undefined;
  #line = 0;
  #used = 0;

  /** An instruction of the running frame is about to be executed. */
  note(L: LuaState, used: number): void {
    const { ci } = L;
    const closure = ci.func.value;
    this.#settle(used);
    if (!isClosure(closure)) return;
    let lines = this.#counts.get(closure.p);
    if (lines === undefined) {
      lines = new Map();
      this.#counts.set(closure.p, lines);
    }
    this.#lines = lines;
    this.#line = closure.p.lineinfo[ci.l_savedpc - 1] ?? 0;
  }

  /** A call into the guest is over. */
  end(used: number): void {
    this.#settle(used);
    this.#lines = undefined;
    this.#used = 0;
  }

  #settle(used: number): void {
    const lines = this.#lines;
    if (lines !== undefined && used > this.#used) {
      lines.set(this.#line, (lines.get(this.#line) ?? 0) + used - this.#used);
    }
    this.#used = used;
  }

  counts(): readonly LineCount[] {
    const all: LineCount[] = [];
    for (const [proto, lines] of this.#counts) {
      const chunk = chunkName(proto.source.text);
      for (const [line, instructions] of lines) all.push({ chunk, line, instructions });
    }
    return all;
  }
}

/** Profiles of the engines that have one, by their budgets. */
const profiles = new WeakMap<object, LineProfile>();

/** Puts the counting in the place of the plain meter, for all engines of this isolate. */
export function startProfile(): LineProfile {
  const profile = new LineProfile();
  profiles.set(budget, profile);
  ldebug.luaG_traceexec = (L) => {
    if (--budget.left < 0) budget.safepoint();
    profiles.get(budget)?.note(L, budget.used);
  };
  return profile;
}
