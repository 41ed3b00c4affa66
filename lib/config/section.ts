/**
 * A section checked against its plugin's spec. A Section exists only when every key in it is known and every value is
 * of its kind; all faults of a section come out together, each at its own place.
 */
import { fieldsOf, formerKeys } from './common-fields.ts';
import { type ConfigTable, isTable, readDefault, readValue, typeName } from './field-value.ts';
import { didYouMean } from './nearest-name.ts';
import { type Fault, faultAt, faultError, nowhere, type Place, placeText } from './place.ts';
import type { ConfigValue, FieldSpec, PluginSpec, Section } from './spec.ts';

/** Where a section and the things in it were written. */
export interface SectionPlace {
  /** The section's name, which is the plugin's. */
  readonly name: string;
  readonly place: Place;
  /** The place of a key or of its value, by the path of keys below the section. */
  readonly at?: (path: readonly string[], part: 'key' | 'value') => Place | undefined;
}

export interface CheckOptions {
  /** Compiles a message_matcher in the grammar of the section's `api`; returns what is wrong with it. */
  readonly matcher?: (text: string, api: 'heka' | 'lsb') => string | undefined;
}

export interface CheckedSection {
  /** Absent when there is a fault. */
  readonly section: Section | undefined;
  readonly faults: readonly Fault[];
  /** Settings without effect. */
  readonly warnings: readonly Fault[];
}

type Stored = ConfigValue | CheckedTable | ReadonlyMap<string, CheckedTable>;

class CheckedTable implements Section {
  readonly name: string;
  readonly type: string;
  readonly spec: PluginSpec;
  readonly file: string;
  readonly line: number;
  readonly #fields: Readonly<Record<string, FieldSpec>>;
  readonly #values: ReadonlyMap<string, Stored>;
  readonly #given: ReadonlySet<string>;

  constructor(
    spec: PluginSpec,
    name: string,
    place: Place,
    fields: Readonly<Record<string, FieldSpec>>,
    values: ReadonlyMap<string, Stored>,
    given: ReadonlySet<string>,
  ) {
    this.name = name;
    this.type = spec.type;
    this.spec = spec;
    this.file = place.file;
    this.line = place.line;
    this.#fields = fields;
    this.#values = values;
    this.#given = given;
    Object.freeze(this);
  }

  #stored(key: string): Stored | undefined {
    if (!Object.hasOwn(this.#fields, key))
      throw new Error(`the spec of ${this.type} has no setting '${key}'`);
    return this.#values.get(key);
  }

  given(key: string): boolean {
    this.#stored(key);
    return this.#given.has(key);
  }

  value(key: string): ConfigValue | undefined {
    const stored = this.#stored(key);
    return stored instanceof CheckedTable || stored instanceof Map
      ? undefined
      : (stored as ConfigValue | undefined); // the two other members of Stored were just excluded
  }

  string(key: string): string {
    const value = this.value(key);
    return typeof value === 'string' ? value : '';
  }

  number(key: string): number {
    const value = this.value(key);
    return typeof value === 'number' ? value : 0;
  }

  bool(key: string): boolean {
    return this.value(key) === true;
  }

  strings(key: string): readonly string[] {
    const value = this.value(key);
    return Array.isArray(value) ? value : [];
  }

  table(key: string): Readonly<Record<string, ConfigValue>> {
    const value = this.value(key);
    return isTable(value) ? value : {};
  }

  section(key: string): Section {
    const stored = this.#stored(key);
    if (stored instanceof CheckedTable) return stored;
    throw new Error(`setting '${key}' of ${this.type} is not a section`);
  }

  sections(key: string): ReadonlyMap<string, Section> {
    const stored = this.#stored(key);
    return stored instanceof Map ? new Map(stored) : new Map();
  }
}

/** Checks one table level; the top level of a section and every nested one go through here. */
class Checker {
  readonly faults: Fault[] = [];
  readonly warnings: Fault[] = [];
  /** Whose matchers the section has. */
  #api: 'heka' | 'lsb' = 'heka';
  readonly #source: SectionPlace;
  readonly #options: CheckOptions;

  constructor(source: SectionPlace, options: CheckOptions) {
    this.#source = source;
    this.#options = options;
  }

  #place(path: readonly string[], part: 'key' | 'value'): Place {
    if (path.length === 0) return this.#source.place;
    return this.#source.at?.(path, part) ?? this.#source.place;
  }

  check(
    spec: PluginSpec,
    fields: Readonly<Record<string, FieldSpec>>,
    raw: ConfigTable | undefined,
    path: readonly string[],
  ): CheckedTable {
    const name = this.#source.name;
    const keys = new Map(Object.keys(fields).map((key) => [key.toLowerCase(), key]));
    const values = new Map<string, Stored>();
    const given = new Map<string, string>();

    if (path.length === 0) this.#api = raw?.['api'] === 'lsb' ? 'lsb' : 'heka';
    for (const [written, value] of Object.entries(raw ?? {})) {
      const here = [...path, written];
      const shown = here.join('.');
      const key = keys.get(written.toLowerCase());
      const field = key === undefined ? undefined : fields[key];
      if (key === undefined || field === undefined) {
        if (path.length === 0 && written.toLowerCase() === 'type') continue;
        this.faults.push(
          faultAt(
            this.#place(here, 'key'),
            'HKT_CONFIG_UNKNOWN_KEY',
            [name, shown],
            formerKeys.get(written.toLowerCase()) ?? didYouMean(written, keys.values()),
          ),
        );
        continue;
      }
      const first = given.get(key);
      if (first !== undefined) {
        const firstPlace = this.#place([...path, first], 'key');
        this.faults.push(
          faultAt(this.#place(here, 'key'), 'HKT_CONFIG_DUPLICATE', [
            shown,
            `${placeText(firstPlace)}, as '${first}'`,
          ]),
        );
        continue;
      }
      given.set(key, written);
      const stored = this.#read(spec, field, value, here);
      if (stored !== undefined) values.set(key, stored);
    }

    for (const [key, field] of Object.entries(fields)) {
      if (given.has(key)) continue;
      if (field.kind === 'section') {
        values.set(key, this.#absentSection(spec, field, [...path, key]));
        continue;
      }
      const initial = readDefault(field);
      if (initial !== undefined) values.set(key, initial);
      else if (field.required === true && raw !== undefined) {
        const shown = [...path, key].join('.');
        this.faults.push(
          key === 'message_matcher'
            ? faultAt(this.#place(path, 'key'), 'HKT_CONFIG_NO_MATCHER', [name])
            : faultAt(this.#place(path, 'key'), 'HKT_CONFIG_REQUIRED', [name, shown]),
        );
      }
    }
    return new CheckedTable(
      spec,
      [name, ...path].join('.'),
      this.#place(path, 'key'),
      fields,
      values,
      new Set(given.keys()),
    );
  }

  /** A nested section that is not written holds its defaults and misses nothing. */
  #absentSection(spec: PluginSpec, field: FieldSpec, path: readonly string[]): CheckedTable {
    return this.check(spec, field.fields ?? {}, undefined, path);
  }

  #read(
    spec: PluginSpec,
    field: FieldSpec,
    value: ConfigValue,
    path: readonly string[],
  ): Stored | undefined {
    const name = this.#source.name;
    const shown = path.join('.');
    if (field.refused !== undefined && (field.default === undefined || value !== field.default)) {
      this.faults.push(
        faultAt(this.#place(path, 'key'), 'HKT_CONFIG_NOT_BUILT', [name, shown, field.refused]),
      );
      return undefined;
    }
    if (field.ignored !== undefined) {
      const place = this.#place(path, 'key');
      this.warnings.push(faultAt(place, 'HKT_CONFIG_NO_EFFECT', [name, shown, field.ignored]));
    }
    const read = readValue(field, value);
    if (read.kind === 'type') {
      this.faults.push(
        faultAt(
          this.#place(path, 'value'),
          'HKT_CONFIG_TYPE',
          [name, shown, read.expected, typeName(value)],
          read.suggestion,
        ),
      );
      return undefined;
    }
    if (read.kind === 'wrong') {
      const near =
        field.kind === 'choice' && typeof value === 'string'
          ? didYouMean(value, field.choices ?? [])
          : read.suggestion;
      this.#wrong(path, read.text, near);
      return undefined;
    }
    const complaint = field.check?.(read.value);
    if (complaint !== undefined) {
      this.#wrong(path, complaint);
      return undefined;
    }
    if (field.kind === 'matcher' && typeof read.value === 'string') {
      const fault = this.#options.matcher?.(read.value, this.#api);
      if (fault !== undefined) {
        const place = this.#place(path, 'value');
        this.faults.push(faultAt(place, 'HKT_CONFIG_MATCHER', [name, fault]));
        return undefined;
      }
    }
    if (field.kind === 'section' && isTable(read.value))
      return this.check(spec, field.fields ?? {}, read.value, path);
    if (field.kind === 'sections' && isTable(read.value))
      return this.#sections(spec, field, read.value, path);
    return read.value;
  }

  #sections(
    spec: PluginSpec,
    field: FieldSpec,
    raw: ConfigTable,
    path: readonly string[],
  ): ReadonlyMap<string, CheckedTable> {
    const entries = new Map<string, CheckedTable>();
    for (const [key, value] of Object.entries(raw)) {
      const here = [...path, key];
      if (isTable(value)) {
        entries.set(key, this.check(spec, field.fields ?? {}, value, here));
        continue;
      }
      this.faults.push(
        faultAt(this.#place(here, 'value'), 'HKT_CONFIG_TYPE', [
          this.#source.name,
          here.join('.'),
          'a table',
          typeName(value),
        ]),
      );
    }
    return entries;
  }

  #wrong(path: readonly string[], text: string, suggestion?: string): void {
    const values = [this.#source.name, path.join('.'), text];
    this.faults.push(faultAt(this.#place(path, 'value'), 'HKT_CONFIG_VALUE', values, suggestion));
  }

  /** Checks across keys; they rely on every single key being right. */
  lint(spec: PluginSpec, section: Section): void {
    if (spec.ticker === false && section.number('ticker_interval') > 0) {
      const place = this.#place(['ticker_interval'], 'key');
      this.faults.push(faultAt(place, 'HKT_CONFIG_TICKER', [section.name]));
    }
    for (const { key, text } of spec.lint?.(section) ?? []) this.#wrong(key.split('.'), text);
  }
}

/** Checks a table against a spec. `raw` is plain data; it is copied, never kept. */
export function checkSection(
  spec: PluginSpec,
  raw: ConfigTable,
  source: SectionPlace,
  options: CheckOptions = {},
): CheckedSection {
  const checker = new Checker(source, options);
  const section = checker.check(spec, fieldsOf(spec), raw, []);
  if (checker.faults.length === 0) checker.lint(spec, section);
  const { faults, warnings } = checker;
  return { section: faults.length === 0 ? section : undefined, faults, warnings };
}

/**
 * The section that these values make, for programs that embed Hekate and for tests. Throws a HekateError (HKT_CONFIG_*)
 * for the first fault.
 */
export function sectionOf(
  spec: PluginSpec,
  values: Readonly<Record<string, ConfigValue>> = {},
  name: string = spec.type,
): Section {
  const { section, faults } = checkSection(spec, values, { name, place: nowhere });
  const [first] = faults;
  if (first !== undefined) throw faultError(first);
  if (section === undefined) throw new Error('a section is missing only when there is a fault');
  return section;
}
