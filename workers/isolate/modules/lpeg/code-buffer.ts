/**
 * The text of a unit as it is written, and what is known where the writing goes on: whether `p` (the offset) and `t` (where
 * the next capture is recorded) still are what they were somewhere else. A failure that must take them back to what they were
 * does so only if they can have changed.
 */

/** Where a failure goes, and what held there. */
export interface Failure {
  readonly text: string;
  readonly place: number;
  readonly mark: number;
  /** Some failure comes from another offset … */
  moved: boolean;
  /** … or after captures were recorded. */
  recorded: boolean;
}

export class CodeBuffer {
  /** Stands for the value of `p`, and of `t`: the same number, the same value. */
  place = 0;
  mark = 0;
  readonly #lines: string[] = [];
  #changes = 0;
  #names = 0;

  get text(): string {
    return this.#lines.join('\n');
  }

  emit(line: string): void {
    this.#lines.push(line);
  }

  /** A number for new names. */
  name(): number {
    return this.#names++;
  }

  /** `p` may have another value from here on. */
  moved(): void {
    this.place = ++this.#changes;
  }

  /** So may `t`. */
  recorded(): void {
    this.mark = ++this.#changes;
  }

  /** A failure that goes there leaves this place. */
  failure(text: string): Failure {
    const { place, mark } = this;
    return { text, place, mark, moved: false, recorded: false };
  }

  /** The code that fails. */
  fail(failure: Failure): string {
    if (failure.place !== this.place) failure.moved = true;
    if (failure.mark !== this.mark) failure.recorded = true;
    return failure.text;
  }

  /** Writes what leaves `p` and `t` as they were; gives whether they have to be put back, and the code for it comes last. */
  restoring(write: () => { readonly moved: boolean; readonly recorded: boolean }): void {
    const { place, mark } = this;
    const id = this.name();
    const before = this.#lines.push('') - 1;
    const { moved, recorded } = write();
    let saved = '';
    let restored = '';
    if (moved) {
      saved = `const q${id}=p;`;
      restored = `p=q${id};`;
    }
    if (recorded) {
      saved += `const r${id}=t;`;
      restored += `t=r${id};`;
    }
    if (saved !== '') {
      this.#lines[before] = saved;
      this.emit(restored);
    }
    this.place = place;
    this.mark = mark;
  }

  /**
   * Writes what may fail without failing the whole: then `p` and `t` go back to what they were, and the code goes on behind
   * it. `then` is what comes when all went well.
   */
  attempt(write: (fail: Failure) => void, then: () => string): void {
    this.restoring(() => {
      const label = `A${this.name()}`;
      const failure = this.failure(`break ${label};`);
      this.emit(`${label}:{`);
      write(failure);
      this.emit(`${then()}}`);
      return failure;
    });
  }
}
