/**
 * Which files a LogstreamerInput reads, which logstream each belongs to, and the order within one: file_match,
 * differentiator, priority and translation (Heka 0.11, logstreamer/filehandling.go). Knows names only, opens nothing.
 */
import { RE2JS } from 're2js';
import type { ConfigValue } from '../config/spec.ts';
import { HekateError } from '../protocol/errors.ts';

export interface LogPatternOptions {
  /** Absolute path of the directory; the expression matches what follows it. */
  readonly root: string;
  readonly fileMatch: string;
  readonly priority: readonly string[];
  readonly differentiator: readonly string[];
  readonly translation: Readonly<Record<string, ConfigValue>>;
}

/** What a file's name says. */
export interface LogName {
  /** The logstream; also the Logger of its messages. */
  readonly stream: string;
  /** One number for each entry of `priority`; a file whose numbers are lower is older. */
  readonly order: readonly number[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
/** The sort value of a group that did not match anything. */
const MISSING = -1;

function nameIndex(names: readonly string[], short: readonly string[], text: string): number {
  const index = names.indexOf(text);
  return index >= 0 ? index : short.indexOf(text);
}

/** Names of the groups in an expression. Throws the expression's error. */
export function groupNamesOf(fileMatch: string): ReadonlySet<string> {
  return new Set(Object.keys(RE2JS.compile(fileMatch).namedGroups()));
}

/** The group that an entry of `priority` sorts by, without its "^". */
export function priorityGroup(entry: string): string {
  return entry.startsWith('^') ? entry.slice(1) : entry;
}

export class LogPattern {
  readonly #regex: RE2JS;
  readonly #options: LogPatternOptions;
  readonly #groups: ReadonlySet<string>;
  readonly #translation: ReadonlyMap<string, ReadonlyMap<string, number>>;

  constructor(options: LogPatternOptions) {
    this.#options = options;
    const root = options.root.endsWith('/') ? options.root : `${options.root}/`;
    const match = options.fileMatch.replace(/^\//, '');
    this.#regex = RE2JS.compile(`^${RE2JS.quote(root)}(?:${match})$`);
    this.#groups = new Set(Object.keys(this.#regex.namedGroups()));
    this.#translation = new Map(
      Object.entries(options.translation).map(([group, values]) => [
        group,
        new Map(Object.entries(values).map(([text, sort]) => [text.toLowerCase(), Number(sort)])),
      ]),
    );
  }

  /** True when files of one logstream have an order. */
  get ordered(): boolean {
    return this.#options.priority.length > 0;
  }

  /** Undefined when the path does not match. Throws HKT_LOGSTREAM_PART when a group cannot be put in order. */
  match(path: string): LogName | undefined {
    const matcher = this.#regex.matcher(path);
    if (!matcher.find()) return undefined;
    const text = (group: string): string => matcher.group(group) ?? '';
    const stream = this.#options.differentiator
      .map((part) => (this.#groups.has(part) ? text(part) : part))
      .join('');
    const order = this.#options.priority.map((entry) => {
      const group = priorityGroup(entry);
      const value = this.#sortValue(group, this.#groups.has(group) ? text(group) : '', path);
      return entry.startsWith('^') ? -value : value;
    });
    return { stream, order };
  }

  #sortValue(group: string, value: string, path: string): number {
    const key = value === '' ? 'missing' : value.toLowerCase();
    const fault = (): HekateError =>
      new HekateError('HKT_LOGSTREAM_PART', [path, value.slice(0, 100), group]);
    if (group === 'MonthName' || group === 'DayName') {
      const month = group === 'MonthName';
      const index = nameIndex(month ? MONTH_NAMES : DAY_NAMES, month ? MONTHS : DAYS, key);
      if (index < 0) throw fault();
      return month ? index + 1 : index;
    }
    const translation = this.#translation.get(group);
    const translated = translation?.get(key);
    if (translated !== undefined) return translated;
    // A translation of more than "missing" must know every value.
    if (translation !== undefined && translation.size > 1) throw fault();
    return /^\d+$/.test(value) ? Number(value) : MISSING;
  }
}

/** Oldest first; files that the priority cannot tell apart go by name, so that the order is always the same. */
export function compareOrder(
  a: { readonly order: readonly number[]; readonly path: string },
  b: { readonly order: readonly number[]; readonly path: string },
): number {
  for (const [index, value] of a.order.entries()) {
    const other = b.order[index] ?? value;
    if (value !== other) return value - other;
  }
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
