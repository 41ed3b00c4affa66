/**
 * `hekate try`: runs one sandbox over messages from a file or standard input, in the limits that it would have in a
 * daemon. Time is the data's: timer_event fires when the messages' timestamps pass a tick, and once at the end. What the
 * sandbox injects is printed as JSON lines, its log and its usage go to standard error.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { capped, limits } from '../../native-limits/limits.ts';
import { systemCode } from '../atomic-file.ts';
import { loadConfig } from '../config/load-config.ts';
import { faultText } from '../config/place.ts';
import { sectionOf } from '../config/section.ts';
import type { Section } from '../config/spec.ts';
import { pluginRegistry } from '../daemon/registry.ts';
import { jsonLine } from '../encoders/message-json.ts';
import { definitionOfScript } from '../filters/filter-definition.ts';
import type { FilterEnd, FilterStatus } from '../filters/filter-host.ts';
import { sandboxFilterSpec } from '../filters/sandbox-filter-spec.ts';
import { HostCore, NOT_INJECTED } from '../host.ts';
import { openPackages } from '../packages/package-store.ts';
import type { Gauge } from '../protocol/batch.ts';
import { HekateError } from '../protocol/errors.ts';
import type { SandboxGlobals } from '../sandboxes/section-parts.ts';
import { matcherFault } from './check.ts';
import { type Command, type CommandIo, EXIT_FAULT } from './command.ts';
import { lineTable } from './line-table.ts';
import { readMessages, type SourceFormat, sourceFormats } from './message-source.ts';

/** A limit ended the sandbox. */
const EXIT_TERMINATED = 3;
/** Ticks that one step in the data's time may cause; a longer gap leaves ticks out, as a stopped daemon would. */
const MAX_TICKS_PER_STEP = 1000;
const NAME = 'try';

export const command: Command = {
  name: 'try',
  summary: 'Runs one sandbox over a file or standard input and shows what it injects.',
  usage: 'SCRIPT [-config FILE] [-input FILE] [-format json|heka|text] [-profile]',
  example: 'hekate try examples/tutorial/nginx_status.lua -input access.log -format text',
  flags: {
    config: {
      kind: 'string',
      placeholder: 'FILE',
      doc: 'TOML file with one SandboxFilter section: its matcher, ticker, limits and config',
    },
    input: { kind: 'string', placeholder: 'FILE', doc: 'messages; default is standard input' },
    format: {
      kind: 'string',
      choices: sourceFormats,
      default: 'json',
      doc: 'json: one message a line; heka: framed; text: a line is a payload',
    },
    profile: { kind: 'bool', doc: 'shows the lines that used most instructions at the end' },
  },
  run: async (flags, positional, io) => {
    const [script, ...more] = positional;
    if (script === undefined || more.length > 0) {
      throw new HekateError('HKT_TOOL_USAGE', ['try takes one script']);
    }
    const section = await sectionFor(flags.string('config'), io);
    if (section === undefined) return EXIT_FAULT;
    const format = sourceFormats.find((known) => known === flags.string('format')) ?? 'json';
    const input = { file: flags.string('input'), format };
    return await runTrial(script, section, input, flags.bool('profile'), io);
  },
};

async function sectionFor(config: string, io: CommandIo): Promise<Section | undefined> {
  if (config === '') {
    return sectionOf(sandboxFilterSpec, { message_matcher: NOT_INJECTED }, NAME);
  }
  const loaded = await loadConfig(resolve(io.cwd, config), {
    registry: pluginRegistry,
    env: io.env,
    matcher: matcherFault,
  });
  for (const fault of loaded.faults) io.stderr(`${faultText(fault)}\n`);
  if (loaded.faults.length > 0) return undefined;
  const [section, ...others] = loaded.plugins.filter((plugin) => plugin.type === 'SandboxFilter');
  if (section === undefined || others.length > 0) {
    throw new HekateError('HKT_TOOL_SECTION', [config, 'SandboxFilter']);
  }
  return section;
}

async function runTrial(
  script: string,
  section: Section,
  input: { readonly file: string; readonly format: SourceFormat },
  profile: boolean,
  io: CommandIo,
): Promise<number> {
  const log = {
    info: (text: string) => io.stderr(`${text}\n`),
    error: (text: string) => io.stderr(`${text}\n`),
  };
  const globals: SandboxGlobals = {
    shareDir: dirname(resolve(io.cwd, script)),
    baseDir: io.cwd,
    packages: await openPackages(io.cwd, []),
    maxProcessInject: limits.processInject.value,
    maxTimerInject: limits.timerInject.value,
    maxMessageLoops: limits.messageLoops.value,
    maxMessageSize: limits.messageSize.value,
    caps: { memoryBytes: 0, instructions: 0, outputBytes: 0, callMs: 0 },
  };
  const definition = {
    ...definitionOfScript(section, globals, await scriptOf(script, io), script),
    // The data's time drives the ticks.
    tickerSeconds: 0,
    timerEventOnShutdown: false,
    preserveData: false,
    profile,
  };
  const tickNs = section.number('ticker_interval') * 1e9;
  const core = await HostCore.start({ shards: 1, checkpointMs: 0, log });
  const ends: FilterEnd[] = [];
  try {
    core.router.subscribe({
      name: 'output',
      kind: 'output',
      signer: '',
      matcher: { matches: () => true },
      deliver: (pack) => {
        if (pack.stream === 0) io.stdout(`${jsonLine(pack.message)}\n`);
        return undefined;
      },
    });
    await core.filters.start(definition, (end) => ends.push(end));
    let status: FilterStatus | undefined;
    let position = 0;
    let nextTick = 0;
    let now = 0;
    const messages = readMessages(
      { ...input, maxMessageSize: capped('messageSize', limits.messageSize.value) },
      io,
    );
    for await (const message of messages) {
      for (let room = core.router.room(); room !== undefined; room = core.router.room()) await room;
      if (ends.length > 0) break;
      now = message.view.timestamp;
      if (tickNs > 0) {
        if (nextTick === 0) nextTick = now + tickNs;
        for (let ticks = 0; now >= nextTick && ticks < MAX_TICKS_PER_STEP; ticks++) {
          core.filters.tick(definition.name, nextTick, false);
          nextTick += tickNs;
        }
        if (now >= nextTick) nextTick = now + tickNs;
      }
      core.router.route({
        message,
        signer: section.string('message_signer'),
        loopCount: 0,
        stream: 1,
        position: ++position,
        readAtMs: core.clock.now(),
      });
      status = core.filters.status()[0] ?? status;
      await io.drained();
    }
    await core.idle();
    if (ends.length === 0 && tickNs > 0) core.filters.tick(definition.name, now, true);
    await core.idle();
    status = core.filters.status()[0] ?? core.filters.ended(definition.name) ?? status;
    for (const end of ends) {
      if (end.kind !== 'terminated' || end.termination.traceback === undefined) continue;
      io.stderr(`${end.termination.traceback}\n`);
    }
    if (status !== undefined) io.stderr(usageText(status));
    if (status?.lines !== undefined) io.stderr(await lineTable(status.lines, io.cwd));
  } finally {
    await core.close();
  }
  return exitCode(ends);
}

async function scriptOf(script: string, io: CommandIo): Promise<Uint8Array> {
  try {
    return await readFile(resolve(io.cwd, script));
  } catch (error) {
    throw new HekateError('HKT_TOOL_FILE', [script, systemCode(error)], error);
  }
}

function exitCode(ends: readonly FilterEnd[]): number {
  const [end] = ends;
  if (end?.kind !== 'terminated') return 0;
  const { code } = end.termination;
  const fault = code === 'HKT_SANDBOX_SCRIPT' || code === 'HKT_SANDBOX_STATUS';
  return fault ? EXIT_FAULT : EXIT_TERMINATED;
}

function usageText({ processed, failed, injected, usage, averageNs }: FilterStatus): string {
  const line = (name: string, gauge: Gauge, unit: string): string =>
    `${name.padEnd(13)}${gauge.used} used / ${gauge.maximum} maximum / ${gauge.limit} limit (${unit})\n`;
  return (
    `messages     ${processed} processed, ${failed} failed, ${injected} injected, ` +
    `${(averageNs / 1000).toFixed(1)} us each\n` +
    line('memory', usage.memory, 'bytes') +
    line('instructions', usage.instructions, 'per call') +
    line('output', usage.output, 'bytes')
  );
}
