/**
 * Makes the sandboxes of SandboxDecoder and SandboxEncoder sections. Their scripts are read and tried when the daemon
 * starts, so that a fault in one is told then and not at the first message.
 */
import type { Section } from '../config/spec.ts';
import type { Logger } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import type { ShardPool } from '../router/shard-pool.ts';
import type { SandboxGlobals } from '../sandboxes/section-parts.ts';
import { CodecSandbox } from './codec-sandbox.ts';
import { sandboxDefinition } from './definition-from-section.ts';
import type { SandboxDefinition, SandboxIdentity } from './sandbox-definition.ts';
import type { StateKeeper } from './state-keeper.ts';

export interface CodecSandboxesOptions {
  readonly pool: ShardPool;
  readonly states: StateKeeper;
  readonly identity: SandboxIdentity;
}

export class CodecSandboxes {
  readonly #options: CodecSandboxesOptions;
  readonly #definitions = new Map<string, SandboxDefinition>();
  readonly #running = new Set<CodecSandbox>();

  constructor(options: CodecSandboxesOptions) {
    this.#options = options;
  }

  /** Reads a section's script and starts it once. Rejects with what is wrong. */
  async prepare(
    section: Section,
    kind: 'decoder' | 'encoder',
    globals: SandboxGlobals,
    log: Logger,
  ): Promise<void> {
    const definition = await sandboxDefinition(section, kind, globals);
    this.#definitions.set(section.name, definition);
    const trial = new CodecSandbox({
      ...this.#options,
      definition: { ...definition, preserveData: false },
      log,
    });
    await trial.start();
    await trial.stop();
  }

  /** A sandbox of a prepared section, under a name of its own. It starts with its first message. */
  make(section: string, name: string, log: Logger): CodecSandbox {
    const definition = this.#definitions.get(section);
    if (definition === undefined) {
      throw new HekateError('HKT_DAEMON_PLUGIN', [section, 'its script was not prepared']);
    }
    const made = new CodecSandbox({ ...this.#options, definition: { ...definition, name }, log });
    this.#running.add(made);
    return made;
  }

  /** Ends one that is not needed any more: its source is gone. */
  async end(sandbox: CodecSandbox): Promise<void> {
    this.#running.delete(sandbox);
    await sandbox.stop();
  }

  /** Keeps all states and ends all. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((sandbox) => this.end(sandbox)));
  }
}
