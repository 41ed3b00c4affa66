/** Catalogue entries of one area: matcher. Merged into the catalogue by ../errors.ts. */
export const matcherErrors = {
} as const;
