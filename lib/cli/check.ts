/**
 * `hekate check`: reads a configuration as the daemon would, compiles every matcher and every script in it, and shows
 * all faults in one go. Starts nothing and writes nothing.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemCode } from '../atomic-file.ts';
import { type ConfigOptions, type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { byPlace, type Fault, faultAt, faultText } from '../config/place.ts';
import { openPackages, type PackageStore } from '../packages/package-store.ts';
import type { ApiFlavour } from '../protocol/batch.ts';
import { type ErrorEntry, errorCatalogue, HekateError } from '../protocol/errors.ts';
import { compileMatcherOf } from '../protocol/matcher/api-matcher.ts';
import { type Command, type CommandIo, EXIT_FAULT, runCommand } from './command.ts';

export interface CheckTools {
  /** The plugin types that the daemon knows. */
  readonly registry: ConfigOptions['registry'];
  /** Compiles a script without running it; resolves to what is wrong with it. */
  readonly compileScript: (source: Uint8Array, chunkName: string) => Promise<string | undefined>;
}

/** What is wrong with a message_matcher, for the reader of sections. */
export function matcherFault(expression: string, api: ApiFlavour): string | undefined {
  try {
    compileMatcherOf(api, expression);
    return undefined;
  } catch (error) {
    if (error instanceof HekateError) return error.message;
    throw error;
  }
}

export function checkCommand(tools: CheckTools): Command {
  return {
    name: 'check',
    summary: 'Checks a configuration: shows every fault, with its place and what to do.',
    usage: '[flags] FILE|DIR',
    example: 'hekate check examples/tutorial',
    flags: {
      format: {
        kind: 'string',
        choices: ['text', 'json'],
        default: 'text',
        doc: 'text for people, or json: one fault a line.',
      },
    },
    run: async (flags, positional, io) => {
      const [path, ...more] = positional;
      if (path === undefined || more.length > 0)
        throw new HekateError('HKT_TOOL_USAGE', ['check takes one file or directory']);
      return checkPath(path, flags.string('format') === 'json', tools, io);
    },
  };
}

/** Runs the command on its arguments. Exit code 0: no fault; 1: faults; 2: called wrongly. */
export function check(args: readonly string[], io: CommandIo, tools: CheckTools): Promise<number> {
  return runCommand(checkCommand(tools), 'hekate check', args, io);
}

async function checkPath(
  path: string,
  asJson: boolean,
  tools: CheckTools,
  io: CommandIo,
): Promise<number> {
  const config = await loadConfig(resolve(io.cwd, path), {
    registry: tools.registry,
    env: io.env,
    matcher: matcherFault,
  });
  const faults = [...config.faults, ...(await scriptFaults(config, tools, io))].sort(byPlace);
  const shown = (fault: Fault): Fault => ({ ...fault, file: shortened(fault.file, io.cwd) });
  if (asJson) {
    for (const fault of config.warnings) io.stdout(jsonLine(shown(fault), 'warning'));
    for (const fault of faults) io.stdout(jsonLine(shown(fault), 'fault'));
    return faults.length === 0 ? 0 : EXIT_FAULT;
  }
  for (const fault of config.warnings) io.stdout(`${faultText(shown(fault))} [warning]\n`);
  for (const fault of faults) io.stdout(`${faultText(shown(fault))}\n`);
  const notes =
    config.warnings.length === 0 ? '' : `, ${counted(config.warnings.length, 'warning')}`;
  io.stdout(
    faults.length === 0
      ? `${path}: ok, ${counted(config.plugins.length, 'plugin')}${notes}\n`
      : `${path}: ${counted(faults.length, 'fault')}${notes}\n`,
  );
  return faults.length === 0 ? 0 : EXIT_FAULT;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Relative to where the command runs, as the user typed it. */
function shortened(file: string, cwd: string): string {
  return file.startsWith(`${cwd}/`) ? file.slice(cwd.length + 1) : file;
}

function jsonLine(fault: Fault, severity: 'fault' | 'warning'): string {
  const { file, line, column, code, text, suggestion } = fault;
  const entry: ErrorEntry = errorCatalogue[code];
  const { advice } = entry;
  return `${JSON.stringify({ severity, file, line, column, code, text, suggestion, advice })}\n`;
}

/** Compiles the scripts of the sections that name one. */
async function scriptFaults(
  config: LoadedConfig,
  tools: CheckTools,
  io: CommandIo,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  // Relative to where the daemon would be started.
  const shareDir = resolve(io.cwd, config.shareDir);
  const packages = await packagesOf(config, io, faults);
  for (const { section, filename, place } of config.scripts) {
    const fault = (text: string): number =>
      faults.push(faultAt(place, 'HKT_CONFIG_SCRIPT', [section, filename, text]));
    if (filename === '') {
      // A file of nothing but this is what heka-sbmgr sends along with a script.
      if (config.plugins.length === 1) continue;
      faults.push(faultAt(place, 'HKT_CONFIG_REQUIRED', [section, 'filename']));
      continue;
    }
    const file = resolve(shareDir, filename);
    let source: Uint8Array;
    try {
      source = await readFile(file);
    } catch (error) {
      const shipped = shippedScript(packages, filename);
      if (shipped === undefined) {
        fault(`cannot be read: ${systemCode(error)}`);
        continue;
      }
      source = await readFile(shipped);
    }
    const complaint = await tools.compileScript(source, filename);
    if (complaint !== undefined) fault(complaint);
  }
  return faults;
}

/** The packages that the configuration turns on; what is wrong with them is a fault. */
async function packagesOf(
  config: LoadedConfig,
  io: CommandIo,
  faults: Fault[],
): Promise<PackageStore | undefined> {
  const { hekad } = config;
  try {
    const baseDir = resolve(io.cwd, hekad.string('base_dir'));
    return await openPackages(baseDir, hekad.strings('extensions'));
  } catch (error) {
    if (!(error instanceof HekateError)) throw error;
    const place = config.place(hekad, ['extensions']);
    faults.push(faultAt(place, 'HKT_CONFIG_EXTENSIONS', [error.message]));
    return undefined;
  }
}

function shippedScript(packages: PackageStore | undefined, filename: string): string | undefined {
  for (const kind of ['filter', 'decoder', 'encoder', 'input', 'output'] as const) {
    const found = packages?.script(kind, filename);
    if (found !== undefined) return found;
  }
  return undefined;
}
