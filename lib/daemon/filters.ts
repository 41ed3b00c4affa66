/**
 * Starts the filters that are part of the daemon: each with its subscription, its timer, and a way to put messages into
 * the stream that keeps Heka's rules (loop count, nothing to oneself).
 */
import type { LoadedConfig } from '../config/load-config.ts';
import type { Section } from '../config/spec.ts';
import type { NativeFilter } from '../filters/native/native-filter.ts';
import { type StatAccumulator, StatAccumulators } from '../inputs/stat-accumulator.ts';
import type { PluginContext } from '../plugin.ts';
import { nativeFilterTypes } from '../plugin-types.ts';
import { HekateError } from '../protocol/errors.ts';
import { compileMatcher, type Matcher } from '../protocol/matcher/matcher.ts';
import { Message, type MessageInit } from '../protocol/message.ts';
import type { Router, Subscription } from '../router/router.ts';

export interface FilterParts {
  readonly router: Router;
  readonly context: (kind: string, name: string) => PluginContext;
  /** The accumulator of the StatAccumInput `name`, for the plugin `user`. */
  readonly accumulator: (user: string, name: string) => StatAccumulator;
  /** max_message_loops of [hekad]. */
  readonly maxMessageLoops: number;
}

/** True for a filter that runs here rather than on a shard. */
export function isNativeFilter(section: Section): boolean {
  return nativeFilterTypes.has(section.type);
}

export class RunningNativeFilter {
  readonly section: Section;
  readonly #filter: NativeFilter;
  readonly #context: PluginContext;
  readonly #matcher: Matcher;
  readonly #subscription: Subscription;
  readonly #parts: FilterParts;
  #ticker: Disposable | undefined;

  /** Throws HKT_DAEMON_PLUGIN. */
  constructor(section: Section, parts: FilterParts) {
    const type = nativeFilterTypes.get(section.type);
    if (type === undefined) {
      throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, `no filter type ${section.type}`]);
    }
    this.section = section;
    this.#parts = parts;
    this.#context = parts.context('Plugin', section.name);
    this.#matcher = compileMatcher(section.string('message_matcher'));
    const filter = type.create(section, {
      ...this.#context,
      inject: (message, loopCount) => this.#inject(message, loopCount),
      accumulator: (name) => parts.accumulator(section.name, name),
    });
    this.#filter = filter;
    this.#subscription = {
      name: section.name,
      kind: 'filter',
      signer: section.string('message_signer'),
      matcher: this.#matcher,
      deliver: (pack) => {
        filter.deliver(pack);
        return undefined;
      },
    };
  }

  start(): void {
    this.#parts.router.subscribe(this.#subscription);
    this.#tick(this.section.number('ticker_interval') * 1000);
  }

  /** No message and no timer event comes from here on. */
  async stop(): Promise<void> {
    this.#ticker?.[Symbol.dispose]();
    this.#parts.router.unsubscribe(this.#subscription);
  }

  #tick(ms: number): void {
    if (ms === 0 || this.#filter.timer === undefined) return;
    this.#ticker = this.#context.clock.after(ms, () => {
      this.#tick(ms);
      this.#filter.timer?.();
    });
  }

  #inject(init: MessageInit, loopCount: number): boolean {
    const { clock, hostname, log, maxMessageSize, pid } = this.#context;
    const { maxMessageLoops, router } = this.#parts;
    if (loopCount + 1 > maxMessageLoops) {
      log.error(`exceeded MaxMsgLoops = ${maxMessageLoops}`);
      return false;
    }
    const message = Message.create(
      { timestampNs: clock.nowNs(), hostname, pid, ...init },
      maxMessageSize,
    );
    if (this.#matcher.matchesMessage(message)) {
      log.error('attempted to Inject a message to itself');
      return false;
    }
    router.inject({
      message,
      signer: '',
      loopCount: loopCount + 1,
      stream: 0,
      position: 0,
      readAtMs: clock.now(),
    });
    return true;
  }
}

/** How plugins of a configuration find its StatAccumInputs; they need not run yet. */
export function accumulatorsOf(config: LoadedConfig): FilterParts['accumulator'] {
  const accumulators = new StatAccumulators();
  return (user, name) => {
    const type = config.find('input', name)?.type;
    if (type === 'StatAccumInput') return accumulators.of(name);
    const text =
      type === undefined ? `No Input named '${name}'` : `Input '${name}' is not a StatAccumulator`;
    throw new HekateError('HKT_DAEMON_PLUGIN', [user, text]);
  };
}
