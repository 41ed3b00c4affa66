/**
 * Hosts and ports as a guest names them. What is wrong with one is the name of an error of the system's resolver.
 */
import type { ServiceValue } from '../../isolate/modules/native-module.ts';
import type { Family, Place } from './messages.ts';

const HOST = /^[!-~]{1,255}$/;
const PORT = /^\d{1,5}$/;
const MOST_PORT = 65_535;
/** Services that scripts name; the system's own list is not asked. */
const SERVICES: Readonly<Record<string, number>> = {
  domain: 53,
  ftp: 21,
  http: 80,
  https: 443,
  imap: 143,
  ntp: 123,
  pop3: 110,
  smtp: 25,
  ssh: 22,
  submission: 587,
  syslog: 514,
  telnet: 23,
};

/** Undefined for what is none. */
export function portOf(value: ServiceValue): number | undefined {
  const text = String(value);
  if (Object.hasOwn(SERVICES, text)) return SERVICES[text];
  if (!PORT.test(text)) return undefined;
  const port = Number(text);
  return port <= MOST_PORT ? port : undefined;
}

/** A place, or the name of the error. */
export function placeOf(
  host: ServiceValue,
  port: ServiceValue,
  family: Family | undefined,
): Extract<Place, { readonly host: string }> | string {
  if (typeof host !== 'string' || !HOST.test(host)) return 'EAI_NONAME';
  const number = portOf(port);
  return number === undefined ? 'EAI_SERVICE' : { host, port: number, family };
}
