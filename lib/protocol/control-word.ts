/**
 * Words (Int32) of the memory through which the main thread reaches a thread that is busy with an input or output: such a
 * thread reads no messages while its guest runs.
 */
export const ControlWord = {
  /** 0: go on. 1: the guest is asked to stop (`is_running` is false). 2: it is ended at its next safepoint. */
  stop: 0,
  /** Bytes of messages that the pipeline has not taken yet; the thread waits here while there are too many. */
  untaken: 1,
  /** How many words there are. */
  count: 2,
} as const;
