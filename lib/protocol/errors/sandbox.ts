/** Catalogue entries: sandboxes, their limits and their ends. Merged into the catalogue by ../errors.ts. */
export const sandboxErrors = {
  HKT_SANDBOX_MEMORY: {
    template: '%s() not enough memory',
    retryable: false,
    advice: 'The sandbox was ended. Make the script keep less, or raise memory_limit.',
  },
  HKT_SANDBOX_INSTRUCTIONS: {
    template: '%s() instruction_limit exceeded',
    retryable: false,
    advice: 'The sandbox was ended. Do less per call, or raise instruction_limit.',
  },
  HKT_SANDBOX_OUTPUT: {
    template: '%s() output_limit exceeded',
    retryable: false,
    advice:
      'Write less per message, or raise output_limit. A script can catch this one with pcall.',
  },
  HKT_SANDBOX_TIME: {
    template: '%s() exceeded its wall clock limit of %s ms',
    retryable: false,
    advice: 'The sandbox was ended. Look for a native call on very large data.',
  },
  HKT_SANDBOX_INJECT_COUNT: {
    template: '%s exceeded InjectMessage count',
    retryable: false,
    advice: 'Inject fewer messages per call, or raise max_process_inject or max_timer_inject.',
  },
  HKT_SANDBOX_LOOPS: {
    template: '%s exceeded MaxMsgLoops',
    retryable: false,
    advice: 'Break the cycle of filters that answer each other, or raise max_message_loops.',
  },
  HKT_SANDBOX_SCRIPT: {
    template: '%s',
    retryable: false,
    advice: 'Mend the script at the file and line that the text names.',
  },
  HKT_SANDBOX_STATUS: {
    template: '%s',
    retryable: false,
    advice: 'The script asked to be ended by returning a status above 0.',
  },
  HKT_SANDBOX_STOPPED: {
    template: '%s() shutting down',
    retryable: false,
    advice: 'The script did not return in time when it was told to stop, and was ended.',
  },
  HKT_SANDBOX_STATE: {
    template: 'restore_global_data %s',
    retryable: false,
    advice:
      'The preserved state cannot be read: remove the file, or bring back the version that wrote it.',
  },
  HKT_SANDBOX_RUNNING: {
    template: '%s is already running',
    retryable: false,
    advice: 'Choose another name, unload the running one first, or send reload.',
  },
  HKT_SANDBOX_NOT_RUNNING: {
    template: '%s is not running',
    retryable: false,
    advice: 'Check the name; a filter that was terminated must be loaded again.',
  },
  HKT_SANDBOX_API: {
    template: "api '%s' is not built in this version",
    retryable: false,
    advice: 'Use api = "heka".',
  },
  HKT_SANDBOX_TOO_MANY: {
    template: 'cannot make another isolate: %s exist in this process',
    retryable: true,
    advice: 'Unload sandboxes, spread them over more machines, or raise vm.max_map_count.',
  },
  HKT_SANDBOX_LOST: {
    template: 'worker thread of shard %s ended: %s',
    retryable: true,
    advice:
      'Its sandboxes come back from their last checkpoint; what the open batches held is counted as lost.',
  },
  HKT_SANDBOX_SLOW: {
    template: 'sandbox is running slowly and blocking the router',
    retryable: false,
    advice: 'Make process_message cheaper, or raise max_process_duration.',
  },
  HKT_SANDBOX_ENGINE: {
    template: "engine '%s' is not available",
    retryable: false,
    advice: 'Use engine = "interpreted".',
  },
  HKT_SANDBOX_INTERNAL: {
    template: 'internal fault in the sandbox runtime: %s',
    retryable: false,
    advice: 'The sandbox was ended. This is a defect of Hekate: report it with the script.',
  },
} as const;
