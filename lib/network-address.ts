/**
 * Network addresses as the configuration writes them: "host:port", "[::1]:port", ":port" for every interface.
 * Only numeric ports; names of services are refused rather than looked up.
 */
import { isIP } from 'node:net';
import { HekateError } from './protocol/errors.ts';

export interface NetworkAddress {
  /** "" for every interface. */
  readonly host: string;
  readonly port: number;
}

const HIGHEST_PORT = 65535;

/** Throws HKT_PLUGIN_ADDRESS. */
export function parseAddress(text: string): NetworkAddress {
  const fault = (reason: string): HekateError =>
    new HekateError('HKT_PLUGIN_ADDRESS', [text.slice(0, 200), reason]);
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw fault('the port is missing');
  const portText = text.slice(colon + 1);
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > HIGHEST_PORT) {
    throw fault(`the port must be a number from 0 to ${HIGHEST_PORT}`);
  }
  let host = text.slice(0, colon);
  if (host.startsWith('[')) {
    if (!host.endsWith(']')) throw fault("the closing ']' is missing");
    host = host.slice(1, -1);
    if (isIP(host) !== 6) throw fault('only an IPv6 address stands in brackets');
  } else if (host.includes(':')) {
    throw fault('an IPv6 address stands in brackets: [::1]:port');
  } else if (/[\s/@]/.test(host)) {
    throw fault('the host has a character that no host has');
  }
  return { host, port };
}

/** For a FieldSpec's `check`: what is wrong with the address, or undefined. */
export function addressFault(value: unknown): string | undefined {
  try {
    parseAddress(String(value));
    return undefined;
  } catch (fault) {
    return fault instanceof HekateError ? fault.message : String(fault);
  }
}

/** "host:port", with IPv6 addresses in brackets. */
export function addressText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The IPv4 address of an IPv4-mapped IPv6 one, else the address itself. */
export function plainHost(host: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(host) ? host.slice(7) : host;
}

/** True for addresses that only this machine can reach. Takes an IP address, not a name. */
export function isLoopback(host: string): boolean {
  const plain = plainHost(host);
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
