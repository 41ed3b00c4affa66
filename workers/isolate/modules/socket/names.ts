/** `socket.dns`: names and addresses of hosts. */
import { GuestError, type GuestTable, type GuestValue } from '../../engine.ts';
import { stringArgument } from '../../host-api/guest-arguments.ts';
import type { ServiceValue } from '../native-module.ts';
import type { SocketHost } from './socket-host.ts';

const NUMERIC = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/;
const NOT_FOUND = [undefined, 'host not found'] as const;

interface Address {
  readonly family: ServiceValue;
  readonly address: ServiceValue;
}

/** What the host answers behind the name: families and addresses in turn. */
function addressesOf([, ...rest]: readonly ServiceValue[]): Address[] {
  const found: Address[] = [];
  for (let i = 0; i + 1 < rest.length; i += 2)
    found.push({ family: rest[i], address: rest[i + 1] });
  return found;
}

export function namesLibrary(host: SocketHost): GuestTable {
  const { parts } = host;
  const resolved = (name: ServiceValue, addresses: readonly ServiceValue[]): GuestTable => {
    const table = parts.createTable();
    table.set('name', name);
    table.set('alias', parts.createTable());
    table.set('ip', parts.createList(addresses));
    return table;
  };
  const lookUp = (name: string): readonly ServiceValue[] =>
    NUMERIC.test(name) ? host.ask('reverse', name) : host.ask('resolve', name);
  const functions: Record<string, (args: readonly GuestValue[]) => readonly GuestValue[]> = {
    gethostname: () => host.ask('hostname'),
    toip: (args) => {
      const answer = host.ask('resolve', stringArgument(args, 1));
      if (answer[0] === undefined) return NOT_FOUND;
      const addresses = addressesOf(answer)
        .filter(({ family }) => family === 'inet')
        .map(({ address }) => address);
      return addresses.length === 0 ? NOT_FOUND : [addresses[0], resolved(answer[0], addresses)];
    },
    tohostname: (args) => {
      const answer = lookUp(stringArgument(args, 1));
      if (answer[0] === undefined) return NOT_FOUND;
      const addresses = addressesOf(answer).map(({ address }) => address);
      return [answer[0], resolved(answer[0], addresses)];
    },
    getaddrinfo: (args) => {
      const answer = host.ask('resolve', stringArgument(args, 1));
      if (answer[0] === undefined) return [undefined, answer[1]];
      const list = addressesOf(answer).map(({ address, family }) => {
        const entry = parts.createTable();
        entry.set('family', family);
        entry.set('addr', address);
        return entry;
      });
      return [parts.createList(list)];
    },
    getnameinfo: (args) => {
      if (args[0] === undefined)
        throw new GuestError('a host is needed: services have no names here');
      const answer = lookUp(stringArgument(args, 1));
      return answer[0] === undefined ? [undefined, answer[1]] : [parts.createList([answer[0]])];
    },
  };
  const table = parts.createTable();
  for (const [name, call] of Object.entries(functions)) {
    table.set(name, parts.createFunction(name, call));
  }
  return table;
}
