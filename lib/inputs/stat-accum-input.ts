/**
 * StatAccumInput: adds up what StatsdInput and StatFilter bring, and makes heka.statmetric messages of it at every tick
 * (Heka 0.11). What does not fit into one message goes into several; a stat's values stay together.
 */
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Input, Intake, RouteMessage, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { InputContext, InputType } from './input-context.ts';
import {
  type AccumulatedStats,
  DEFAULT_MAX_STATS,
  type Refusals,
  type StatAccumulator,
} from './stat-accumulator.ts';
import { StatMessages } from './stat-messages.ts';
import { type TimerMeasures, timerMeasures } from './timer-measures.ts';

/** Each makes two values of every timer. */
const MOST_THRESHOLDS = 16;
const SHOWN_CHARACTERS = 200;

const spec: PluginSpec = {
  type: 'StatAccumInput',
  category: 'input',
  doc: 'Adds up statsd values from StatsdInput and StatFilter, and makes a message of them at every tick; of several messages when one would be too big.',
  fields: {
    emit_in_payload: {
      kind: 'bool',
      default: true,
      doc: "Write the values into the payload, in Graphite's form: name, value and time on a line.",
    },
    emit_in_fields: { kind: 'bool', default: false, doc: 'Write the values into fields.' },
    percent_threshold: {
      kind: 'ints',
      default: [90],
      doc: 'Percentages N for which timers give mean_N and upper_N.',
      example: '[90, 99]',
      check: thresholdsFault,
    },
    message_type: {
      kind: 'string',
      default: 'heka.statmetric',
      doc: 'Type of the messages.',
    },
    legacy_namespaces: {
      kind: 'bool',
      default: false,
      doc: "Name counters as statsd's old versions: the rate is stats.NAME, the count stats_counts.NAME.",
    },
    global_prefix: { kind: 'string', default: 'stats', doc: 'Prefix of all names.' },
    counter_prefix: {
      kind: 'string',
      default: 'counters',
      doc: 'Second prefix of counters, unless legacy_namespaces is set.',
    },
    timer_prefix: { kind: 'string', default: 'timers', doc: 'Second prefix of timers.' },
    gauge_prefix: { kind: 'string', default: 'gauges', doc: 'Second prefix of gauges.' },
    statsd_prefix: { kind: 'string', default: 'statsd', doc: 'Prefix of numStats.' },
    delete_idle_stats: {
      kind: 'bool',
      default: false,
      doc: 'Leave out what got no value since the last message, instead of sending 0 or the last gauge.',
    },
    max_stats: {
      kind: 'uint',
      default: DEFAULT_MAX_STATS,
      doc: 'Names that are kept at a time; values of further ones are dropped, counted and logged. Not in Heka.',
      check: (value) => (Number(value) < 1 ? 'must be at least 1' : undefined),
    },
    splitter: {
      kind: 'string',
      default: 'NullSplitter',
      doc: 'Belongs to inputs that read bytes.',
      ignored: 'this input makes its messages itself',
    },
  },
  commonDefaults: { ticker_interval: 10 },
  lint: (section) => {
    if (section.number('ticker_interval') === 0) {
      return [{ key: 'ticker_interval', text: 'TickerInterval must be greater than 0.' }];
    }
    return section.bool('emit_in_payload') || section.bool('emit_in_fields')
      ? []
      : [
          {
            key: 'emit_in_payload',
            text: 'One of either `EmitInPayload` or `EmitInFields` must be set to true.',
          },
        ];
  },
};

function thresholdsFault(value: ConfigValue): string | undefined {
  const thresholds = Array.isArray(value) ? value : [];
  if (thresholds.length > MOST_THRESHOLDS) return `must be at most ${MOST_THRESHOLDS} numbers`;
  return thresholds.every((percent) => Number(percent) >= 0 && Number(percent) <= 100)
    ? undefined
    : 'must be numbers from 0 to 100';
}

/** Prefixes end with a dot; an empty one adds nothing, as upstream. */
function joined(prefix: string, part: string): string {
  return part === '' || part.endsWith('.') ? prefix + part : `${prefix}${part}.`;
}

interface Prefixes {
  readonly global: string;
  readonly counters: string;
  readonly gauges: string;
  readonly timers: string;
  readonly statsd: string;
}

function prefixesOf(section: Section): Prefixes {
  const global = joined('', section.string('global_prefix'));
  const legacy = section.bool('legacy_namespaces');
  return {
    global,
    counters: joined(global, section.string('counter_prefix')),
    gauges: joined(global, section.string('gauge_prefix')),
    timers: joined(global, section.string('timer_prefix')),
    statsd: joined(legacy ? '' : global, section.string('statsd_prefix')),
  };
}

export class StatAccumInput implements Input {
  readonly fedInside = true;
  readonly #section: Section;
  readonly #context: InputContext;
  readonly #stats: StatAccumulator;
  readonly #prefixes: Prefixes;
  readonly #thresholds: readonly number[];
  #route: RouteMessage | undefined;
  #timer: Disposable | undefined;
  #flushing: Promise<void> | undefined;
  /** Ticks since the last flush: more than one when the pipeline had no room in between. */
  #ticks = 0;
  #refused = 0;

  constructor(section: Section, context: InputContext) {
    this.#section = section;
    this.#context = context;
    this.#stats = context.accumulator(context.name);
    this.#stats.maxStats = section.number('max_stats');
    this.#prefixes = prefixesOf(section);
    const thresholds = section.value('percent_threshold');
    this.#thresholds = Array.isArray(thresholds) ? thresholds.map(Number) : [];
  }

  get counters(): Readonly<Record<string, number>> {
    return { names: this.#stats.names, refused: this.#refused };
  }

  async start(_open: (source: Source) => Intake, route: RouteMessage): Promise<void> {
    this.#route = route;
    this.#tick();
  }

  /** Sends what was added up since the last tick. Values that come later are lost to it. */
  async stop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.#flushing;
    this.#ticks++;
    await this.#flush();
    this.#stats.close();
  }

  #tick(): void {
    this.#timer = this.#context.clock.after(this.#section.number('ticker_interval') * 1000, () => {
      this.#tick();
      this.#ticks++;
      this.#flushing ??= this.#flush().finally(() => {
        this.#flushing = undefined;
      });
    });
  }

  /** Never rejects. */
  async #flush(): Promise<void> {
    const stats = this.#stats.take(this.#section.bool('delete_idle_stats'));
    const seconds = this.#ticks * this.#section.number('ticker_interval');
    this.#ticks = 0;
    this.#report(stats);
    try {
      for (const message of this.#messages(stats, seconds)) await this.#route?.(message, true);
    } catch (thrown) {
      this.#context.log.error(errorText(thrown));
    }
  }

  #report({ full, unreadable }: AccumulatedStats): void {
    this.#refuse(unreadable, 'no number, or no usable name');
    this.#refuse(full, `more than ${this.#stats.maxStats} names, or too many timer values`);
  }

  #refuse({ count, last }: Refusals, reason: string): void {
    if (count === 0) return;
    this.#refused += count;
    const values = [count, reason, last.slice(0, SHOWN_CHARACTERS)];
    this.#context.log.error(new HekateError('HKT_PLUGIN_STATS_DROPPED', values).message);
  }

  #messages(stats: AccumulatedStats, seconds: number) {
    const { name, clock, hostname, pid, maxMessageSize } = this.#context;
    const messages = new StatMessages({
      headers: {
        timestampNs: clock.nowNs(),
        type: this.#section.string('message_type'),
        logger: name,
        hostname,
        pid,
      },
      inPayload: this.#section.bool('emit_in_payload'),
      inFields: this.#section.bool('emit_in_fields'),
      maxBytes: maxMessageSize,
    });
    for (const [counter, count] of stats.counters) this.#counter(messages, counter, count, seconds);
    for (const [gauge, value] of stats.gauges) {
      messages.stat([{ name: this.#prefixes.gauges + gauge, value, kind: 'float' }]);
    }
    for (const [timer, values] of stats.timers) {
      this.#timerStat(messages, timer, timerMeasures(values, seconds, this.#thresholds));
    }
    const value = stats.counters.length + stats.gauges.length + stats.timers.length;
    messages.stat([{ name: `${this.#prefixes.statsd}numStats`, value, kind: 'integer' }]);
    return messages.take();
  }

  #counter(messages: StatMessages, name: string, count: number, seconds: number): void {
    const rate = count / seconds;
    if (this.#section.bool('legacy_namespaces')) {
      // As upstream: the rate in a field is a whole number, in the payload it is not.
      messages.stat([
        { name: this.#prefixes.global + name, value: rate, kind: 'whole-in-field' },
        { name: `stats_counts.${name}`, value: count, kind: 'integer' },
      ]);
      return;
    }
    const prefix = joined(this.#prefixes.counters, name);
    messages.stat([
      { name: `${prefix}rate`, value: rate, kind: 'float' },
      { name: `${prefix}count`, value: count, kind: 'integer' },
    ]);
  }

  #timerStat(messages: StatMessages, name: string, measures: TimerMeasures): void {
    const prefix = joined(this.#prefixes.timers, name);
    messages.stat([
      { name: `${prefix}count`, value: measures.count, kind: 'integer' },
      { name: `${prefix}count_ps`, value: measures.rate, kind: 'float' },
      { name: `${prefix}lower`, value: measures.lower, kind: 'float' },
      { name: `${prefix}upper`, value: measures.upper, kind: 'float' },
      { name: `${prefix}sum`, value: measures.sum, kind: 'float' },
      { name: `${prefix}mean`, value: measures.mean, kind: 'float' },
      ...measures.percentiles.flatMap(({ percent, mean, upper }) => [
        { name: `${prefix}mean_${percent}`, value: mean, kind: 'float' as const },
        { name: `${prefix}upper_${percent}`, value: upper, kind: 'float' as const },
      ]),
    ]);
  }
}

export const statAccumInput: InputType = {
  spec,
  create: (section: Section, context: InputContext) => new StatAccumInput(section, context),
};
