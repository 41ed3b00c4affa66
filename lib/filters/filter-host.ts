/**
 * How sandbox filters are started, replaced and stopped, without saying where they run. The daemon's SandboxFilter
 * sections, the SandboxManagerFilter and the library all use this one interface.
 */
import type { LineCount, SandboxUsage, Termination } from '../protocol/batch.ts';
import type { Message } from '../protocol/message.ts';
import type { SandboxDefinition } from '../sandboxes/sandbox-definition.ts';

/** A filter that is to run. Everything in it was validated. */
export interface FilterDefinition extends SandboxDefinition {
  readonly matcher: string;
  readonly signer: string;
  /** 0: no timer_event. */
  readonly tickerSeconds: number;
  readonly timerEventOnShutdown: boolean;
  /** True for filters that a manager runs: the slowness check applies to them. */
  readonly managed: boolean;
}

/** How a filter ended. */
export type FilterEnd =
  /** A limit, a Lua error, a positive status or slowness. */
  | { readonly kind: 'terminated'; readonly termination: Termination }
  /** stop() was called. */
  | { readonly kind: 'stopped' };

export interface FilterStatus {
  readonly name: string;
  readonly shard: number;
  readonly processed: number;
  readonly failed: number;
  readonly injected: number;
  readonly usage: SandboxUsage;
  /** Mean time of one process_message, nanoseconds. */
  readonly averageNs: number;
  readonly lines?: readonly LineCount[];
}

export interface FilterHost {
  /**
   * Starts a filter; resolves when its script's top level has run and messages flow to it. Rejects with a
   * HekateError (HKT_SANDBOX_*, HKT_MATCHER_*) when it cannot start; nothing of it is left then.
   * `onEnd` is called once when it is over for whatever reason.
   */
  start(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void>;
  /**
   * Starts new code beside the running filter of that name, hands over state when both preserve it, and swaps:
   * every message goes to exactly one of the two. Keeps the old one and rejects when the new one fails.
   */
  replace(definition: FilterDefinition, onEnd?: (end: FilterEnd) => void): Promise<void>;
  /** Lets the filter finish what it was given, runs its shutdown timer, keeps its state. Resolves when it is gone. */
  stop(name: string): Promise<void>;
  has(name: string): boolean;
  status(): readonly FilterStatus[];
}

/** Where messages that the daemon itself makes enter the stream. */
export interface MessagePort {
  route(message: Message, loopCount: number): void;
}
