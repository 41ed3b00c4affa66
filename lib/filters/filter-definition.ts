/**
 * Turns a checked SandboxFilter section into the definition that a FilterHost starts. Every limit in a definition is in
 * force: 0 and whatever is above the operator's cap became the cap.
 */
import type { Section } from '../config/spec.ts';
import { HekateError } from '../protocol/errors.ts';
import { confinementFields } from '../sandboxes/sandbox-fields.ts';
import {
  type Confinement,
  confinementOf,
  flavourOf,
  readScript,
  type SandboxGlobals,
} from '../sandboxes/section-parts.ts';
import type { FilterDefinition } from './filter-host.ts';

/** Reads the script of a static filter. Rejects with HKT_CONFIG_SCRIPT. */
export async function definitionFromSection(
  section: Section,
  globals: SandboxGlobals,
): Promise<FilterDefinition> {
  const script = await readScript(section, globals, 'filter');
  return definitionOfScript(section, globals, script, section.string('filename'));
}

/** The definition of a static filter whose script was read already. */
export function definitionOfScript(
  section: Section,
  globals: SandboxGlobals,
  script: Uint8Array,
  chunkName: string,
): FilterDefinition {
  const confinement = confinementOf(section, globals);
  const flavour = flavourOf(section, globals, 'filter', confinement);
  return {
    ...definitionBase(section),
    ...confinement,
    ...flavour,
    name: section.name,
    script,
    chunkName,
    managed: false,
  };
}

/** What the manager that runs a filter decides. */
export interface ManagedFilter {
  /** Full name, such as "PlatformDevs-Example". */
  readonly name: string;
  readonly manager: string;
  readonly script: Uint8Array;
  readonly confinement: Confinement;
  readonly globals: SandboxGlobals;
}

/** The definition of a filter that came in a control message. Throws HKT_CONTROL_OWNED for a setting of the manager's. */
export function managedDefinition(section: Section, filter: ManagedFilter): FilterDefinition {
  const owned = Object.keys(confinementFields).find((key) => section.given(key));
  if (owned !== undefined) throw new HekateError('HKT_CONTROL_OWNED', [owned, filter.manager]);
  // The tutorial's configurations carry an empty one.
  if (section.string('filename') !== '') {
    throw new HekateError('HKT_CONTROL_OWNED', ['filename', filter.manager]);
  }
  return {
    ...definitionBase(section),
    ...filter.confinement,
    ...flavourOf(section, filter.globals, 'filter', filter.confinement),
    name: filter.name,
    script: filter.script,
    // No path: tenants see this text.
    chunkName: `${filter.name}.lua`,
    managed: true,
  };
}

function definitionBase(
  section: Section,
): Pick<
  FilterDefinition,
  'matcher' | 'signer' | 'tickerSeconds' | 'preserveData' | 'timerEventOnShutdown'
> {
  return {
    matcher: section.string('message_matcher'),
    signer: section.string('message_signer'),
    tickerSeconds: section.number('ticker_interval'),
    preserveData: section.bool('preserve_data'),
    timerEventOnShutdown:
      section.bool('timer_event_on_shutdown') || section.string('api') === 'lsb',
  };
}
