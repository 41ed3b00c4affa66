import t from 'tap';
import { NAMED_LAYOUTS } from '../../../lib/decoders/go-time-chunks.ts';
import {
  type CivilTime,
  compileGoLayout,
  parseGoTime,
} from '../../../lib/decoders/go-time-layout.ts';

function parse(layout: string, text: string): CivilTime | undefined {
  return parseGoTime(compileGoLayout(layout), text);
}

/** Year-month-day hour:minute:second.nanosecond and the zone. */
function shown(layout: string, text: string): string {
  const c = parse(layout, text);
  if (c === undefined) return 'no';
  const zone =
    c.zone.kind === 'offset'
      ? `${c.zone.seconds}`
      : c.zone.kind === 'name'
        ? c.zone.name
        : c.zone.kind;
  return `${c.year}-${c.month}-${c.day} ${c.hour}:${c.minute}:${c.second}.${c.nanosecond} ${zone}`;
}

t.test('every named layout reads its own kind of text', async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['ANSIC', 'Thu Feb  4 21:00:57 2010', '2010-2-4 21:0:57.0 none'],
    ['UnixDate', 'Thu Feb  4 21:00:57 PST 2010', '2010-2-4 21:0:57.0 PST'],
    ['RubyDate', 'Thu Feb 04 21:00:57 -0800 2010', '2010-2-4 21:0:57.0 -28800'],
    ['RFC822', '04 Feb 10 21:00 PST', '2010-2-4 21:0:0.0 PST'],
    ['RFC822Z', '04 Feb 10 21:00 -0800', '2010-2-4 21:0:0.0 -28800'],
    ['RFC850', 'Thursday, 04-Feb-10 21:00:57 PST', '2010-2-4 21:0:57.0 PST'],
    ['RFC1123', 'Thu, 04 Feb 2010 21:00:57 UTC', '2010-2-4 21:0:57.0 utc'],
    ['RFC1123Z', 'Thu, 04 Feb 2010 21:00:57 +0130', '2010-2-4 21:0:57.0 5400'],
    ['RFC3339', '2010-02-04T21:00:57-08:00', '2010-2-4 21:0:57.0 -28800'],
    ['RFC3339', '2010-02-04T21:00:57.25Z', '2010-2-4 21:0:57.250000000 utc'],
    ['RFC3339Nano', '2010-02-04T21:00:57.0123456789-08:00', '2010-2-4 21:0:57.12345678 x'],
    ['Kitchen', '9:00PM', '0-1-1 21:0:0.0 none'],
    ['Stamp', 'Feb  4 21:00:57', '0-2-4 21:0:57.0 none'],
    ['StampMilli', 'Feb  4 21:00:57.012', '0-2-4 21:0:57.12000000 none'],
    ['StampNano', 'Feb  4 21:00:57.012345678', '0-2-4 21:0:57.12345678 none'],
  ];
  for (const [name, text, expected] of cases) {
    const layout = NAMED_LAYOUTS[name] ?? '';
    // More than nine digits are too many where the layout has an optional fraction.
    t.equal(shown(layout, text), expected.endsWith('x') ? 'no' : expected, `${name}: ${text}`);
  }
});

t.test('elements are read as Go reads them', async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['02/Jan/2006:15:04:05 -0700', '18/Apr/2013:14:00:28 -0700', '2013-4-18 14:0:28.0 -25200'],
    ['2006-1-2 3:4:5pm', '2013-12-9 1:2:3am', '2013-12-9 1:2:3.0 none'],
    ['3PM', '12AM', '0-1-1 0:0:0.0 none'],
    ['3PM', '12PM', '0-1-1 12:0:0.0 none'],
    ['_2006', '_2013', '2013-1-1 0:0:0.0 none'],
    ['06', '69', '1969-1-1 0:0:0.0 none'],
    ['06', '68', '2068-1-1 0:0:0.0 none'],
    ['January 2', 'june 7', '0-6-7 0:0:0.0 none'],
    ['Monday Mon', 'friday fri', '0-1-1 0:0:0.0 none'],
    ['2006-002', '2012-060', '2012-2-29 0:0:0.0 none'],
    ['2006-002', '2013-060', '2013-3-1 0:0:0.0 none'],
    ['2006 __2', '2013   7', '2013-1-7 0:0:0.0 none'],
    ['15:04:05', '01:02:03,5', '0-1-1 1:2:3.500000000 none'],
    ['05.000', '07.123', '0-1-1 0:0:7.123000000 none'],
    ['05,000', '07,123', '0-1-1 0:0:7.123000000 none'],
    ['05.999', '07', '0-1-1 0:0:7.0 none'],
    ['05.999', '07.5', '0-1-1 0:0:7.500000000 none'],
    ['15 -07', '1 +05', '0-1-1 1:0:0.0 18000'],
    ['15 -07:00:00', '1 -05:30:15', '0-1-1 1:0:0.0 -19815'],
    ['15 Z0700', '1 Z', '0-1-1 1:0:0.0 utc'],
    ['15 Z070000', '1 +000001', '0-1-1 1:0:0.0 1'],
    ['15 MST', '1 CEST', '0-1-1 1:0:0.0 CEST'],
    ['15 MST', '1 GMT+3', '0-1-1 1:0:0.0 GMT+3'],
    ['15 MST', '1 +03', '0-1-1 1:0:0.0 +03'],
    ['2006 01', '2013    07', '2013-7-1 0:0:0.0 none'],
    ['1504', '1504', '0-1-1 15:4:0.0 none'],
    ['Janet 2', 'Janet 3', '0-1-3 0:0:0.0 none'],
  ];
  for (const [layout, text, expected] of cases)
    t.equal(shown(layout, text), expected, `${layout} of ${text}`);
});

t.test('texts that do not fit and dates that do not exist are refused', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['2006-01-02', '2013-02-29'],
    ['2006-01-02', '2013-13-01'],
    ['2006-01-02', '2013-00-01'],
    ['2006-01-02', '2013-1-02'],
    ['2006-01-02', '2013-01-02x'],
    ['2006-01-02', ''],
    ['15:04', '24:00'],
    ['15:04', '1:60'],
    ['3:04PM', '13:04PM'],
    ['3:04PM', '1:04XM'],
    ['05.000', '07.12'],
    ['Jan', 'Foo'],
    ['-0700', '+2500'],
    ['-0700', '0700'],
    ['-07:00', '+0700'],
    ['MST', 'Pst'],
    ['2006-002', '2013-366'],
    ['a b', 'aXb'],
  ];
  for (const [layout, text] of cases)
    t.equal(parse(layout, text), undefined, `${layout} of ${text}`);
});
