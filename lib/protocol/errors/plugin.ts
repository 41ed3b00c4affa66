/** Catalogue entries of one area: plugin. Merged into the catalogue by ../errors.ts. */
export const pluginErrors = {
} as const;
