/**
 * One IANA time zone: offsets from UTC at a moment, and the moment of a civil time. Built on the platform's Intl data,
 * with a small cache, because a log's times lie close together.
 */

const MS_PER_SECOND = 1000;
/** Offsets change only at multiples of this. */
const SLOT_MS = 15 * 60 * MS_PER_SECOND;
const MAX_SLOTS = 256;

export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #names: Intl.DateTimeFormat | undefined;
  readonly #slots = new Map<number, number>();

  /** `name`: "" and "UTC" are UTC, "Local" is the machine's zone. Throws a RangeError for an unknown zone. */
  constructor(name: string) {
    const resolved =
      name === 'Local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : name || 'UTC';
    this.name = resolved;
    if (resolved === 'UTC') return;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: resolved,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    this.#names = new Intl.DateTimeFormat('en-US', { timeZone: resolved, timeZoneName: 'short' });
  }

  /** Milliseconds east of UTC at a moment. */
  offsetAt(utcMs: number): number {
    if (this.#format === undefined) return 0;
    const slot = Math.floor(utcMs / SLOT_MS);
    const known = this.#slots.get(slot);
    if (known !== undefined) return known;
    const start = slot * SLOT_MS;
    const part: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(start)) part[type] = value;
    const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
    const civil = new Date(0);
    civil.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']));
    civil.setUTCHours(Number(part['hour']), Number(part['minute']), Number(part['second']));
    const offset = civil.getTime() - start;
    if (this.#slots.size >= MAX_SLOTS) this.#slots.clear();
    this.#slots.set(slot, offset);
    return offset;
  }

  /**
   * The moment of a civil time given as if it were UTC. In a gap or an overlap of the clock it is right in one of the two
   * offsets, chosen as Go's time.Date chooses.
   */
  momentOf(civilMs: number): number {
    const first = this.offsetAt(civilMs);
    const second = this.offsetAt(civilMs - first);
    return civilMs - second;
  }

  /** Offset in milliseconds of an abbreviation that this zone uses around `civilMs`, or undefined. */
  offsetOfName(abbreviation: string, civilMs: number): number | undefined {
    if (this.#names === undefined) return undefined;
    const year = new Date(civilMs).getUTCFullYear();
    for (const month of [new Date(civilMs).getUTCMonth(), 0, 6]) {
      const moment = Date.UTC(year, month, 1, 12);
      for (const { type, value } of this.#names.formatToParts(moment)) {
        if (type === 'timeZoneName' && value === abbreviation) return this.offsetAt(moment);
      }
    }
    return undefined;
  }
}
