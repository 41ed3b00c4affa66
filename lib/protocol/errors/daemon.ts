/** Catalogue entries: starting and stopping the daemon. Merged into the catalogue by ../errors.ts. */
export const daemonErrors = {
  HKT_DAEMON_PID_FILE: {
    template: 'pid_file %s: %s',
    retryable: false,
    advice: 'Stop the other daemon, or give this one a pid_file of its own.',
  },
  HKT_DAEMON_BASE_DIR: {
    template: 'base_dir %s cannot be used: %s',
    retryable: false,
    advice: 'Set base_dir in [hekad] to a directory that the daemon may write to.',
  },
  HKT_DAEMON_PLUGIN: {
    template: "'%s' cannot be started: %s",
    retryable: false,
    advice: 'Mend the section; `hekate check` shows every fault of a configuration.',
  },
  HKT_DAEMON_CONFIG: {
    template: '%s errors loading plugins',
    retryable: false,
    advice: 'Mend the faults listed above; nothing was started.',
  },
  HKT_HOST_CLOSED: {
    template: 'the host is closed',
    retryable: false,
    advice:
      'Nothing can be loaded any more: make a new host, or wait for the next start of the daemon.',
  },
  HKT_DAEMON_EXIT: {
    template: '%s has stopped, shutting down: %s',
    retryable: true,
    advice: 'Set can_exit = true on a plugin whose end should not end the daemon.',
  },
} as const;
