/**
 * Configuration files of the tools that talk to a daemon: heka-sbmgr, heka-sbmgrload and hekate flood. The keys are
 * upstream's. Upstream ignores a key that it does not know; here it is a warning, because it is mostly a typing error.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfigTable } from '../config/field-value.ts';
import { isTable } from '../config/field-value.ts';
import { type Fault, faultText } from '../config/place.ts';
import { checkSection } from '../config/section.ts';
import type { ConfigValue, FieldSpec, PluginSpec, Section } from '../config/spec.ts';
import { readToml, type TomlDocument } from '../config/toml-reader.ts';
import { clientTlsField, lintClientTls } from '../inputs/tls-options.ts';
import { addressFault } from '../network-address.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { hashName, MAX_KEY_VERSION, type Signer } from '../signing/signer.ts';
import type { CommandIo } from './command.ts';

/** Where the daemon is, how it is reached, and with which key messages are signed. */
export const targetFields: Readonly<Record<string, FieldSpec>> = {
  ip_address: {
    kind: 'string',
    required: true,
    doc: 'Address of the daemon, host:port; an empty host is this machine.',
    example: '"127.0.0.1:5565"',
    check: addressFault,
  },
  use_tls: { kind: 'bool', default: false, doc: 'Connect with TLS.' },
  signer: {
    kind: 'section',
    doc: 'Key that messages are signed with. Without it they go unsigned.',
    fields: {
      name: { kind: 'string', default: '', doc: 'Name of the signer.', example: '"PlatformDevs"' },
      hmac_hash: {
        kind: 'string',
        default: 'md5',
        doc: 'md5, sha1, sha256 or sha512; the last two are not known to an old hekad.',
        check: (value) => {
          try {
            hashName(typeof value === 'string' ? value : '');
            return undefined;
          } catch (error) {
            return errorText(error);
          }
        },
      },
      hmac_key: { kind: 'string', default: '', doc: 'The key, as the daemon has it.' },
      version: {
        kind: 'uint',
        default: 0,
        doc: 'Version of the key.',
        check: (value) =>
          typeof value === 'number' && value > MAX_KEY_VERSION ? 'too large' : undefined,
      },
    },
  },
  tls: clientTlsField,
};

const targetSpec: PluginSpec = {
  type: 'heka-sbmgr',
  category: 'global',
  doc: 'Where a tool finds the daemon.',
  fields: targetFields,
  lint: lintClientTls,
};

/** Reads a tool's configuration file as one section. Throws HKT_TOOL_FILE and HKT_TOOL_CONFIG. */
export async function readTargetConfig(file: string, io: CommandIo): Promise<Section> {
  const document = await readToolToml(file, io);
  return lenientSection(targetSpec, document, [], file, io);
}

/** Reads and parses; every fault is shown on standard error before HKT_TOOL_CONFIG is thrown. */
export async function readToolToml(file: string, io: CommandIo): Promise<TomlDocument> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new HekateError('HKT_TOOL_FILE', [file, errorText(error)], error);
  }
  const document = readToml(text, { file });
  if (document.faults.length > 0) refuse(file, document.faults, io);
  return document;
}

/** Keys of [tls] that stand in upstream's examples for clients and mean nothing there. */
const SERVER_KEYS = new Set(
  [
    'client_auth',
    'client_cafile',
    'prefer_server_ciphers',
    'session_tickets_disabled',
    'session_ticket_key',
    'sesion_ticket_key',
  ].map((key) => `tls.${key}`),
);

/** Checks the table at `path` against the spec; unknown keys and SERVER_KEYS are only warned about. */
export function lenientSection(
  spec: PluginSpec,
  document: TomlDocument,
  path: readonly string[],
  file: string,
  io: CommandIo,
): Section {
  let raw: ConfigValue | undefined = document.tables;
  for (const name of path) raw = isTable(raw) ? raw[name] : undefined;
  let table: ConfigTable = isTable(raw) ? raw : {};
  const source = {
    name: path.at(-1) ?? spec.type,
    place: document.at(path, 'key') ?? { file, line: 1, column: 1 },
    at: (below: readonly string[], part: 'key' | 'value') => document.at([...path, ...below], part),
  };
  let checked = checkSection(spec, table, source);
  const unknown = checked.faults.filter(
    ({ code, values }) =>
      code === 'HKT_CONFIG_UNKNOWN_KEY' ||
      (code === 'HKT_CONFIG_NOT_BUILT' && SERVER_KEYS.has(String(values[1]).toLowerCase())),
  );
  if (unknown.length > 0) {
    for (const fault of unknown) io.stderr(`warning: ${faultText(fault)}\n`);
    table = without(table, new Set(unknown.map((fault) => String(fault.values[1]))), '');
    checked = checkSection(spec, table, source);
  }
  return checked.section ?? refuse(file, checked.faults, io);
}

/** The signer of a checked section; undefined when the file has no [signer]. */
export function signerOf(section: Section): Signer | undefined {
  if (!section.given('signer')) return undefined;
  const signer = section.section('signer');
  return {
    name: signer.string('name'),
    keyVersion: signer.number('version'),
    hash: hashName(signer.string('hmac_hash')),
    key: signer.string('hmac_key'),
  };
}

/** A copy without the keys whose dotted paths are in `dropped`. */
function without(table: ConfigTable, dropped: ReadonlySet<string>, prefix: string): ConfigTable {
  const copy: Record<string, ConfigValue> = Object.create(null);
  for (const [key, value] of Object.entries(table)) {
    const shown = `${prefix}${key}`;
    if (dropped.has(shown)) continue;
    copy[key] = isTable(value) ? without(value, dropped, `${shown}.`) : value;
  }
  return copy;
}

function refuse(file: string, faults: readonly Fault[], io: CommandIo): never {
  for (const fault of faults) io.stderr(`${faultText(fault)}\n`);
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  throw new HekateError('HKT_TOOL_CONFIG', [file, count]);
}
