/**
 * The configuration of a sandbox of lua_sandbox 1.x, as its script and the host functions see it: the operator's keys and the
 * host's in one table. A table in it is one and the same however often the script asks, and the script may change it.
 */
import type { GuestConfigValue, SandboxSpec } from '../../../../lib/protocol/batch.ts';
import { latin1Text, utf8Bytes } from '../../../../lib/protocol/text.ts';
import type { Engine, GuestTable, GuestValue } from '../../engine.ts';
import {
  checkArgument,
  numberOf,
  stringArgument,
  stringOf,
} from '../../host-api/guest-arguments.ts';
import type { LsbHeaders } from '../../host-api/lsb/message-encoder.ts';

const DEFAULT_MESSAGE_BYTES = 65536;
const DEFAULT_LOG_LEVEL = 3;
/** The only level at which a script's print is heard. */
const PRINT_LEVEL = 7;

export class Configuration {
  readonly headers: LsbHeaders;
  /** Longest message that a stream reader waits for. */
  readonly messageBytes: number;
  readonly prints: boolean;
  readonly #values: Readonly<Record<string, GuestConfigValue>>;
  readonly #tables = new Map<string, GuestTable>();

  constructor(spec: SandboxSpec) {
    const { config, hostname, kind, limits, pid } = spec;
    const given = config['max_message_size'];
    const usable = typeof given === 'number' && Math.trunc(given) > 0;
    this.messageBytes = usable ? Math.trunc(given) : DEFAULT_MESSAGE_BYTES;
    this.#values = {
      input_limit: limits.outputBytes,
      output_limit: limits.outputBytes,
      memory_limit: limits.memoryBytes,
      instruction_limit: Number.isFinite(limits.instructions) ? limits.instructions : 0,
      log_level: DEFAULT_LOG_LEVEL,
      // The host's own part; a module's test has no host.
      ...(kind === 'unit' ? {} : { Hostname: byteString(hostname), Pid: pid }),
      ...config,
      max_message_size: usable ? given : DEFAULT_MESSAGE_BYTES,
    };
    this.prints = this.#values['log_level'] === PRINT_LEVEL;
    this.headers = headersOf(spec);
  }

  /** A number of the configuration; undefined for what is none. */
  number(key: string): number | undefined {
    const value = this.#own(key);
    return typeof value === 'number' ? value : undefined;
  }

  /** `read_config`. */
  read(args: readonly GuestValue[], engine: Engine): GuestValue {
    const key = stringArgument(args, 1);
    checkArgument(args.length === 1, 0, 'too many arguments');
    const value = this.#own(key);
    if (typeof value !== 'object') return value;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const made = tableOf(value, engine);
    this.#tables.set(key, made);
    return made;
  }

  #own(key: string): GuestConfigValue | undefined {
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
  }
}

function tableOf(value: GuestConfigValue & object, engine: Engine): GuestTable {
  const item = (inner: GuestConfigValue): GuestValue =>
    typeof inner === 'object' ? tableOf(inner, engine) : inner;
  if (isArray(value)) return engine.createList(value.map(item));
  const table = engine.createTable();
  for (const [key, inner] of Object.entries(value)) table.set(key, item(inner));
  return table;
}

/** Array.isArray does not narrow readonly arrays. */
function isArray(value: GuestConfigValue & object): value is readonly GuestConfigValue[] {
  return Array.isArray(value);
}

function headersOf({ config, hostname, kind, pid }: SandboxSpec): LsbHeaders {
  const restricted = config['restricted_headers'];
  return {
    restricted: typeof restricted === 'boolean' ? restricted : kind === 'filter',
    logger: textOf(config['Logger']),
    hostname: textOf(config['Hostname']) ?? byteString(hostname),
    pid: Object.hasOwn(config, 'Pid') ? (numberOf(plain(config['Pid'])) ?? 0) | 0 : pid,
  };
}

function textOf(value: GuestConfigValue | undefined): string | undefined {
  return stringOf(plain(value));
}

function plain(value: GuestConfigValue | undefined): GuestValue {
  return typeof value === 'object' ? undefined : value;
}

function byteString(text: string): string {
  const bytes = utf8Bytes(text);
  return latin1Text(bytes, 0, bytes.length);
}
