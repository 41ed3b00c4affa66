/** The settings of HttpListenInput: Heka 0.11's, and its bounds. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import { addressFault } from '../network-address.ts';
import { errorText } from '../protocol/errors.ts';
import { lintServerTls, serverTlsField } from './tls-options.ts';
import { WHOLE_RECORD_BYTES, wholeRecordFault } from './whole-record.ts';

const MAX_CONNECTIONS = 1024;

export const httpListenSpec: PluginSpec = {
  type: 'HttpListenInput',
  category: 'input',
  doc: "A web server: the body of a request is a record with a NullSplitter. Protocol, UserAgent, ContentType, Path, Host, RemoteAddr and the query's parameters are fields. Answers 200 when the records were routed, 401, 413 or 503 when they were not; a request without a body makes no record.",
  fields: {
    address: {
      kind: 'string',
      default: '127.0.0.1:8325',
      doc: 'host:port to listen on; ":port" is every interface.',
      check: addressFault,
    },
    headers: {
      kind: 'table',
      doc: 'Headers of every answer; each is a list of texts.',
      example: '{ Server = ["hekate"] }',
      check: headersFault,
    },
    request_headers: {
      kind: 'strings',
      default: [],
      doc: 'Headers of requests that become fields of the same name.',
      example: '["X-Forwarded-For"]',
    },
    auth_type: {
      kind: 'choice',
      choices: ['', 'Basic', 'API'],
      default: '',
      doc: 'Who may send: everyone; with "Basic", those who give username and password; with "API", those whose header X-API-Key is api_key.',
    },
    username: { kind: 'string', default: '', doc: 'For auth_type = "Basic".' },
    password: { kind: 'string', default: '', doc: 'For auth_type = "Basic".' },
    api_key: { kind: 'string', default: '', doc: 'For auth_type = "API".' },
    use_tls: { kind: 'bool', default: false, doc: 'Only accept encrypted connections.' },
    tls: serverTlsField,
    max_body_size: {
      kind: 'bytes',
      default: WHOLE_RECORD_BYTES,
      doc: 'Largest body of a request. A sandbox is given no message above 1 MiB. Not in Heka.',
      example: '"256KiB"',
      check: wholeRecordFault,
    },
    max_connections: {
      kind: 'uint',
      default: MAX_CONNECTIONS,
      doc: 'Connections that may be open at a time; further ones are refused. Not in Heka.',
      check: (value) => (Number(value) < 1 ? 'must be at least 1' : undefined),
    },
    request_timeout: {
      kind: 'duration',
      default: 30_000,
      doc: 'Longest time in which a client must send its request. Not in Heka.',
      example: '"30s"',
      check: (value) => (Number(value) < 1 ? 'must be at least 1ms' : undefined),
    },
  },
  ticker: false,
  lint: (section) => [...lintServerTls(section), ...lintCredentials(section)],
};

function headersFault(value: ConfigValue): string | undefined {
  for (const [name, texts] of Object.entries(value)) {
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
      return `'${name}' must be a list of texts`;
    }
    try {
      validateHeaderName(name);
      for (const text of texts) validateHeaderValue(name, text);
    } catch (thrown) {
      return errorText(thrown);
    }
  }
  return undefined;
}

/** Upstream lets everyone in when there is nothing to compare with. */
function lintCredentials(section: Section): readonly { key: string; text: string }[] {
  const needed =
    section.string('auth_type') === 'Basic'
      ? ['username', 'password']
      : section.string('auth_type') === 'API'
        ? ['api_key']
        : [];
  return needed
    .filter((key) => section.string(key) === '')
    .map((key) => ({ key, text: `auth_type = "${section.string('auth_type')}" needs it` }));
}
