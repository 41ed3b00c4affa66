/**
 * What a section's settings say of other plugins beyond its splitter, decoder and encoder: the sub-decoders of a
 * MultiDecoder, and the StatAccumInput that statsd values go to. Texts are upstream's.
 */
import type { Category, Section } from './spec.ts';

export interface ReferenceFault {
  readonly key: string;
  readonly text: string;
}

export interface KnownPlugins {
  find(category: Category, name: string): Section | undefined;
  /** For what cannot be found: true when a section of that category is there, with faults of its own. */
  faulty(category: Category, name: string): boolean;
}

export function referenceFaults(section: Section, plugins: KnownPlugins): ReferenceFault[] {
  const { fields } = section.spec;
  if (Object.hasOwn(fields, 'stat_accum_name')) return accumulatorFaults(section, plugins);
  if (section.spec.category === 'decoder' && Object.hasOwn(fields, 'subs')) {
    return subDecoderFaults(section, plugins);
  }
  return [];
}

function accumulatorFaults(section: Section, plugins: KnownPlugins): ReferenceFault[] {
  const key = 'stat_accum_name';
  const name = section.string(key);
  const input = plugins.find('input', name);
  if (input?.type === 'StatAccumInput') return [];
  if (input !== undefined) return [{ key, text: `Input '${name}' is not a StatAccumulator` }];
  return plugins.faulty('input', name) ? [] : [{ key, text: `No Input named '${name}'` }];
}

function subDecoderFaults(section: Section, plugins: KnownPlugins): ReferenceFault[] {
  const key = 'subs';
  const faults = section
    .strings(key)
    .filter((name) => plugins.find('decoder', name) === undefined)
    .filter((name) => !plugins.faulty('decoder', name))
    .map((name) => ({ key, text: `Non-existent subdecoder: ${name}` }));
  return leadsBack(section, plugins)
    ? [...faults, { key, text: 'circular dependency detected' }]
    : faults;
}

/** True when the sub-decoders of a decoder, or theirs, include the decoder itself. */
function leadsBack(start: Section, plugins: KnownPlugins): boolean {
  const seen = new Set<string>();
  const waiting = [...start.strings('subs')];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === start.name) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    const section = plugins.find('decoder', name);
    if (section !== undefined && Object.hasOwn(section.spec.fields, 'subs')) {
      waiting.push(...section.strings('subs'));
    }
  }
  return false;
}
