/** Catalogue entries: batches, reports and the router. Merged into the catalogue by ../errors.ts. */
export const batchErrors = {
  HKT_BATCH_VERSION: {
    template: 'batch protocol version %s, expected %s',
    retryable: false,
    advice: 'Both sides must come from the same release.',
  },
  HKT_BATCH_BOUND: {
    template: 'batch bound of %s exceeded',
    retryable: true,
    advice: 'Wait until the shard has answered.',
  },
  HKT_ROUTER_INJECT_FULL: {
    template: 'inject queue holds %s messages, dropped one of %s',
    retryable: false,
    advice: 'Filters inject faster than they are read: lower max_process_inject or add shards.',
  },
} as const;
