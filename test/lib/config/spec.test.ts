import t from 'tap';
import { commonFields } from '../../../lib/config/common-fields.ts';
import { readValue } from '../../../lib/config/field-value.ts';
import { hekadSpec } from '../../../lib/config/hekad-spec.ts';
import { checkSection } from '../../../lib/config/section.ts';
import type { ConfigValue, FieldSpec, PluginSpec } from '../../../lib/config/spec.ts';
import { readToml } from '../../../lib/config/toml-reader.ts';
import { sandboxFilterSpec } from '../../../lib/filters/sandbox-filter-spec.ts';
import { sandboxManagerSpec } from '../../../lib/manager/sandbox-manager-spec.ts';
import {
  decoderTypes,
  encoderTypes,
  inputTypes,
  outputTypes,
  splitterTypes,
} from '../../../lib/plugin-types.ts';

const plugins: PluginSpec[] = [
  inputTypes,
  splitterTypes,
  decoderTypes,
  encoderTypes,
  outputTypes,
].flatMap((types) => [...types.values()].map((type) => type.spec));
const specs = [hekadSpec, ...plugins, sandboxFilterSpec, sandboxManagerSpec];

/** What is wrong with a field of a spec. */
function problems(key: string, field: FieldSpec): string[] {
  const found: string[] = [];
  if (key !== key.toLowerCase()) found.push('its name has capital letters');
  if (!/[.!]$/.test(field.doc)) found.push('its doc is no sentence');
  if (field.default !== undefined) {
    const complaint = valueProblem(field, field.default);
    if (complaint !== undefined) found.push(`its default ${complaint}`);
  }
  if (field.example !== undefined) {
    // Of nested sections, a header shows more than an inline table.
    const isHeader = field.kind === 'sections' && field.example.startsWith('[');
    const { tables, faults } = readToml(isHeader ? field.example : `value = ${field.example}`);
    const value = tables['value'];
    if (faults.length > 0) found.push('its example is not TOML');
    else if (value !== undefined) {
      const read = readValue(field, value);
      if (read.kind !== 'value') found.push('its example is not allowed');
    }
  }
  if ((field.kind === 'choice') !== (field.choices !== undefined)) found.push('its choices');
  if (/^sections?$/.test(field.kind) !== (field.fields !== undefined)) found.push('its fields');
  for (const [name, child] of Object.entries(field.fields ?? {}))
    found.push(...problems(name, child).map((text) => `${name}: ${text}`));
  return found;
}

/** Defaults of durations and sizes stand in read units, or as they would be written. */
function valueProblem(field: FieldSpec, value: ConfigValue): string | undefined {
  const isRead = typeof value === 'number' && /^(duration|bytes)$/.test(field.kind);
  if (isRead) return field.check?.(value);
  const read = readValue(field, value);
  return read.kind === 'value' ? field.check?.(read.value) : 'is not of its kind';
}

t.test('every setting of every plugin type is sound', async (t) => {
  for (const spec of specs) {
    const found = Object.entries(spec.fields).flatMap(([key, field]) =>
      problems(key, field).map((text) => `${key}: ${text}`),
    );
    const common = commonFields(spec.category);
    for (const [key, value] of Object.entries(spec.commonDefaults ?? {})) {
      const field = common[key];
      if (field === undefined) found.push(`${key}: is not a common setting`);
      else if (valueProblem(field, value) !== undefined) found.push(`${key}: its default`);
    }
    t.same(found, [], spec.type);
  }
});

t.test('the common settings of every category are sound', async (t) => {
  for (const category of ['input', 'splitter', 'decoder', 'filter', 'encoder', 'output'] as const)
    for (const [key, field] of Object.entries(commonFields(category)))
      t.same(problems(key, field), [], `${category} ${key}`);
});

/** For types of which one of several settings must be given: no single one is required. */
const oneOfSeveral: Readonly<Record<string, Record<string, string>>> = {
  HttpInput: { url: 'http://localhost/' },
};

t.test('the defaults of a type pass its own checks', async (t) => {
  for (const spec of specs) {
    const place = { name: spec.type, place: { file: '', line: 0, column: 0 } };
    const values = oneOfSeveral[spec.type] ?? {};
    const codes = checkSection(spec, values, place).faults.map((fault) => fault.code);
    // What is required is missing; nothing else may be wrong.
    t.same(
      codes.filter((code) => !/_(REQUIRED|NO_MATCHER)$/.test(code)),
      [],
      spec.type,
    );
  }
});
