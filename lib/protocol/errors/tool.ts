/** Catalogue entries of one area: tool. Merged into the catalogue by ../errors.ts. */
export const toolErrors = {
} as const;
