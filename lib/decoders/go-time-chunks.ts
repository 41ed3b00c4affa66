/**
 * The texts that mean something in a Go time layout, and the named layouts of Go's time package.
 */

export type ChunkKind =
  | 'year'
  | 'shortYear'
  | 'monthName'
  | 'shortMonthName'
  | 'month'
  | 'weekdayName'
  | 'shortWeekdayName'
  | 'day'
  | 'yearDay'
  | 'hour'
  | 'hour12'
  | 'minute'
  | 'second'
  | 'half'
  | 'fraction'
  | 'optionalFraction'
  | 'offset'
  | 'offsetOrZ'
  | 'zoneName';

/** Every fixed text and what it stands for. Fractions (".000", ",999") are found by their shape. */
export const CHUNK_TEXTS: Readonly<Record<string, ChunkKind>> = {
  '2006': 'year',
  '06': 'shortYear',
  January: 'monthName',
  Jan: 'shortMonthName',
  '01': 'month',
  '1': 'month',
  Monday: 'weekdayName',
  Mon: 'shortWeekdayName',
  '02': 'day',
  _2: 'day',
  '2': 'day',
  '002': 'yearDay',
  __2: 'yearDay',
  '15': 'hour',
  '03': 'hour12',
  '3': 'hour12',
  '04': 'minute',
  '4': 'minute',
  '05': 'second',
  '5': 'second',
  PM: 'half',
  pm: 'half',
  MST: 'zoneName',
  '-07:00:00': 'offset',
  '-070000': 'offset',
  '-07:00': 'offset',
  '-0700': 'offset',
  '-07': 'offset',
  'Z07:00:00': 'offsetOrZ',
  Z070000: 'offsetOrZ',
  'Z07:00': 'offsetOrZ',
  Z0700: 'offsetOrZ',
  Z07: 'offsetOrZ',
};

/** The texts that start with a character, longest first: the longest that fits is the one that is meant. */
export const FORMS_BY_FIRST: ReadonlyMap<string, readonly string[]> = (() => {
  const forms = new Map<string, string[]>();
  for (const text of Object.keys(CHUNK_TEXTS)) {
    const first = text.charAt(0);
    const list = forms.get(first) ?? [];
    list.push(text);
    forms.set(first, list);
  }
  for (const list of forms.values()) list.sort((a, b) => b.length - a.length);
  return forms;
})();

/** Tried in this order when the configured layout does not fit (upstream tries them in a random one). */
export const NAMED_LAYOUTS: Readonly<Record<string, string>> = {
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC822: '02 Jan 06 15:04 MST',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  StampNano: 'Jan _2 15:04:05.000000000',
  StampMicro: 'Jan _2 15:04:05.000000',
  StampMilli: 'Jan _2 15:04:05.000',
  Stamp: 'Jan _2 15:04:05',
  Kitchen: '3:04PM',
};
