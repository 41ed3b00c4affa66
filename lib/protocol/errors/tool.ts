/** Catalogue entries: command line tools and launchers. Merged into the catalogue by ../errors.ts. */
export const toolErrors = {
  HKT_TOOL_FLAG: {
    template: 'flag provided but not defined: -%s%s',
    retryable: false,
    advice: 'Run the command with -help to see its flags.',
  },
  HKT_TOOL_FLAG_VALUE: {
    template: 'invalid value "%s" for flag -%s: %s',
    retryable: false,
    advice: 'Run the command with -help to see what the flag takes.',
  },
  HKT_TOOL_FLAG_MISSING_VALUE: {
    template: 'flag needs an argument: -%s',
    retryable: false,
    advice: 'Write -flag value or -flag=value.',
  },
  HKT_TOOL_USAGE: {
    template: '%s',
    retryable: false,
    advice: 'Run the command with -help to see how it is used.',
  },
  HKT_TOOL_COMMAND: {
    template: "unknown command '%s'%s",
    retryable: false,
    advice: 'Run hekate -help to see the commands.',
  },
  HKT_TOOL_NODE_VERSION: {
    template: 'Node.js %s is too old: 24 or newer is needed',
    retryable: false,
    advice:
      "Run npm ci in a checkout (it brings its own Node.js), or install Node.js 24 or newer, or add the npm package 'node'.",
  },
  HKT_TOOL_NOT_BUILT: {
    template: 'neither source nor built files are there: %s',
    retryable: false,
    advice: 'Install the package again; in a checkout the folder lib/ must exist.',
  },
  HKT_TOOL_FILE: {
    template: 'cannot read %s: %s',
    retryable: false,
    advice: 'Check the path and its permissions.',
  },
  HKT_TOOL_OUTPUT: {
    template: 'cannot write %s: %s',
    retryable: false,
    advice: 'Check the path, its permissions and the free space.',
  },
  HKT_TOOL_CONFIG: {
    template: '%s: %s',
    retryable: false,
    advice: "Mend the tool's configuration file.",
  },
  HKT_TOOL_CONNECT: {
    template: 'cannot connect to %s: %s',
    retryable: true,
    advice: 'Is the daemon running, and does one of its inputs listen on that address?',
  },
  HKT_TOOL_SEND: {
    template: 'connection to %s broke: %s',
    retryable: true,
    advice: 'Look at the log of the daemon, then try again.',
  },
  HKT_TOOL_ACTION: {
    template: 'Invalid action: %s%s',
    retryable: false,
    advice: 'Use -action=load, -action=unload or -action=reload.',
  },
  HKT_TOOL_REFUSED: {
    template: '%s of %s was refused: %s %s',
    retryable: false,
    advice: 'The text names what the manager found wrong.',
  },
  HKT_TOOL_CLOSED: {
    template: '%s closed the connection without an answer',
    retryable: true,
    advice:
      'Look at the log of the daemon: it refuses senders that break the framing or come without a certificate.',
  },
  HKT_TOOL_FLOOD_TEST: {
    template: "Configuration test: '%s' was not found%s",
    retryable: false,
    advice: 'Name a section of the configuration with -test.',
  },
  HKT_TOOL_DEMO: {
    template: 'the demo did not go as told: %s',
    retryable: true,
    advice: 'Run it again on a quiet machine; if it fails in the same place, something is broken.',
  },
  HKT_TOOL_INPUT: {
    template: 'input line %s: %s',
    retryable: false,
    advice: 'Mend the input, or choose another -format.',
  },
  HKT_TOOL_SECTION: {
    template: '%s must have exactly one %s section',
    retryable: false,
    advice: 'Give a file with the section of the sandbox that is to be run.',
  },
  HKT_TOOL_LIMIT: {
    template: 'the program was ended: %s',
    retryable: false,
    advice: 'Raise the limit, or mend the program.',
  },
  HKT_TEST_FILE: {
    template: '%s',
    retryable: false,
    advice: 'Mend the test file; docs/testing.md describes its form.',
  },
  HKT_TOOL_INTERNAL: {
    template: 'internal fault: %s',
    retryable: false,
    advice: 'This is a defect of Hekate: report it with the command that caused it.',
  },
} as const;
