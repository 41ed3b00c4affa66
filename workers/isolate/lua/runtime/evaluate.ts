/**
 * The one place where text becomes code: eval, taken before any guest code runs. Called as a plain function, so that it
 * evaluates in the global scope. Guests never see it.
 */
export const { eval: evaluate }: { eval(this: void, code: string): unknown } = globalThis;
