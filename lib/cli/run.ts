/**
 * `hekate run`: the daemon. Reads the configuration, starts everything or nothing, says what it listens on, and stops in
 * order on SIGINT and SIGTERM. SIGHUP reopens output files, SIGUSR1 prints a report on standard error.
 */
import { resolve } from 'node:path';
import { loadConfig } from '../config/load-config.ts';
import { faultText } from '../config/place.ts';
import { ConsoleLog } from '../daemon/console-log.ts';
import { pluginRegistry } from '../daemon/registry.ts';
import { textReport } from '../daemon/text-report.ts';
import { Daemon } from '../daemon.ts';
import { HekateError } from '../protocol/errors.ts';
import { systemClock } from '../system-clock.ts';
import { matcherFault } from './check.ts';
import { type Command, type CommandIo, EXIT_FAULT, printError } from './command.ts';
import { packageVersion } from './version.ts';

export const command: Command = {
  name: 'run',
  summary: 'Runs the daemon.',
  usage: '-config FILE|DIR',
  example: 'hekate run -config examples/tutorial/hekad.toml',
  flags: {
    config: {
      kind: 'string',
      default: '/etc/hekad.toml',
      placeholder: 'PATH',
      doc: 'Configuration file, or a directory of *.toml files.',
    },
  },
  run: async (flags, positional, io) => {
    if (positional.length > 0) {
      throw new HekateError('HKT_TOOL_USAGE', [`run takes no argument ${positional[0] ?? ''}`]);
    }
    return await runDaemon(flags.string('config'), io);
  },
};

async function runDaemon(file: string, io: CommandIo): Promise<number> {
  const config = await loadConfig(resolve(io.cwd, file), {
    registry: pluginRegistry,
    env: io.env,
    matcher: matcherFault,
  });
  for (const warning of config.warnings) io.stderr(`${faultText(warning)} [warning]\n`);
  if (config.faults.length > 0) {
    for (const fault of config.faults) io.stderr(`${faultText(fault)}\n`);
    throw new HekateError('HKT_DAEMON_CONFIG', [config.faults.length]);
  }
  const log = new ConsoleLog(
    { out: (text) => io.stdout(text), err: (text) => io.stderr(text) },
    systemClock,
  );
  let daemon: Daemon | undefined;
  const onHangUp = (): void => void daemon?.reload();
  const onReport = (): void => {
    if (daemon !== undefined) io.stderr(textReport(daemon.status(), daemon.counters()));
  };
  // hekad saves sandboxes behind a wedged router on this signal; the router here has no such state.
  const onAbort = (): void =>
    log.error("Can't save sandboxes while router is processing messages, use regular shutdown.");
  // Before the start, which may take a while: their defaults would end the process, or open a debugger's port.
  process.on('SIGHUP', onHangUp).on('SIGUSR1', onReport).on('SIGUSR2', onAbort);
  try {
    daemon = await Daemon.start({ config, log, clock: systemClock, cwd: io.cwd });
    announce(daemon, file, io);
    const fault = await Promise.race([daemon.exit, aborted(io.signal), daemon.drained()]);
    await daemon.stop();
    if (fault instanceof HekateError) {
      printError(fault, 'hekate run', io);
      return EXIT_FAULT;
    }
    return 0;
  } finally {
    await daemon?.stop();
    process.off('SIGHUP', onHangUp).off('SIGUSR1', onReport).off('SIGUSR2', onAbort);
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((done) => {
    if (signal.aborted) done(undefined);
    else signal.addEventListener('abort', () => done(undefined), { once: true });
  });
}

/** What a newcomer needs: what runs, where it listens, what to type next. */
function announce(daemon: Daemon, file: string, io: CommandIo): void {
  const lines = [`Hekate ${packageVersion()} runs ${file}. Ctrl-C stops it.`];
  for (const [name, address] of daemon.addresses()) lines.push(`  ${name} listens on ${address}`);
  for (const filter of daemon.status())
    lines.push(`  ${filter.name} runs on shard ${filter.shard}`);
  if (/examples\/tutorial/.test(file)) {
    lines.push(
      'Load a filter from a second terminal, send it messages, and unload it again:',
      '  npx heka-sbmgr -action=load -config=examples/tutorial/PlatformDevs.toml -script=examples/tutorial/example.lua -scriptconfig=examples/tutorial/example.toml',
      '  npx hekate inject -type=Widget -payload=hello',
      '  npx heka-sbmgr -action=unload -config=examples/tutorial/PlatformDevs.toml -filtername=Example',
    );
  }
  io.stdout(`${lines.join('\n')}\n`);
}
