import t from 'tap';
import { layoutFault, textTimeParser } from '../../../lib/decoders/text-time.ts';
import { TimeZone } from '../../../lib/protocol/time-zone.ts';

const NOW_MS = Date.UTC(2024, 6, 15, 12);
const utc = new TimeZone('UTC');

function iso(layout: string, text: string, zone = utc, nowMs = NOW_MS): string | undefined {
  const ns = textTimeParser(layout, zone).parse(text, nowMs);
  return ns === undefined ? undefined : new Date(Number(ns / 1_000_000n)).toISOString();
}

t.test('Epoch forms keep every digit down to the nanosecond', async (t) => {
  const cases: readonly (readonly [string, string, bigint])[] = [
    ['Epoch', '1414448234', 1_414_448_234_000_000_000n],
    ['Epoch', '1414448234.638504391', 1_414_448_234_638_504_391n],
    ['EpochMilli', '1414448234638', 1_414_448_234_638_000_000n],
    ['EpochMilli', '1414448234638.5043911232', 1_414_448_234_638_504_391n],
    ['EpochMicro', '1414448234638504.391', 1_414_448_234_638_504_391n],
    ['EpochNano', '1414448234638504391.99999', 1_414_448_234_638_504_391n],
  ];
  for (const [layout, text, ns] of cases) {
    t.equal(textTimeParser(layout, utc).parse(text, 0), ns, `${layout} ${text}`);
  }
  for (const text of ['', '-1', '1e9', '0x10', '99999999999999999999']) {
    t.equal(textTimeParser('Epoch', utc).parse(text, 0), undefined, text);
  }
  t.match(layoutFault('EpochWeek'), /Unrecognized `Epoch`/);
  t.equal(layoutFault('Epoch'), undefined);
});

t.test('times without a zone are of the given location, across clock changes', async (t) => {
  const la = new TimeZone('America/Los_Angeles');
  const layout = '2006-01-02 15:04:05';
  t.equal(iso(layout, '2013-04-18 14:00:28', la), '2013-04-18T21:00:28.000Z');
  t.equal(iso(layout, '2013-01-18 14:00:28', la), '2013-01-18T22:00:28.000Z');
  t.equal(iso(layout, '2024-11-03 01:30:00', la)?.endsWith(':30:00.000Z'), true);
  t.equal(iso(layout, '2024-03-10 03:00:00', la), '2024-03-10T10:00:00.000Z');
  const kolkata = new TimeZone('Asia/Kolkata');
  t.equal(iso(layout, '2024-03-10 05:30:00', kolkata), '2024-03-10T00:00:00.000Z');
});

t.test('a zone in the text wins over the location', async (t) => {
  const la = new TimeZone('America/Los_Angeles');
  t.equal(iso('15:04 2 Jan 2006 -0700', '00:00 1 Jan 2024 +0100', la), '2023-12-31T23:00:00.000Z');
  t.equal(iso('15:04 2 Jan 2006 MST', '00:00 1 Jul 2024 PDT', la), '2024-07-01T07:00:00.000Z');
  t.equal(iso('15:04 2 Jan 2006 MST', '00:00 1 Jul 2024 PST', la), '2024-07-01T08:00:00.000Z');
  // As Go: an abbreviation that the location does not use counts as UTC.
  t.equal(iso('15:04 2 Jan 2006 MST', '00:00 1 Jul 2024 CEST', la), '2024-07-01T00:00:00.000Z');
  t.equal(iso('15:04 2 Jan 2006 MST', '05:00 1 Jul 2024 GMT+3', la), '2024-07-01T02:00:00.000Z');
});

t.test('a time without a year is of this year and one without a date of today', async (t) => {
  t.equal(iso('Jan _2 15:04:05', 'Feb  4 21:00:57'), '2024-02-04T21:00:57.000Z');
  t.equal(iso('3:04PM', '5:16PM'), '2024-07-15T17:16:00.000Z');
  const tokyo = new TimeZone('Asia/Tokyo');
  const late = Date.UTC(2024, 6, 15, 20); // already the 16th in Tokyo
  t.equal(iso('15:04', '01:00', tokyo, late), '2024-07-15T16:00:00.000Z');
});

t.test('the named layouts of Go are tried when the configured one does not fit', async (t) => {
  t.equal(iso('2006', '2010-02-04T21:00:57-08:00'), '2010-02-05T05:00:57.000Z');
  t.equal(iso('', 'Thu, 04 Feb 2010 21:00:57 UTC'), '2010-02-04T21:00:57.000Z');
  t.equal(iso('2006', 'x'.repeat(1000)), undefined);
});

t.test('years that a 64-bit count of nanoseconds cannot hold are refused', async (t) => {
  t.equal(iso('2006', '9999'), undefined);
  t.equal(iso('2006', '2262'), '2262-01-01T00:00:00.000Z');
});

t.test('an unknown location is an error', async (t) => {
  t.throws(() => new TimeZone('Mars/Olympus'), RangeError);
  t.equal(new TimeZone('').name, 'UTC');
});
