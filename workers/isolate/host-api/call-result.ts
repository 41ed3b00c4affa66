/**
 * What the outcome of a guest call means: go on, count a failure, or end the sandbox with upstream's text (Heka 0.11,
 * lua_sandbox 1.4).
 * All texts are cut to 255 bytes, as upstream's error buffer did.
 */
import type { Termination } from '../../../lib/protocol/batch.ts';
import type { GuestOutcome } from '../engine.ts';
import { OUTPUT_LIMIT_TEXT } from './output-buffer.ts';

const TEXT_LIMIT = 255;

/** What the limits were and how much was used, for the terminations. */
export interface LimitState {
  readonly instructions: { readonly limit: number; readonly used: number };
  readonly memory: { readonly limit: number; readonly used: number };
  readonly output: { readonly limit: number; readonly used: number };
  readonly injections: number;
  readonly messageLoops: number;
}

export type CallResult =
  | { readonly kind: 'done' }
  /** A negative status; `text` is its message or "". */
  | { readonly kind: 'failed'; readonly status: number; readonly text: string }
  | Ended;

/** `ran`: the call itself returned; its results are what ended the sandbox. */
export interface Ended {
  readonly kind: 'ended';
  readonly ran: boolean;
  readonly termination: Termination;
}

const DONE: CallResult = { kind: 'done' };
const FAILED_SILENTLY: CallResult = { kind: 'failed', status: -1, text: '' };

/**
 * The result of process_message: a numeric status and a text or nil. `positive` is what a status above 0 is told with instead
 * of the script's own text, as lua_sandbox 1.4 does.
 */
export function processResult(
  outcome: GuestOutcome,
  limits: LimitState,
  positive?: string,
): CallResult {
  if (outcome.kind !== 'returned') return failedCall('process_message', outcome, limits);
  const status = outcome.values[0];
  const text = outcome.values[1];
  if (status === 0 && text === undefined) return DONE;
  if (typeof status !== 'number') {
    return fatal('HKT_SANDBOX_SCRIPT', 'process_message() must return a numeric status code');
  }
  if (text !== undefined && typeof text !== 'string') {
    return fatal(
      'HKT_SANDBOX_SCRIPT',
      'process_message() must return a nil or string error message',
    );
  }
  const whole = Math.trunc(status);
  if (whole > 0) return fatal('HKT_SANDBOX_STATUS', positive ?? text ?? '');
  if (whole < 0) {
    return whole === -1 && (text === undefined || text === '')
      ? FAILED_SILENTLY
      : { kind: 'failed', status: whole, text: cut(text ?? '') };
  }
  return DONE;
}

/** The result of timer_event: whatever it returns is ignored. */
export function timerResult(outcome: GuestOutcome, limits: LimitState): CallResult {
  return outcome.kind === 'returned' ? DONE : failedCall('timer_event', outcome, limits);
}

/** The result of the script's top level, whose texts have no function name in front. */
export function loadFailure(outcome: GuestOutcome, limits: LimitState): Termination | undefined {
  if (outcome.kind === 'returned' || outcome.kind === 'missing') return undefined;
  return describe('', outcome, limits);
}

export function failedCall(
  name: string,
  outcome: Exclude<GuestOutcome, { kind: 'returned' }>,
  limits: LimitState,
): Ended {
  if (outcome.kind === 'missing') {
    return { ...fatal('HKT_SANDBOX_SCRIPT', `${name}() function was not found`), ran: false };
  }
  return { kind: 'ended', ran: false, termination: describe(`${name}() `, outcome, limits) };
}

function describe(
  prefix: string,
  outcome: Exclude<GuestOutcome, { kind: 'returned' | 'missing' }>,
  limits: LimitState,
): Termination {
  switch (outcome.kind) {
    case 'instructions':
      return {
        code: 'HKT_SANDBOX_INSTRUCTIONS',
        text: `${prefix}instruction_limit exceeded`,
        ...limits.instructions,
      };
    case 'memory':
      return memoryTermination(prefix, limits);
    case 'stopped':
      return { code: 'HKT_SANDBOX_STOPPED', text: `${prefix}shutting down`, limit: 0, used: 0 };
    case 'error': {
      const text = cut(prefix + (outcome.text ?? '<nil error message>'));
      const { traceback } = outcome;
      const cause = errorCause(outcome.text ?? '', limits);
      return { text, ...cause, ...(traceback === undefined ? {} : { traceback }) };
    }
    default:
      return outcome satisfies never;
  }
}

export function memoryTermination(prefix: string, limits: LimitState): Termination {
  return { code: 'HKT_SANDBOX_MEMORY', text: `${prefix}not enough memory`, ...limits.memory };
}

/** Errors that a limit raised keep the limit's code, though they are ordinary errors to the guest. */
function errorCause(text: string, limits: LimitState): Omit<Termination, 'text'> {
  if (
    text.endsWith(OUTPUT_LIMIT_TEXT) ||
    text.endsWith('() failed: exceeded output_limit') ||
    text.endsWith('encode_message() failed: buffer full')
  ) {
    return { code: 'HKT_SANDBOX_OUTPUT', ...limits.output };
  }
  if (text.endsWith('not enough memory')) return { code: 'HKT_SANDBOX_MEMORY', ...limits.memory };
  if (
    text.endsWith('exceeded InjectMessage count') ||
    text.endsWith('() failed: injection limit exceeded')
  ) {
    const limit = limits.injections;
    return { code: 'HKT_SANDBOX_INJECT_COUNT', limit, used: limit + 1 };
  }
  if (text.endsWith('exceeded MaxMsgLoops')) {
    const limit = limits.messageLoops;
    return { code: 'HKT_SANDBOX_LOOPS', limit, used: limit + 1 };
  }
  return { code: 'HKT_SANDBOX_SCRIPT', limit: 0, used: 0 };
}

function fatal(code: string, text: string): Ended {
  return { kind: 'ended', ran: true, termination: { code, text: cut(text), limit: 0, used: 0 } };
}

export function cut(text: string): string {
  return text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text;
}
