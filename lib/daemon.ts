/**
 * The composition root: joins a configuration's plugins around a host's core, starts them in upstream's order (outputs,
 * filters, inputs) and stops them in an order that loses nothing (inputs, what is on its way, filters, outputs).
 */
import { hostname } from 'node:os';
import path from 'node:path';
import { makeDirectories, systemCode } from './atomic-file.ts';
import type { LoadedConfig } from './config/load-config.ts';
import type { Section } from './config/spec.ts';
import type { ConsoleLog } from './daemon/console-log.ts';
import type { FilterParts } from './daemon/filters.ts';
import { accumulatorsOf, isNativeFilter, RunningNativeFilter } from './daemon/filters.ts';
import type { InputParts, RunningInput } from './daemon/inputs.ts';
import { makeInput, startInput } from './daemon/inputs.ts';
import type { OutputParts } from './daemon/outputs.ts';
import { RunningOutput } from './daemon/outputs.ts';
import { claimPidFile } from './daemon/pid-file.ts';
import { PipelineSandboxes } from './daemon/sandboxes.ts';
import { definitionFromSection } from './filters/filter-definition.ts';
import type { FilterEnd, FilterStatus } from './filters/filter-host.ts';
import { HostCore } from './host.ts';
import { PrefixClaims } from './manager/filter-name.ts';
import { SandboxManagerFilter } from './manager/sandbox-manager-filter.ts';
import type { PackageSet } from './packages/module-access.ts';
import { openPackages } from './packages/package-store.ts';
import type { Clock, PluginContext } from './plugin.ts';
import { errorText, HekateError } from './protocol/errors.ts';
import { compileMatcher } from './protocol/matcher/matcher.ts';
import type { Subscription } from './router/router.ts';
import type { SandboxGlobals } from './sandboxes/section-parts.ts';
import { AuditLog } from './signing/audit-log.ts';
import { ReplayMemory } from './signing/replay-memory.ts';

export interface DaemonOptions {
  readonly config: LoadedConfig;
  readonly log: ConsoleLog;
  readonly clock: Clock;
  /** Folder that relative base_dir and share_dir start from. */
  readonly cwd: string;
}

/** How long an output may hold the router at shutdown before it is stopped ahead of its turn, and how often that is looked at. */
const STUCK_MS = 5_000;
const STUCK_CHECK_MS = 500;

interface RunningManager {
  readonly section: Section;
  readonly manager: SandboxManagerFilter;
  readonly subscription: Subscription;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #core: HostCore;
  readonly #packages: PackageSet;
  readonly #baseDir: string;
  readonly #shareDir: string;
  readonly #hostname: string;
  readonly #stopping = new AbortController();
  readonly #outputs: RunningOutput[] = [];
  readonly #inputs: RunningInput[] = [];
  readonly #managers: RunningManager[] = [];
  readonly #natives: RunningNativeFilter[] = [];
  readonly #audit: AuditLog;
  #sandboxes: PipelineSandboxes | undefined;
  readonly #pidFile: Disposable | undefined;
  readonly #exit = Promise.withResolvers<HekateError | undefined>();
  #stopped: Promise<void> | undefined;
  #watch: Disposable | undefined;

  private constructor(
    options: DaemonOptions,
    core: HostCore,
    packages: PackageSet,
    pidFile: Disposable | undefined,
  ) {
    const { hekad } = options.config;
    this.#options = options;
    this.#packages = packages;
    this.#core = core;
    this.#pidFile = pidFile;
    this.#baseDir = path.resolve(options.cwd, hekad.string('base_dir'));
    this.#shareDir = path.resolve(options.cwd, hekad.string('share_dir'));
    this.#hostname = hekad.string('hostname') || hostname();
    this.#audit = new AuditLog({
      path: path.resolve(this.#baseDir, hekad.string('audit_log')),
      onFailure: (text) => options.log.error(`audit_log: ${text}`),
    });
  }

  /**
   * Starts everything. Rejects with a HekateError when a part cannot start and may not be missing; what had started by
   * then is stopped again.
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { config, log, clock, cwd } = options;
    const { hekad } = config;
    log.flags = hekad.number('log_flags');
    log.info('Starting hekad...');
    const baseDir = path.resolve(cwd, hekad.string('base_dir'));
    try {
      await makeDirectories(baseDir, 0o755);
    } catch (error) {
      throw new HekateError('HKT_DAEMON_BASE_DIR', [baseDir, systemCode(error)], error);
    }
    const pidPath = hekad.string('pid_file');
    const pidFile = pidPath === '' ? undefined : claimPidFile(path.resolve(cwd, pidPath));
    let daemon: Daemon | undefined;
    try {
      const packages = await openPackages(baseDir, hekad.strings('extensions'));
      const shards = hekad.number('maxprocs');
      const name = hekad.string('hostname');
      const core = await HostCore.start({
        ...(shards === 0 ? {} : { shards }),
        ...(name === '' ? {} : { hostname: name }),
        baseDir,
        maxMessageSize: hekad.number('max_message_size'),
        checkpointMs: hekad.number('checkpoint_interval'),
        maxProcessNs: hekad.number('max_process_duration'),
        clock,
        log,
      });
      daemon = new Daemon(options, core, packages, pidFile);
      await daemon.#startPlugins();
      return daemon;
    } catch (error) {
      if (daemon === undefined) pidFile?.[Symbol.dispose]();
      else await daemon.stop();
      throw error;
    }
  }

  async #startPlugins(): Promise<void> {
    const { config, log } = this.#options;
    const sections = (category: string): readonly Section[] =>
      config.plugins.filter((section) => section.spec.category === category);
    const sandboxes = this.#makeSandboxes();
    this.#sandboxes = sandboxes;
    await sandboxes.prepare(config.plugins);
    const parts: OutputParts & InputParts & FilterParts = {
      config,
      router: this.#core.router,
      context: (kind, name) => this.#context(kind, name),
      log,
      sandboxes,
      accumulator: accumulatorsOf(config),
      maxMessageLoops: this.#globals().maxMessageLoops,
      onDone: (input, error) => this.#inputDone(input, error),
      onExit: (name, error) =>
        this.#exit.resolve(new HekateError('HKT_DAEMON_EXIT', [name, error.message], error)),
    };
    for (const section of sections('output')) {
      const output = new RunningOutput(section, parts);
      this.#outputs.push(output);
      await output.start();
      log.info(`Output started: ${section.name}`);
    }
    const claims = new PrefixClaims();
    for (const section of sections('filter')) {
      if (section.type === 'SandboxManagerFilter') await this.#startManager(section, claims);
      else if (isNativeFilter(section)) this.#startNative(section, parts);
      else await this.#startFilter(section);
      log.info(`Filter started: ${section.name}`);
    }
    log.info('MessageRouter started.');
    for (const section of sections('input')) {
      const input = makeInput(section, parts);
      this.#inputs.push(input);
      await startInput(input, parts);
    }
  }

  #context(kind: string, name: string): PluginContext {
    const { clock, config, log } = this.#options;
    return {
      name,
      log: log.named(kind, name),
      clock,
      signal: this.#stopping.signal,
      hostname: this.#hostname,
      pid: process.pid,
      baseDir: this.#baseDir,
      shareDir: this.#shareDir,
      maxMessageSize: config.hekad.number('max_message_size'),
    };
  }

  #makeSandboxes(): PipelineSandboxes {
    const { log } = this.#options;
    return new PipelineSandboxes({
      pool: this.#core.pool,
      images: this.#core.cell.images,
      router: this.#core.router,
      states: this.#core.states,
      identity: { hostname: this.#hostname, pid: process.pid },
      globals: this.#globals(),
      baseDir: this.#baseDir,
      context: (kind, name) => this.#context(kind, name),
      log,
      onEnd: (section, error) => this.#sandboxEnded(section, error),
    });
  }

  #sandboxEnded(section: Section, error: HekateError): void {
    const { log } = this.#options;
    log.error(`Plugin '${section.name}' error: ${error.message}`);
    if (section.bool('can_exit') && !section.bool('shutdown_on_terminate')) return;
    this.#exit.resolve(new HekateError('HKT_DAEMON_EXIT', [section.name, error.message], error));
  }

  #globals(): SandboxGlobals {
    const { hekad } = this.#options.config;
    return {
      shareDir: this.#shareDir,
      baseDir: this.#baseDir,
      packages: this.#packages,
      maxProcessInject: hekad.number('max_process_inject'),
      maxTimerInject: hekad.number('max_timer_inject'),
      maxMessageLoops: hekad.number('max_message_loops') || 1,
      maxMessageSize: hekad.number('max_message_size'),
      caps: {
        memoryBytes: hekad.number('memory_limit_cap'),
        instructions: hekad.number('instruction_limit_cap'),
        outputBytes: hekad.number('output_limit_cap'),
        callMs: hekad.number('call_timeout_cap'),
      },
    };
  }

  async #startFilter(section: Section): Promise<void> {
    const definition = await definitionFromSection(section, this.#globals());
    try {
      await this.#core.filters.start(definition, (end) => this.#filterEnded(section, end));
    } catch (error) {
      if (!(error instanceof HekateError)) throw error;
      const text = `Initialization failed for '${section.name}': ${error.message}`;
      throw new HekateError('HKT_DAEMON_PLUGIN', [section.name, text], error);
    }
  }

  #startNative(section: Section, parts: FilterParts): void {
    const filter = new RunningNativeFilter(section, parts);
    this.#natives.push(filter);
    filter.start();
  }

  #filterEnded(section: Section, end: FilterEnd): void {
    if (end.kind !== 'terminated') return;
    const { log } = this.#options;
    if (section.bool('can_exit')) {
      log.error(
        `Plugin '${section.name}' error: has stopped, exiting plugin without shutting down.`,
      );
    } else {
      this.#exit.resolve(new HekateError('HKT_DAEMON_EXIT', [section.name, end.termination.text]));
    }
  }

  async #startManager(section: Section, claims: PrefixClaims): Promise<void> {
    const context = this.#context('Plugin', section.name);
    const { clock } = this.#options;
    const manager = new SandboxManagerFilter(section, context, {
      host: this.#core.filters,
      port: {
        route: (message, loopCount) =>
          this.#core.router.inject({
            message,
            signer: '',
            loopCount,
            stream: 0,
            position: 0,
            readAtMs: clock.now(),
          }),
      },
      globals: this.#globals(),
      replay: new ReplayMemory({ clock }),
      audit: this.#audit,
      claims,
    });
    await manager.start();
    const subscription: Subscription = {
      name: section.name,
      kind: 'filter',
      signer: section.string('message_signer'),
      matcher: compileMatcher(section.string('message_matcher')),
      deliver: (pack) => manager.deliver(pack),
    };
    this.#managers.push({ section, manager, subscription });
    this.#core.router.subscribe(subscription);
  }

  /** An input that failed ends the daemon unless it can_exit; one that came to its end (standard input) does not. */
  #inputDone(running: RunningInput, error: Error | undefined): void {
    const { log } = this.#options;
    const { name } = running.section;
    if (error === undefined) {
      if (this.#stopped === undefined) log.info(`Input '${name}': ended`);
      return;
    }
    log.error(`Input '${name}' error: ${errorText(error)}`);
    if (!running.section.bool('can_exit')) {
      this.#exit.resolve(new HekateError('HKT_DAEMON_EXIT', [name, errorText(error)], error));
    }
  }

  /** Resolves with the reason when a plugin that must not end has ended. */
  get exit(): Promise<HekateError | undefined> {
    return this.#exit.promise;
  }

  /** Resolves when all inputs ended by themselves (standard input, say) and what they read was processed. */
  async drained(): Promise<void> {
    const endless = new Promise<never>(() => undefined);
    if (this.#inputs.length === 0) return endless; // filters with timers, say: nothing here comes to an end
    await Promise.all(this.#inputs.map((running) => running.input.done ?? endless));
    await this.#core.idle();
  }

  /** Where inputs listen, for those that listen: name and address. */
  addresses(): ReadonlyMap<string, string> {
    const addresses = new Map<string, string>();
    for (const { section, input } of this.#inputs) {
      if ('address' in input && typeof input.address === 'string') {
        addresses.set(section.name, input.address);
      }
    }
    return addresses;
  }

  status(): readonly FilterStatus[] {
    return this.#core.filters.status();
  }

  /** What was counted, in plain numbers: the text of SIGUSR1 and of the demo's table. */
  counters(): Readonly<Record<string, number>> {
    const { routed, unmatched, injected, injectDropped } = this.#core.router.counters;
    const sum = (pick: (input: RunningInput) => number): number =>
      this.#inputs.reduce((total, input) => total + pick(input), 0);
    return {
      records: sum((input) => input.counters.records),
      decodeFailures: sum((input) => input.counters.decodeFailures),
      refusedSignatures: sum((input) => input.splitter.counters.refused),
      skippedBytes: sum((input) => input.splitter.counters.skippedBytes),
      oversized: sum((input) => input.splitter.counters.oversized),
      routed,
      unmatched,
      injected,
      injectDropped,
      lostMessages: this.#core.pool.lostMessages,
      droppedDeliveries: this.#core.filters.droppedDeliveries,
      auditLost: this.#audit.lost,
    };
  }

  /** SIGHUP: outputs reopen their files. */
  async reload(): Promise<void> {
    await Promise.all(
      this.#outputs.map(async ({ section, output }) => {
        try {
          await output.reload?.();
        } catch (error) {
          this.#options.log.error(`Plugin '${section.name}' error: ${errorText(error)}`);
        }
      }),
    );
  }

  /**
   * Stops in order and loses nothing that was read, unless an output's peer takes nothing any more: then what that output
   * does not get is counted, and the shutdown goes on. Safe to call twice.
   */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    await this.#stopped;
  }

  async #stop(): Promise<void> {
    const { log } = this.#options;
    log.info('Shutdown initiated.');
    this.#watchOutputs();
    try {
      for (const fedInside of [false, true]) {
        const inputs = this.#inputs.filter((r) => (r.input.fedInside === true) === fedInside);
        await this.#each('Input', inputs, (running) => running.input.stop());
        await this.#core.idle();
      }
      for (const { subscription } of this.#managers) this.#core.router.unsubscribe(subscription);
      await this.#each('Plugin', this.#managers, ({ manager }) => manager.stop());
      await this.#core.filters.close();
      await this.#core.idle();
      await this.#sandboxes?.close();
    } finally {
      this.#watch?.[Symbol.dispose]();
      await this.#each('Plugin', this.#natives, (filter) => filter.stop());
      await this.#each('Plugin', this.#outputs, (output) => output.stop());
      for (const output of this.#outputs) output.leave();
      this.#stopping.abort();
      await this.#core.close();
      this.#audit[Symbol.dispose]();
      this.#pidFile?.[Symbol.dispose]();
    }
    log.info('Shutdown complete.');
  }

  /** An output that is stuck holds the router, and with it everything that is to stop before the outputs. */
  #watchOutputs(): void {
    this.#watch = this.#options.clock.after(STUCK_CHECK_MS, () => {
      this.#watchOutputs();
      const stuck = this.#outputs.filter((output) => output.heldMs >= STUCK_MS);
      void this.#each('Plugin', stuck, (output) => output.stop());
    });
  }

  /** One part that cannot be stopped does not keep the others from it. */
  async #each<T extends { readonly section: Section }>(
    kind: string,
    parts: readonly T[],
    stop: (part: T) => Promise<void>,
  ): Promise<void> {
    await Promise.all(
      parts.map(async (part) => {
        try {
          await stop(part);
        } catch (error) {
          this.#options.log.error(`${kind} '${part.section.name}' error: ${errorText(error)}`);
        }
      }),
    );
  }
}
