/**
 * The SandboxManagerFilter: obeys control messages one at a time and answers each with exactly one reply, to the stream and
 * to the connection that brought it. Behaviour and log texts as Heka 0.11; what differs is in docs/compatibility.md.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { type FileSystem, systemCode } from '../atomic-file.ts';
import type { Section } from '../config/spec.ts';
import { sandboxTerminatedMessage } from '../filters/end-messages.ts';
import { managedDefinition } from '../filters/filter-definition.ts';
import type { FilterHost, MessagePort } from '../filters/filter-host.ts';
import type { PluginContext } from '../plugin.ts';
import {
  type ControlReply,
  decodeControlRequest,
  encodeControlReply,
  REPLY_OK,
  type ReceivedControl,
} from '../protocol/control.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { frame } from '../protocol/framing.ts';
import { compileMatcher, type Matcher } from '../protocol/matcher/matcher.ts';
import type { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import { utf8Bytes, utf8Text } from '../protocol/text.ts';
import {
  type Confinement,
  confinementOf,
  type SandboxGlobals,
} from '../sandboxes/section-parts.ts';
import type { AuditEntry } from '../signing/audit-log.ts';
import type { ReplayMemory } from '../signing/replay-memory.ts';
import { bounded, failure, type Outcome, oneLine, startFailure } from './control-outcome.ts';
import { ControlQueue } from './control-queue.ts';
import { managedName, normalizedName, type PrefixClaims } from './filter-name.ts';
import { FilterStore } from './filter-store.ts';
import { type FilterSource, ManagedFilters } from './managed-filters.ts';
import { readSubmission } from './submission.ts';

/** What a manager takes from the daemon beside its plugin context. */
export interface ManagerParts {
  readonly host: FilterHost;
  readonly port: MessagePort;
  readonly globals: SandboxGlobals;
  /** This manager's own. */
  readonly replay: Pick<ReplayMemory, 'check'>;
  readonly audit: { record(entry: AuditEntry): void };
  /** One for all managers of the daemon. */
  readonly claims: PrefixClaims;
  /** Default: the real one. */
  readonly fs?: FileSystem;
}

interface Arrival {
  readonly pack: Pack;
  /** Set for a message that is only to be answered. */
  readonly refusal: Outcome | undefined;
  /** Keeps the way back open until the reply is written. */
  readonly owed: Disposable | undefined;
}

const MAX_ECHO_LENGTH = 64;
/** Filters that start side by side after a restart; each start waits for a shard most of the time. */
const RESTORE_AT_ONCE = 4;

export class SandboxManagerFilter {
  readonly #context: PluginContext;
  readonly #parts: ManagerParts;
  readonly #signer: string;
  readonly #allowUnsigned: boolean;
  readonly #maxFilters: number;
  readonly #directory: string;
  readonly #confinement: Confinement;
  readonly #matcher: Matcher;
  readonly #queue: ControlQueue<Arrival>;
  readonly #ready = Promise.withResolvers<ManagedFilters | undefined>();
  #filters: ManagedFilters | undefined;
  #claim: Disposable | undefined;
  #received = 0;
  #stopping = false;

  constructor(section: Section, context: PluginContext, parts: ManagerParts) {
    this.#context = context;
    this.#parts = parts;
    this.#signer = section.string('message_signer');
    this.#allowUnsigned = section.bool('allow_unsigned');
    this.#maxFilters = section.number('max_filters');
    this.#directory = resolve(context.baseDir, section.string('working_directory'));
    this.#confinement = confinementOf(section, parts.globals);
    this.#matcher = compileMatcher(section.string('message_matcher'));
    this.#queue = new ControlQueue((arrival) => this.#handle(arrival));
  }

  /** Report fields of Heka 0.11. */
  report(): { readonly RunningFilters: number; readonly ProcessMessageCount: number } {
    return { RunningFilters: this.#filters?.count ?? 0, ProcessMessageCount: this.#received };
  }

  /**
   * Brings the stored filters back. Control messages may be delivered meanwhile, they wait. Rejects with
   * HKT_CONTROL_DIRECTORY or HKT_CONTROL_MANAGER_NAME; a filter that cannot be brought back is logged and stays on disk.
   */
  async start(): Promise<void> {
    const { name, log } = this.#context;
    try {
      this.#claim = this.#parts.claims.claim(name);
      const warn = (text: string): void => log.error(oneLine(text));
      let store: FilterStore;
      try {
        store = await FilterStore.open(
          this.#directory,
          normalizedName(name),
          (error) => warn(`${error.code} ${error.message}`),
          this.#parts.fs,
        );
      } catch (error) {
        throw new HekateError(
          'HKT_CONTROL_DIRECTORY',
          [name, this.#directory, systemCode(error)],
          error,
        );
      }
      const filters = new ManagedFilters(this.#parts.host, store, warn);
      this.#filters = filters;
      this.#announce();
      await this.#restore(filters, store);
    } catch (error) {
      this.#stopping = true;
      this.#claim?.[Symbol.dispose]();
      this.#ready.resolve(undefined);
      throw error;
    }
    this.#ready.resolve(this.#filters);
  }

  /** Takes a message that the manager's matcher chose. A returned promise settles when there is room for another one. */
  deliver(pack: Pack): Promise<void> | undefined {
    // The router compares signers too; a control message is worth a second look.
    if (this.#signer !== '' && pack.signer !== this.#signer) return undefined;
    this.#received++;
    return this.#queue.push({ pack, refusal: this.#admit(pack), owed: pack.origin?.owe?.() });
  }

  /** Finishes the control message in hand, refuses those that wait. The filters run on: their host stops them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#ready.resolve(this.#filters);
    await this.#queue.idle();
    this.#claim?.[Symbol.dispose]();
    this.#claim = undefined;
  }

  #announce(): void {
    const { log } = this.#context;
    if (this.#maxFilters === 0) log.info('max_filters is 0: no filter can be loaded');
    if (this.#signer !== '') return;
    log.info(
      this.#allowUnsigned
        ? 'message_signer is not set: everyone who reaches an input may load filters'
        : 'message_signer is not set: control messages are taken from this machine only',
    );
  }

  /** Judged on arrival, so that the time a message waits here does not count against it. */
  #admit(pack: Pack): Outcome | undefined {
    if (this.#signer === '' && !this.#allowUnsigned && pack.origin?.loopback !== true) {
      return failure(new HekateError('HKT_CONTROL_UNSIGNED', [this.#context.name]));
    }
    try {
      const { uuid, timestampNs } = pack.message;
      const verdict = this.#parts.replay.check(uuid, timestampNs, pack.readAtMs);
      return verdict.ok ? undefined : { code: verdict.code, text: verdict.text, name: '' };
    } catch (error) {
      return failure(error);
    }
  }

  /** Never rejects. */
  async #handle({ pack, refusal, owed }: Arrival): Promise<void> {
    let request: ReceivedControl = NO_REQUEST;
    let outcome: Outcome;
    try {
      request = decodeControlRequest(pack.message);
      const filters = await this.#ready.promise;
      if (refusal !== undefined) outcome = this.#logged(refusal);
      else if (this.#stopping || filters === undefined) {
        outcome = failure(new HekateError('HKT_CONTROL_STOPPING', [this.#context.name]));
      } else outcome = await this.#act(filters, request);
    } catch (error) {
      outcome = this.#logged(failure(error));
    }
    this.#record(pack, request, outcome);
    this.#reply(pack, request, outcome);
    owed?.[Symbol.dispose]();
  }

  async #act(filters: ManagedFilters, request: ReceivedControl): Promise<Outcome> {
    switch (request.action) {
      case 'load':
        if (filters.count >= this.#maxFilters) {
          const values = [this.#context.name, this.#maxFilters];
          return this.#logged(failure(new HekateError('HKT_CONTROL_MAX_FILTERS', values)));
        }
        return await this.#submit(filters, request, 'load');
      case 'reload':
        return await this.#submit(filters, request, 'reload');
      case 'unload':
        return await this.#unload(filters, request);
      case undefined:
        throw new HekateError('HKT_CONTROL_FIELD', ['action']);
      default:
        throw new HekateError('HKT_CONTROL_ACTION', [request.action.slice(0, MAX_ECHO_LENGTH)]);
    }
  }

  async #submit(
    filters: ManagedFilters,
    request: ReceivedControl,
    action: 'load' | 'reload',
  ): Promise<Outcome> {
    const { log } = this.#context;
    if (request.config === undefined) throw new HekateError('HKT_CONTROL_FIELD', ['config']);
    const submission = readSubmission(request.config, (written) => this.#fullName(written));
    if (submission.kind === 'refused') {
      // Upstream's prefix for what it could not even read.
      const prefix = submission.name === '' ? 'loadSandbox failed: ' : '';
      return this.#failedLoad({ ...submission, text: `${prefix}${submission.text}` });
    }
    const { name, written } = submission;
    try {
      if (action === 'load') filters.requireFree(name, written);
      else filters.requireRunning(name);
      // Copied: what a pack holds is part of a larger read buffer.
      const script = new Uint8Array(request.script);
      const source: FilterSource = {
        written,
        definition: this.#definition(submission.section, name, script),
        stored: { config: utf8Bytes(request.config), script },
      };
      log.info(`${action === 'load' ? 'Loading' : 'Reloading'}: ${name}`);
      if (action === 'load') await filters.load(source);
      else await filters.reload(source);
    } catch (error) {
      const failed = failure(error, name);
      return this.#failedLoad({ ...failed, text: startFailure(failed) });
    }
    const done = `${name} ${action === 'load' ? 'loaded' : 'reloaded'}`;
    return { code: REPLY_OK, text: [done, ...submission.warnings].join('\n'), name };
  }

  async #unload(filters: ManagedFilters, request: ReceivedControl): Promise<Outcome> {
    if (request.name === undefined) throw new HekateError('HKT_CONTROL_FIELD', ['name']);
    const name = this.#fullName(request.name);
    try {
      this.#context.log.info(`Unloading: ${name}`);
      // The host sends heka.terminated when it stops a filter.
      const ran = await filters.unload(name);
      const text = ran ? `${name} unloaded` : `${name} had ended before; its files are removed`;
      return { code: REPLY_OK, text, name };
    } catch (error) {
      return this.#logged(failure(error, name));
    }
  }

  async #restore(filters: ManagedFilters, store: FilterStore): Promise<void> {
    const { name: manager, log } = this.#context;
    const waiting = [...(await store.names())];
    while (waiting.length > 0) {
      const room = Math.min(this.#maxFilters - filters.count, RESTORE_AT_ONCE);
      if (room <= 0 || this.#stopping) break;
      await Promise.all(
        waiting.splice(0, room).map((name) => this.#restoreOne(filters, store, name)),
      );
    }
    if (waiting.length > 0 && !this.#stopping) {
      log.error(`${manager} attempted to load more than ${this.#maxFilters} filters`);
      log.error(oneLine(`stays on disk, not started: ${waiting.join(', ')}`));
    }
  }

  /** Never rejects; what cannot be started stays on disk. */
  async #restoreOne(filters: ManagedFilters, store: FilterStore, name: string): Promise<void> {
    const { log } = this.#context;
    try {
      const { config, script } = await store.read(name);
      // The file's name counts, whatever the section is called, as upstream.
      const submission = readSubmission(utf8Text(config, 0, config.length), () => name);
      if (submission.kind === 'refused') {
        log.error(oneLine(`restoreSandboxes failed: ${name}: ${submission.text}`));
        return;
      }
      filters.requireFree(name, '');
      log.info(`Loading: ${name}`);
      await filters.start(this.#definition(submission.section, name, script), '');
    } catch (error) {
      const failed = failure(error, name);
      log.error(oneLine(`createRunner failed: ${failed.code} ${startFailure(failed)}`));
    }
  }

  #definition(section: Section, name: string, script: Uint8Array) {
    const manager = this.#context.name;
    return managedDefinition(section, {
      name,
      manager,
      script,
      confinement: this.#confinement,
      globals: this.#parts.globals,
    });
  }

  #fullName(filter: string): string {
    return managedName(this.#context.name, filter);
  }

  /** Logs an outcome and sends it as heka.sandbox-terminated with the manager as the plugin, as upstream. */
  #failedLoad(outcome: Outcome): Outcome {
    const { name, clock } = this.#context;
    const text = bounded(outcome.text);
    this.#route(sandboxTerminatedMessage(this.#context, clock.nowNs(), name, text));
    return this.#logged(outcome);
  }

  #logged(outcome: Outcome): Outcome {
    this.#context.log.error(oneLine(outcome.text));
    return outcome;
  }

  /** The stream's way in, guarded as every filter's: a message that the manager itself would take is not sent. */
  #route(message: Message): void {
    if (this.#matcher.matchesMessage(message)) {
      this.#context.log.error('attempted to Inject a message to itself');
      return;
    }
    this.#parts.port.route(message, 0);
  }

  #record(pack: Pack, request: ReceivedControl, outcome: Outcome): void {
    const { action } = request;
    // A digest, never a part of the script; the outcome's text may quote the configuration.
    const text =
      action === 'load' || action === 'reload'
        ? `script of ${request.script.length} bytes, SHA-256 ${sha256(request.script)}`
        : '';
    this.#parts.audit.record({
      timeMs: this.#context.clock.now(),
      manager: this.#context.name,
      signer: pack.signer,
      action: action ?? '',
      filter: outcome.name === '' ? (request.name ?? '') : outcome.name,
      source: pack.origin?.description ?? '',
      uuid: request.request,
      code: outcome.code === REPLY_OK ? 'OK' : outcome.code,
      text,
    });
  }

  #reply(pack: Pack, request: ReceivedControl, outcome: Outcome): void {
    const { name, clock, hostname, log } = this.#context;
    const reply: ControlReply = {
      request: request.request,
      code: outcome.code,
      action: (request.action ?? '').slice(0, MAX_ECHO_LENGTH),
      name: outcome.name,
      text: bounded(outcome.text),
    };
    const message = encodeControlReply(reply, name, { hostname, timestampNs: clock.nowNs() });
    this.#route(message);
    try {
      pack.origin?.reply?.(frame(message.bytes));
    } catch (error) {
      // The sender went away; the reply is in the stream and the action in the audit log.
      log.error(oneLine(`cannot reply to ${pack.origin?.description}: ${errorText(error)}`));
    }
  }
}

const NO_REQUEST: ReceivedControl = {
  request: '',
  action: undefined,
  config: undefined,
  name: undefined,
  script: new Uint8Array(0),
};

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
