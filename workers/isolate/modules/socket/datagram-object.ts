/** UDP sockets as scripts have them: objects that have a peer, or none. */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostFunction,
  type HostObject,
} from '../../engine.ts';
import { optionalNumber, stringArgument } from '../../host-api/guest-arguments.ts';
import { BYTES_PER_INSTRUCTION } from '../gathered-text.ts';
import type { ServiceValue } from '../native-module.ts';
import { datagramOptions, optionOf } from './options.ts';
import type { Numbered, SocketHost } from './socket-host.ts';
import { Timeouts } from './timeouts.ts';

/** What is longer is cut off, unless a script asks for more. */
export const DATAGRAM_BYTES = 8192;

export class DatagramObject implements HostObject, Numbered {
  readonly kind = 'object';
  readonly checksSelf = true;
  readonly externalBytes = 0;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly timeouts = new Timeouts();
  readonly family: string | undefined;
  number: number | undefined;
  connected = false;
  /** The system has a socket for it. */
  placed = false;
  readonly flags = new Map<string, boolean>();

  constructor(methods: DatagramObject['methods'], family: string | undefined) {
    this.methods = methods;
    this.family = family;
  }

  get type(): string {
    return this.connected ? 'udp{connected}' : 'udp{unconnected}';
  }
}

type Method = (self: DatagramObject, args: readonly GuestValue[]) => ReturnType<HostFunction>;

export class DatagramObjects {
  readonly #host: SocketHost;
  readonly #methods: Readonly<Record<string, HostFunction>>;

  constructor(host: SocketHost) {
    this.#host = host;
    const of = (connected: boolean | undefined, method: Method): HostFunction => {
      const type = connected === undefined ? 'any' : connected ? 'connected' : 'unconnected';
      return (args) => {
        const [self] = args;
        if (
          !(self instanceof DatagramObject) ||
          (connected !== undefined && self.connected !== connected)
        ) {
          throw new GuestArgumentError(1, `udp{${type}} expected`);
        }
        return method(self, args);
      };
    };
    this.#methods = {
      close: of(undefined, (self) => host.close(self)),
      dirty: of(undefined, () => false),
      getfamily: of(undefined, (self) => (self.family === 'inet6' ? 'inet6' : 'inet4')),
      getfd: of(undefined, (self) => descriptorOf(self)),
      getoption: of(undefined, (self, args) => this.#getOption(self, args)),
      getpeername: of(true, (self) => host.name(self, 'peer')),
      getsockname: of(undefined, (self) => host.name(self, 'local')),
      gettimeout: of(undefined, ({ timeouts }) => [timeouts.block, timeouts.total]),
      receive: of(undefined, (self, args) => {
        const [text, error] = this.#receive(self, args);
        return text === undefined ? [undefined, error] : text;
      }),
      receivefrom: of(false, (self, args) => this.#receive(self, args)),
      send: of(true, (self, args) => this.#send(self, stringArgument(args, 2))),
      sendto: of(false, (self, args) =>
        this.#send(self, stringArgument(args, 2), stringArgument(args, 3), stringArgument(args, 4)),
      ),
      setfd: () => {
        throw new GuestError('setfd is not to be had: sockets have no descriptors here');
      },
      setoption: of(undefined, (self, args) => this.#setOption(self, args)),
      setpeername: of(undefined, (self, args) => this.#setPeer(self, args)),
      setsockname: of(false, (self, args) => this.#bind(self, args)),
      settimeout: of(undefined, (self, args) => self.timeouts.set(args)),
      __tostring: ([self]) =>
        self instanceof DatagramObject ? `${self.type}: ${self.number ?? 'closed'}` : 'socket',
    };
  }

  create(family?: string): DatagramObject | readonly [undefined, string] {
    const made = new DatagramObject(this.#methods, family);
    const refusal = this.#host.open(made, 'datagram', family);
    return refusal === undefined ? made : [undefined, refusal];
  }

  #bind(self: DatagramObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const address = stringArgument(args, 2);
    const port = stringArgument(args, 3);
    if (self.number === undefined) return BAD;
    const result = this.#host.done('bindDatagram', self.number, address, port);
    if (result[0] === 1) self.placed = true;
    return result;
  }

  #setPeer(self: DatagramObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const address = stringArgument(args, 2);
    const connecting = address !== '*';
    const port = connecting ? stringArgument(args, 3) : '';
    if (self.number === undefined) return BAD;
    const result = connecting
      ? this.#host.done('connectDatagram', self.number, address, port)
      : this.#host.done('connectDatagram', self.number);
    if (result[0] === 1) {
      self.connected = connecting;
      if (connecting) self.placed = true;
    }
    return result;
  }

  #send(
    self: DatagramObject,
    data: string,
    ...to: readonly [] | readonly [string, string]
  ): readonly GuestValue[] {
    if (self.number === undefined) return [undefined, 'closed'];
    this.#host.parts.memory.charge(data.length / BYTES_PER_INSTRUCTION);
    const [sent, text] = this.#host.ask('sendDatagram', self.number, data, ...to);
    if (sent === undefined) return [undefined, text];
    self.placed = true;
    return [sent];
  }

  #receive(self: DatagramObject, args: readonly GuestValue[]): readonly ServiceValue[] {
    const most = optionalNumber(args, 2, DATAGRAM_BYTES);
    if (self.number === undefined) return [undefined, 'closed'];
    const { block, total } = self.timeouts;
    const answer = this.#host.ask('receiveDatagram', self.number, most, block, total);
    const [text] = answer;
    if (typeof text === 'string')
      this.#host.parts.memory.charge(text.length / BYTES_PER_INSTRUCTION);
    return answer;
  }

  #setOption(self: DatagramObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const asked = optionOf(datagramOptions, args).read(args);
    if (asked === false || self.number === undefined) return FAILED;
    if (asked !== undefined) {
      const [done] = this.#host.ask('option', self.number, ...asked);
      if (done === undefined) return FAILED;
    }
    if (typeof args[2] === 'boolean') self.flags.set(String(args[1]), args[2]);
    return [1];
  }

  #getOption(
    self: DatagramObject,
    args: readonly GuestValue[],
  ): GuestValue | readonly GuestValue[] {
    const name = stringArgument(args, 2);
    if (name === 'error') return undefined;
    optionOf(datagramOptions, args);
    if (self.number === undefined) return [undefined, 'getsockopt failed'];
    return self.flags.get(name) ?? false;
  }
}

const BAD = [undefined, 'Bad file descriptor'] as const;
const FAILED = [undefined, 'setsockopt failed'] as const;

/** What select and others know a socket by. */
export function descriptorOf({ number, placed }: DatagramObject): number {
  return number === undefined || !placed ? -1 : number;
}
