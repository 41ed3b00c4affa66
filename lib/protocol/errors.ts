/**
 * The error catalogue: every error that bad input, a guest or the machine can cause has one code here.
 * A code never changes its meaning; docs/errors.md lists the same set (a test compares the two).
 */
import { batchErrors } from './errors/batch.ts';
import { configErrors } from './errors/config.ts';
import { controlErrors } from './errors/control.ts';
import { daemonErrors } from './errors/daemon.ts';
import { matcherErrors } from './errors/matcher.ts';
import { messageErrors } from './errors/message.ts';
import { packageErrors } from './errors/package.ts';
import { pluginErrors } from './errors/plugin.ts';
import { sandboxErrors } from './errors/sandbox.ts';
import { toolErrors } from './errors/tool.ts';

/** One entry of the catalogue. */
export interface ErrorEntry {
  /** Message with `%s` places, filled in order. */
  readonly template: string;
  /** True when the same call may succeed later without a change by the receiver. */
  readonly retryable: boolean;
  /** What the one who receives this error should do. */
  readonly advice: string;
}

export const errorCatalogue = {
  ...messageErrors,
  ...matcherErrors,
  ...configErrors,
  ...pluginErrors,
  ...sandboxErrors,
  ...controlErrors,
  ...batchErrors,
  ...daemonErrors,
  ...toolErrors,
  ...packageErrors,
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

/** Fills a template's `%s` places in order; missing values read as the empty text. */
export function formatTemplate(template: string, values: readonly (string | number)[]): string {
  let next = 0;
  return template.replace(/%s/g, () => String(values[next++] ?? ''));
}

/** An error with a catalogue code. Across threads the code is its identity, never the class. */
export class HekateError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  /** More lines for people, such as a guest's traceback. */
  detail: string | undefined;

  constructor(code: ErrorCode, values: readonly (string | number)[] = [], cause?: unknown) {
    const entry: ErrorEntry = errorCatalogue[code];
    super(formatTemplate(entry.template, values), cause === undefined ? undefined : { cause });
    this.name = 'HekateError';
    this.code = code;
    this.retryable = entry.retryable;
  }
}

/** Rebuilds an error from its code and finished text, as it arrives from another thread. */
export function errorFromText(code: string, text: string, detail?: string): HekateError {
  const error = new HekateError(
    code in errorCatalogue ? (code as ErrorCode) : 'HKT_SANDBOX_INTERNAL',
  );
  error.message = text;
  error.detail = detail;
  return error;
}

/** The text of anything that was thrown. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
