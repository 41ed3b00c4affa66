export const isolateBundleOptions = {} as const;
