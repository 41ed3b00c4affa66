/**
 * A pack is a message on its way through the daemon, with what travels beside the protobuf bytes:
 * the verified signer, how often it was re-injected, its place in its stream, and where a reply can go.
 */
import type { Message } from './message.ts';

/** Where a message came from. A control message is answered through it. */
export interface Origin {
  /** For the log, such as "TCP:5565 127.0.0.1:40112". */
  readonly description: string;
  /** True when only processes on this machine can reach the input. */
  readonly loopback: boolean;
  /** Writes raw bytes back to the sender; absent when the input has no way back (UDP, files). */
  readonly reply?: (bytes: Uint8Array) => void;
  /** Says that a reply is owed: a sender that has ended its side is not let go before the result is disposed. */
  readonly owe?: () => Disposable;
}

export interface Pack {
  readonly message: Message;
  /** Name of the signer whose HMAC was verified; "" when there is none. */
  readonly signer: string;
  /** 0 for input, +1 for each injection that led to this message. */
  readonly loopCount: number;
  /** Which stream the message belongs to; 0 for messages that the daemon made. */
  readonly stream: number;
  /** Place in the stream: byte offset for files, record number elsewhere. Grows within one stream. */
  readonly position: number;
  /** When the frame was read, milliseconds since the epoch. */
  readonly readAtMs: number;
  readonly origin?: Origin;
  /** Made by an analysis of lua_sandbox 1.x (a filter with api = "lsb"): no other of them gets it. */
  readonly ofAnalysis?: boolean;
}
