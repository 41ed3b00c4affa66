/** Catalogue entries of one area: config. Merged into the catalogue by ../errors.ts. */
export const configErrors = {
} as const;
