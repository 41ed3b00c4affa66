/**
 * What a record of HttpListenInput says of the request that brought it: Heka's fields, chosen request headers, and the
 * query's parameters (Heka 0.11).
 */
import type { IncomingMessage } from 'node:http';
import { plainHost } from '../network-address.ts';
import type { PluginContext, RecordMarks } from '../plugin.ts';
import type { FieldInit } from '../protocol/message.ts';

/** Parameters of a query. */
export const MOST_PARAMETERS = 256;

/** The path and query of a request; undefined when they cannot be read. */
export function requestUrl(request: IncomingMessage): URL | undefined {
  const target = request.url ?? '/';
  // A target that begins with two slashes is a path here, not another host.
  const text = target.startsWith('/') ? `http://host${target}` : target;
  return URL.canParse(text) ? new URL(text) : undefined;
}

export function requestMarks(
  request: IncomingMessage,
  url: URL,
  context: Pick<PluginContext, 'hostname' | 'pid'>,
  requestHeaders: readonly string[],
): RecordMarks {
  const fields: FieldInit[] = [
    { name: 'Protocol', value: `HTTP/${request.httpVersion}` },
    { name: 'UserAgent', value: header(request, 'user-agent') },
    { name: 'ContentType', value: header(request, 'content-type') },
    { name: 'Path', value: decoded(url.pathname) },
    { name: 'Host', value: hostOf(header(request, 'host')) },
    { name: 'RemoteAddr', value: plainHost(request.socket.remoteAddress ?? '') },
  ];
  for (const name of requestHeaders) {
    const value = header(request, name);
    if (value !== '') fields.push({ name, value });
  }
  for (const [name, value] of url.searchParams) fields.push({ name, value });
  return {
    type: 'heka.httpdata.request',
    hostname: context.hostname,
    pid: context.pid,
    severity: 6,
    envVersion: '1',
    fields,
  };
}

/** The first header of that name, or "". */
function header(request: IncomingMessage, name: string): string {
  return request.headersDistinct[name.toLowerCase()]?.[0] ?? '';
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // not UTF-8 behind its percent signs: as it was sent
  }
}

/** The host that the client asked for, without the port. */
function hostOf(text: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(text);
  return match?.[1] ?? match?.[2] ?? text;
}
