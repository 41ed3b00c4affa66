/**
 * heka-sbmgr: starts, replaces and stops filters under a SandboxManagerFilter (upstream's flags and configuration file).
 * Unlike upstream it waits for the manager's answer, and its exit status says what became of the request.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { didYouMean } from '../config/nearest-name.ts';
import { visibleText } from '../outputs/visible-text.ts';
import type { Clock } from '../plugin.ts';
import {
  type ControlAction,
  type ControlRequest,
  controlActions,
  isControlAction,
  REPLY_OK,
} from '../protocol/control.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { systemClock } from '../system-clock.ts';
import { type Command, type CommandIo, EXIT_FAULT } from './command.ts';
import { ControlClient, type Outcome } from './control-client.ts';
import type { FlagSpec, FlagValues } from './flags.ts';
import { readTargetConfig } from './tool-config.ts';

/** Flags that heka-sbmgr and heka-sbmgrload share. */
export const controlFlags: Readonly<Record<string, FlagSpec>> = {
  timeout: {
    kind: 'duration',
    default: '5s',
    doc: 'how long to wait for an answer; 0 waits for none',
    placeholder: 'duration',
  },
  'max-message-size': {
    kind: 'uint',
    default: 65536,
    doc: "largest control message in bytes; the daemon's max_message_size must allow it",
    placeholder: 'bytes',
  },
  format: {
    kind: 'string',
    default: 'txt',
    choices: ['txt', 'json'],
    doc: 'how the answer is printed [txt|json]',
  },
};

/** The command over a clock of the caller's choice. */
export function sbmgrCommand(clock: Clock): Command {
  return {
    name: 'heka-sbmgr',
    summary: 'Loads, reloads and unloads the sandbox filters of a running daemon.',
    usage:
      '-action=load|reload -script FILE -scriptconfig FILE, or -action=unload -filtername NAME',
    example:
      'heka-sbmgr -action=load -config=PlatformDevs.toml -script=example.lua -scriptconfig=example.toml',
    flags: {
      config: {
        kind: 'string',
        default: 'sbmgr.toml',
        doc: 'sandbox manager configuration file',
        placeholder: 'FILE',
      },
      action: {
        kind: 'string',
        default: 'load',
        doc: `what to do [${controlActions.join('|')}]`,
      },
      script: {
        kind: 'string',
        default: 'xyz.lua',
        doc: 'sandbox script file',
        placeholder: 'FILE',
      },
      scriptconfig: {
        kind: 'string',
        default: 'xyz.toml',
        doc: 'sandbox script configuration file',
        placeholder: 'FILE',
      },
      filtername: {
        kind: 'string',
        default: 'filter',
        doc: 'sandbox filter name (used on unload)',
        placeholder: 'NAME',
      },
      ...controlFlags,
    },
    run: async (values, positional, io) => {
      noPositional(positional);
      const action = actionOf(values);
      const config = await readTargetConfig(values.string('config'), io);
      const request = await requestOf(action, values, io);
      const client = await ControlClient.open(config, {
        clock,
        timeoutMs: values.number('timeout'),
        maxMessageSize: values.number('max-message-size'),
        signal: io.signal,
      });
      try {
        const outcome = await client.request(request);
        return report(outcome, action, client.peer, values, io);
      } finally {
        await client.close();
      }
    },
  };
}

export const command: Command = sbmgrCommand(systemClock);

/** The -action flag. Throws HKT_TOOL_ACTION. */
export function actionOf(values: FlagValues): ControlAction {
  const action = values.string('action');
  if (isControlAction(action)) return action;
  const near = didYouMean(action, controlActions);
  throw new HekateError('HKT_TOOL_ACTION', [action, near === undefined ? '' : ` (${near})`]);
}

/** These tools take flags only; upstream ignores what else is there. */
export function noPositional(positional: readonly string[]): void {
  const [first] = positional;
  if (first === undefined) return;
  throw new HekateError('HKT_TOOL_USAGE', [`unexpected argument '${first}'`]);
}

async function requestOf(
  action: ControlAction,
  values: FlagValues,
  io: CommandIo,
): Promise<ControlRequest> {
  if (action === 'unload') return { action, name: values.string('filtername') };
  const script = await readInput(values.string('script'), io);
  const config = await readInput(values.string('scriptconfig'), io);
  return { action, script, config: config.toString('utf8') };
}

async function readInput(file: string, io: CommandIo): Promise<Buffer> {
  try {
    return await readFile(resolve(io.cwd, file));
  } catch (error) {
    throw new HekateError('HKT_TOOL_FILE', [file, errorText(error)], error);
  }
}

function report(
  outcome: Outcome,
  action: ControlAction,
  peer: string,
  values: FlagValues,
  io: CommandIo,
): number {
  const json = values.string('format') === 'json';
  switch (outcome.kind) {
    case 'reply': {
      const { reply } = outcome;
      if (json) io.stdout(`${JSON.stringify(reply)}\n`);
      if (reply.code === REPLY_OK) {
        if (!json) io.stdout(`${visibleText(reply.text)}\n`);
        return 0;
      }
      if (json) return EXIT_FAULT;
      const name = reply.name === '' ? 'the filter' : reply.name;
      throw new HekateError('HKT_TOOL_REFUSED', [
        action,
        visibleText(name),
        visibleText(reply.code),
        visibleText(reply.text),
      ]);
    }
    case 'silent':
      if (json) io.stdout(`${JSON.stringify({ code: 'silent', action })}\n`);
      if (values.number('timeout') > 0) io.stderr(`${silenceWarning(peer)}\n`);
      return 0;
    case 'closed': {
      if (io.signal.aborted) throw new HekateError('HKT_TOOL_SEND', [peer, 'interrupted']);
      throw outcome.error === undefined
        ? new HekateError('HKT_TOOL_CLOSED', [peer])
        : new HekateError('HKT_TOOL_SEND', [peer, errorText(outcome.error)], outcome.error);
    }
    default:
      return outcome satisfies never;
  }
}

/** Silence is no error: an old hekad never answers. */
export function silenceWarning(peer: string): string {
  return (
    `warning: no answer from ${peer}. An old hekad never answers; a daemon that does not accept the signature ` +
    'keeps silent too, and says so in its log.'
  );
}
