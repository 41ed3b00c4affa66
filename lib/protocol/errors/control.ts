/** Catalogue entries of one area: control. Merged into the catalogue by ../errors.ts. */
export const controlErrors = {
} as const;
