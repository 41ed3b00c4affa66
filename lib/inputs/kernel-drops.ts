/**
 * How many datagrams the kernel threw away because a socket's receive buffer was full, from /proc/net/udp and
 * /proc/net/udp6. On systems without these files the number is unknown, not 0.
 */
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

const TABLES = ['/proc/net/udp', '/proc/net/udp6'];
const DROPS_COLUMN = 12;
const LOCAL_COLUMN = 1;

/** Adds up the drops of the sockets bound to `port` in the text of one table; undefined when there is none. */
export function dropsIn(table: string, port: number, addressHex?: string): number | undefined {
  let drops: number | undefined;
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    const [address, portHex] = (columns[LOCAL_COLUMN] ?? '').split(':');
    if (portHex === undefined || Number.parseInt(portHex, 16) !== port) continue;
    if (addressHex !== undefined && address !== addressHex) continue;
    const count = Number(columns[DROPS_COLUMN]);
    if (Number.isFinite(count)) drops = (drops ?? 0) + count;
  }
  return drops;
}

/** An IPv4 address as the table writes it: a 32-bit number in the machine's byte order. */
export function ipv4Hex(address: string): string {
  const bytes = address.split('.').map(Number);
  const ordered = endianness() === 'LE' ? bytes.reverse() : bytes;
  return ordered
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

/** Drops so far of the socket bound to this address and port; undefined when the system does not say. */
export async function kernelDrops(address: string, port: number): Promise<number | undefined> {
  let drops: number | undefined;
  const ipv4 = /^\d+\.\d+\.\d+\.\d+$/.test(address);
  for (const table of ipv4 ? TABLES.slice(0, 1) : TABLES.slice(1)) {
    // Absent outside Linux and in some containers.
    const text = await readFile(table, 'latin1').catch(() => undefined);
    if (text === undefined) continue;
    const found = dropsIn(text, port, ipv4 ? ipv4Hex(address) : undefined);
    if (found !== undefined) drops = (drops ?? 0) + found;
  }
  return drops;
}
