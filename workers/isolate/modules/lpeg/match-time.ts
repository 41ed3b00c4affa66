/**
 * Match-time captures: the function is called while the match goes on, and says whether it does.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import { numberOf } from '../../host-api/guest-arguments.ts';
import * as CaptureKind from './capture-kind.ts';
import type { Match } from './match.ts';
import { RECORD_SIZE } from './recorder.ts';

/**
 * Calls the function of the capture that is open at `open`, with what it captured up to offset `at`; gives the offset to go on
 * from, or -1. Its records are replaced by those of the function's values.
 */
export function callMatchTime(match: Match, open: number, at: number): number {
  const { recorder, subject } = match;
  recorder.close(open, at);
  match.refresh();
  const { value: callee } = match.captureAt(open);
  const start = match.offset(open);
  const args = match.innerValues(open, [subject, at + 1]);
  const results = recorder.parts.call(callee, args);
  recorder.top = open;
  const end = resumption(results[0], at, subject.length);
  if (end < 0 || results.length < 2) return end;
  recorder.open(CaptureKind.group, start);
  for (let i = 1; i < results.length; i++) {
    recorder.values[recorder.top / RECORD_SIZE] = results[i];
    recorder.record(CaptureKind.runtime, end, end);
  }
  recorder.close(open, end);
  return end;
}

/** Where the match goes on, by the function's first result. */
function resumption(result: GuestValue, at: number, length: number): number {
  if (result === undefined || result === false) return -1;
  if (result === true) return at;
  const end = Math.trunc(numberOf(result) ?? 0) - 1;
  if (end >= at && end <= length) return end;
  throw new GuestError('invalid position returned by match-time capture');
}
