/**
 * Runs one Lua program of the user's own with the whole standard library, on any engine. Everything it wrote is passed
 * on before the result is, whatever the result.
 */
import type { Engine, EngineOptions, GuestTable, GuestValue, HostFunction } from './engine.ts';
import { createIoLibrary, type IoLibrary } from './host-api/io-library.ts';
import { MemoryGauge } from './host-api/memory-gauge.ts';
import { ObjectLedger } from './host-api/object-ledger.ts';
import { memoryFunctions, osFunctions, ProgramExit, printTo } from './host-api/process-library.ts';
import type { ProgramEntry, ProgramHost, ProgramResult, ProgramSpec } from './program-contract.ts';
import { PACKAGES, PACKAGES_NAME } from './program-packages.ts';

type EngineFactory = (options: EngineOptions) => Engine;

export function createProgramEntry(
  engines: Readonly<Record<string, EngineFactory>>,
  /** Makes what compiles a program's chunks, for an engine that needs it. */
  makeCompiler?: (spec: ProgramSpec) => EngineOptions['compileLua'],
): ProgramEntry {
  return {
    run(spec, host, interrupt) {
      const factory = engines[spec.engine];
      if (factory === undefined) throw new Error(`no engine ${spec.engine}`);
      return new Program(
        spec,
        host,
        new Int32Array(interrupt),
        factory,
        makeCompiler?.(spec),
      ).run();
    },
  };
}

class Program {
  readonly #spec: ProgramSpec;
  readonly #host: ProgramHost;
  readonly #interrupt: Int32Array;
  readonly #gauge: MemoryGauge;
  readonly #engine: Engine;
  readonly #io: IoLibrary;
  #baseBytes = 0;

  constructor(
    spec: ProgramSpec,
    host: ProgramHost,
    interrupt: Int32Array,
    factory: EngineFactory,
    compileLua: EngineOptions['compileLua'],
  ) {
    this.#spec = spec;
    this.#host = host;
    this.#interrupt = interrupt;
    const measure = (collect: boolean) => Math.max(0, host.memory(collect) - this.#baseBytes);
    this.#gauge = new MemoryGauge(spec.memoryLimit, measure, new ObjectLedger());
    this.#engine = factory({
      meter: {
        instructionLimit: spec.instructionLimit,
        stringLimit: spec.stringLimit,
        pollMemory: (bytes) =>
          this.#interrupted || (spec.memoryLimit > 0 && this.#gauge.poll(bytes)),
      },
      removed: new Set(),
      disabledModules: new Set(),
      nativeModules: new Map(),
      findModule: (name) => `module '${name}' not found`,
      readFile: (name) => host.readSource(name),
      debugLibrary: true,
      profile: spec.profile,
      ...(compileLua === undefined ? {} : { compileLua }),
    });
    this.#gauge.factor = this.#engine.memoryFactor;
    this.#io = createIoLibrary({
      host,
      stringLimit: spec.stringLimit,
      createFunction: (name, call) => this.#engine.createFunction(name, call),
    });
  }

  get #interrupted(): boolean {
    return Atomics.load(this.#interrupt, 0) !== 0;
  }

  run(): ProgramResult {
    let result: ProgramResult;
    try {
      this.#install();
      // The collection is not worth its time when nothing is limited.
      this.#baseBytes = this.#host.memory(this.#spec.memoryLimit > 0);
      result = this.#runChunks();
    } catch (error) {
      if (!(error instanceof ProgramExit)) throw error;
      result = { kind: 'exit', status: error.status };
    }
    this.#io.flushAll();
    const counts = this.#spec.profile ? this.#engine.profile?.() : undefined;
    // The package library is ours; as a chunk it has its name without the mark.
    const lines = counts?.filter(({ chunk }) => `=${chunk}` !== PACKAGES_NAME);
    return lines === undefined ? result : { ...result, lines };
  }

  #runChunks(): ProgramResult {
    const { chunks, args, script } = this.#spec;
    for (const [index, { source, name }] of chunks.entries()) {
      const given = script !== undefined && index === chunks.length - 1 ? args : [];
      const outcome = this.#engine.run(source, name, given);
      if (outcome.kind === 'returned' || outcome.kind === 'missing') continue;
      if (outcome.kind === 'error') {
        return { kind: 'error', text: outcome.text, traceback: outcome.traceback };
      }
      if (this.#interrupted || outcome.kind === 'stopped') return { kind: 'interrupted' };
      return { kind: outcome.kind };
    }
    return { kind: 'done' };
  }

  #install(): void {
    const engine = this.#engine;
    const host = this.#host;
    const { stdin, stdout, stderr, functions } = this.#io;
    const io = this.#table(functions);
    io.set('stdin', stdin);
    io.set('stdout', stdout);
    io.set('stderr', stderr);
    engine.setGlobal('io', io);
    engine.setGlobal('print', printTo(engine, stdout));
    const used = (collect: boolean) => host.memory(collect) / engine.memoryFactor;
    for (const [name, call] of Object.entries(memoryFunctions(used))) engine.setGlobal(name, call);
    this.#installPackages();
    const os = engine.getGlobal('os');
    if (isTable(os)) {
      for (const [name, call] of Object.entries(osFunctions(host))) {
        os.set(name, engine.createFunction(name, call));
      }
    }
    const { script, program, args } = this.#spec;
    if (script === undefined) return;
    const arg = engine.createTable();
    arg.set(-1, program);
    arg.set(0, script);
    for (const [index, text] of args.entries()) arg.set(index + 1, text);
    engine.setGlobal('arg', arg);
  }

  #installPackages(): void {
    const engine = this.#engine;
    const readable: HostFunction = ([path]) => {
      const file = this.#host.open(String(path), 'r');
      if (file >= 0) this.#host.close(file);
      return file >= 0;
    };
    const outcome = engine.run(PACKAGES, PACKAGES_NAME, [
      engine.createFunction('readable', readable),
      this.#spec.path,
      engine.getGlobal('require'),
    ]);
    if (outcome.kind !== 'returned') {
      throw new Error(`package library: ${outcome.kind === 'error' ? outcome.text : outcome.kind}`);
    }
  }

  #table(functions: Readonly<Record<string, HostFunction>>): GuestTable {
    const table = this.#engine.createTable();
    for (const [name, call] of Object.entries(functions)) {
      table.set(name, this.#engine.createFunction(name, call));
    }
    return table;
  }
}

function isTable(value: GuestValue): value is GuestTable {
  return typeof value === 'object' && value.kind === 'table';
}
