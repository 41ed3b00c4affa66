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
  HKT_FRAME_HEADER: {
    template: 'skipped %s bytes that belong to no frame',
    retryable: false,
    advice:
      'The stream is corrupt, or its sender does not write Heka frames: check its encoder and use_framing.',
  },
  HKT_FRAME_TOO_BIG: {
    template: 'message exceeds the maximum length [%s bytes] len: %s',
    retryable: false,
    advice: 'Send a smaller message, or raise max_message_size on both sides.',
  },
  HKT_FRAME_INCOMPLETE: {
    template: 'the stream ended inside a frame: %s bytes were not delivered',
    retryable: false,
    advice: 'The sender closed the connection early: send the message again.',
  },
  HKT_SIGNER_UNKNOWN: {
    template: "refused a message: no signer '%s' is configured",
    retryable: false,
    advice:
      'Configure signer.<name>_<version> with its hmac_key, or sign with a key that is configured.',
  },
  HKT_SIGNER_NO_HMAC: {
    template: "refused a message: its header names the signer '%s' without an HMAC",
    retryable: false,
    advice: 'Sign the message, or send it without a signer.',
  },
  HKT_SIGNER_HASH: {
    template: "refused a message of signer '%s': hash function %s is not available",
    retryable: false,
    advice: 'Sign with md5, sha1, sha256 or sha512.',
  },
  HKT_SIGNER_DIGEST: {
    template: "refused a message: wrong HMAC for signer '%s'",
    retryable: false,
    advice:
      'Give both sides the same hmac_key; if they have it, the message was changed on its way.',
  },
  HKT_SIGNER_HASH_NAME: {
    template: "'%s' is not a hash function for signing",
    retryable: false,
    advice: 'Use md5, sha1, sha256 or sha512.',
  },
  HKT_SIGNER_VERSION: {
    template: '%s is not a signer key version',
    retryable: false,
    advice: 'Use a whole number from 0 to 4294967295.',
  },
  HKT_RECORD_TOO_BIG: {
    template: 'record exceeded MAX_RECORD_SIZE %s and was %s',
    retryable: false,
    advice: 'Check the delimiter, raise max_message_size, or set keep_truncated = true.',
  },
  HKT_RECORD_INCOMPLETE: {
    template: 'the stream ended inside a record: %s bytes were not delivered',
    retryable: false,
    advice: 'Set deliver_incomplete_final = true to have them as a record.',
  },
  HKT_SPLITTER_DELIMITER: {
    template: '%s',
    retryable: false,
    advice: 'Mend the delimiter of the splitter.',
  },
  HKT_SPLITTER_BUFFER: {
    template: "'min_buffer_size' (%s) can't be larger than MAX_RECORD_SIZE (%s)",
    retryable: false,
    advice: 'Lower min_buffer_size, or raise max_message_size.',
  },
} as const;
