/**
 * hekate logstreamer: the log streams that each LogstreamerInput section of a configuration would follow, with their files
 * from oldest to newest (upstream's heka-logstreamer). Reads directories, never a log.
 */
import { resolve } from 'node:path';
import { loadConfig } from '../config/load-config.ts';
import { faultText } from '../config/place.ts';
import { pluginRegistry } from '../daemon/registry.ts';
import { findLogstreams } from '../inputs/logstreamer-input.ts';
import { HekateError } from '../protocol/errors.ts';
import { systemClock } from '../system-clock.ts';
import { matcherFault } from './check.ts';
import { type Command, EXIT_FAULT } from './command.ts';

export const command: Command = {
  name: 'logstreamer',
  summary: 'Shows the log streams that the LogstreamerInputs of a configuration would follow.',
  usage: '[-config FILE|DIR] [-format txt|json]',
  example: 'hekate logstreamer -config examples/tutorial/hekad.toml',
  flags: {
    config: {
      kind: 'string',
      default: 'logstreamer.toml',
      placeholder: 'PATH',
      doc: 'configuration file or directory',
    },
    format: {
      kind: 'string',
      choices: ['txt', 'json'],
      default: 'txt',
      doc: 'txt for people, or json: one stream a line',
    },
  },
  run: async (flags, positional, io) => {
    if (positional.length > 0) {
      throw new HekateError('HKT_TOOL_USAGE', ['logstreamer takes no argument']);
    }
    const config = await loadConfig(resolve(io.cwd, flags.string('config')), {
      registry: pluginRegistry,
      env: io.env,
      matcher: matcherFault,
    });
    for (const fault of config.faults) io.stderr(`${faultText(fault)}\n`);
    if (config.faults.length > 0) return EXIT_FAULT;
    let faults = 0;
    for (const section of config.plugins.filter(({ type }) => type === 'LogstreamerInput')) {
      const found = await findLogstreams(section, systemClock.now());
      faults += found.faults.length;
      for (const fault of found.faults) io.stderr(`${fault.code} ${fault.message}\n`);
      if (flags.string('format') === 'json') {
        for (const [stream, files] of found.streams) {
          const paths = files.map((file) => file.path);
          io.stdout(`${JSON.stringify({ section: section.name, stream, files: paths })}\n`);
        }
        continue;
      }
      io.stdout(`Found ${found.streams.size} Logstream(s) for section [${section.name}].\n`);
      for (const [stream, files] of found.streams) {
        io.stdout(`\nLogstream name: [${stream}]\n`);
        io.stdout(`Files: ${files.length} (printing oldest to newest)\n`);
        for (const file of files) io.stdout(`\t${file.path}\n`);
      }
    }
    return faults === 0 ? 0 : EXIT_FAULT;
  },
};
