/**
 * Things outside of the isolate that objects inside stand for, such as open files: those whose objects were collected are
 * closed when others are opened. Within one call of the guest no object counts as collected.
 */

/** New ones between two looks. */
const LOOK_EVERY = 8;

export class HostHandles {
  readonly #owners = new Map<number, WeakRef<object>>();
  readonly #close: (id: number) => void;
  #added = 0;

  /** `close` closes the thing of a number. */
  constructor(close: (id: number) => void) {
    this.#close = close;
  }

  /** The object stands for the thing of that number from now on. */
  add(owner: object, id: number): void {
    if (++this.#added % LOOK_EVERY === 0) this.sweep();
    this.#owners.set(id, new WeakRef(owner));
  }

  /** It was closed. */
  remove(id: number): void {
    this.#owners.delete(id);
  }

  /** Closes what nobody stands for any more; false when there was nothing of that kind. */
  sweep(): boolean {
    let found = false;
    for (const [id, owner] of this.#owners) {
      if (owner.deref() !== undefined) continue;
      this.#owners.delete(id);
      this.#close(id);
      found = true;
    }
    return found;
  }
}
