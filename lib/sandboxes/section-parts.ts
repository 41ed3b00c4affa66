/**
 * What a sandbox's section comes to, whatever its kind: the script, how it is confined, and what it sees. Every limit is in
 * force: 0 and whatever is above the operator's cap became the cap.
 */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { capped, type LimitName } from '../../native-limits/limits.ts';
import { systemCode } from '../atomic-file.ts';
import type { ConfigValue, Section } from '../config/spec.ts';
import type { PackageSet } from '../packages/module-access.ts';
import type {
  EngineName,
  GuestConfigValue,
  SandboxKind,
  SandboxLimits,
} from '../protocol/batch.ts';
import { HekateError } from '../protocol/errors.ts';
import { latin1Text, utf8Bytes } from '../protocol/text.ts';
import type { SandboxDefinition } from './sandbox-definition.ts';

/** Highest values that any sandbox of this daemon may have; 0 is the highest that Hekate knows. */
export interface SandboxCaps {
  readonly memoryBytes: number;
  readonly instructions: number;
  readonly outputBytes: number;
  readonly callMs: number;
}

/** What a definition takes from the [hekad] section. */
export interface SandboxGlobals {
  readonly shareDir: string;
  /** Where inputs and outputs may use files, unless their sections say otherwise. */
  readonly baseDir: string;
  readonly packages: PackageSet;
  readonly maxProcessInject: number;
  readonly maxTimerInject: number;
  readonly maxMessageLoops: number;
  readonly maxMessageSize: number;
  readonly caps: SandboxCaps;
}

/** How a sandbox is run and confined: what a manager decides for its filters. */
export interface Confinement {
  readonly engine: EngineName;
  readonly moduleDirectories: readonly string[];
  readonly limits: SandboxLimits;
}

/** The script that a section names: below share_dir, or shipped by a package. Rejects with HKT_CONFIG_SCRIPT. */
export async function readScript(
  section: Section,
  globals: SandboxGlobals,
  kind: SandboxKind,
): Promise<Uint8Array> {
  const filename = section.string('filename');
  if (filename === '') {
    throw new HekateError('HKT_CONFIG_SCRIPT', [section.name, 'is missing', 'filename is not set']);
  }
  const path = resolve(globals.shareDir, filename);
  try {
    return await readFile(path);
  } catch (error) {
    const shipped = isAbsolute(filename) ? undefined : globals.packages.script(kind, filename);
    if (shipped !== undefined && systemCode(error) === 'ENOENT') return await readFile(shipped);
    throw new HekateError('HKT_CONFIG_SCRIPT', [section.name, path, systemCode(error)], error);
  }
}

/** How the sandboxes of a section, a SandboxFilter's or a SandboxManagerFilter's, are confined. */
export function confinementOf(section: Section, globals: SandboxGlobals): Confinement {
  const { caps } = globals;
  const directories = section.string('module_directory').split(';');
  const given = directories.map((directory) => directory.trim()).filter((path) => path !== '');
  return {
    engine: section.string('engine') === 'compiled' ? 'compiled' : 'interpreted',
    moduleDirectories:
      given.length === 0
        ? [join(globals.shareDir, 'lua_modules')]
        : given.map((path) => resolve(path)),
    limits: {
      memoryBytes: inForce('memory', section.number('memory_limit'), caps.memoryBytes),
      instructions: inForce('instructions', section.number('instruction_limit'), caps.instructions),
      outputBytes: inForce('output', section.number('output_limit'), caps.outputBytes),
      callMs: inForce('callTime', section.number('call_timeout'), caps.callMs),
      processInject: capped('processInject', globals.maxProcessInject),
      timerInject: capped('timerInject', globals.maxTimerInject),
      messageLoops: capped('messageLoops', globals.maxMessageLoops),
      messageBytes: capped('messageSize', globals.maxMessageSize),
    },
  };
}

function inForce(name: LimitName, value: number, operatorCap: number): number {
  const cap = capped(name, operatorCap);
  return value === 0 ? cap : Math.min(value, cap);
}

/** What a section says of the script's own view, and what packages give it. */
export function flavourOf(
  section: Section,
  globals: SandboxGlobals,
  kind: SandboxKind,
  confinement: Confinement,
): Pick<
  SandboxDefinition,
  | 'api'
  | 'config'
  | 'limits'
  | 'moduleDirectories'
  | 'nativeModules'
  | 'refusedModules'
  | 'disabledModules'
  | 'removedEntries'
> {
  const api = section.string('api') === 'lsb' ? 'lsb' : 'heka';
  const packages = globals.packages.modules(kind, api);
  const given = guestTable(section.table('config'));
  const { limits } = confinement;
  return {
    api,
    config: api === 'lsb' ? { ...given, ...hostConfig(section, kind, limits) } : given,
    limits:
      api === 'lsb' && kind === 'filter' ? { ...limits, ...injectLimits(section, limits) } : limits,
    moduleDirectories: [...confinement.moduleDirectories, ...packages.moduleDirectories],
    nativeModules: packages.nativeModules,
    refusedModules: packages.refusedModules,
    disabledModules: section.strings('disabled_modules'),
    removedEntries: removedEntries(section),
  };
}

/** What Hindsight adds to a sandbox's configuration; the user's own values for these keys do not count. */
function hostConfig(
  section: Section,
  kind: SandboxKind,
  limits: SandboxLimits,
): { readonly [key: string]: GuestConfigValue } {
  const restricted = section.given('restricted_headers')
    ? section.bool('restricted_headers')
    : kind === 'filter';
  return {
    Logger: byteString(section.name),
    input_limit: limits.outputBytes,
    output_limit: limits.outputBytes,
    memory_limit: limits.memoryBytes,
    instruction_limit: Number.isFinite(limits.instructions) ? limits.instructions : 0,
    max_message_size: limits.messageBytes,
    log_level: section.number('log_level'),
    preserve_data: section.bool('preserve_data'),
    restricted_headers: restricted,
    ...(kind === 'decoder' || kind === 'encoder'
      ? {}
      : { ticker_interval: section.number('ticker_interval') }),
    ...(kind === 'output' ? { async_buffer_size: section.number('async_buffer_size') } : {}),
  };
}

/** Injection limits of Hindsight's analysis plugins, as far as the operator lets filters inject. */
function injectLimits(
  section: Section,
  limits: SandboxLimits,
): Pick<SandboxLimits, 'processInject' | 'timerInject'> {
  return {
    processInject: Math.min(section.number('process_message_inject_limit'), limits.processInject),
    timerInject: Math.min(section.number('timer_event_inject_limit'), limits.timerInject),
  };
}

function removedEntries(section: Section): { readonly [module: string]: readonly string[] } {
  const entries = Object.entries(section.table('remove_entries')).map(
    ([module, names]): [string, string[]] => [
      byteString(module),
      isArray(names) ? names.filter((name) => typeof name === 'string').map(byteString) : [],
    ],
  );
  return Object.fromEntries(entries);
}

/** Configuration as a guest sees it: strings are the bytes of their UTF-8. Dates, and arrays with dates, are left out. */
export function guestTable(table: Readonly<Record<string, ConfigValue>>): {
  readonly [key: string]: GuestConfigValue;
} {
  const entries: [string, GuestConfigValue][] = [];
  for (const [key, value] of Object.entries(table)) {
    const guest = guestValue(value);
    if (guest !== undefined) entries.push([byteString(key), guest]);
  }
  return Object.fromEntries(entries);
}

function guestValue(value: ConfigValue): GuestConfigValue | undefined {
  if (typeof value === 'string') return byteString(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return undefined;
  if (isArray(value)) {
    const items = value.map(guestValue);
    return items.includes(undefined) ? undefined : items.filter((item) => item !== undefined);
  }
  return guestTable(value);
}

/** Array.isArray does not narrow readonly arrays. */
function isArray(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

function byteString(text: string): string {
  const bytes = utf8Bytes(text);
  return latin1Text(bytes, 0, bytes.length);
}
