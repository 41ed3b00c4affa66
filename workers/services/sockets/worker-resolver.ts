/**
 * Names and addresses, as the system's resolver has them.
 */
import { lookup, lookupService } from 'node:dns/promises';
import type { Family, Place, Reply, SocketName } from './messages.ts';

/** An error's name; anything else is an error of ours. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') throw error;
  return code;
}

/** The addresses of a place, at least one. Rejects with the resolver's error. */
export async function addressesOf(
  place: Exclude<Place, { readonly path: string }>,
): Promise<SocketName[]> {
  const { family, host, port } = place;
  const found = await lookup(host, {
    all: true,
    order: 'verbatim',
    ...(family === undefined ? {} : { family: family === 'inet6' ? 6 : 4 }),
  });
  const names = found.map((one) => ({
    address: one.address,
    port,
    family: one.family === 6 ? ('inet6' as const) : ('inet' as const),
  }));
  // Numeric addresses are found whatever is asked for.
  const fitting = names.filter((name) => family === undefined || name.family === family);
  if (fitting.length === 0) {
    throw Object.assign(new Error('no address'), { code: 'EAI_ADDRFAMILY' });
  }
  return fitting;
}

/** All addresses of a host. */
export async function resolveHost(host: string): Promise<Reply> {
  try {
    return { hosts: [host], found: await addressesOf({ host, port: 0, family: undefined }) };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

/** The name of a numeric address. */
export async function reverseAddress(address: string): Promise<Reply> {
  try {
    const { hostname } = await lookupService(address, 0);
    const family: Family = address.includes(':') ? 'inet6' : 'inet';
    return { hosts: [hostname], found: [{ address, port: 0, family }] };
  } catch (error) {
    return { code: codeOf(error) };
  }
}
