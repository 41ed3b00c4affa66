/**
 * Runs one case: a fresh isolate on a shard, the events one by one, so that what each caused is known; then compares.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Shard } from '../cells/cell.ts';
import { sectionOf } from '../config/section.ts';
import type { PluginSpec, Section } from '../config/spec.ts';
import { sandboxFilterSpec } from '../filters/sandbox-filter-spec.ts';
import type { Delivered, EngineName, SandboxKind, SandboxSpec } from '../protocol/batch.ts';
import type { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import { latin1Text } from '../protocol/text.ts';
import { BatchSlot, OpenBatch } from '../router/open-batch.ts';
import { specOf } from '../sandboxes/sandbox-definition.ts';
import {
  sandboxDecoderSpec,
  sandboxEncoderSpec,
  sandboxInputSpec,
  sandboxOutputSpec,
} from '../sandboxes/sandbox-specs.ts';
import { confinementOf, flavourOf, type SandboxGlobals } from '../sandboxes/section-parts.ts';
import type { CaseEvent, CaseFile, TestCase } from './case-file.ts';
import { caseMessage } from './case-message.ts';
import { judge, runText } from './judgement.ts';
import type { Snapshots } from './snapshots.ts';
import { globalsOf } from './state-globals.ts';

/** What a run gave. */
export interface CaseRun {
  readonly loadError: string | undefined;
  readonly terminated: string | undefined;
  readonly returns: readonly number[];
  readonly failures: readonly string[];
  readonly logs: readonly string[];
  /** Messages injected, or an encoder's bytes. */
  readonly out: readonly Uint8Array[];
  readonly state: Readonly<Record<string, unknown>>;
  readonly limits: Readonly<Record<'instructions' | 'memory' | 'output', number>>;
  readonly files: Readonly<Record<string, string>>;
  readonly checkpoint: string | number | undefined;
}

/** Where cases run: one shard, used for one case at a time. */
export interface CaseBench {
  readonly shard: Shard;
  readonly engine: EngineName;
  readonly globals: SandboxGlobals;
  /** Gets what an input injects. */
  onDelivered: (delivered: Delivered) => void;
  nextId(): number;
  /** Tells an output that asks for a message again (−3) to give up, or no longer. */
  stopRetries(stop: boolean): void;
}

const SPECS: Readonly<Record<SandboxKind, PluginSpec>> = {
  filter: sandboxFilterSpec,
  unit: sandboxFilterSpec,
  decoder: sandboxDecoderSpec,
  encoder: sandboxEncoderSpec,
  input: sandboxInputSpec,
  output: sandboxOutputSpec,
};
const HOSTNAME = 'test.example';
const PID = 1234;
/** What an output returns that wants a message again, and how often it gets it. */
const RETRY = -3;
const RETRIES = 2;
const NO_USE = { instructions: 0, memory: 0, output: 0 };

/** Runs a case; returns what is wrong, nothing when all is well. */
export async function runCase(
  bench: CaseBench,
  file: CaseFile,
  test: TestCase,
  script: Uint8Array,
  snapshots: Snapshots,
): Promise<readonly string[]> {
  const root = await mkdtemp(path.join(tmpdir(), 'hekate-test-'));
  try {
    for (const [name, content] of Object.entries(test.files)) {
      const target = path.join(root, name);
      if (!target.startsWith(root + path.sep)) return [`files.${name} lies outside of the folder`];
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, content);
    }
    const spec = specFor(bench, file, test, script, root);
    const run = await new Run(bench, spec).all(test, root);
    const faults = judge(file.kind, test, run);
    if (!test.snapshot) return faults;
    return [...faults, ...snapshots.compare(test.name, runText(file.kind, run))];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function specFor(
  bench: CaseBench,
  file: CaseFile,
  test: TestCase,
  script: Uint8Array,
  root: string,
): SandboxSpec {
  const { kind } = file;
  const name = path.basename(file.script, '.lua');
  const section: Section = sectionOf(
    SPECS[kind],
    {
      ...(kind === 'filter' || kind === 'output' ? { message_matcher: 'TRUE' } : {}),
      filename: path.basename(file.script),
      api: file.api,
      config: test.config,
      ...test.settings,
    },
    name,
  );
  const confinement = confinementOf(section, bench.globals);
  const flavour = flavourOf(section, bench.globals, kind, confinement);
  const machine = kind === 'input' || kind === 'output';
  const most = { processInject: 1000, timerInject: 1000 };
  const limits = {
    ...flavour.limits,
    ...(kind === 'filter' && section.given('process_message_inject_limit') ? {} : most),
    ...(machine ? { instructions: Number.POSITIVE_INFINITY } : {}),
  };
  return specOf(
    {
      name,
      kind,
      script,
      chunkName: path.basename(file.script),
      preserveData: true,
      ...flavour,
      engine: bench.engine,
      limits,
      ...(machine ? { access: { root, network: true } } : {}),
    },
    bench.nextId(),
    { hostname: HOSTNAME, pid: PID },
    test.matcher,
    undefined,
  );
}

class Run {
  readonly #bench: CaseBench;
  readonly #spec: SandboxSpec;
  readonly #returns: number[] = [];
  readonly #failures: string[] = [];
  readonly #logs: string[] = [];
  readonly #out: Uint8Array[] = [];
  #limits: CaseRun['limits'] = NO_USE;
  #terminated: string | undefined;
  #checkpoint: string | number | undefined;

  constructor(bench: CaseBench, spec: SandboxSpec) {
    this.#bench = bench;
    this.#spec = spec;
  }

  async all(test: TestCase, root: string): Promise<CaseRun> {
    const { shard } = this.#bench;
    this.#bench.onDelivered = (delivered) => this.#delivered(delivered);
    const loaded = await shard.load({ kind: 'load', spec: this.#spec });
    this.#log(loaded.logs);
    const loadError = loaded.failure?.text;
    let state: Readonly<Record<string, unknown>> = {};
    if (loadError === undefined) {
      this.#noteUse(loaded.usage);
      if (this.#spec.kind === 'input') await this.#pollAll(test);
      else for (const event of test.events) await this.#event(event);
      state = await this.#end(test);
    }
    return {
      loadError,
      terminated: this.#terminated,
      returns: this.#returns,
      failures: this.#failures,
      logs: this.#logs,
      out: this.#out,
      state,
      limits: this.#limits,
      files: await filesIn(root, test.expect['files']),
      checkpoint: this.#checkpoint,
    };
  }

  async #event(event: CaseEvent): Promise<void> {
    if (this.#terminated !== undefined) return;
    const batch = new OpenBatch();
    const slot = new BatchSlot(this.#spec.id);
    if (event.kind === 'timer') batch.addTimer(slot, { ns: event.ns, shutdown: event.shutdown });
    else batch.append(slot, packOf(caseMessage(event.message)));
    let report = await this.#bench.shard.run(batch.take(1));
    const before = this.#out.length;
    let rounds = 0;
    for (;;) {
      for (let i = 0; i + 1 < report.offsets.length; i++) {
        this.#out.push(report.bytes.slice(report.offsets[i], report.offsets[i + 1]));
      }
      for (const result of report.results) {
        this.#noteUse(result.usage);
        this.#terminated = result.termination?.text ?? this.#terminated;
        const { answers } = result;
        this.#returns.push(...(answers?.statuses ?? []));
        for (const [, text] of answers?.texts ?? []) this.#failures.push(text);
        if (answers === undefined && event.kind === 'message' && result.processed > 0) {
          this.#returns.push(result.failed > 0 ? -1 : 0);
          if (result.failed > 0) this.#failures.push(...result.logs.map((line) => line.text));
        }
        this.#log(result.logs);
      }
      if (!report.unfinished) break;
      if (this.#spec.kind === 'output') rounds = report.results.some(hasRun) ? 0 : rounds + 1;
      if (rounds === RETRIES) this.#bench.stopRetries(true);
      report = await this.#bench.shard.run(new OpenBatch().take(1));
    }
    if (rounds >= RETRIES) {
      this.#bench.stopRetries(false);
      this.#returns.push(RETRY);
    }
    // A decoder that leaves the message as it is passes it on.
    const passed = event.kind === 'message' && this.#returns.at(-1) === 0;
    if (this.#spec.kind === 'decoder' && passed && this.#out.length === before) {
      this.#out.push(caseMessage(event.message).bytes);
    }
  }

  async #pollAll(test: TestCase): Promise<void> {
    this.#checkpoint = test.checkpoint;
    // One call per event, and one without any.
    const calls = Math.max(1, test.events.length);
    for (let i = 0; i < calls && this.#terminated === undefined; i++) {
      const answer = await this.#bench.shard.poll({
        kind: 'poll',
        sandbox: this.#spec.id,
        ...(this.#checkpoint === undefined ? {} : { checkpoint: this.#checkpoint }),
      });
      // What was injected came before the answer, by another way.
      await new Promise((resolve) => setImmediate(resolve));
      this.#log(answer.logs);
      this.#noteUse(answer.usage);
      this.#terminated = answer.termination?.text;
      if (answer.status !== undefined) this.#returns.push(answer.status);
      if (answer.text !== undefined && answer.text !== '') this.#failures.push(answer.text);
    }
  }

  #delivered({ bytes, checkpoint, logs, offsets }: Delivered): void {
    for (let i = 0; i + 1 < offsets.length; i++) {
      this.#out.push(bytes.slice(offsets[i], offsets[i + 1]));
    }
    this.#checkpoint = checkpoint ?? this.#checkpoint;
    this.#log(logs);
  }

  /** Ends the sandbox; its globals when the case asks for some. */
  async #end(test: TestCase): Promise<Readonly<Record<string, unknown>>> {
    const { shard } = this.#bench;
    const { id } = this.#spec;
    const answer = await shard.states({ kind: 'state', sandboxes: [id], end: true });
    const [own] = answer.states;
    const wanted = test.expect['state'];
    if (wanted === undefined || own?.state === undefined) return {};
    return globalsOf(own.state);
  }

  #noteUse(usage: {
    readonly instructions: { readonly maximum: number };
    readonly memory: { readonly maximum: number };
    readonly output: { readonly maximum: number };
  }): void {
    this.#limits = {
      instructions: usage.instructions.maximum,
      memory: Math.max(this.#limits.memory, usage.memory.maximum),
      output: usage.output.maximum,
    };
  }

  #log(lines: readonly { readonly text: string }[]): void {
    for (const { text } of lines) this.#logs.push(text);
  }
}

function hasRun({ processed }: { readonly processed: number }): boolean {
  return processed > 0;
}

function packOf(message: Message): Pack {
  return { message, signer: '', loopCount: 0, stream: 1, position: 0, readAtMs: 0 };
}

async function filesIn(root: string, wanted: unknown): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  if (typeof wanted !== 'object' || wanted === null) return files;
  for (const name of Object.keys(wanted)) {
    try {
      const bytes = await readFile(path.join(root, name));
      files[name] = latin1Text(bytes, 0, bytes.length);
    } catch {
      // Not there: the comparison says so.
    }
  }
  return files;
}
