/**
 * A guest of any engine, with all libraries loaded unless told otherwise, and ways to look at what came out. Runs in plain
 * Node: the engines need nothing of an isolate.
 */
import type {
  Engine,
  EngineOptions,
  GuestOutcome,
  Library,
  Meter,
} from '../../workers/isolate/engine.ts';
import type { EngineFactory } from './engines.ts';

export interface GuestSettings {
  readonly instructions?: number;
  readonly stringLimit?: number;
  /** Bytes that may be allocated in all, as if nothing were ever collected. */
  readonly memory?: number;
  readonly removed?: readonly string[];
  readonly disabled?: readonly string[];
  readonly native?: Readonly<Record<string, () => Library>>;
  /** Sources of modules by name. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Libraries to require first; all by default. */
  readonly libraries?: readonly string[];
}

const LIBRARIES = ['string', 'table', 'math', 'os', 'coroutine'];

export function makeGuest(
  factory: Pick<EngineFactory, 'create'>,
  settings: GuestSettings = {},
): Engine {
  let allocated = 0;
  const meter: Meter = {
    instructionLimit: settings.instructions ?? 10_000_000,
    stringLimit: settings.stringLimit ?? 8 * 1024 * 1024,
    pollMemory: (bytes) => {
      allocated += bytes;
      return allocated > (settings.memory ?? Number.POSITIVE_INFINITY);
    },
  };
  const modules = settings.modules ?? {};
  const options: EngineOptions = {
    meter,
    removed: new Set(settings.removed),
    disabledModules: new Set(settings.disabled),
    nativeModules: new Map(Object.entries(settings.native ?? {})),
    findModule: (name) => {
      const source = modules[name];
      return source === undefined
        ? `module '${name}' not found:\n\tno file 'lua/${name}.lua'`
        : [source, `lua/${name}.lua`];
    },
  };
  const engine = factory.create(options);
  engine.setGlobal('print', () => []);
  const libraries = settings.libraries ?? LIBRARIES;
  if (libraries.length > 0) engine.run(libraries.map((name) => `require "${name}"`).join(' '), '');
  return engine;
}

/** Values joined by ` | `, an error's text, or the name of the limit that struck. */
export function outcomeText(engine: Engine, outcome: GuestOutcome): string {
  switch (outcome.kind) {
    case 'returned':
      return outcome.values.map((value) => engine.toText(value)).join(' | ');
    case 'error':
      return outcome.text ?? 'no text';
    default:
      return `<${outcome.kind}>`;
  }
}

/** Runs a source in a fresh guest. */
export function evaluate(
  factory: Pick<EngineFactory, 'create'>,
  source: string,
  settings?: GuestSettings,
): string {
  const engine = makeGuest(factory, settings);
  return outcomeText(engine, engine.run(source, 'chunk.lua'));
}
