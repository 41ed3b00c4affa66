/**
 * Checks a value against a schema. The first violation in the order of the document ends it, as in RapidJSON, which
 * reports where it was and what: the schema's pointer, its keyword, the value's pointer, and a report in JSON. Schemas that are
 * alternatives have checks of their own, whose reports become part of this one's.
 */
import { GuestError } from '../../engine.ts';
import type { ModuleParts } from '../native-module.ts';
import { characterCount } from '../utf8-bytes.ts';
import { equalityKey } from './equality.ts';
import { Double, type JsonContent, JsonValue, Members, numberOf } from './json-value.ts';
import { fragment } from './pointer.ts';
import { type Schema, type SchemaDocument, TYPES, type TypeName } from './schema.ts';
import { jsonText } from './writer.ts';

/** Schemas and values within each other. */
const MOST_DEPTH = 300;
/** Instructions for looking at a value; bytes of a string for one more. */
const VALUE_CHARGE = 4;
const BYTES_PER_CHARGE = 16;
/** For a search outside of the isolate. */
const SEARCH_CHARGE = 100;

export interface Violation {
  readonly text: string;
  readonly report: string;
}

/** How the schemas that patterns chose for a member go together with the one for its name, which is the last. */
type PatternMode = 'patterns' | 'property' | 'additional';

interface Chosen {
  readonly schema: Schema;
  readonly patterns: readonly Schema[];
  readonly mode: PatternMode;
}

/** What all checks of one validation share. */
interface Shared {
  readonly parts: ModuleParts;
  readonly document: SchemaDocument;
  /** Of the value that is looked at. */
  readonly path: string[];
  depth: number;
}

/** undefined for a value that conforms. */
export function violationOf(
  value: JsonValue,
  document: SchemaDocument,
  parts: ModuleParts,
): Violation | undefined {
  const shared: Shared = { parts, document, path: [], depth: 0 };
  const check = new Check(shared);
  if (
    check.run(value, { schema: document.schemaOf(document.root), patterns: [], mode: 'patterns' })
  ) {
    return undefined;
  }
  const { schema, keyword } = check.failed;
  const text = `SchemaURI: ${schema} Keyword: ${keyword} DocumentURI: ${fragment(shared.path)}`;
  return { text, report: jsonText(check.error) };
}

class Check {
  /** Violations by keyword. */
  readonly error: JsonValue = new JsonValue(new Members());
  failed = { schema: '#', keyword: '' };
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  run(value: JsonValue, chosen: Chosen): boolean {
    const shared = this.#shared;
    const { content } = value;
    const bytes = typeof content === 'string' ? content.length / BYTES_PER_CHARGE : 0;
    shared.parts.memory.charge(VALUE_CHARGE + bytes);
    if (++shared.depth > MOST_DEPTH) {
      throw new GuestError('validate() schema and document are nested too deeply');
    }
    const { schema } = chosen;
    const holds =
      this.#type(schema, content) && this.#content(schema, content) && this.#end(value, chosen);
    shared.depth--;
    return holds;
  }

  /** A check of its own, from the same place. */
  #other(value: JsonValue, schema: Schema): Check {
    const { path } = this.#shared;
    const { length } = path;
    const { depth } = this.#shared;
    const check = new Check(this.#shared);
    check.#valid = check.run(value, { schema, patterns: [], mode: 'patterns' });
    path.length = length;
    this.#shared.depth = depth;
    return check;
  }

  #valid = false;

  #type(schema: Schema, content: JsonContent): boolean {
    const actual = typeOf(content);
    if (schema.types.has(actual)) return true;
    const names = TYPES.filter(
      (type) => schema.types.has(type) && !(type === 'integer' && schema.types.has('number')),
    );
    return this.#fail(schema, 'type', {
      expected: names.map((name) => new JsonValue(name)),
      actual,
    });
  }

  #content(schema: Schema, content: JsonContent): boolean {
    if (typeof content === 'string') return this.#string(schema, content);
    if (Array.isArray(content)) return this.#list(schema, content);
    if (content instanceof Members) return this.#object(schema, content);
    return numberOf(content) === undefined || this.#number(schema, content);
  }

  #number(schema: Schema, content: JsonContent): boolean {
    const actual = comparable(content);
    const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = schema;
    if (minimum !== undefined) {
      const least = comparable(minimum.content);
      if (exclusiveMinimum ? actual <= least : actual < least) {
        const exclusive = exclusiveMinimum ? { exclusiveMinimum: true } : {};
        return this.#failWith(schema, 'minimum', content, minimum.content, exclusive);
      }
    }
    if (maximum !== undefined) {
      const most = comparable(maximum.content);
      if (exclusiveMaximum ? actual >= most : actual > most) {
        const exclusive = exclusiveMaximum ? { exclusiveMaximum: true } : {};
        return this.#failWith(schema, 'maximum', content, maximum.content, exclusive);
      }
    }
    if (multipleOf !== undefined && !isMultiple(content, multipleOf.content)) {
      return this.#failWith(schema, 'multipleOf', content, multipleOf.content);
    }
    return true;
  }

  #string(schema: Schema, text: string): boolean {
    const { minLength, maxLength, pattern } = schema;
    if (minLength > 0 || maxLength < text.length) {
      const count = characterCount(text);
      if (count !== undefined && count < minLength) {
        return this.#failWith(schema, 'minLength', text, minLength);
      }
      if (count !== undefined && count > maxLength) {
        return this.#failWith(schema, 'maxLength', text, maxLength);
      }
    }
    if (pattern === undefined || matches(this.#shared.parts, pattern, text) !== false) return true;
    return this.#fail(schema, 'pattern', { actual: text });
  }

  #list(schema: Schema, list: readonly JsonValue[]): boolean {
    const { document, parts, path } = this.#shared;
    const { items, tuple, additionalItems } = schema;
    const places = new Map<string, number>();
    for (const [i, value] of list.entries()) {
      path.push(String(i));
      let place = items;
      if (tuple !== undefined) {
        place = tuple[i];
        if (place === undefined) {
          if (additionalItems === false) {
            this.#fail(schema, 'additionalItems', { disallowed: i }, true);
            this.failed = { schema: schema.pointer, keyword: 'items' };
            return false;
          }
          if (additionalItems !== true) place = additionalItems;
        }
      }
      const chosen = document.schemaOf(place);
      if (!this.run(value, { schema: chosen, patterns: [], mode: 'patterns' })) return false;
      if (schema.uniqueItems) {
        const key = equalityKey(value);
        parts.memory.charge(key.length / BYTES_PER_CHARGE);
        const first = places.get(key);
        if (first !== undefined) {
          const duplicates = [new JsonValue(first), new JsonValue(i)];
          return this.#fail(schema, 'uniqueItems', { duplicates }, true);
        }
        places.set(key, i);
      }
      path.pop();
    }
    const { minItems, maxItems } = schema;
    if (list.length < minItems) return this.#failWith(schema, 'minItems', list.length, minItems);
    if (list.length > maxItems) return this.#failWith(schema, 'maxItems', list.length, maxItems);
    return true;
  }

  #object(schema: Schema, members: Members): boolean {
    const { path } = this.#shared;
    for (const [i, value] of members.values.entries()) {
      const name = members.names[i] ?? '';
      path.push(name);
      const chosen = this.#choose(schema, name);
      if (chosen === undefined) {
        return this.#fail(schema, 'additionalProperties', { disallowed: name }, true);
      }
      if (!this.run(value, chosen)) return false;
      path.pop();
    }
    const { count } = members;
    const missing = [...schema.properties.values()]
      .filter((property) => property.required && members.placeOf(property.name) < 0)
      .map((property) => new JsonValue(property.name));
    if (missing.length > 0) return this.#fail(schema, 'required', { missing });
    const { minProperties, maxProperties } = schema;
    if (count < minProperties) return this.#failWith(schema, 'minProperties', count, minProperties);
    if (count > maxProperties) return this.#failWith(schema, 'maxProperties', count, maxProperties);
    return this.#dependencies(schema, members);
  }

  /** The schemas of a member; undefined if it may not be there. */
  #choose(schema: Schema, name: string): Chosen | undefined {
    const { document, parts } = this.#shared;
    const patterns = schema.patterns
      .filter(({ pattern }) => matches(parts, pattern, name) === true)
      .map((each) => document.schemaOf(each.schema));
    const typeless = document.schemaOf(undefined);
    const property = schema.properties.get(name);
    const place = property === undefined ? schema.additional : property.schema;
    if (typeof place === 'boolean') {
      if (!place && patterns.length === 0) return undefined;
      return { schema: typeless, patterns, mode: 'patterns' };
    }
    const own = document.schemaOf(place);
    if (patterns.length === 0) return { schema: own, patterns, mode: 'patterns' };
    const mode = property === undefined ? 'additional' : 'property';
    return { schema: typeless, patterns: [...patterns, own], mode };
  }

  #dependencies(schema: Schema, members: Members): boolean {
    const errors = new Members();
    for (const { name, dependencies } of schema.properties.values()) {
      if (dependencies === undefined || members.placeOf(name) < 0) continue;
      if (!('node' in dependencies)) {
        const missing = dependencies.filter((each) => members.placeOf(each) < 0);
        if (missing.length > 0) {
          errors.add(name, new JsonValue(missing.map((each) => new JsonValue(each))));
        }
        continue;
      }
      const check = this.#other(
        new JsonValue(members),
        this.#shared.document.schemaOf(dependencies),
      );
      if (!check.#valid) errors.add(name, check.error);
    }
    return errors.count === 0 || this.#fail(schema, 'dependencies', { errors });
  }

  /** What is asked of the value as a whole, after all that is in it. */
  #end(value: JsonValue, { schema, patterns, mode }: Chosen): boolean {
    const { document, parts } = this.#shared;
    if (patterns.length > 0) {
      const checks = patterns.map((each) => this.#other(value, each));
      const invalid = checks.filter((check) => !check.#valid);
      // Of an additional property either the patterns or the other schema may hold.
      const last = checks[checks.length - 1];
      const isEnough =
        mode === 'additional' && !(invalid.includes(last as Check) && invalid.length > 1);
      if (invalid.length > 0 && !isEnough) {
        for (const check of checks) this.#merge(check);
        return this.#failed(schema, 'patternProperties');
      }
    }
    if (schema.values !== undefined) {
      const key = equalityKey(value);
      parts.memory.charge(key.length / BYTES_PER_CHARGE);
      if (!schema.values.has(key)) return this.#fail(schema, 'enum', {});
    }
    const all = schema.allOf.map((place) => this.#other(value, document.schemaOf(place)));
    if (!all.every((check) => check.#valid)) {
      for (const check of all) this.#merge(check);
      return this.#failed(schema, 'allOf');
    }
    const any: JsonValue[] = [];
    for (const place of schema.anyOf) {
      const check = this.#other(value, document.schemaOf(place));
      if (check.#valid) {
        any.length = 0;
        break;
      }
      any.push(check.error);
    }
    if (any.length > 0) return this.#fail(schema, 'anyOf', { errors: any });
    const one = schema.oneOf.map((place) => this.#other(value, document.schemaOf(place)));
    if (one.length > 0 && one.filter((check) => check.#valid).length !== 1) {
      return this.#fail(schema, 'oneOf', { errors: one.map((check) => check.error) });
    }
    const { not } = schema;
    if (not === undefined || !this.#other(value, document.schemaOf(not)).#valid) return true;
    return this.#fail(schema, 'not', {});
  }

  // ---- violations ----------------------------------------------------------------------------------------------

  /** Notes a violation with its details; `isParent`: the place in the report is the container's. */
  #fail(
    schema: Schema,
    keyword: string,
    details: Readonly<Record<string, JsonContent | readonly JsonValue[]>>,
    isParent = false,
  ): false {
    const { path } = this.#shared;
    const place = isParent ? path.slice(0, -1) : path;
    const report = new Members();
    for (const [name, content] of Object.entries(details)) {
      report.add(name, new JsonValue(content as JsonContent)); // lists are not changed
    }
    report.add('instanceRef', new JsonValue(fragment(place)));
    report.add('schemaRef', new JsonValue(schema.pointer));
    this.#add(keyword, new JsonValue(report));
    return this.#failed(schema, keyword);
  }

  #failWith(
    schema: Schema,
    keyword: string,
    actual: JsonContent,
    expected: JsonContent,
    more: Readonly<Record<string, JsonContent>> = {},
  ): false {
    // Upstream compares as the expected value is, and shows what it compared.
    const shown = expected instanceof Double ? new Double(numberOf(actual) ?? 0) : actual;
    return this.#fail(schema, keyword, { actual: shown, expected, ...more });
  }

  #failed(schema: Schema, keyword: string): false {
    this.failed = { schema: schema.pointer, keyword };
    return false;
  }

  /** One violation of a keyword is an object, several are a list. */
  #add(keyword: string, error: JsonValue): void {
    const errors = this.error.content as Members; // made as such
    const known = errors.get(keyword);
    if (known === undefined) errors.add(keyword, error);
    else if (Array.isArray(known.content)) known.content.push(error);
    else known.content = [new JsonValue(known.content), error];
  }

  #merge(other: Check): void {
    const errors = other.error.content as Members; // made as such
    for (const [i, error] of errors.values.entries()) this.#add(errors.names[i] ?? '', error);
  }
}

function typeOf(content: JsonContent): TypeName {
  if (content === null) return 'null';
  if (Array.isArray(content)) return 'array';
  if (content instanceof Members) return 'object';
  if (content instanceof Double) return 'number';
  return typeof content === 'boolean'
    ? 'boolean'
    : typeof content === 'string'
      ? 'string'
      : 'integer';
}

/** Compares exactly with any other. */
function comparable(content: JsonContent): number | bigint {
  return typeof content === 'bigint' ? content : (numberOf(content) ?? 0);
}

function isMultiple(content: JsonContent, of: JsonContent): boolean {
  if (!(content instanceof Double) && !(of instanceof Double)) {
    return BigInt(comparable(content)) % BigInt(comparable(of)) === 0n;
  }
  const magnitude = Math.abs(numberOf(content) ?? 0);
  const unit = Math.abs(numberOf(of) ?? 1);
  return !(magnitude - Math.floor(magnitude / unit) * unit > 0);
}

/**
 * Does a text have a match of a regular expression? Expressions are the guest's, and hostile: the host looks for them in
 * linear time. undefined for one that is malformed, which upstream passes over.
 */
function matches(parts: ModuleParts, pattern: string, text: string): boolean | undefined {
  parts.memory.charge(SEARCH_CHARGE);
  let reason = '';
  try {
    const [found] = parts.host('regex.search', [pattern, text]);
    if (typeof found === 'boolean') return found;
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    reason = `: ${error.text}`;
  }
  try {
    new RegExp(pattern);
  } catch {
    return undefined; // no expression at all
  }
  throw new GuestError(`validate() pattern is not supported: ${pattern.slice(0, 64)}${reason}`);
}
