/**
 * The declarative spec of a plugin type. One spec feeds the parser, the defaults, the reference page, the JSON Schema
 * and the lints, so a key cannot exist in one of them and be missing in another.
 */

export type Category =
  | 'input'
  | 'splitter'
  | 'decoder'
  | 'filter'
  | 'encoder'
  | 'output'
  | 'global';

/** A value of a TOML document after reading: plain data. */
export type ConfigValue =
  | string
  | number
  | boolean
  | Date
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue };

export type FieldKind =
  | 'string'
  | 'bool'
  | 'int'
  | 'uint'
  | 'float'
  /** Whole seconds (ticker_interval). */
  | 'seconds'
  /** Go duration text such as "250ms"; read as milliseconds. */
  | 'duration'
  /** A size: an integer number of bytes, or text with a unit such as "8MiB" (our extension). */
  | 'bytes'
  /** One of `choices`. */
  | 'choice'
  | 'strings'
  | 'ints'
  /** A table of free keys, given to the script or read by the plugin. */
  | 'table'
  /** A nested section with fields of its own. */
  | 'section'
  /** A map of free names to nested sections, such as signer.<name>_<version>. */
  | 'sections'
  /** A message_matcher expression. */
  | 'matcher';

export interface FieldSpec {
  readonly kind: FieldKind;
  /** One or two sentences for the reference page. */
  readonly doc: string;
  /** Absent: the key is optional without a default, unless `required`. In the unit that `kind` is read as. */
  readonly default?: ConfigValue;
  readonly required?: boolean;
  /** TOML text of a value. */
  readonly example?: string;
  readonly choices?: readonly string[];
  /** Fields of a 'section', or of each entry of 'sections'. */
  readonly fields?: Readonly<Record<string, FieldSpec>>;
  /** Returns what is wrong with the value, or undefined. */
  readonly check?: (value: ConfigValue) => string | undefined;
  /** The key exists upstream but is refused here: the reason. A value equal to `default` is let through. */
  readonly refused?: string;
  /** The key is taken from existing configurations but does nothing here: the reason, given as a warning. */
  readonly ignored?: string;
}

export interface PluginSpec {
  /** Such as "TcpInput". */
  readonly type: string;
  readonly category: Category;
  readonly doc: string;
  /** The plugin's own keys; the category's common keys are added by the reader. */
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Changed defaults of common keys, such as TcpInput's splitter. */
  readonly commonDefaults?: Readonly<Record<string, ConfigValue>>;
  /** False for a type without a timer: ticker_interval above 0 is refused then. */
  readonly ticker?: boolean;
  /** Checks across keys: returns a fault per problem. */
  readonly lint?: (section: Section) => readonly { readonly key: string; readonly text: string }[];
}

/** A checked, frozen section: every key of the spec with a value or a default, in read units. */
export interface Section {
  readonly name: string;
  readonly type: string;
  readonly spec: PluginSpec;
  /** Where the section starts, for messages. */
  readonly file: string;
  readonly line: number;
  /** True when the key was written in the configuration. */
  given(key: string): boolean;
  /** These give the zero value ("", 0, false, []) for an absent key without a default; a key not in the spec throws. */
  string(key: string): string;
  /** Also for seconds, durations (ms) and byte sizes. */
  number(key: string): number;
  bool(key: string): boolean;
  strings(key: string): readonly string[];
  /** A 'table' key's plain value, {} when absent. */
  table(key: string): Readonly<Record<string, ConfigValue>>;
  /** A 'section' key's values; defaults when absent. */
  section(key: string): Section;
  /** A 'sections' key's entries by name. */
  sections(key: string): ReadonlyMap<string, Section>;
  /** Undefined when the key is absent and has no default. */
  value(key: string): ConfigValue | undefined;
}
