/**
 * The JSON Schema (2020-12) of a configuration, from the specs: for editors that complete and check TOML. It is looser
 * than `hekate check`, which also knows what a schema cannot say.
 */
import { fieldsOf } from './common-fields.ts';
import { durationText } from './duration.ts';
import { readDefault } from './field-value.ts';
import type { FieldSpec, PluginSpec } from './spec.ts';

export type SchemaValue =
  | string
  | number
  | boolean
  | readonly SchemaValue[]
  | { readonly [key: string]: SchemaValue };

type Schema = { readonly [key: string]: SchemaValue };

/** The schema of a whole file. `hekad` describes its global section. */
export function jsonSchema(specs: Iterable<PluginSpec>, hekad: PluginSpec): Schema {
  const definitions: Record<string, SchemaValue> = {};
  const named: Record<string, SchemaValue> = { hekad: tableSchema(fieldsOf(hekad), hekad.doc) };
  const anyOf: SchemaValue[] = [];
  for (const spec of [...specs].sort((a, b) => (a.type < b.type ? -1 : 1))) {
    definitions[spec.type] = pluginSchema(spec);
    const reference = { $ref: `#/$defs/${spec.type}` };
    named[spec.type] = { anyOf: [reference, { type: 'object', required: ['type'] }] };
    anyOf.push({ ...reference, required: ['type'] });
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Hekate configuration',
    type: 'object',
    properties: named,
    additionalProperties: { anyOf },
    $defs: definitions,
  };
}

function pluginSchema(spec: PluginSpec): Schema {
  const { properties, ...rest } = tableSchema(fieldsOf(spec), spec.doc);
  return { ...rest, properties: { type: { const: spec.type }, ...properties } };
}

function tableSchema(fields: Readonly<Record<string, FieldSpec>>, doc: string) {
  const properties: Record<string, SchemaValue> = {};
  const required: string[] = [];
  for (const [key, field] of Object.entries(fields)) {
    // A refused key stays out, unless its one accepted value can be written.
    if (field.refused !== undefined && field.default === undefined) continue;
    properties[key] = fieldSchema(field);
    if (field.required === true && field.default === undefined) required.push(key);
  }
  return {
    type: 'object',
    description: doc,
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  } satisfies Schema;
}

function fieldSchema(field: FieldSpec): Schema {
  const schema = { description: field.doc, ...kindSchema(field) };
  const read = readDefault(field);
  if (read === undefined || typeof read === 'object') return schema;
  const value = field.kind === 'duration' ? durationText(Number(read)) : read;
  return field.refused === undefined ? { ...schema, default: value } : { ...schema, const: value };
}

function kindSchema(field: FieldSpec): Schema {
  switch (field.kind) {
    case 'string':
    case 'matcher':
      return { type: 'string' };
    case 'choice':
      return { type: 'string', enum: field.choices ?? [] };
    case 'bool':
      return { type: 'boolean' };
    case 'int':
      return { type: 'integer' };
    case 'uint':
    case 'seconds':
      return { type: 'integer', minimum: 0 };
    case 'float':
      return { type: 'number' };
    case 'duration':
      return {
        type: 'string',
        pattern: '^\\+?(0|((\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)$',
      };
    case 'bytes':
      return {
        anyOf: [
          { type: 'integer', minimum: 0 },
          { type: 'string', pattern: '^\\d+(\\.\\d+)? ?([KMGkmg]?[iI]?[bB])?$' },
        ],
      };
    case 'strings':
      return { type: 'array', items: { type: 'string' } };
    case 'ints':
      return { type: 'array', items: { type: 'integer' } };
    case 'table':
      return { type: 'object' };
    case 'section':
      return tableSchema(field.fields ?? {}, field.doc);
    case 'sections':
      return {
        type: 'object',
        additionalProperties: tableSchema(field.fields ?? {}, field.doc),
      };
    default:
      return field.kind satisfies never;
  }
}
