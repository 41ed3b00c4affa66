/** Binds UDP sockets: one IP version or both, as the `net` setting says. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { NetworkAddress } from '../network-address.ts';

export type DatagramListener = (bytes: Uint8Array, remote: RemoteInfo) => void;

/** `net` is udp (both IP versions), udp4 or udp6. Rejects when the address cannot be had. */
export async function bindDatagramSocket(
  { host, port }: NetworkAddress,
  net: string,
  receive: DatagramListener,
): Promise<Socket> {
  const bind = (ipv6: boolean, address: string, ipv6Only: boolean): Promise<Socket> =>
    bindSocket({ ipv6, ipv6Only }, address, port, receive);
  if (host !== '') {
    const wanted = net === 'udp4' ? 4 : net === 'udp6' ? 6 : 0;
    const { address, family } =
      isIP(host) !== 0
        ? { address: host, family: isIP(host) }
        : await lookup(host, { family: wanted });
    if (wanted !== 0 && wanted !== family) throw new Error(`${host} is no ${net} address`);
    return await bind(family === 6, address, net === 'udp6');
  }
  if (net === 'udp4') return await bind(false, '0.0.0.0', false);
  if (net === 'udp6') return await bind(true, '::', true);
  try {
    return await bind(true, '::', false);
  } catch (thrown) {
    // Where IPv6 is switched off, every interface means every IPv4 interface.
    const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL' && code !== 'EINVAL') throw thrown;
    return await bind(false, '0.0.0.0', false);
  }
}

async function bindSocket(
  { ipv6, ipv6Only }: { readonly ipv6: boolean; readonly ipv6Only: boolean },
  address: string,
  port: number,
  receive: DatagramListener,
): Promise<Socket> {
  const socket = createSocket({ type: ipv6 ? 'udp6' : 'udp4', ipv6Only });
  // Before binding: the first datagram may come in the same turn.
  socket.on('message', receive);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
  return socket;
}
