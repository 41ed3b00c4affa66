/**
 * A native module on both engines in this process, as scripts use it: the harness of the modules' tests. Each guest is an
 * engine of its own with the module behind `require`; `run` gives a chunk's results or throws its error's text.
 */
import type {
  Engine,
  GuestOutcome,
  GuestValue,
  HostObject,
} from '../../../../workers/isolate/engine.ts';
import type {
  ModuleFactory,
  ModuleParts,
  NativeModule,
  ServiceValue,
} from '../../../../workers/isolate/modules/native-module.ts';
import { engines } from '../../../conformance/engines.ts';

export interface ModuleGuestOptions {
  readonly api?: 'heka' | 'lsb';
  readonly instructions?: number;
  readonly memoryBytes?: number;
  readonly outputBytes?: number;
  readonly messageBytes?: number;
  readonly messageText?: ModuleParts['messageText'];
  readonly host?: (operation: string, args: readonly ServiceValue[]) => readonly ServiceValue[];
  /** Modules written in Lua: name to source. */
  readonly files?: Readonly<Record<string, string>>;
}

export class ModuleGuest {
  readonly engine: Engine;
  readonly modules: ReadonlyMap<string, NativeModule>;
  /** Bytes that modules hold outside of the engine. */
  externalBytes = 0;

  constructor(
    create: (typeof engines)[number]['create'],
    factories: Readonly<Record<string, ModuleFactory>>,
    options: ModuleGuestOptions = {},
  ) {
    const memoryBytes = options.memoryBytes ?? 64 * 1024 * 1024;
    let made: Engine | undefined;
    const engine = (): Engine => {
      if (made === undefined) throw new Error('no engine yet');
      return made;
    };
    const parts: ModuleParts = {
      api: options.api ?? 'lsb',
      memory: {
        reserve: (bytes) => this.externalBytes + bytes <= memoryBytes,
        add: (bytes) => {
          this.externalBytes += bytes;
          return {};
        },
        charge: (instructions) => engine().charge(instructions),
      },
      createTable: () => engine().createTable(),
      createList: (values) => engine().createList(values),
      recordMaker: (names) => engine().recordMaker(names),
      createFunction: (name, host) => engine().createFunction(name, host),
      call: (callee, args) => engine().callFunction(callee, args),
      builtIn: (callee) => engine().builtIn(callee),
      toText: (value) => engine().toText(value),
      outputBytes: options.outputBytes ?? 64 * 1024,
      messageBytes: options.messageBytes ?? 64 * 1024,
      messageText: options.messageText ?? (() => undefined),
      host:
        options.host ??
        ((operation) => {
          throw new Error(`no host operation ${operation}`);
        }),
    };
    const modules = new Map<string, NativeModule>();
    for (const [name, factory] of Object.entries(factories)) modules.set(name, factory(parts));
    this.modules = modules;
    const files = options.files ?? {};
    made = create({
      meter: {
        instructionLimit: options.instructions ?? 10_000_000,
        stringLimit: memoryBytes,
        pollMemory: () => false,
      },
      removed: new Set(),
      disabledModules: new Set(),
      nativeModules: new Map([...modules].map(([name, module]) => [name, () => module.open()])),
      findModule: (name) => {
        const source = files[name];
        return source === undefined
          ? `module '${name}' not found:\n\tno file '${name}.lua'`
          : [source, `${name}.lua`];
      },
    });
    this.engine = made;
  }

  outcome(source: string, args: readonly GuestValue[] = []): GuestOutcome {
    return this.engine.run(source, 'guest.lua', args);
  }

  /** The chunk's results. Throws an Error with the guest's error text, or "limit: instructions" and the like. */
  run(source: string, ...args: readonly GuestValue[]): readonly GuestValue[] {
    const outcome = this.outcome(source, args);
    if (outcome.kind === 'returned') return outcome.values;
    throw new Error(
      outcome.kind === 'error' ? (outcome.text ?? 'nil error') : `limit: ${outcome.kind}`,
    );
  }

  /** The first result. */
  value(source: string, ...args: readonly GuestValue[]): GuestValue {
    return this.run(source, ...args)[0];
  }

  /** The error's text; a chunk that ends well is an Error. */
  error(source: string, ...args: readonly GuestValue[]): string {
    const outcome = this.outcome(source, args);
    if (outcome.kind === 'error') return outcome.text ?? 'nil error';
    throw new Error(outcome.kind === 'returned' ? 'no error was raised' : `limit: ${outcome.kind}`);
  }

  /** The host object that a global of the script holds. */
  object(name: string): HostObject {
    const value = this.engine.getGlobal(name);
    if (typeof value !== 'object' || value.kind !== 'object') throw new Error(`${name}: no object`);
    return value;
  }
}

/** Calls back once per engine. */
export function onBothEngines(
  body: (name: string, create: (typeof engines)[number]['create']) => void,
): void {
  for (const { name, create } of engines) body(name, create);
}
