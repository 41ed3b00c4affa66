/** Catalogue entries: messages, framing and signatures. Merged into the catalogue by ../errors.ts. */
export const messageErrors = {
  HKT_MESSAGE_TRUNCATED: {
    template: 'message is truncated at offset %s',
    retryable: false,
    advice: 'Drop the record; the sender cut it short or the framing is wrong.',
  },
  HKT_MESSAGE_WIRE_TYPE: {
    template: 'error in tag: %s wiretype: %s offset: %s',
    retryable: false,
    advice: 'Drop the record; it is not a Heka message.',
  },
  HKT_MESSAGE_TOO_BIG: {
    template: 'Message too big, requires %s (MAX_MESSAGE_SIZE = %s)',
    retryable: false,
    advice: 'Send a smaller message, or raise max_message_size on both sides.',
  },
  HKT_MESSAGE_HEADER_TOO_BIG: {
    template: 'Message header too big, requires %s (MAX_HEADER_SIZE = %s)',
    retryable: false,
    advice: 'Use a shorter signer name.',
  },
  HKT_MESSAGE_FIELD_TYPE: {
    template: "field '%s' mixes value types",
    retryable: false,
    advice: 'Give every value of one field the same type.',
  },
  HKT_UUID_INVALID: {
    template: "'%s' is not a UUID",
    retryable: false,
    advice: 'Give 16 bytes, or 36 characters of the form 8-4-4-4-12.',
  },
} as const;
