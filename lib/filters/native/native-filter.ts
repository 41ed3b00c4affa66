/**
 * The interface of filters that are part of the daemon rather than scripts: they run on the main thread, so what they do
 * for one message must be little and bounded.
 */
import type { PluginSpec, Section } from '../../config/spec.ts';
import type { PluginContext, StatSink } from '../../plugin.ts';
import type { MessageInit } from '../../protocol/message.ts';
import type { Pack } from '../../protocol/pack.ts';

export interface NativeFilterContext extends PluginContext {
  /**
   * Makes a message with the daemon's Hostname and Pid and puts it into the stream. `loopCount` is that of the message
   * that caused it. False when it was refused, which is logged: too many loops, or the filter itself would get it.
   */
  inject(message: MessageInit, loopCount: number): boolean;
  /** The StatAccumInput of that name. Throws HKT_DAEMON_PLUGIN when there is no such input. */
  accumulator(name: string): StatSink;
}

export interface NativeFilter {
  /** Takes a message that the filter's matcher chose. */
  deliver(pack: Pack): void;
  /** Every ticker_interval. */
  timer?(): void;
}

/** A filter type: as PluginType, with the wider context. */
export interface NativeFilterType {
  readonly spec: PluginSpec;
  create(section: Section, context: NativeFilterContext): NativeFilter;
}
