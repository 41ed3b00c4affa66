/**
 * The machine: runs a pattern's instructions on a stack of its own, which may become as large as the guest's memory allows. An
 * entry of the stack is four integers:
 *
 *     choice    target  offset   top      depth     where a failure comes back to, with what was there
 *     call      return  CALL     entries  0
 *     capture   open    OPEN     0        0         its record
 *     loop      turns   LOOP     0        0         turns that are left
 *
 * The machine runs again while it runs when a match-time function matches something: then the stack goes on above.
 */
import { PAID_SHIFT, PAID_TEXT } from './byte-writer.ts';
import type { Instructions } from './instructions.ts';
import * as Operation from './operations.ts';
import type { Recorder } from './recorder.ts';

const ENTRY = 4;
const CALL = -1;
const OPEN = -2;
const LOOP = -3;
const KEPT_LENGTH = 1024;
const INTEGER_BYTES = 4;

export class Machine {
  readonly #recorder: Recorder;
  #stack = new Int32Array(KEPT_LENGTH);
  #top = 0;
  #token: object | undefined = undefined;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Matches a unit at an offset. Gives the offset behind the match, or -1; what it captured is recorded. */
  run(
    instructions: Instructions,
    unit: number,
    subject: string,
    at: number,
    depth: number,
  ): number {
    const base = this.#top;
    try {
      return this.#run(instructions, unit, subject, at, depth);
    } finally {
      this.#top = base;
      if (base === 0 && this.#token !== undefined) {
        this.#stack = new Int32Array(KEPT_LENGTH);
        this.#token = undefined;
      }
    }
  }

  #grow(): Int32Array {
    const { parts } = this.#recorder;
    const length = this.#stack.length * 2;
    this.#recorder.reserve(length * INTEGER_BYTES);
    const stack = new Int32Array(length);
    stack.set(this.#stack);
    this.#stack = stack;
    this.#token = parts.memory.add(length * INTEGER_BYTES);
    return stack;
  }

  #run(
    { code, units, tables, texts }: Instructions,
    unit: number,
    s: string,
    at: number,
    depth: number,
  ): number {
    const recorder = this.#recorder;
    const limit = recorder.stackDepth;
    const base = this.#top;
    const n = s.length;
    let stack: Int32Array = this.#stack;
    let top = base;
    let d = depth;
    let p = at;
    let pc = units[unit] ?? 0;
    let steps = 0;
    let failed = false;

    for (;;) {
      if (++steps > recorder.advance) {
        recorder.pay(steps);
        steps = 0;
      }
      if (failed) {
        failed = false;
        for (;;) {
          if (top === base) {
            recorder.pay(steps);
            return -1;
          }
          top -= ENTRY;
          const offset = int(stack, top + 1);
          if (offset >= 0) {
            p = offset;
            break;
          }
        }
        pc = int(stack, top);
        recorder.top = int(stack, top + 2);
        d = int(stack, top + 3);
      }
      if (top + 2 * ENTRY > stack.length) {
        this.#top = top;
        stack = this.#grow();
      }
      switch (int(code, pc)) {
        case Operation.end:
          recorder.pay(steps);
          return p;
        case Operation.leave:
          if (top === base) {
            recorder.pay(steps);
            return p;
          }
          top -= ENTRY;
          pc = int(stack, top);
          d -= int(stack, top + 2);
          break;
        case Operation.fail:
          failed = true;
          break;
        case Operation.set:
          if (p < n && byte(tables, int(code, pc + 1), s.charCodeAt(p)) === 1) {
            p++;
            pc += 2;
          } else failed = true;
          break;
        case Operation.text: {
          const text = texts[int(code, pc + 1)] ?? '';
          // Also of one that is not there most may have been compared.
          if (text.length >= PAID_TEXT && s.charCodeAt(p) === text.charCodeAt(0)) {
            steps += text.length >> PAID_SHIFT;
          }
          if (s.startsWith(text, p)) {
            p += text.length;
            steps += text.length >> 3;
            pc += 2;
          } else failed = true;
          break;
        }
        case Operation.any:
          p += int(code, pc + 1);
          pc += 2;
          if (p > n) failed = true;
          break;
        case Operation.span: {
          const table = tables[int(code, pc + 1)] as Uint8Array; // the assembler's number
          const most = int(code, pc + 2);
          const start = p;
          const end = most >= 0 && most < n - p ? p + most : n;
          while (p < end && table[s.charCodeAt(p)] === 1) p++;
          steps += p - start;
          pc += 3;
          break;
        }
        case Operation.test:
          if (p < n && byte(tables, int(code, pc + 1), s.charCodeAt(p)) === 1) pc += 3;
          else pc = int(code, pc + 2);
          break;
        case Operation.choice:
          push(stack, top, int(code, pc + 1), p, recorder.top, d);
          top += ENTRY;
          pc += 2;
          break;
        case Operation.commit:
          top -= ENTRY;
          pc = int(code, pc + 1);
          break;
        case Operation.renew:
          stack[top - ENTRY + 1] = p;
          stack[top - ENTRY + 2] = recorder.top;
          pc = int(code, pc + 1);
          break;
        case Operation.rewind:
          top -= ENTRY;
          p = int(stack, top + 1);
          recorder.top = int(stack, top + 2);
          pc++;
          break;
        case Operation.failTwice:
          top -= ENTRY;
          failed = true;
          break;
        case Operation.jump:
          pc = int(code, pc + 1);
          break;
        case Operation.behind:
          p -= int(code, pc + 1);
          pc += 2;
          if (p < 0) failed = true;
          break;
        case Operation.call: {
          const entries = int(code, pc + 2);
          d += entries;
          if (d > limit) recorder.overflow();
          push(stack, top, pc + 3, CALL, entries, 0);
          top += ENTRY;
          pc = units[int(code, pc + 1)] ?? 0;
          break;
        }
        case Operation.tail:
          pc = units[int(code, pc + 1)] ?? 0;
          break;
        case Operation.open:
          push(stack, top, recorder.open(int(code, pc + 1), p), OPEN, 0, 0);
          top += ENTRY;
          pc += 2;
          break;
        case Operation.close:
          top -= ENTRY;
          recorder.close(int(stack, top), p);
          pc++;
          break;
        case Operation.record:
          recorder.record(int(code, pc + 1), p - int(code, pc + 2), p);
          pc += 3;
          break;
        case Operation.runtime:
          top -= ENTRY;
          this.#top = top;
          recorder.pay(steps);
          steps = 0;
          p = recorder.runtime(int(stack, top), p, 0);
          // A match in the function may have made the stack grow.
          stack = this.#stack;
          pc++;
          if (p < 0) failed = true;
          break;
        case Operation.count:
          push(stack, top, int(code, pc + 1), LOOP, 0, 0);
          top += ENTRY;
          pc += 2;
          break;
        case Operation.loop: {
          const turns = int(stack, top - ENTRY) - 1;
          stack[top - ENTRY] = turns;
          if (turns > 0) pc = int(code, pc + 1);
          else {
            top -= ENTRY;
            pc += 2;
          }
          break;
        }
        case Operation.drop:
          top -= ENTRY;
          pc++;
          break;
        default:
          throw new Error(`no instruction at ${pc}`);
      }
    }
  }
}

function int(list: Int32Array, at: number): number {
  return list[at] as number; // programs are well formed
}

function byte(tables: readonly Uint8Array[], table: number, code: number): number {
  return tables[table]?.[code] ?? 0;
}

function push(stack: Int32Array, at: number, a: number, b: number, c: number, d: number): void {
  stack[at] = a;
  stack[at + 1] = b;
  stack[at + 2] = c;
  stack[at + 3] = d;
}
