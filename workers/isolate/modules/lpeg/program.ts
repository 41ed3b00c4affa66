/**
 * A pattern made ready for matching: instructions of the machine at first, JavaScript when it has proved worth it. Both give the
 * same results; where code cannot be generated, it stays with the machine.
 */

import type { ModuleParts } from '../native-module.ts';
import { assemble } from './assembler.ts';
import type { Capture } from './capture.ts';
import * as CaptureKind from './capture-kind.ts';
import { writeCode } from './code-writer.ts';
import type { Instructions } from './instructions.ts';
import { Plan } from './plan.ts';
import { PairShapes, RecordShapes } from './record-shapes.ts';
import { MOST_FRAMES, type Recorder } from './recorder.ts';
import type { Tree } from './tree.ts';

/** Bytes of subjects after which a pattern is compiled to JavaScript, whatever the number of matches. */
const BYTES = 2048;
/** Instructions for each part of a pattern: for looking at it, for the machine's code, and for JavaScript. */
const LOOK_CHARGE = 10;
const ASSEMBLE_CHARGE = 10;
const COMPILE_CHARGE = 60;

type Search = (subject: string, at: number) => number;

/** How patterns become code. */
export interface Generation {
  /** Makes a function of these parameters with this body. Undefined: code cannot be generated. */
  readonly generate: ((parameters: readonly string[], body: string) => unknown) | undefined;
  /** Matches before a pattern is compiled. */
  readonly matches: number;
}

export class Program {
  readonly captures: readonly Capture[];
  /** Units that are active at a time, for each entry of the stack. */
  readonly frames: number;
  readonly #plan: Plan;
  readonly #recorder: Recorder;
  /** By number of the capture. */
  readonly #shapes: RecordShapes[] = [];
  readonly #pairs: PairShapes[] = [];
  #instructions: Instructions | undefined = undefined;
  #search: Search | undefined = undefined;
  #matches = 0;
  #bytes = 0;

  constructor(tree: Tree, recorder: Recorder) {
    const { parts } = recorder;
    const plan = new Plan(
      tree,
      (count) => parts.memory.charge(count * LOOK_CHARGE),
      (capture) => refined(capture, parts),
    );
    this.#plan = plan;
    this.#recorder = recorder;
    this.captures = plan.captures;
    this.frames = plan.frames;
  }

  /** The offset behind the match, or -1; what it captured is recorded. */
  run(subject: string, at: number): number {
    if (this.#search !== undefined) return this.#search(subject, at);
    this.#matches++;
    this.#bytes += subject.length - at;
    if (this.#matches > this.#recorder.generation.matches || this.#bytes > BYTES) {
      const search = this.#compile();
      if (search !== undefined) return search(subject, at);
    }
    return this.#recorder.machine.run(this.instructions(), 0, subject, at, 1);
  }

  /** What is known of the tables that a table capture makes. */
  shapesOf(capture: number): RecordShapes {
    this.#shapes[capture] ??= new RecordShapes();
    return this.#shapes[capture];
  }

  /** What is known of the tables that a fold of pairs makes. */
  pairsOf(capture: number): PairShapes {
    this.#pairs[capture] ??= new PairShapes();
    return this.#pairs[capture];
  }

  instructions(): Instructions {
    if (this.#instructions === undefined) {
      this.#recorder.parts.memory.charge(this.#plan.size * ASSEMBLE_CHARGE);
      this.#instructions = assemble(this.#plan);
    }
    return this.#instructions;
  }

  #compile(): Search | undefined {
    const recorder = this.#recorder;
    const { generate } = recorder.generation;
    if (generate === undefined || this.frames > MOST_FRAMES) return undefined;
    recorder.parts.memory.charge(this.#plan.size * COMPILE_CHARGE);
    const { text, sets, texts } = writeCode(this.#plan);
    let make: unknown;
    try {
      make = generate(['m', 'T', 'X'], text);
    } catch (error) {
      // V8 may not make code from strings in this process.
      if (!(error instanceof EvalError)) throw error;
      recorder.generation = { generate: undefined, matches: 0 };
      return undefined;
    }
    // The text was written above: a function of these parameters.
    const search = (
      make as (m: Recorder, T: readonly Uint8Array[], X: readonly string[]) => Search
    )(
      recorder,
      sets.map((set) => set.table()),
      texts,
    );
    this.#search = search;
    return search;
  }
}

/** A call of a function whose meaning is known is a kind of its own. */
function refined(capture: Capture, parts: ModuleParts): Capture {
  const { kind, value, name: group } = capture;
  if (typeof value !== 'object' || value.kind !== 'function') return capture;
  const name = parts.builtIn(value);
  const known =
    kind === CaptureKind.call && name === 'tonumber'
      ? CaptureKind.number
      : kind === CaptureKind.fold && name === 'rawset'
        ? CaptureKind.pairs
        : kind;
  return { kind: known, value, name: group };
}
