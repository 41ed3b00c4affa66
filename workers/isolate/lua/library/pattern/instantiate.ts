/**
 * The one place where text becomes code. Where code cannot be generated, patterns stay interpreted.
 */

/** Evaluates an expression at script level. */
export type Instantiate = (code: string) => unknown;

// Not called by its name: evaluates in the global scope.
// biome-ignore lint/security/noGlobalEval: the compiler of patterns writes the text, and nothing of the guest is in it
export let instantiate: Instantiate | undefined = globalThis.eval; // oxlint-disable-line no-eval -- as above

/** Takes another way to make code; undefined: none. */
export function setInstantiate(way: Instantiate | undefined): void {
  instantiate = way;
}
