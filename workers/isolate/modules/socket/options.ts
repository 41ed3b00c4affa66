/**
 * Options of sockets, by LuaSocket's names: what a script may set, in which form, and what it comes to here. What cannot be set
 * fails as if the system had refused it; what there is no such thing as is an error.
 */
import { GuestArgumentError, type GuestTable, type GuestValue } from '../../engine.ts';
import { integerArgument, stringArgument, typeError } from '../../host-api/guest-arguments.ts';
import type { ServiceValue } from '../native-module.ts';

/** What the host is asked for: its name of the option and the values. */
export type HostOption = readonly [name: string, ...values: ServiceValue[]];

interface Option {
  /** Checks and reads argument 3: undefined when it is so already, or cannot be told; false when it cannot be set. */
  readonly read: (args: readonly GuestValue[]) => HostOption | undefined | false;
}

type Options = Readonly<Record<string, Option>>;

function flag(name?: string): Option {
  return {
    read: (args) => {
      const value = args[2];
      if (typeof value !== 'boolean') throw typeError(args, 3, 'boolean');
      return name === undefined ? undefined : [name, value];
    },
  };
}

function number(name?: string): Option {
  return {
    read: (args) => {
      const value = integerArgument(args, 3);
      return name === undefined ? false : [name, value];
    },
  };
}

const unsettable: Option = { read: () => false };

/** Nothing here waits for a connection as it is closed. */
const linger: Option = {
  read: (args) => {
    const table = tableArgument(args);
    if (typeof table.get('on') !== 'boolean') {
      throw new GuestArgumentError(3, "boolean 'on' field expected");
    }
    if (typeof table.get('timeout') !== 'number') {
      throw new GuestArgumentError(3, "number 'timeout' field expected");
    }
    return undefined;
  },
};

function membership(name: 'join' | 'leave'): Option {
  return {
    read: (args) => {
      const table = tableArgument(args);
      const group = table.get('multiaddr');
      const on = table.get('interface');
      if (typeof group !== 'string') {
        throw new GuestArgumentError(3, "string 'multiaddr' field expected");
      }
      if (on !== undefined && typeof on !== 'string') {
        throw new GuestArgumentError(3, "string 'interface' field expected");
      }
      return [name, group, on === '*' ? undefined : on];
    },
  };
}

const multicastInterface: Option = {
  read: (args) => {
    const address = stringArgument(args, 3);
    return ['multicastInterface', address === '*' ? '0.0.0.0' : address];
  },
};

export const streamOptions: Options = {
  keepalive: flag('keepalive'),
  'tcp-nodelay': flag('nodelay'),
  reuseaddr: flag(), // it always is
  linger,
  reuseport: unsettable,
  'ipv6-v6only': flag(), // it always is
  bindtodevice: unsettable,
  'tcp-keepidle': number(),
  'tcp-keepcnt': number(),
  'tcp-keepintvl': number(),
  'tcp-defer-accept': number(),
  'tcp-fastopen': number(),
  'tcp-fastopen-connect': number(),
  'recv-buffer-size': number(),
  'send-buffer-size': number(),
};

export const pathOptions: Options = {
  keepalive: flag('keepalive'),
  reuseaddr: flag(),
  linger,
};

export const datagramOptions: Options = {
  broadcast: flag('broadcast'),
  reuseaddr: flag('reuseaddr'),
  reuseport: unsettable,
  dontroute: unsettable,
  'ip-multicast-if': multicastInterface,
  'ip-multicast-ttl': number('multicastTtl'),
  'ip-multicast-loop': flag('multicastLoop'),
  'ip-add-membership': membership('join'),
  'ip-drop-membership': membership('leave'),
  'ipv6-unicast-hops': number('hops'),
  'ipv6-multicast-hops': number('multicastTtl'),
  'ipv6-multicast-loop': flag('multicastLoop'),
  'ipv6-add-membership': membership('join'),
  'ipv6-drop-membership': membership('leave'),
  'ipv6-v6only': flag(),
  'recv-buffer-size': number('receiveBuffer'),
  'send-buffer-size': number('sendBuffer'),
};

/** The option that argument 2 names. */
export function optionOf(options: Options, args: readonly GuestValue[]): Option {
  const name = stringArgument(args, 2);
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) {
    throw new GuestArgumentError(2, `unsupported option \`${name.slice(0, 35)}'`);
  }
  return option;
}

function tableArgument(args: readonly GuestValue[]): GuestTable {
  const table = args[2];
  if (typeof table !== 'object' || table.kind !== 'table') throw typeError(args, 3, 'table');
  return table;
}
