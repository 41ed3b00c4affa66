/**
 * Lets what is done to one name happen one after another, in the order of the calls; different names do not wait for each
 * other.
 */
export class NameTurns {
  /** The last piece of work of each name that is not through. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` when everything asked for before it for that name is through, however it ended. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    // A failure before belongs to its own caller.
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values());
  }
}
