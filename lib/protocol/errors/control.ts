/** Catalogue entries: the control plane, managed filters on disk, preserved state. Merged by ../errors.ts. */
export const controlErrors = {
  HKT_CONTROL_UNSIGNED: {
    template: '%s has no message_signer and takes control messages from this machine only',
    retryable: false,
    advice:
      'Set message_signer in the manager, or allow_unsigned = true if everyone may load filters.',
  },
  HKT_CONTROL_ACTION: {
    template: "unknown action '%s'",
    retryable: false,
    advice: 'Use load, unload or reload.',
  },
  HKT_CONTROL_FIELD: {
    template: "control message without a text field '%s'",
    retryable: false,
    advice: 'load and reload need the fields action and config, unload needs action and name.',
  },
  HKT_CONTROL_SECTIONS: {
    template: 'the configuration holds %s sections, exactly one is needed',
    retryable: false,
    advice: 'Send one [Name] section with type = "SandboxFilter" per control message.',
  },
  HKT_CONTROL_TYPE: {
    template: 'Plugin must be a SandboxFilter, received %s',
    retryable: false,
    advice: 'Write type = "SandboxFilter" into the section.',
  },
  HKT_CONTROL_OWNED: {
    template: "'%s' is set by the manager %s and cannot be given by a filter",
    retryable: false,
    advice: 'Remove the setting; the operator sets it for all filters of the manager.',
  },
  HKT_CONTROL_NAME: {
    template: "'%s' cannot be the name of a filter: %s",
    retryable: false,
    advice: 'Use 1 to 100 letters, digits and underscores.',
  },
  HKT_CONTROL_RUNNING: {
    template: '%s is already running%s',
    retryable: false,
    advice: 'Use reload to replace it, or unload it first.',
  },
  HKT_CONTROL_NOT_RUNNING: {
    template: '%s is not running',
    retryable: false,
    advice: 'Load it first, and check the name: it is the section name without the manager.',
  },
  HKT_CONTROL_NOT_MANAGED: {
    template: '%s is not a filter of this manager',
    retryable: false,
    advice: 'A manager may only stop and replace the filters that it runs itself.',
  },
  HKT_CONTROL_MAX_FILTERS: {
    template: '%s attempted to load more than %s filters',
    retryable: true,
    advice: 'Unload a filter, or raise max_filters of the manager (0 means none).',
  },
  HKT_CONTROL_STOPPING: {
    template: '%s is stopping',
    retryable: true,
    advice: 'Send the control message again after the daemon has started.',
  },
  HKT_CONTROL_MANAGER_NAME: {
    template: "managers '%s' and '%s' would both give names that begin with %s",
    retryable: false,
    advice: 'Rename one of them: names that differ only in punctuation are the same.',
  },
  HKT_CONTROL_DIRECTORY: {
    template: "%s cannot use its working directory '%s': %s",
    retryable: false,
    advice: 'Make the directory writable for the daemon, or set working_directory to another one.',
  },
  HKT_CONTROL_STORE: {
    template: 'cannot store %s: %s',
    retryable: true,
    advice: 'Free space or mend the permissions of the working directory, then send it again.',
  },
  HKT_CONTROL_STORED: {
    template: 'cannot read the stored filter %s: %s',
    retryable: false,
    advice: 'Mend or remove its files in the working directory; they were left as they are.',
  },
  HKT_CONTROL_NOT_STORED: {
    template: '%s runs the new code, but storing it failed: %s; a restart brings back the old code',
    retryable: true,
    advice: 'Free space or mend the permissions of the working directory, then reload once more.',
  },
  HKT_STATE_DIRECTORY: {
    template: "cannot use the state directory '%s': %s",
    retryable: false,
    advice: 'Make sandbox_preservation under base_dir writable for the daemon.',
  },
  HKT_STATE_WRITE: {
    template: 'cannot write the state of %s: %s',
    retryable: true,
    advice:
      'The previous state is intact and the next checkpoint tries again: free space or mend permissions.',
  },
  HKT_STATE_READ: {
    template: 'cannot read the state of %s: %s',
    retryable: true,
    advice: 'Mend the permissions of its file in sandbox_preservation.',
  },
  HKT_STATE_CORRUPT: {
    template: 'the stored state of %s is damaged: %s',
    retryable: false,
    advice:
      'Bring the file in sandbox_preservation back from a backup, or remove it to start afresh.',
  },
  HKT_STATE_FOREIGN: {
    template: 'the file that holds the state of %s was not written by this program: %s',
    retryable: false,
    advice: "Move the file away; Heka's own preservation files cannot be read.",
  },
  HKT_STATE_TOO_BIG: {
    template: 'the state of %s takes %s bytes, more than %s',
    retryable: false,
    advice: 'Keep less in global variables, or set preserve_data = false.',
  },
  HKT_CONTROL_SKEW: {
    template: 'Discarded control message: %s seconds skew',
    retryable: false,
    advice: 'Set the clocks of both machines (NTP), then send a newly made message.',
  },
  HKT_CONTROL_REPLAY: {
    template: 'Discarded control message: %s',
    retryable: false,
    advice: 'Make a new message with a UUID of its own: each one is obeyed once.',
  },
  HKT_CONTROL_BEFORE_START: {
    template: 'Discarded control message: it was made %s ms before the daemon started',
    retryable: false,
    advice: 'Make the message again: what was sent before a restart is not obeyed after it.',
  },
  HKT_CONTROL_MEMORY_FULL: {
    template: 'Discarded control message: %s others were obeyed within %s seconds',
    retryable: true,
    advice: 'Wait a minute, then send it again with a new UUID.',
  },
} as const;
