/**
 * JSON Schema draft 4 as RapidJSON compiles it: every object of the document is a schema under its own pointer, keywords of
 * the wrong form are passed over, and references lead to places in the same document; those that lead nowhere, or in
 * circles, allow everything. Compiled when first asked for.
 */

import { equalityKey } from './equality.ts';
import { type JsonContent, type JsonValue, Members, memberOf, numberOf } from './json-value.ts';
import { fragment, tokensOf, valueAt } from './pointer.ts';

export const TYPES = ['null', 'boolean', 'object', 'array', 'string', 'number', 'integer'] as const;
export type TypeName = (typeof TYPES)[number];

/** Sizes beyond are no limits. */
const MOST_SIZE = 0xffffffff;

/** A place in the schema's document. */
interface Place {
  readonly node: JsonValue;
  readonly tokens: readonly string[];
}

export interface Property {
  readonly name: string;
  schema: Place | undefined;
  required: boolean;
  /** What must be there as well: names, or a schema for the whole object. */
  dependencies: readonly string[] | Place | undefined;
}

export interface Schema {
  readonly pointer: string;
  readonly types: ReadonlySet<TypeName>;
  /** Values as keys of equality. */
  readonly values: ReadonlySet<string> | undefined;
  readonly allOf: readonly Place[];
  readonly anyOf: readonly Place[];
  readonly oneOf: readonly Place[];
  readonly not: Place | undefined;
  /** By name: those of `properties`, `required` and `dependencies`, in this order. */
  readonly properties: ReadonlyMap<string, Property>;
  readonly patterns: readonly { readonly pattern: string; readonly schema: Place }[];
  readonly additional: boolean | Place;
  readonly minProperties: number;
  readonly maxProperties: number;
  readonly items: Place | undefined;
  readonly tuple: readonly Place[] | undefined;
  readonly additionalItems: boolean | Place;
  readonly minItems: number;
  readonly maxItems: number;
  readonly uniqueItems: boolean;
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: string | undefined;
  readonly minimum: JsonValue | undefined;
  readonly maximum: JsonValue | undefined;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf: JsonValue | undefined;
}

export class SchemaDocument {
  readonly root: Place;
  readonly #schemas = new Map<JsonValue, Schema>();
  /** Allows everything. */
  readonly #typeless: Schema = compile(new Members(), []);

  constructor(root: JsonValue) {
    this.root = { node: root, tokens: [] };
  }

  /** The schema of a place; without one, or for what is no object, the one that allows everything. */
  schemaOf(place: Place | undefined): Schema {
    const target = place === undefined ? undefined : this.#resolve(place);
    if (target === undefined || !(target.node.content instanceof Members)) return this.#typeless;
    let schema = this.#schemas.get(target.node);
    if (schema === undefined) {
      schema = compile(target.node.content, target.tokens);
      this.#schemas.set(target.node, schema);
    }
    return schema;
  }

  /** Follows references; undefined when they lead nowhere or in circles. */
  #resolve(place: Place): Place | undefined {
    const seen = new Set<JsonValue>();
    let target = place;
    for (;;) {
      const reference = memberOf(target.node, '$ref')?.content;
      const tokens = typeof reference === 'string' ? tokensOf(reference) : undefined;
      if (tokens === undefined) return target;
      if (seen.has(target.node)) return undefined;
      seen.add(target.node);
      const node = valueAt(this.root.node, tokens);
      if (node === undefined) return undefined;
      target = { node, tokens };
    }
  }
}

function compile(object: Members, tokens: readonly string[]): Schema {
  const keyword = (name: string): JsonContent | undefined => object.get(name)?.content;
  const at = (node: JsonValue, ...more: readonly string[]): Place => ({
    node,
    tokens: [...tokens, ...more],
  });
  const place = (name: string): Place | undefined => {
    const node = object.get(name);
    return node?.content instanceof Members ? at(node, name) : undefined;
  };
  const places = (name: string): readonly Place[] => {
    const nodes = keyword(name);
    return Array.isArray(nodes) ? nodes.map((node, i) => at(node, name, String(i))) : [];
  };
  const size = (name: string, otherwise: number): number => {
    const value = keyword(name);
    return typeof value === 'number' && value >= 0 && value <= MOST_SIZE ? value : otherwise;
  };
  const isTrue = (name: string): boolean => keyword(name) === true;
  const limit = (name: string): JsonValue | undefined => {
    const node = object.get(name);
    return node !== undefined && numberOf(node.content) !== undefined ? node : undefined;
  };
  const allowed = (name: string): boolean | Place => place(name) ?? keyword(name) !== false;
  const pattern = keyword('pattern');
  const multipleOf = limit('multipleOf');
  const choices = keyword('enum');
  return {
    pointer: fragment(tokens),
    types: typesOf(keyword('type')),
    values:
      Array.isArray(choices) && choices.length > 0 ? new Set(choices.map(equalityKey)) : undefined,
    allOf: places('allOf'),
    anyOf: places('anyOf'),
    oneOf: places('oneOf'),
    not: place('not'),
    properties: propertiesOf(keyword, at),
    patterns: entriesOf(keyword('patternProperties')).map(([name, node]) => ({
      pattern: name,
      schema: at(node, 'patternProperties', name),
    })),
    additional: allowed('additionalProperties'),
    minProperties: size('minProperties', 0),
    maxProperties: size('maxProperties', MOST_SIZE),
    items: place('items'),
    tuple: Array.isArray(keyword('items')) ? places('items') : undefined,
    additionalItems: allowed('additionalItems'),
    minItems: size('minItems', 0),
    maxItems: size('maxItems', MOST_SIZE),
    uniqueItems: isTrue('uniqueItems'),
    minLength: size('minLength', 0),
    maxLength: size('maxLength', MOST_SIZE),
    pattern: typeof pattern === 'string' ? pattern : undefined,
    minimum: limit('minimum'),
    maximum: limit('maximum'),
    exclusiveMinimum: isTrue('exclusiveMinimum'),
    exclusiveMaximum: isTrue('exclusiveMaximum'),
    multipleOf:
      multipleOf !== undefined && (numberOf(multipleOf.content) ?? 0) > 0 ? multipleOf : undefined,
  };
}

function typesOf(content: JsonContent | undefined): ReadonlySet<TypeName> {
  if (content === undefined) return new Set(TYPES);
  const given = Array.isArray(content) ? content.map((each) => each.content) : [content];
  const types = new Set(TYPES.filter((type) => given.includes(type)));
  if (types.has('number')) types.add('integer');
  return types;
}

function propertiesOf(
  keyword: (name: string) => JsonContent | undefined,
  at: (node: JsonValue, ...more: readonly string[]) => Place,
): ReadonlyMap<string, Property> {
  const properties = new Map<string, Property>();
  const property = (name: string): Property => {
    let known = properties.get(name);
    if (known === undefined) {
      known = { name, schema: undefined, required: false, dependencies: undefined };
      properties.set(name, known);
    }
    return known;
  };
  for (const [name, node] of entriesOf(keyword('properties'))) {
    property(name).schema = at(node, 'properties', name);
  }
  for (const name of namesOf(keyword('required'))) property(name).required = true;
  for (const [name, node] of entriesOf(keyword('dependencies'))) {
    const source = property(name);
    if (Array.isArray(node.content)) {
      const names = namesOf(node.content);
      for (const each of names) property(each);
      source.dependencies = names;
    } else if (node.content instanceof Members) {
      source.dependencies = at(node, 'dependencies', name);
    }
  }
  return properties;
}

function entriesOf(content: JsonContent | undefined): readonly (readonly [string, JsonValue])[] {
  if (!(content instanceof Members)) return [];
  const { names, values } = content;
  return values.map((value, i) => [names[i] ?? '', value] as const);
}

function namesOf(content: JsonContent | undefined): readonly string[] {
  if (!Array.isArray(content)) return [];
  return content.map((each) => each.content).filter((each) => typeof each === 'string');
}
