/**
 * A sandbox of any kind that is to run: what its section, its packages and the daemon's caps came to. Everything in it was
 * validated, and every limit is in force.
 */
import type {
  ApiFlavour,
  EngineName,
  GuestConfigValue,
  SandboxAccess,
  SandboxKind,
  SandboxLimits,
  SandboxSpec,
} from '../protocol/batch.ts';
import { latin1Text } from '../protocol/text.ts';

export interface SandboxDefinition {
  /** Full, unique plugin name: "counts", or "PlatformDevs-Example" for a managed filter. */
  readonly name: string;
  /** Default: a filter. */
  readonly kind?: SandboxKind;
  /** Lua source, bytes. */
  readonly script: Uint8Array;
  /** Shown in Lua error positions; never an absolute path for managed filters. */
  readonly chunkName: string;
  readonly engine: EngineName;
  readonly api: ApiFlavour;
  readonly preserveData: boolean;
  readonly moduleDirectories: readonly string[];
  /** Default: what every filter has. */
  readonly nativeModules?: readonly string[];
  readonly refusedModules?: { readonly [name: string]: string };
  readonly disabledModules?: readonly string[];
  readonly removedEntries?: { readonly [module: string]: readonly string[] };
  readonly access?: SandboxAccess;
  readonly config: { readonly [key: string]: GuestConfigValue };
  readonly limits: SandboxLimits;
  /** Count instructions by source line. Slower. */
  readonly profile?: boolean;
}

/** What a sandbox is told of the daemon. */
export interface SandboxIdentity {
  readonly hostname: string;
  readonly pid: number;
}

/** What a shard is given to start it. `matcher`: the guard against self-injection; "" for none. */
export function specOf(
  definition: SandboxDefinition,
  id: number,
  identity: SandboxIdentity,
  matcher: string,
  state: Uint8Array | undefined,
): SandboxSpec {
  const { access, disabledModules, nativeModules, refusedModules, removedEntries } = definition;
  return {
    id,
    name: definition.name,
    kind: definition.kind ?? 'filter',
    engine: definition.engine,
    api: definition.api,
    script: latin1Text(definition.script, 0, definition.script.length),
    chunkName: definition.chunkName,
    moduleDirectories: definition.moduleDirectories,
    config: definition.config,
    limits: definition.limits,
    matcher,
    hostname: identity.hostname,
    pid: identity.pid,
    preserve: definition.preserveData,
    ...(nativeModules === undefined ? {} : { nativeModules }),
    ...(refusedModules === undefined ? {} : { refusedModules }),
    ...(disabledModules === undefined ? {} : { disabledModules }),
    ...(removedEntries === undefined ? {} : { removedEntries }),
    ...(access === undefined ? {} : { access }),
    ...(definition.profile === true ? { profile: true } : {}),
    ...(state === undefined ? {} : { state }),
  };
}
