/**
 * How patterns become code. Where code cannot be generated, they stay interpreted.
 */
import { evaluate } from '../../runtime/evaluate.ts';

/** Evaluates an expression at script level. */
export type Instantiate = (code: string) => unknown;

export let instantiate: Instantiate | undefined = evaluate;

/** Takes another way to make code; undefined: none. */
export function setInstantiate(way: Instantiate | undefined): void {
  instantiate = way;
}
