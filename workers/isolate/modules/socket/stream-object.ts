/**
 * TCP sockets and stream sockets in the file system, as scripts have them: objects that begin as a master and become a client
 * or a server. A time-out is per object; what was received until then is given with the error.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostFunction,
  type HostObject,
} from '../../engine.ts';
import {
  numberOf,
  optionArgument,
  optionalNumber,
  stringArgument,
  stringOf,
} from '../../host-api/guest-arguments.ts';
import { BYTES_PER_INSTRUCTION, GatheredText } from '../gathered-text.ts';
import type { ServiceValue } from '../native-module.ts';
import { optionOf, pathOptions, streamOptions } from './options.ts';
import type { Numbered, SocketHost } from './socket-host.ts';
import { Timeouts } from './timeouts.ts';

export type StreamKind = 'tcp' | 'unixstream';
type Stage = 'master' | 'client' | 'server';

/** Bytes that are handed over at once. */
const PIECE_BYTES = 64 * 1024;
const SHUTDOWNS = ['receive', 'send', 'both'];
const BACKLOG = 32;
const CLOSED = [undefined, 'closed'] as const;

export class StreamObject implements HostObject, Numbered {
  readonly kind = 'object';
  readonly checksSelf = true;
  readonly externalBytes = 0;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly streamKind: StreamKind;
  readonly timeouts = new Timeouts();
  readonly family: string | undefined;
  stage: Stage;
  number: number | undefined;
  /** It has an end somewhere, or is getting one. */
  placed = false;
  received = 0;
  sent = 0;
  bornMs: number = Date.now();
  readonly flags = new Map<string, boolean>();

  constructor(methods: StreamObject['methods'], kind: StreamKind, stage: Stage, family?: string) {
    this.methods = methods;
    this.streamKind = kind;
    this.stage = stage;
    this.family = family;
  }

  get type(): string {
    return `${this.streamKind}{${this.stage}}`;
  }
}

export class StreamObjects {
  readonly #host: SocketHost;
  readonly #methods: Readonly<Record<string, HostFunction>>;
  readonly #kind: StreamKind;

  constructor(host: SocketHost, kind: StreamKind) {
    this.#host = host;
    this.#kind = kind;
    const any =
      (
        method: (self: StreamObject, args: readonly GuestValue[]) => ReturnType<HostFunction>,
      ): HostFunction =>
      (args) =>
        method(this.#self(args, 'any'), args);
    const client =
      (
        method: (self: StreamObject, args: readonly GuestValue[]) => ReturnType<HostFunction>,
      ): HostFunction =>
      (args) =>
        method(this.#self(args, 'client'), args);
    const connect = any((self, args) => this.#connect(self, args));
    const bind: HostFunction = (args) => this.#bind(this.#self(args, 'master'), args);
    this.#methods = {
      accept: (args) => this.#accept(this.#self(args, 'server')),
      bind,
      close: any((self) => host.close(self)),
      connect,
      dirty: any((self) => self.number !== undefined && host.ask('dirty', self.number)[0] === true),
      getfamily: any((self) => (self.family === 'inet6' ? 'inet6' : 'inet4')),
      getfd: any((self) => descriptorOf(self)),
      getoption: any((self, args) => this.#getOption(self, args)),
      getpeername: any((self) => host.name(self, 'peer')),
      getsockname: any((self) => this.#localName(self)),
      getstats: client((self) => [self.received, self.sent, (Date.now() - self.bornMs) / 1000]),
      gettimeout: any(({ timeouts }) => [timeouts.block, timeouts.total]),
      listen: (args) => this.#listen(this.#self(args, 'master'), args),
      receive: client((self, args) => this.#receive(self, args)),
      send: client((self, args) => this.#send(self, args)),
      setfd: () => {
        throw new GuestError('setfd is not to be had: sockets have no descriptors here');
      },
      setoption: any((self, args) => this.#setOption(self, args)),
      setpeername: connect,
      setsockname: bind,
      setstats: client((self, args) => setStats(self, args)),
      settimeout: any((self, args) => self.timeouts.set(args)),
      shutdown: client((self, args) => {
        const how = SHUTDOWNS[optionArgument(args, 2, SHUTDOWNS, 'both')];
        if (self.number !== undefined) host.ask('shutdown', self.number, how);
        return 1;
      }),
      __tostring: ([self]) =>
        self instanceof StreamObject ? `${self.type}: ${self.number ?? 'closed'}` : 'socket',
    };
  }

  #self(args: readonly GuestValue[], stage: Stage | 'any'): StreamObject {
    const [self] = args;
    const right =
      self instanceof StreamObject &&
      self.streamKind === this.#kind &&
      (stage === 'any' || self.stage === stage);
    if (!right) throw new GuestArgumentError(1, `${this.#kind}{${stage}} expected`);
    return self;
  }

  /** A master, or nothing and why. */
  create(family?: string): StreamObject | readonly [undefined, string] {
    const made = new StreamObject(this.#methods, this.#kind, 'master', family);
    const refusal = this.#host.open(made, 'stream');
    return refusal === undefined ? made : [undefined, refusal];
  }

  #bind(self: StreamObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const address = stringArgument(args, 2);
    if (this.#kind === 'unixstream') {
      return this.#placed(self, (number) => this.#host.done('bindPath', number, address));
    }
    const port = stringArgument(args, 3);
    return this.#placed(self, (number) =>
      this.#host.done('bind', number, address, port, self.family),
    );
  }

  #placed(
    self: StreamObject,
    place: (number: number) => readonly GuestValue[],
  ): readonly GuestValue[] {
    if (self.number === undefined) return CLOSED;
    const result = place(self.number);
    if (result[0] === 1) self.placed = true;
    return result;
  }

  #listen(self: StreamObject, args: readonly GuestValue[]): readonly GuestValue[] {
    optionalNumber(args, 2, BACKLOG);
    if (self.number === undefined) return CLOSED;
    const result = this.#host.done('listen', self.number);
    if (result[0] === 1) self.stage = 'server';
    return result;
  }

  #connect(self: StreamObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const address = stringArgument(args, 2);
    const port = this.#kind === 'tcp' ? stringArgument(args, 3) : '';
    if (self.number === undefined) return CLOSED;
    const { block, total } = self.timeouts;
    self.placed = true;
    // Even when it fails: it may go on without waiting.
    self.stage = 'client';
    return this.#kind === 'tcp'
      ? this.#host.done('connect', self.number, address, port, self.family, block, total)
      : this.#host.done('connectPath', self.number, address, block, total);
  }

  /** `socket.connect`: a client, or nothing and why. */
  connected(
    remote: readonly [address: string, port: string],
    local: readonly [address: string, port: string] | undefined,
    family: string | undefined,
  ): StreamObject | readonly GuestValue[] {
    const made = this.create(family);
    if (!(made instanceof StreamObject)) return made;
    let result: readonly GuestValue[] = [1];
    if (local !== undefined) {
      result = this.#host.done('bind', made.number, ...local, family);
    }
    if (result[0] === 1) {
      result = this.#host.done('connect', made.number, ...remote, family, -1, -1);
    }
    if (result[0] !== 1) {
      this.#host.close(made);
      return result;
    }
    made.placed = true;
    made.stage = 'client';
    return made;
  }

  #accept(self: StreamObject): StreamObject | readonly GuestValue[] {
    if (self.number === undefined) return CLOSED;
    const { block, total } = self.timeouts;
    const [number, text] = this.#host.ask('accept', self.number, block, total);
    if (typeof number !== 'number') return [undefined, text];
    const client = new StreamObject(this.#methods, this.#kind, 'client', self.family);
    client.placed = true;
    this.#host.adopt(client, number);
    return client;
  }

  #localName(self: StreamObject): GuestValue | readonly GuestValue[] {
    if (this.#kind === 'tcp') return this.#host.name(self, 'local');
    if (self.number === undefined) return [undefined, 'Bad file descriptor'];
    return this.#host.ask('path', self.number)[0];
  }

  /** `receive(pattern, prefix)` → text, or nothing, why, and what there is of it. */
  #receive(self: StreamObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const { mode, wanted } = patternArgument(args);
    const prefix = args[2] === undefined ? '' : stringArgument(args, 3);
    const text = new GatheredText(this.#host.parts.memory);
    if (prefix !== '') text.add(prefix);
    if (mode === 'count' && prefix.length > 0 && wanted <= prefix.length) {
      return [text.take(), undefined, undefined];
    }
    const total = mode === 'count' ? wanted - prefix.length : -1;
    const error = this.#gather(self, mode, total, text);
    self.received += text.length - prefix.length;
    const some = text.length > prefix.length;
    if (error === undefined || (mode === 'all' && error === 'closed' && some)) {
      return [text.take(), undefined, undefined];
    }
    return [undefined, error, text.take()];
  }

  #gather(
    self: StreamObject,
    mode: string,
    wanted: number,
    text: GatheredText,
  ): string | undefined {
    const { block, total } = self.timeouts;
    const start = text.length;
    for (let goOn = false; ; goOn = true) {
      const { number } = self;
      if (number === undefined) return 'closed';
      const left = wanted < 0 ? wanted : wanted - (text.length - start);
      const [piece, more, error] = this.#host.ask(
        'receive',
        number,
        mode,
        left,
        block,
        total,
        goOn,
      );
      text.add(String(piece));
      if (error !== undefined) return String(error);
      if (more !== true) return undefined;
    }
  }

  /** `send(data, i, j)` → place of the last byte sent, or nothing, why, and that place. */
  #send(self: StreamObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const data = stringArgument(args, 2);
    const start = Math.max(1, fromEnd(optionalNumber(args, 3, 1), data.length));
    const end = Math.min(data.length, fromEnd(optionalNumber(args, 4, -1), data.length));
    const { block, total } = self.timeouts;
    const { memory } = this.#host.parts;
    let sent = start - 1;
    while (sent < end) {
      if (self.number === undefined) return [undefined, 'closed', sent];
      const piece = data.slice(sent, Math.min(end, sent + PIECE_BYTES));
      memory.charge(1 + piece.length / BYTES_PER_INSTRUCTION);
      const goOn = sent > start - 1;
      const answer: readonly ServiceValue[] = this.#host.ask(
        'send',
        self.number,
        piece,
        block,
        total,
        goOn,
      );
      if (answer[0] !== true) return [undefined, answer[1], sent];
      sent += piece.length;
      self.sent += piece.length;
    }
    return [sent, undefined, undefined];
  }

  #setOption(self: StreamObject, args: readonly GuestValue[]): readonly GuestValue[] {
    const options = this.#kind === 'tcp' ? streamOptions : pathOptions;
    const asked = optionOf(options, args).read(args);
    if (asked === false || self.number === undefined) return [undefined, 'setsockopt failed'];
    if (typeof args[2] === 'boolean') self.flags.set(String(args[1]), args[2]);
    if (asked !== undefined) this.#host.ask('option', self.number, ...asked);
    return [1];
  }

  #getOption(self: StreamObject, args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    const name = stringArgument(args, 2);
    if (name === 'error') return undefined;
    optionOf(this.#kind === 'tcp' ? streamOptions : pathOptions, args);
    if (self.number === undefined) return [undefined, 'getsockopt failed'];
    if (name === 'linger') {
      const table = this.#host.parts.createTable();
      table.set('on', false);
      table.set('timeout', 0);
      return table;
    }
    return self.flags.get(name) ?? (name === 'reuseaddr' || name === 'ipv6-v6only');
  }
}

/** What select and others know a socket by. */
export function descriptorOf({ number, placed }: StreamObject): number {
  return number === undefined || !placed ? -1 : number;
}

function patternArgument(args: readonly GuestValue[]): {
  readonly mode: 'line' | 'all' | 'count';
  readonly wanted: number;
} {
  const pattern = args[1];
  const number = numberOf(pattern);
  if (number !== undefined) {
    if (!(number >= 0)) throw new GuestArgumentError(2, 'invalid receive pattern');
    return { mode: 'count', wanted: Math.floor(number) };
  }
  const text = pattern === undefined ? '*l' : stringOf(pattern);
  if (text === undefined) return { mode: 'line', wanted: Number(stringArgument(args, 2)) };
  if (text.startsWith('*l')) return { mode: 'line', wanted: -1 };
  if (text.startsWith('*a')) return { mode: 'all', wanted: -1 };
  throw new GuestArgumentError(2, 'invalid receive pattern');
}

/** A place in a text; negative ones count from its end. */
function fromEnd(place: number, length: number): number {
  const whole = Math.trunc(place) || 0;
  return whole < 0 ? length + whole + 1 : whole;
}

function setStats(self: StreamObject, args: readonly GuestValue[]): number {
  self.received = optionalNumber(args, 2, self.received);
  self.sent = optionalNumber(args, 3, self.sent);
  const age = numberOf(args[3]);
  if (age !== undefined) self.bornMs = Date.now() - age * 1000;
  return 1;
}
