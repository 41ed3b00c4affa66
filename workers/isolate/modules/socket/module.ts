/**
 * The `socket.core` module: LuaSocket's native half. Sockets live outside of the isolate; operations that wait do so there.
 * What LuaSocket adds in Lua, and `socket.unix`, is in Lua here too.
 */
import type { GuestValue, HostFunction } from '../../engine.ts';
import { numberArgument, optionArgument, stringArgument } from '../../host-api/guest-arguments.ts';
import type { ModuleFactory } from '../native-module.ts';
import { DATAGRAM_BYTES, DatagramObjects } from './datagram-object.ts';
import { namesLibrary } from './names.ts';
import { Selection } from './select.ts';
import { SocketHost } from './socket-host.ts';
import { StreamObjects } from './stream-object.ts';

const FAMILIES = ['unspec', 'inet', 'inet6'];
const SET_SIZE = 1024;

export const createModule: ModuleFactory = (parts) => {
  const host = new SocketHost(parts);
  const streams = new StreamObjects(host, 'tcp');
  const paths = new StreamObjects(host, 'unixstream');
  const datagrams = new DatagramObjects(host);
  const selection = new Selection(host);
  const functions: Record<string, HostFunction> = {
    tcp: () => streams.create(),
    tcp4: () => streams.create('inet'),
    tcp6: () => streams.create('inet6'),
    udp: () => datagrams.create(),
    udp4: () => datagrams.create('inet'),
    udp6: () => datagrams.create('inet6'),
    connect: (args) => {
      const remote = [stringArgument(args, 1), stringArgument(args, 2)] as const;
      const local =
        args[2] === undefined
          ? undefined
          : ([
              stringArgument(args, 3),
              args[3] === undefined ? '0' : stringArgument(args, 4),
            ] as const);
      const family = FAMILIES[optionArgument(args, 5, FAMILIES, 'unspec')];
      return streams.connected(remote, local, family === 'unspec' ? undefined : family);
    },
    select: (args) => selection.select(args),
    gettime: () => host.ask('time'),
    sleep: (args) => {
      host.ask('sleep', numberArgument(args, 1));
      return [];
    },
    skip: (args) => args.slice(Math.max(0, Math.trunc(numberArgument(args, 1))) + 1),
    // For the Lua half.
    _unixstream: () => paths.create(),
    _indexer: ([indexer]) => {
      selection.indexer = indexer;
      return [];
    },
  };
  return {
    name: 'socket.core',
    open: () => {
      const values: Record<string, HostFunction | GuestValue> = {
        ...functions,
        dns: namesLibrary(host),
        _VERSION: 'LuaSocket 3.0.0',
        _DATAGRAMSIZE: DATAGRAM_BYTES,
        _SETSIZE: SET_SIZE,
        _SOCKETINVALID: -1,
      };
      return { name: 'socket.core', functions: values, global: false };
    },
  };
};
