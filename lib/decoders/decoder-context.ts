/**
 * What a decoder is given beyond a plugin's context: other decoders by the names of their sections.
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Decoder, PluginContext } from '../plugin.ts';

export interface DecoderContext extends PluginContext {
  /** A new decoder of that section, for this decoder alone. Throws HKT_DAEMON_PLUGIN when there is none. */
  decoder(name: string): Decoder;
}

/** A decoder type: as PluginType, with the wider context. */
export interface DecoderType {
  readonly spec: PluginSpec;
  create(section: Section, context: DecoderContext): Decoder;
}
