/**
 * A whole configuration: a file, or every *.toml directly in a directory in the order of their names, checked against
 * the specs of the known plugin types. All faults come out in one go; the sections can be used when there are none.
 */
import {
  type ConfigOrigin,
  type ConfigText,
  forManagers,
  otherPurpose,
  readTexts,
} from './config-files.ts';
import { type Environment, expandEnvironment } from './environment.ts';
import { type ConfigTable, isTable, typeName } from './field-value.ts';
import { hekadSpec } from './hekad-spec.ts';
import { automaticTypes, categoryOf, unbuiltTypes } from './known-types.ts';
import { didYouMean } from './nearest-name.ts';
import { byPlace, type Fault, faultAt, type Place, placeText } from './place.ts';
import { referenceFaults } from './plugin-references.ts';
import { type CheckOptions, checkSection, sectionOf } from './section.ts';
import type { Category, PluginSpec, Section } from './spec.ts';
import { readToml, type TomlDocument } from './toml-reader.ts';

export interface ConfigOptions extends CheckOptions {
  /** The known plugin types by name. */
  readonly registry: ReadonlyMap<string, PluginSpec>;
  /** For %ENV[NAME]. */
  readonly env: Environment;
}

export interface LoadedConfig {
  /** Defaults when the section is missing or faulty. */
  readonly hekad: Section;
  /** In the order in which they were written; of sections of one name the last, and none that is faulty. */
  readonly plugins: readonly Section[];
  readonly faults: readonly Fault[];
  /** Nothing that keeps the daemon from starting. */
  readonly warnings: readonly Fault[];
  /** The scripts that sections name, also faulty sections: they can be compiled before the rest is mended. */
  readonly scripts: readonly ScriptReference[];
  /** share_dir, also of a [hekad] section that is faulty elsewhere. */
  readonly shareDir: string;
  /** The section of that category and name, also one of the types that need no section. */
  find(category: Category, name: string): Section | undefined;
  /** Where a setting's value was written; where its section starts when it was not. */
  place(section: Section, path: readonly string[]): Place;
}

/** The script of a sandbox's section; `filename` is "" when it names none. */
export interface ScriptReference {
  readonly section: string;
  readonly filename: string;
  readonly place: Place;
}

/** Reads and checks a file or a directory. Never rejects: what cannot be read is a fault. */
export async function loadConfig(path: string, options: ConfigOptions): Promise<LoadedConfig> {
  const { texts, ...origin } = await readTexts(path);
  return readConfig(texts, options, origin);
}

/** One section before it is checked. */
interface Found {
  readonly name: string;
  readonly raw: ConfigTable;
  readonly document: TomlDocument;
  readonly place: Place;
}

/** Checks texts that were read already. */
export function readConfig(
  texts: readonly ConfigText[],
  options: ConfigOptions,
  origin: ConfigOrigin = { path: texts[0]?.file ?? '', isDirectory: false, faults: [] },
): LoadedConfig {
  const faults: Fault[] = [...origin.faults];
  const warnings: Fault[] = [];
  const found = new Map<string, Found>();
  // Checked, but not a part of the configuration.
  const apart = new Map<string, Found>();
  for (const { file, text } of texts) {
    const expanded = expandEnvironment(text, options.env, file);
    const document = readToml(expanded.text, {
      file,
      original: { text, offset: expanded.offset },
    });
    faults.push(...expanded.faults, ...document.faults);
    warnings.push(...expanded.warnings);
    // Files of the tools often lie beside the daemon's.
    const purpose = origin.isDirectory ? otherPurpose(document.tables) : undefined;
    if (purpose !== undefined)
      warnings.push(faultAt({ file, line: 0, column: 0 }, 'HKT_CONFIG_PASSED_OVER', [purpose]));
    if (purpose === undefined) gather(document, file, found, faults, warnings);
    else if (purpose === forManagers) gather(document, file, apart, faults, warnings);
  }

  const checked = new Checked(options, faults, warnings, found);
  const loaded = checked.run();
  for (const filter of apart.values()) checked.alone(filter);
  // A file that could not be read may hold the sections.
  if (faults.length === 0 && ![...found.keys()].some((name) => name !== 'hekad'))
    faults.push(faultAt({ file: origin.path, line: 0, column: 0 }, 'HKT_CONFIG_EMPTY', []));
  faults.sort(byPlace);
  warnings.sort(byPlace);
  return loaded;
}

function gather(
  document: TomlDocument,
  file: string,
  found: Map<string, Found>,
  faults: Fault[],
  warnings: Fault[],
): void {
  for (const [name, raw] of Object.entries(document.tables)) {
    const place = document.at([name], 'key') ?? { file, line: 0, column: 0 };
    if (!isTable(raw)) {
      faults.push(faultAt(place, 'HKT_CONFIG_NOT_SECTION', [name]));
      continue;
    }
    const before = found.get(name);
    if (before !== undefined)
      warnings.push(faultAt(before.place, 'HKT_CONFIG_SUPERSEDED', [name, placeText(place)]));
    found.set(name, { name, raw, document, place });
  }
}

class Checked {
  readonly #options: ConfigOptions;
  readonly #faults: Fault[];
  readonly #warnings: Fault[];
  readonly #found: ReadonlyMap<string, Found>;
  /** The category of every named section whose type is known, faulty or not. */
  readonly #categories = new Map<string, Category>();
  /** Named sections of which no category is known. */
  readonly #untyped = new Set<string>();

  constructor(
    options: ConfigOptions,
    faults: Fault[],
    warnings: Fault[],
    found: ReadonlyMap<string, Found>,
  ) {
    this.#options = options;
    this.#faults = faults;
    this.#warnings = warnings;
    this.#found = found;
  }

  run(): LoadedConfig {
    let hekad: Section | undefined;
    const plugins: Section[] = [];
    const scripts: ScriptReference[] = [];
    for (const found of this.#found.values()) {
      if (found.name === 'hekad') {
        hekad = this.#check(hekadSpec, found);
        continue;
      }
      const spec = this.#spec(found);
      const script = spec === undefined ? undefined : scriptOf(spec, found);
      if (script !== undefined) scripts.push(script);
      const section = spec === undefined ? undefined : this.#check(spec, found);
      if (section !== undefined) plugins.push(section);
    }
    const find = this.#finder(plugins);
    for (const section of plugins) this.#references(section, find);
    for (const section of plugins) this.#pluginReferences(section, find);
    const globals = hekad ?? sectionOf(hekadSpec);
    const shareDir = writtenValue(this.#found.get('hekad')?.raw, 'share_dir');
    return {
      hekad: globals,
      plugins,
      scripts,
      shareDir: typeof shareDir === 'string' ? shareDir : globals.string('share_dir'),
      faults: this.#faults,
      warnings: this.#warnings,
      find,
      place: (section, path) => this.#place(section, path),
    };
  }

  /** Checks a section that is not a part of the whole. */
  alone(found: Found): void {
    const spec = this.#spec(found);
    if (spec !== undefined) this.#check(spec, found);
  }

  #check(spec: PluginSpec, found: Found): Section | undefined {
    // Half of what it holds may be missing: its syntax errors are enough for this time.
    if (found.document.damaged.has(found.name)) return undefined;
    const { section, faults, warnings } = checkSection(
      spec,
      found.raw,
      {
        name: found.name,
        place: found.place,
        at: (path, part) => found.document.at([found.name, ...path], part),
      },
      this.#options,
    );
    this.#faults.push(...faults);
    this.#warnings.push(...warnings);
    return section;
  }

  /** The spec of the section's type, which is its name when it gives none. */
  #spec(found: Found): PluginSpec | undefined {
    const { name, raw, document } = found;
    const key = Object.keys(raw).find((written) => written.toLowerCase() === 'type');
    const given = key === undefined ? undefined : raw[key];
    const place =
      (key === undefined ? undefined : document.at([name, key], 'value')) ?? found.place;
    if (given !== undefined && typeof given !== 'string') {
      const values = [name, 'type', 'text', typeName(given)];
      this.#faults.push(faultAt(place, 'HKT_CONFIG_TYPE', values));
      this.#untyped.add(name);
      return undefined;
    }
    const type = given ?? name;
    const spec = this.#options.registry.get(type);
    const category = spec?.category ?? categoryOf(type);
    if (category === undefined) this.#untyped.add(name);
    else this.#categories.set(name, category);
    if (spec !== undefined) return spec;
    const reason = unbuiltTypes.get(type);
    if (reason !== undefined)
      this.#faults.push(
        faultAt(place, 'HKT_CONFIG_NOT_BUILT', [name, `plugin type ${type}`, reason]),
      );
    // The line that gives the type may be the one that could not be read.
    else if (given !== undefined || !document.damaged.has(name)) {
      const near =
        didYouMean(type, this.#options.registry.keys()) ??
        (given === undefined ? "give the section a 'type'" : undefined);
      this.#faults.push(faultAt(place, 'HKT_CONFIG_PLUGIN_TYPE', [type], near));
    }
    return undefined;
  }

  #finder(plugins: readonly Section[]): LoadedConfig['find'] {
    const automatic = new Map<string, Section>();
    for (const type of automaticTypes) {
      const spec = this.#options.registry.get(type);
      if (spec !== undefined && !this.#found.has(type)) automatic.set(type, sectionOf(spec));
    }
    const named = new Map(plugins.map((section) => [section.name, section]));
    return (category, name) => {
      const section = named.get(name) ?? automatic.get(name);
      return section?.spec.category === category ? section : undefined;
    };
  }

  /** Checks that the splitter, decoder or encoder that a section names exists. */
  #references(section: Section, find: LoadedConfig['find']): void {
    switch (section.spec.category) {
      case 'input':
        this.#reference(section, 'splitter', 'HKT_CONFIG_SPLITTER', find);
        this.#reference(section, 'decoder', 'HKT_CONFIG_DECODER', find);
        return;
      case 'output':
        this.#reference(section, 'encoder', 'HKT_CONFIG_ENCODER', find);
        return;
      case 'splitter':
      case 'decoder':
      case 'filter':
      case 'encoder':
      case 'global':
        return;
      default:
        section.spec.category satisfies never;
    }
  }

  /** Checks what else a section says of other plugins. */
  #pluginReferences(section: Section, find: LoadedConfig['find']): void {
    const faulty = (category: Category, name: string): boolean =>
      this.#categories.get(name) === category || this.#untyped.has(name);
    for (const { key, text } of referenceFaults(section, { find, faulty })) {
      const values = [section.name, key, text];
      this.#faults.push(faultAt(this.#place(section, [key]), 'HKT_CONFIG_VALUE', values));
    }
  }

  #reference(
    section: Section,
    category: 'splitter' | 'decoder' | 'encoder',
    code: 'HKT_CONFIG_SPLITTER' | 'HKT_CONFIG_DECODER' | 'HKT_CONFIG_ENCODER',
    find: LoadedConfig['find'],
  ): void {
    const name = section.string(category);
    if (name === '' || find(category, name) !== undefined) return;
    // A section that is there but faulty has its own faults.
    if (this.#categories.get(name) === category || this.#untyped.has(name)) return;
    const names = [...this.#categories]
      .filter(([, its]) => its === category)
      .map(([known]) => known);
    const candidates = [...names, ...automaticTypes.filter((t) => categoryOf(t) === category)];
    const near =
      this.#options.registry.get(name)?.category === category
        ? `add a section [${name}]`
        : didYouMean(name, candidates);
    this.#faults.push(faultAt(this.#place(section, [category]), code, [section.name, name], near));
  }

  #place(section: Section, path: readonly string[]): Place {
    const found = this.#found.get(section.name);
    const written = Object.keys(found?.raw ?? {}).find(
      (key) => key.toLowerCase() === path[0]?.toLowerCase(),
    );
    const full = written === undefined ? [] : [section.name, written, ...path.slice(1)];
    return (
      (full.length === 0 ? undefined : found?.document.at(full, 'value')) ??
      found?.place ?? { file: section.file, line: section.line, column: 1 }
    );
  }
}

/** A setting as it was written, whatever the case of its key. */
function writtenValue(raw: ConfigTable | undefined, key: string): unknown {
  const written = Object.keys(raw ?? {}).find((name) => name.toLowerCase() === key);
  return written === undefined ? undefined : raw?.[written];
}

/** Plugins with a script have both settings: where it is and what language it is in. */
function scriptOf(spec: PluginSpec, found: Found): ScriptReference | undefined {
  const { fields } = spec;
  if (!Object.hasOwn(fields, 'filename') || !Object.hasOwn(fields, 'script_type')) return undefined;
  const filename = writtenValue(found.raw, 'filename') ?? '';
  // One of another type is a fault of its own.
  if (typeof filename !== 'string' || found.document.damaged.has(found.name)) return undefined;
  const place = found.document.at([found.name, 'filename'], 'value') ?? found.place;
  return { section: found.name, filename, place };
}
