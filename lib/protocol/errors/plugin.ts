/** Catalogue entries: inputs, decoders, encoders and outputs. Merged into the catalogue by ../errors.ts. */
export const pluginErrors = {
  HKT_PLUGIN_RETRIES: {
    template: 'Max retries exceeded (%s)',
    retryable: false,
    advice: 'Mend what the attempts failed at, or raise max_retries (-1 retries for ever).',
  },
  HKT_PLUGIN_ADDRESS: {
    template: "'%s' is not an address: %s",
    retryable: false,
    advice: 'Write host:port, such as "127.0.0.1:5565", or ":5565" for all interfaces.',
  },
  HKT_PLUGIN_LISTEN: {
    template: "cannot listen on '%s': %s",
    retryable: true,
    advice: 'Free the address or choose another one.',
  },
  HKT_PLUGIN_CONNECTIONS: {
    template: 'refused a connection from %s: %s connections are open',
    retryable: true,
    advice: 'Raise max_connections, or set keep_alive so that vanished peers are noticed.',
  },
  HKT_PLUGIN_PEER_SLOW: {
    template: 'closed the connection of %s: it does not read its replies (%s bytes waiting)',
    retryable: true,
    advice: 'The peer must read the replies to the control messages that it sends.',
  },
  HKT_PLUGIN_CONNECTION: {
    template: 'connection of %s failed: %s',
    retryable: true,
    advice: 'Nothing to do here: the input goes on; look at the peer or the network.',
  },
  HKT_PLUGIN_READ: {
    template: "cannot read '%s': %s",
    retryable: true,
    advice: 'Check that the source exists and may be read; the input tries again where it can.',
  },
  HKT_PLUGIN_DATAGRAMS_DROPPED: {
    template: '%s datagrams dropped by %s (%s in all)',
    retryable: false,
    advice: 'The pipeline is slower than the senders: raise the receive buffer or add shards.',
  },
  HKT_PLUGIN_ENCODER_REQUIRED: {
    template: 'Encoder required.',
    retryable: false,
    advice: 'Name an encoder in the output\'s section, such as encoder = "PayloadEncoder".',
  },
  HKT_PLUGIN_ENCODE: {
    template: "can't encode: %s",
    retryable: false,
    advice: 'The message was skipped and counted; look at what the encoder refused.',
  },
  HKT_PLUGIN_WRITE: {
    template: "can't write to %s: %s",
    retryable: true,
    advice: 'Make room or mend permissions; the output keeps its records and tries again.',
  },
  HKT_PLUGIN_CONNECT: {
    template: "can't connect to %s: %s",
    retryable: true,
    advice: 'The output tries again for ever; check the address and that the peer runs.',
  },
  HKT_PLUGIN_LOST: {
    template: '%s records for %s were lost at shutdown: %s',
    retryable: false,
    advice:
      'The destination could not take them in time; send them again from their source if you can.',
  },
  HKT_TLS_PAIR: {
    template: 'TLS config requires both cert_file and key_file value.',
    retryable: false,
    advice: 'Give both, as PEM files.',
  },
  HKT_TLS_FILE: {
    template: "cannot use %s '%s': %s",
    retryable: false,
    advice: 'Check that the file exists, may be read, and holds what the key asks for in PEM form.',
  },
  HKT_TLS_CLIENT_CA: {
    template: 'client_auth = "%s" needs client_cafile',
    retryable: false,
    advice: "Name the PEM file with the authority that signs your clients' certificates.",
  },
  HKT_TLS_HANDSHAKE: {
    template: 'TLS handshake with %s failed: %s',
    retryable: true,
    advice: "Check both sides' certificates, authorities and minimum versions.",
  },
  HKT_DECODE_NO_MATCH: {
    template: 'No match: %s',
    retryable: false,
    advice: 'Mend match_regex, or set log_errors = false to ignore such payloads.',
  },
  HKT_DECODE_FIELD: {
    template: "cannot set %s to '%s': %s",
    retryable: false,
    advice: 'Mend the entry in message_fields, or the group that it is filled from.',
  },
  HKT_DECODE_TIMESTAMP: {
    template: "Don't recognize Timestamp: '%s'",
    retryable: false,
    advice: 'The message keeps its own timestamp; mend timestamp_layout.',
  },
  HKT_DECODE_SEVERITY: {
    template: "Don't recognize severity: '%s'",
    retryable: false,
    advice: 'The message keeps its own severity; add the word to severity_map.',
  },
  HKT_LOGSTREAM_DIRECTORY: {
    template: "log_directory '%s' cannot be read: %s",
    retryable: true,
    advice: 'Create the directory or mend its permissions.',
  },
  HKT_LOGSTREAM_PRIORITY: {
    template: "found %s files without priority to sort on for '%s': %s",
    retryable: false,
    advice: 'Give priority, or a differentiator that tells the files apart.',
  },
  HKT_LOGSTREAM_PART: {
    template: "cannot sort '%s': value '%s' of '%s' has no translation",
    retryable: false,
    advice: 'Add the value to the translation, or narrow file_match.',
  },
  HKT_LOGSTREAM_OUTSIDE: {
    template: "skipped '%s': the link leads out of log_directory",
    retryable: false,
    advice: 'Point log_directory at the real place, or remove the link.',
  },
  HKT_LOGSTREAM_COMPRESSED: {
    template: "skipped '%s': compressed files are not read",
    retryable: false,
    advice: 'Exclude it in file_match, or unpack it.',
  },
  HKT_LOGSTREAM_BOUND: {
    template: '%s exceeds the bound of %s %s',
    retryable: false,
    advice: 'Choose a narrower log_directory or file_match, or spread them over several inputs.',
  },
  HKT_LOGSTREAM_JOURNAL: {
    template: "journal '%s' cannot be used: %s",
    retryable: false,
    advice: 'The stream starts as if it had never been read. Remove the file to silence this.',
  },
  HKT_LOGSTREAM_JOURNAL_WRITE: {
    template: "journal '%s' cannot be written: %s",
    retryable: true,
    advice: 'Make room or mend permissions; until then a restart may read records twice.',
  },
  HKT_LOGSTREAM_LOST_PLACE: {
    template: "the place in '%s' (%s, byte %s) is gone; reading goes on at the start of %s",
    retryable: false,
    advice: 'The file was removed or overwritten before it was read to its end: rotate later.',
  },
  HKT_LOGSTREAM_INCOMPLETE: {
    template: "'%s' ends within a record: %s bytes skipped",
    retryable: false,
    advice: 'Set deliver_incomplete_final on the splitter to deliver such records.',
  },
  HKT_PLUGIN_STATS_DROPPED: {
    template: '%s stats dropped: %s; the last one: %s',
    retryable: false,
    advice: 'Mend what sends them, raise max_stats, or set delete_idle_stats.',
  },
  HKT_PLUGIN_STAT_UNDELIVERED: {
    template: 'Undelivered stat: %s',
    retryable: false,
    advice: 'The StatAccumInput had ended before: values that come during a shutdown may be lost.',
  },
  HKT_PLUGIN_FETCH: {
    template: '%s %s: %s',
    retryable: true,
    advice: 'Check the address and the server; the input asks again at its next tick.',
  },
  HKT_PLUGIN_BODY: {
    template: 'the body is longer than max_body_size (%s bytes)',
    retryable: false,
    advice: 'Raise max_body_size, or send less at a time.',
  },
  HKT_PLUGIN_REQUEST: {
    template: 'refused a request of %s: %s',
    retryable: false,
    advice: 'The client was told with an HTTP status; mend its request or its credentials.',
  },
  HKT_PLUGIN_COMMAND: {
    template: 'CommandChain::Start() error: [Command [%s] triggered an error: [%s]]',
    retryable: true,
    advice: 'Check bin, directory and permissions; the input tries again as [retries] says.',
  },
  HKT_PLUGIN_COMMAND_ENDED: {
    template: 'the command ended: %s',
    retryable: true,
    advice:
      'With ticker_interval = 0 the command should not end; it is started again as [retries] says.',
  },
  HKT_DECODE_ALL_FAILED: {
    template: 'All subdecoders failed.',
    retryable: false,
    advice: 'Set log_sub_errors = true to see why each of them failed.',
  },
  HKT_DECODE_JSON: {
    template: "can't parse JSON: %s",
    retryable: false,
    advice: 'Only payloads that are JSON can be decoded; use a MultiDecoder when others come too.',
  },
  HKT_DECODE_XML: {
    template: "can't parse XML: %s",
    retryable: false,
    advice:
      'Only payloads that are well-formed XML can be decoded; entities of a DTD are not known.',
  },
  HKT_DECODE_BOUND: {
    template: '%s exceeds the bound of %s %s',
    retryable: false,
    advice: 'Such payloads are refused to protect the daemon: simplify the document or the paths.',
  },
  HKT_PLUGIN_QUEUE: {
    template: "can't initialize buffer: %s: %s",
    retryable: false,
    advice: 'Check that base_dir exists, that the daemon may write there, and that the disk works.',
  },
  HKT_PLUGIN_QUEUE_LOCKED: {
    template: "can't initialize buffer: %s is in use (process %s)",
    retryable: false,
    advice:
      'Stop the other daemon, give this one a base_dir of its own, or name the two outputs so that they differ in letters or digits.',
  },
  HKT_PLUGIN_QUEUE_SIZE: {
    template: '`%s` must be greater than maximum record size of %s',
    retryable: false,
    advice: 'Raise it, or lower max_message_size.',
  },
  HKT_PLUGIN_QUEUE_FULL: {
    template: 'Queue is full: max_buffer_size (%s bytes) is used up, full_action is %s',
    retryable: true,
    advice: 'The destination is away or too slow: mend it, or raise max_buffer_size.',
  },
  HKT_PLUGIN_QUEUE_DROPPED: {
    template: 'dropped a message: Queue is full (%s bytes)',
    retryable: false,
    advice: 'The destination is away or too slow: mend it, raise max_buffer_size, or use "block".',
  },
  HKT_PLUGIN_QUEUE_WRITE: {
    template: "can't write to queue: %s: %s",
    retryable: true,
    advice: 'Make room or mend permissions; messages wait in memory and the output tries again.',
  },
  HKT_PLUGIN_QUEUE_READ: {
    template: "can't read the queue of '%s': %s",
    retryable: true,
    advice: 'Check the files below base_dir in output_queue; the output tries again.',
  },
  HKT_PLUGIN_QUEUE_CURSOR: {
    template: "the queue's checkpoint '%s' cannot be used: %s",
    retryable: true,
    advice: 'Make room or mend permissions; until then messages may be delivered twice.',
  },
  HKT_PLUGIN_QUEUE_DAMAGED: {
    template: "skipped in the queue's file '%s': %s bytes that belong to no message",
    retryable: false,
    advice:
      'The end of a file is torn when the daemon was killed; anything else is a damaged disk.',
  },
  HKT_PLUGIN_QUEUE_MESSAGE: {
    template: 'passed over a message of the queue: %s',
    retryable: false,
    advice: 'It was damaged on disk; look at the disk, and at who else writes to base_dir.',
  },
  HKT_PLUGIN_HTTP: {
    template: 'Error making HTTP request: %s: %s',
    retryable: true,
    advice: 'The output keeps the record and tries again; check the address and the server.',
  },
  HKT_PLUGIN_HTTP_STATUS: {
    template: 'HTTP Error code returned: %s - %s (%s)',
    retryable: true,
    advice:
      'The output keeps the record and tries again; check the address, the method and the credentials.',
  },
  HKT_PLUGIN_HTTP_REFUSED: {
    template: 'dropped a record, HTTP Error code returned: %s - %s (%s)',
    retryable: false,
    advice: 'The server takes no record of this form; look at the encoder.',
  },
  HKT_PLUGIN_BULK: {
    template: "can't index: %s",
    retryable: true,
    advice: 'The output keeps the documents and tries again; check the server.',
  },
  HKT_PLUGIN_BULK_REFUSED: {
    template: '%s of %s documents were refused and dropped, such as: %s',
    retryable: false,
    advice: "Mend the encoder's settings or the index's mapping; the others were indexed.",
  },
  HKT_PLUGIN_DATAGRAM_SIZE: {
    template: 'Message has exceeded allowed UDP data size: %s > %s',
    retryable: false,
    advice: 'Such messages are dropped and counted: send them over TCP.',
  },
  HKT_PLUGIN_DATAGRAM_LOST: {
    template: 'a datagram to %s was not sent: %s',
    retryable: false,
    advice: 'It is dropped and counted, as UDP has it; look at the network or the address.',
  },
  HKT_PLUGIN_STATMETRIC: {
    template: '%s',
    retryable: false,
    advice: 'The line is dropped and counted; CarbonOutput takes lines of "name value timestamp".',
  },
  HKT_PLUGIN_MAIL: {
    template: 'sending error: %s: %s',
    retryable: true,
    advice: 'The output keeps the text and tries again; check the host, the user and the password.',
  },
  HKT_PLUGIN_MAIL_REFUSED: {
    template: 'dropped a mail that %s refused: %s',
    retryable: false,
    advice: "Check the sender's and the recipients' addresses, and the size of the mail.",
  },
  HKT_PLUGIN_PACKAGE: {
    template: '%s needs the package %s: %s',
    retryable: false,
    advice: 'Install the packages again with npm ci.',
  },
  HKT_PLUGIN_DECODE_SANDBOX: {
    template: '%s',
    retryable: false,
    advice:
      'The script of the SandboxDecoder refused the message or ended on it; later ones are decoded.',
  },
  HKT_PLUGIN_ENCODE_SANDBOX: {
    template: '%s',
    retryable: false,
    advice:
      'The script of the SandboxEncoder refused the message or ended on it; it is left out and counted.',
  },
  HKT_PLUGIN_SANDBOX_ENDED: {
    template: '%s: %s',
    retryable: false,
    advice:
      'The script of the input or output ended; mend it at the file and line that the text names.',
  },
} as const;
