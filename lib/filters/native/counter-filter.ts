/**
 * CounterFilter: counts the messages that it gets, and says at every tick how many there were and how fast they came;
 * every ten such messages are followed by a summary (Heka 0.11).
 */
import type { PluginSpec, Section } from '../../config/spec.ts';
import type { Pack } from '../../protocol/pack.ts';
import type { NativeFilter, NativeFilterContext, NativeFilterType } from './native-filter.ts';

const MESSAGE_TYPE = 'heka.counter-output';
/** Rates in a summary. */
const SUMMARY_RATES = 10;

const spec: PluginSpec = {
  type: 'CounterFilter',
  category: 'filter',
  doc: `Counts messages. At every tick at which there were any it makes a message of Type ${MESSAGE_TYPE} with their number and rate, and after every ten of these one with the lowest, highest and mean rate.`,
  fields: {},
  commonDefaults: { message_matcher: `Type != '${MESSAGE_TYPE}'`, ticker_interval: 5 },
};

class CounterFilter implements NativeFilter {
  readonly #context: NativeFilterContext;
  #count = 0;
  #reported = 0;
  #reportedMs: number;
  /** Of the last message that came. */
  #loopCount = 0;
  #rates: number[] = [];

  constructor(context: NativeFilterContext) {
    this.#context = context;
    this.#reportedMs = context.clock.now();
  }

  deliver(pack: Pack): void {
    this.#count++;
    this.#loopCount = pack.loopCount;
  }

  timer(): void {
    const news = this.#count - this.#reported;
    if (news === 0) return;
    const nowMs = this.#context.clock.now();
    // A clock that was set back must not give a negative rate.
    const seconds = Math.max(nowMs - this.#reportedMs, 1) / 1000;
    this.#reported = this.#count;
    this.#reportedMs = nowMs;
    const rate = news / seconds;
    this.#rates.push(rate);
    this.#send(`Got ${this.#count} messages. ${rate.toFixed(2)} msg/sec`);
    if (this.#rates.length < SUMMARY_RATES) return;
    const sum = this.#rates.reduce((total, each) => total + each, 0);
    const [lowest, highest] = [Math.min(...this.#rates), Math.max(...this.#rates)];
    const mean = sum / this.#rates.length;
    this.#rates = [];
    this.#send(
      `AGG Sum. Min: ${lowest.toFixed(2)}    Max: ${highest.toFixed(2)}    Mean: ${mean.toFixed(2)}`,
    );
  }

  #send(payload: string): void {
    const { name } = this.#context;
    this.#context.inject({ type: MESSAGE_TYPE, logger: name, payload }, this.#loopCount);
  }
}

export const counterFilter: NativeFilterType = {
  spec,
  create: (_section: Section, context: NativeFilterContext) => new CounterFilter(context),
};
