/**
 * What passes between a shard's thread, whose guest waits for sockets, and the helper thread that has them. The shard numbers
 * the sockets that it opens with odd numbers, the helper those that it accepts with even ones.
 *
 *   shard ──Command──▶ helper      in order; what is asked by a `request` is answered by a reply of that number
 *   shard ◀──Event─── helper      in order; after each one the helper counts up the signal, on which the shard waits
 */
import type { MessagePort } from 'node:worker_threads';

export interface SocketLimits {
  /** Sockets of all kinds that a sandbox has, those that wait to be accepted included. */
  readonly sockets: number;
  /** Connections of one server that wait to be accepted; more are closed. */
  readonly pending: number;
  /** Bytes of one connection that the guest has not taken: nothing more is read then. */
  readonly windowBytes: number;
  /** Bytes of all connections together: those that have more than a small share stop reading. */
  readonly totalBytes: number;
  /** Bytes that were given to a connection and that the system has not taken yet. */
  readonly outgoingBytes: number;
  /** Datagrams of one socket that the guest has not taken, and their bytes; more are dropped. */
  readonly datagrams: number;
  readonly datagramBytes: number;
}

export const socketLimits: SocketLimits = {
  sockets: 1024,
  pending: 128,
  windowBytes: 256 * 1024,
  totalBytes: 32 * 1024 * 1024,
  outgoingBytes: 64 * 1024,
  datagrams: 4096,
  datagramBytes: 4 * 1024 * 1024,
};

/** Every connection may have that many bytes at the shard, however many all have together. */
export const SHARE_BYTES = 16 * 1024;
/** The helper is told of what was taken when it is so much: less than a share, so that no connection waits for it. */
export const TOLD_BYTES = SHARE_BYTES / 2;
/** Likewise of datagrams. */
export const TOLD_DATAGRAMS = 64;

/** What the helper thread is started with. */
export interface HelperData {
  readonly port: MessagePort;
  /** One Int32. */
  readonly signal: SharedArrayBuffer;
  readonly limits: SocketLimits;
}

export type Family = 'inet' | 'inet6';

/** Where a socket is, or its peer. A path has the port 0. */
export interface SocketName {
  readonly address: string;
  readonly port: number;
  readonly family: Family | 'unix';
}

export type Place =
  | { readonly host: string; readonly port: number; readonly family: Family | undefined }
  | { readonly path: string };

export type Command =
  /** Reply: the server's name. */
  | {
      readonly kind: 'listen';
      readonly request: number;
      readonly id: number;
      readonly place: Place;
    }
  /** Event: connected or failed. */
  | {
      readonly kind: 'connect';
      readonly id: number;
      readonly place: Place;
      readonly local: SocketName | undefined;
      readonly options: readonly StreamOption[];
    }
  /** The guest has this connection now: it is read from. */
  | { readonly kind: 'accept'; readonly id: number }
  | { readonly kind: 'write'; readonly id: number; readonly bytes: Uint8Array }
  /** The guest took so many bytes. */
  | { readonly kind: 'taken'; readonly id: number; readonly bytes: number }
  | { readonly kind: 'endOutput'; readonly id: number }
  | { readonly kind: 'option'; readonly id: number; readonly option: StreamOption }
  | { readonly kind: 'close'; readonly id: number }
  /** Reply: the socket's name. */
  | {
      readonly kind: 'bindDatagram';
      readonly request: number;
      readonly id: number;
      readonly place: Place;
      readonly options: readonly DatagramOption[];
    }
  /** Reply: names of the socket and its peer. */
  | {
      readonly kind: 'connectDatagram';
      readonly request: number;
      readonly id: number;
      /** Undefined: no peer any more. */
      readonly place: Place | undefined;
      readonly options: readonly DatagramOption[];
    }
  /** Reply: the socket's name. */
  | {
      readonly kind: 'sendDatagram';
      readonly request: number;
      readonly id: number;
      readonly bytes: Uint8Array;
      /** Undefined: to the peer. */
      readonly to: SocketName | undefined;
      readonly options: readonly DatagramOption[];
    }
  | {
      readonly kind: 'datagramOption';
      readonly request: number;
      readonly id: number;
      readonly option: DatagramOption;
    }
  /** The guest took so many datagrams, of so many bytes together. */
  | {
      readonly kind: 'takenDatagrams';
      readonly id: number;
      readonly count: number;
      readonly bytes: number;
    }
  /** Reply: addresses of a host; of a name of an address the first one is the name. */
  | { readonly kind: 'resolve'; readonly request: number; readonly host: string }
  | { readonly kind: 'reverse'; readonly request: number; readonly address: string }
  /** Close everything, and end the thread. */
  | { readonly kind: 'finish' };

export interface StreamOption {
  readonly name: 'nodelay' | 'keepalive';
  readonly value: boolean;
}

export interface DatagramOption {
  readonly name:
    | 'reuseaddr'
    | 'broadcast'
    | 'multicastTtl'
    | 'multicastLoop'
    | 'multicastInterface'
    | 'join'
    | 'leave'
    | 'receiveBuffer'
    | 'sendBuffer'
    | 'hops';
  readonly value: boolean | number | string;
  /** Of join and leave: the interface. */
  readonly on?: string;
}

export type Reply =
  | { readonly names: readonly SocketName[] }
  | { readonly hosts: readonly string[]; readonly found: readonly SocketName[] }
  /** Name of a system error, such as "EADDRINUSE". */
  | { readonly code: string };

export type Event =
  | { readonly kind: 'reply'; readonly request: number; readonly reply: Reply }
  | {
      readonly kind: 'connected';
      readonly id: number;
      readonly local: SocketName;
      readonly peer: SocketName;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string }
  | {
      readonly kind: 'accepted';
      readonly server: number;
      readonly id: number;
      readonly local: SocketName;
      readonly peer: SocketName;
    }
  | { readonly kind: 'data'; readonly id: number; readonly bytes: Uint8Array }
  /** The peer sends no more. */
  | { readonly kind: 'ended'; readonly id: number }
  /** The system took so many bytes. */
  | { readonly kind: 'written'; readonly id: number; readonly bytes: number }
  /** The connection is over, with the error's name if there was one. */
  | { readonly kind: 'closed'; readonly id: number; readonly code: string | undefined }
  | {
      readonly kind: 'datagram';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly from: SocketName;
    }
  /** What the system has against a datagram that was sent. */
  | { readonly kind: 'refused'; readonly id: number; readonly code: string }
  /** What there was no room for since the last time. */
  | { readonly kind: 'dropped'; readonly what: 'connections' | 'datagrams'; readonly count: number }
  /** The helper cannot go on. */
  | { readonly kind: 'broken'; readonly text: string };
