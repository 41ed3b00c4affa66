/**
 * The messages that tell of a filter's end, as Heka 0.11 makes them: one for a sandbox that was ended or could not start,
 * one for a plugin that went away in peace.
 */
import { type FieldInit, Message } from '../protocol/message.ts';

/** Logger of messages that the daemon makes. */
const DAEMON_LOGGER = 'hekad';

/** What the daemon says about itself in messages that it makes. */
export interface DaemonIdentity {
  readonly hostname: string;
  readonly pid: number;
}

/** Type heka.sandbox-terminated. `plugin` is the filter, or the manager when a load failed; `measures` follow it. */
export function sandboxTerminatedMessage(
  identity: DaemonIdentity,
  nowNs: bigint,
  plugin: string,
  reason: string,
  measures: readonly FieldInit[] = [],
): Message {
  return Message.create({
    timestampNs: nowNs,
    type: 'heka.sandbox-terminated',
    logger: DAEMON_LOGGER,
    payload: reason,
    pid: identity.pid,
    hostname: identity.hostname,
    fields: [{ name: 'plugin', value: plugin }, ...measures],
  });
}

/** Type heka.terminated; `error` is "Filter unloaded." for a SandboxFilter that ended without one. */
export function terminatedMessage(
  identity: DaemonIdentity,
  nowNs: bigint,
  plugin: string,
  type: string,
  error: string,
): Message {
  return Message.create({
    timestampNs: nowNs,
    type: 'heka.terminated',
    logger: DAEMON_LOGGER,
    payload: `${plugin} (type ${type}) terminated. Error: ${error}`,
    pid: identity.pid,
    hostname: identity.hostname,
    fields: [{ name: 'plugin', value: plugin }],
  });
}
