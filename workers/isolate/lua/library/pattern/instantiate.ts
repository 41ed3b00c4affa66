/**
 * The one place where text becomes code. Where code cannot be generated, patterns stay interpreted.
 */

/** Evaluates an expression at script level. */
export type Instantiate = (code: string) => unknown;

// biome-ignore lint/security/noGlobalEval: the compiler of patterns writes the text, and nothing of the guest is in it
const evaluate: Instantiate = (code) => (0, eval)(code);

export let instantiate: Instantiate | undefined = evaluate;

/** Takes another way to make code; undefined: none. */
export function setInstantiate(way: Instantiate | undefined): void {
  instantiate = way;
}
