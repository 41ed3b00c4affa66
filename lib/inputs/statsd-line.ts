/**
 * The statsd protocol as Heka 0.11 reads it: `name:value|type[|@rate]`, one value a line. What follows a type and does not
 * begin a rate (such as tags) is passed over, as upstream does; a value that is no number makes the line a bad one.
 */
import type { Stat } from '../plugin.ts';
import { statNumber } from './stat-accumulator.ts';

export interface StatsdPacket {
  readonly stats: readonly Stat[];
  /** Lines that could not be read. */
  readonly badLines: readonly string[];
}

/** Reads a datagram's text. */
export function parseStatsd(text: string): StatsdPacket {
  const stats: Stat[] = [];
  const badLines: string[] = [];
  for (const part of text.split('\n')) {
    const line = part.trim();
    if (line === '') continue;
    const stat = parseLine(line);
    if (stat === undefined) badLines.push(line);
    else stats.push(stat);
  }
  return { stats, badLines };
}

function parseLine(line: string): Stat | undefined {
  const colon = line.indexOf(':');
  const bar = colon < 0 ? -1 : line.indexOf('|', colon + 1);
  if (colon <= 0 || bar < 0) return undefined;
  const bucket = line.slice(0, colon);
  const value = line.slice(colon + 1, bar);
  const type = parseType(line.slice(bar + 1));
  if (type === undefined || statNumber(value) === undefined) return undefined;
  return { bucket, value, ...type };
}

/** The type and the rate behind it: "c", "ms|@0.1". Histograms (h) and meters (m) take no rate, as upstream. */
function parseType(text: string): Pick<Stat, 'modifier' | 'sampling'> | undefined {
  if (/^(?:[ghmc]|ms)$/.test(text)) return { modifier: text, sampling: 1 };
  const modifier = text.length > 2 ? /^(?:ms|[cg])/.exec(text)?.[0] : undefined;
  if (modifier === undefined) return undefined;
  const rate = text.slice(modifier.length);
  if (!rate.startsWith('|@') || rate.length === 2) return { modifier, sampling: 1 };
  const sampling = statNumber(rate.slice(2));
  return sampling === undefined || sampling <= 0 ? undefined : { modifier, sampling };
}
