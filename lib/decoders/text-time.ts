/**
 * The time in a log line, as nanoseconds: a Go layout or one of the Epoch forms, with Go's named layouts as a fallback.
 * A time without a year is of this year, one without a date of today (Heka 0.11, date_helpers.go).
 */

import type { TimeZone } from '../protocol/time-zone.ts';
import { NAMED_LAYOUTS } from './go-time-chunks.ts';
import {
  type CivilTime,
  compileGoLayout,
  type GoTimeLayout,
  parseGoTime,
} from './go-time-layout.ts';

const NS_PER_MS = 1_000_000n;
/** Digits between the unit of an Epoch form and the nanosecond. */
const EPOCH_FORMS: Readonly<Record<string, number>> = {
  Epoch: 9,
  EpochMilli: 6,
  EpochMicro: 3,
  EpochNano: 0,
};
const fallbacks: readonly GoTimeLayout[] = Object.values(NAMED_LAYOUTS).map(compileGoLayout);
/** A longer text is no time; it bounds what a hostile line costs. */
const LONGEST_TEXT = 128;
const LARGEST_NS = 2n ** 63n - 1n;

export interface TextTimeParser {
  /** Nanoseconds since the epoch, or undefined when the text is not understood. */
  parse(text: string, nowMs: number): bigint | undefined;
}

/** For a FieldSpec's check: what is wrong with a layout, or undefined. */
export function layoutFault(layout: string): string | undefined {
  return layout.startsWith('Epoch') && EPOCH_FORMS[layout] === undefined
    ? `Unrecognized \`Epoch\` time format: ${layout}`
    : undefined;
}

/** `layout`: a Go layout, or Epoch, EpochMilli, EpochMicro, EpochNano; "" leaves only Go's named layouts. */
export function textTimeParser(layout: string, zone: TimeZone): TextTimeParser {
  const digits = EPOCH_FORMS[layout];
  if (digits !== undefined) return { parse: (text) => parseEpoch(text, digits) };
  const layouts = layout === '' ? fallbacks : [compileGoLayout(layout), ...fallbacks];
  return {
    parse: (text, nowMs) => {
      if (text.length > LONGEST_TEXT) return undefined;
      for (const candidate of layouts) {
        const civil = parseGoTime(candidate, text);
        if (civil !== undefined) return nanoseconds(civil, zone, nowMs);
      }
      return undefined;
    },
  };
}

function parseEpoch(text: string, digits: number): bigint | undefined {
  const match = /^(\d{1,20})(?:\.(\d*))?$/.exec(text);
  if (match === null || text.length > LONGEST_TEXT) return undefined;
  const fraction = (match[2] ?? '').slice(0, digits).padEnd(digits, '0');
  const ns = BigInt(`${match[1]}${fraction}`);
  return ns > LARGEST_NS ? undefined : ns;
}

function nanoseconds(civil: CivilTime, zone: TimeZone, nowMs: number): bigint | undefined {
  let { year, month, day } = civil;
  if (year === 0) {
    const today = new Date(nowMs + zone.offsetAt(nowMs));
    year = today.getUTCFullYear();
    if (month === 1 && day === 1) {
      month = today.getUTCMonth() + 1;
      day = today.getUTCDate();
    }
  }
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(civil.hour, civil.minute, civil.second);
  const civilMs = date.getTime();
  const ns = BigInt(momentOf(civil, civilMs, zone)) * NS_PER_MS + BigInt(civil.nanosecond);
  return ns > LARGEST_NS || ns < -LARGEST_NS ? undefined : ns;
}

function momentOf(civil: CivilTime, civilMs: number, zone: TimeZone): number {
  switch (civil.zone.kind) {
    case 'utc':
      return civilMs;
    case 'offset':
      return civilMs - civil.zone.seconds * 1000;
    case 'name': {
      const known = zone.offsetOfName(civil.zone.name, civilMs);
      if (known !== undefined) return civilMs - known;
      // As Go: an unknown abbreviation counts as UTC, but "GMT+3" says its offset itself.
      const hours = /^GMT([+-]\d+)$/.exec(civil.zone.name)?.[1];
      return civilMs - (hours === undefined ? 0 : Number(hours) * 3_600_000);
    }
    case 'none':
      return zone.momentOf(civilMs);
    default:
      return civil.zone satisfies never;
  }
}
