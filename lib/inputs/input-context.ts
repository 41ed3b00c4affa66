/**
 * What an input is given beyond a plugin's context: the accumulators of statsd values by the names of their inputs.
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Input, PluginContext } from '../plugin.ts';
import type { StatAccumulator } from './stat-accumulator.ts';

export interface InputContext extends PluginContext {
  /** What the StatAccumInput of that name adds up. Throws HKT_DAEMON_PLUGIN when there is no such input. */
  accumulator(name: string): StatAccumulator;
}

/** An input type: as PluginType, with the wider context. */
export interface InputType {
  readonly spec: PluginSpec;
  create(section: Section, context: InputContext): Input;
}
