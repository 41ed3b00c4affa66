/** Catalogue entries: configuration files, sections and their settings. Merged into the catalogue by ../errors.ts. */
export const configErrors = {
  HKT_CONFIG_SYNTAX: {
    template: 'syntax error: %s',
    retryable: false,
    advice: 'Mend the text at the line and column given; nothing of this file was used.',
  },
  HKT_CONFIG_DUPLICATE: {
    template: "'%s' is defined twice, first at %s",
    retryable: false,
    advice: 'Keep one of the two.',
  },
  HKT_CONFIG_TOO_BIG: {
    template: 'a size of %s bytes is over the limit of %s bytes',
    retryable: false,
    advice: 'Shorten the text, or split the file: a directory of *.toml files is read as one.',
  },
  HKT_CONFIG_TOO_DEEP: {
    template: 'values are nested more than %s deep',
    retryable: false,
    advice: 'Flatten the value.',
  },
  HKT_CONFIG_INTEGER: {
    template: 'integer %s cannot be held exactly: the largest is 9007199254740991',
    retryable: false,
    advice: 'Use a smaller number, or text if it is a name.',
  },
  HKT_CONFIG_UNREADABLE: {
    template: 'cannot read %s: %s',
    retryable: true,
    advice: 'Give a file or a directory that this user may read.',
  },
  HKT_CONFIG_ENCODING: {
    template: 'the text is not UTF-8',
    retryable: false,
    advice: 'Save the file as UTF-8.',
  },
  HKT_CONFIG_ENVIRONMENT: {
    template: '%s',
    retryable: false,
    advice: 'Write %ENV[NAME]: a name without white space, closed by a bracket.',
  },
  HKT_CONFIG_ENVIRONMENT_UNSET: {
    template: 'environment variable %s is not set and reads as empty',
    retryable: false,
    advice: 'Set the variable if the empty text is not what you mean. This is a warning.',
  },
  HKT_CONFIG_EMPTY: {
    template: 'Empty configuration, exiting.',
    retryable: false,
    advice: 'Add at least one plugin section.',
  },
  HKT_CONFIG_NOT_SECTION: {
    template: "'%s' stands outside of any section",
    retryable: false,
    advice: 'Move the setting below the [section] that it belongs to.',
  },
  HKT_CONFIG_UNKNOWN_KEY: {
    template: "unknown config setting for '%s': %s",
    retryable: false,
    advice: 'Remove the setting or mend its name; docs/configuration.md lists all of them.',
  },
  HKT_CONFIG_TYPE: {
    template: "'%s' setting '%s' must be %s, found %s",
    retryable: false,
    advice: 'Write a value of the type given.',
  },
  HKT_CONFIG_VALUE: {
    template: "'%s' setting '%s': %s",
    retryable: false,
    advice: 'Choose a value that the text allows.',
  },
  HKT_CONFIG_REQUIRED: {
    template: "'%s' is missing the setting '%s'",
    retryable: false,
    advice: 'Add the setting; it has no default.',
  },
  HKT_CONFIG_NO_MATCHER: {
    template: "'%s' missing message matcher",
    retryable: false,
    advice: 'Add message_matcher; "TRUE" takes every message.',
  },
  HKT_CONFIG_MATCHER: {
    template: "Can't create message matcher for '%s': %s",
    retryable: false,
    advice: 'Mend the expression at the position given.',
  },
  HKT_CONFIG_TICKER: {
    template: "'%s' can't support a ticker_interval setting",
    retryable: false,
    advice: 'Remove ticker_interval; this plugin type has no timer.',
  },
  HKT_CONFIG_NO_EFFECT: {
    template: "'%s' setting '%s' has no effect: %s",
    retryable: false,
    advice: 'Remove it when the configuration is used nowhere else. This is a warning.',
  },
  HKT_CONFIG_SUPERSEDED: {
    template: "'%s' is superseded by a later file, at %s",
    retryable: false,
    advice: 'Remove the earlier section if the later one is meant. This is a warning.',
  },
  HKT_CONFIG_PASSED_OVER: {
    template: 'passed over: this file configures %s',
    retryable: false,
    advice: 'Keep it outside of the directory if you want to be rid of this warning.',
  },
  HKT_CONFIG_NOT_BUILT: {
    template: "'%s': %s is not available: %s",
    retryable: false,
    advice:
      'Remove it. It is refused rather than ignored, so that nothing is promised that does not happen.',
  },
  HKT_CONFIG_PLUGIN_TYPE: {
    template: 'No registered plugin type: %s',
    retryable: false,
    advice: 'Mend the type, or the name of a section that gives no type.',
  },
  HKT_CONFIG_SPLITTER: {
    template: '%s specifies undefined splitter %s',
    retryable: false,
    advice: 'Add a section for the splitter, or name one that exists.',
  },
  HKT_CONFIG_DECODER: {
    template: "%s: no registered '%s' decoder",
    retryable: false,
    advice: 'Add a section for the decoder, or name one that exists.',
  },
  HKT_CONFIG_ENCODER: {
    template: "%s can't create encoder %s",
    retryable: false,
    advice: 'Add a section for the encoder, or name one that exists.',
  },
  HKT_CONFIG_SCRIPT: {
    template: "'%s' script %s: %s",
    retryable: false,
    advice: 'Mend the script, or the path in filename.',
  },
  HKT_CONFIG_EXTENSIONS: {
    template: '%s',
    retryable: false,
    advice: 'Mend `extensions` of [hekad]; hekate ext list shows the packages that there are.',
  },
} as const;
