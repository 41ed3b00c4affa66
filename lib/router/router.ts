/**
 * Decides who gets a message. Every subscription's matcher is asked, filters before outputs; the message goes by reference
 * to all that want it. Injected messages have a bounded queue of their own and go before new input, so that a full shard
 * cannot deadlock on what it injects. When a receiver is full the router is blocked, and inputs wait for `room()`.
 */
import { limits } from '../../native-limits/limits.ts';
import { errorText } from '../protocol/errors.ts';
import type { Matcher } from '../protocol/matcher/matcher.ts';
import type { MessageView } from '../protocol/message-view.ts';
import type { Pack } from '../protocol/pack.ts';

/** Routed entries that may stand before the head of the queue; cutting them off copies what waits. */
const SPENT_INJECTIONS = 4096;

/** A receiver of messages. */
export interface Subscription {
  readonly name: string;
  readonly kind: 'filter' | 'output';
  /** "" takes any message; otherwise only messages whose verified signer has this name. */
  readonly signer: string;
  readonly matcher: Pick<Matcher, 'matches'>;
  /**
   * Takes a message. A returned promise means that the receiver is full: the router is blocked until it settles. One
   * that throws loses the message for itself alone.
   */
  deliver(pack: Pack): Promise<void> | undefined;
  /** True while the receiver cannot take more (a shard's queue). Asked after each delivery and on `wake`. */
  full?(): boolean;
}

export interface RouterCounters {
  readonly routed: number;
  readonly unmatched: number;
  readonly injected: number;
  readonly injectDropped: number;
}

export class Router {
  #subscriptions: readonly Subscription[] = [];
  #routed = 0;
  #unmatched = 0;
  #injected = 0;
  #injectDropped = 0;
  /** Deliveries whose receiver has not made room yet. */
  #pending = 0;
  #fullReceivers = new Set<Subscription>();
  /** What waits begins at the head; what lies before it was routed and is cut off in larger steps. */
  #injections: (Pack | undefined)[] = [];
  #injectionsHead = 0;
  #injectedBytes = 0;
  #pumping = false;
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  readonly #onDrop: (pack: Pack, waiting: number) => void;
  readonly #onFault: (receiver: string, text: string) => void;

  /** `onFault` is told of a receiver that threw: a defect of ours, and a message that this receiver did not get. */
  constructor(
    onDrop: (pack: Pack, waiting: number) => void,
    onFault: (receiver: string, text: string) => void = () => undefined,
  ) {
    this.#onDrop = onDrop;
    this.#onFault = onFault;
  }

  subscribe(subscription: Subscription): void {
    const others = this.#subscriptions.filter((s) => s !== subscription);
    const filters = others.filter((s) => s.kind === 'filter');
    const outputs = others.filter((s) => s.kind === 'output');
    (subscription.kind === 'filter' ? filters : outputs).push(subscription);
    this.#subscriptions = [...filters, ...outputs];
  }

  unsubscribe(subscription: Subscription): void {
    this.#subscriptions = this.#subscriptions.filter((s) => s !== subscription);
    this.#fullReceivers.delete(subscription);
    this.wake();
  }

  get counters(): RouterCounters {
    return {
      routed: this.#routed,
      unmatched: this.#unmatched,
      injected: this.#injected,
      injectDropped: this.#injectDropped,
    };
  }

  /** True when a receiver is full or injected messages wait: nothing new may be routed. */
  get blocked(): boolean {
    return (
      this.#pending > 0 ||
      this.#fullReceivers.size > 0 ||
      this.#injectionsHead < this.#injections.length
    );
  }

  /** Undefined when a message can be routed now, else a promise that settles when one may be able to. */
  room(): Promise<void> | undefined {
    if (!this.blocked) return undefined;
    if (this.#room === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#room = { promise, resolve };
    }
    return this.#room.promise;
  }

  /** Gives a message to all that want it. Inputs call it only while `room()` is undefined. */
  route(pack: Pack): void {
    this.#routed++;
    const view: MessageView = pack.message.view;
    let matched = false;
    for (const subscription of this.#subscriptions) {
      if (subscription.signer !== '' && subscription.signer !== pack.signer) continue;
      try {
        if (!subscription.matcher.matches(view)) continue;
        matched = true;
        const room = subscription.deliver(pack);
        if (room !== undefined) this.#waitFor(room);
        else if (subscription.full?.() === true) this.#fullReceivers.add(subscription);
      } catch (error) {
        this.#onFault(subscription.name, errorText(error));
      }
    }
    if (!matched) this.#unmatched++;
  }

  #waitFor(room: Promise<void>): void {
    this.#pending++;
    const settled = (): void => {
      this.#pending--;
      this.wake();
    };
    // A receiver that fails reports its failure itself; here it only stops holding the router.
    room.then(settled, settled);
  }

  /** Takes a message that a filter or the daemon made. Beyond the queue's bound it is dropped, counted and logged. */
  inject(pack: Pack): void {
    const waiting = this.#injections.length - this.#injectionsHead;
    const size = pack.message.bytes.length;
    if (
      waiting >= limits.injectQueue.value ||
      this.#injectedBytes + size > limits.injectQueueBytes.value
    ) {
      this.#injectDropped++;
      this.#onDrop(pack, waiting);
      return;
    }
    this.#injected++;
    this.#injectedBytes += size;
    this.#injections.push(pack);
    this.#pump();
  }

  /** A receiver may have room again. */
  wake(): void {
    for (const subscription of this.#fullReceivers) {
      if (subscription.full?.() !== true) this.#fullReceivers.delete(subscription);
    }
    this.#pump();
    if (!this.blocked && this.#room !== undefined) {
      const { resolve } = this.#room;
      this.#room = undefined;
      resolve();
    }
  }

  /** Routes waiting injections while there is room. Not re-entered by what a delivery injects. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (
        this.#injectionsHead < this.#injections.length &&
        this.#pending === 0 &&
        this.#fullReceivers.size === 0
      ) {
        const pack = this.#injections[this.#injectionsHead];
        this.#injections[this.#injectionsHead++] = undefined;
        if (pack !== undefined) {
          this.#injectedBytes -= pack.message.bytes.length;
          this.route(pack);
        }
        if (
          this.#injectionsHead === this.#injections.length ||
          this.#injectionsHead >= SPENT_INJECTIONS
        ) {
          this.#injections = this.#injections.slice(this.#injectionsHead);
          this.#injectionsHead = 0;
        }
      }
    } finally {
      this.#pumping = false;
    }
  }
}
