/**
 * What became of a control message, as its sender, the log and heka.sandbox-terminated are told: a code and a text without
 * paths of this machine. Parts of a text may come from tenants, so its length and characters are bounded where it is used.
 */
import type { REPLY_OK } from '../protocol/control.ts';
import { type ErrorCode, errorText, HekateError } from '../protocol/errors.ts';

export interface Outcome {
  readonly code: ErrorCode | typeof REPLY_OK;
  readonly text: string;
  /** Full name of the filter, "" when it is not known. */
  readonly name: string;
}

const MAX_TEXT_LENGTH = 4096;

export function failure(error: unknown, name = ''): Outcome {
  return error instanceof HekateError
    ? { code: error.code, text: error.message, name }
    : { code: 'HKT_SANDBOX_INTERNAL', text: errorText(error), name };
}

/** Upstream's words around an error of a load's last steps. */
export function startFailure({ code, text, name }: Outcome): string {
  switch (code) {
    case 'HKT_CONTROL_RUNNING':
    case 'HKT_CONTROL_NOT_RUNNING':
    case 'HKT_CONTROL_NOT_MANAGED':
      return `loadSandbox failed: ${text}`;
    case 'HKT_SANDBOX_SCRIPT':
    case 'HKT_SANDBOX_STATUS':
    case 'HKT_SANDBOX_STATE':
    case 'HKT_SANDBOX_MEMORY':
    case 'HKT_SANDBOX_INSTRUCTIONS':
    case 'HKT_SANDBOX_OUTPUT':
    case 'HKT_SANDBOX_TIME':
      return `Initialization failed for '${name}': ${text.startsWith('Init()') ? '' : 'Init() '}${text}`;
    case 'HKT_SANDBOX_TOO_MANY':
    case 'HKT_SANDBOX_LOST':
    case 'HKT_SANDBOX_INTERNAL':
      return `AddFilterRunner '${name}' failed to start: ${text}`;
    default:
      return text;
  }
}

export function bounded(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}…`;
}

/** For the log: no line break and no terminal sequence of a tenant gets through. */
export function oneLine(text: string): string {
  return bounded(text).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
