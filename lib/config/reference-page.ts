/**
 * docs/configuration.md, generated from the specs. A setting that can be written is on the page, and one that is on the
 * page can be written.
 */
import { byteSizeText } from './byte-size.ts';
import { commonFields } from './common-fields.ts';
import { durationText } from './duration.ts';
import { readDefault } from './field-value.ts';
import { automaticTypes } from './known-types.ts';
import type { Category, ConfigValue, FieldSpec, PluginSpec } from './spec.ts';

const chapters: readonly { readonly category: Category; readonly title: string }[] = [
  { category: 'input', title: 'Inputs' },
  { category: 'splitter', title: 'Splitters' },
  { category: 'decoder', title: 'Decoders' },
  { category: 'filter', title: 'Filters' },
  { category: 'encoder', title: 'Encoders' },
  { category: 'output', title: 'Outputs' },
];

const kindNames: Readonly<Record<FieldSpec['kind'], string>> = {
  string: 'text',
  bool: 'boolean',
  int: 'integer',
  uint: 'integer',
  float: 'number',
  seconds: 'seconds',
  duration: 'duration',
  bytes: 'size',
  choice: 'choice',
  strings: 'array of texts',
  ints: 'array of integers',
  table: 'table',
  section: 'section',
  sections: 'sections',
  matcher: 'matcher',
};

const introduction = `# Configuration

<!-- Generated from the specs of the plugins by \`npm run docs\`: do not edit. -->

A configuration is a TOML file, or a directory whose \`*.toml\` files are read in the order of their names. Each table
is a plugin: the table's name is the plugin's, and \`type\` says what it is; without \`type\` the name is the type. The table
\`[hekad]\` holds the settings of the daemon. \`hekate check FILE\` shows every fault of a configuration in one go.

\`\`\`toml
[hekad]
base_dir = "/var/lib/hekate"

[TCP:5565]
type = "TcpInput"
address = "127.0.0.1:5565"

[TCP:5565.signer.PlatformDevs_0]
hmac_key = "%ENV[PLATFORM_KEY]"
\`\`\`

- Names and keys may hold any characters without quotes, such as \`[TCP:5565]\` or \`host|ipv4 = "…"\`. A dot divides the
  names of a table; in a key it is a character like any other.
- Keys are matched without regard to case. An unknown key is an error.
- \`%ENV[NAME]\` anywhere in the text is replaced by that environment variable before the text is read; an unset one is empty.
- A *duration* is text such as \`"250ms"\`, \`"1h30m"\` or \`"1.5s"\` (units ns, us, ms, s, m, h). *Seconds* are an integer.
- A *size* is an integer number of bytes, or text such as \`"64KiB"\` or \`"8MB"\`.
- In a directory, a later file's section replaces an earlier one of the same name; this goes for \`[hekad]\` as a whole.
- These exist without a section: ${automaticTypes.join(', ')}.
`;

/** The page. `specs` may come in any order. */
export function referencePage(specs: Iterable<PluginSpec>, hekad: PluginSpec): string {
  const sorted = [...specs].sort((a, b) => (a.type < b.type ? -1 : 1));
  let page = `${introduction}\n## [hekad]\n\n${hekad.doc}\n\n${fieldTable(hekad.fields)}`;
  for (const { category, title } of chapters) {
    const members = sorted.filter((spec) => spec.category === category);
    if (members.length === 0) continue;
    page += `\n## ${title}\n`;
    const common = commonFields(category);
    if (Object.keys(common).length > 0)
      page += `\nEvery ${category} takes these settings beside its own:\n\n${fieldTable(common)}`;
    for (const spec of members) page += pluginPart(spec);
  }
  return page;
}

function pluginPart(spec: PluginSpec): string {
  let part = `\n### ${spec.type}\n\n${spec.doc}\n`;
  const common = commonFields(spec.category);
  const changes = Object.entries(spec.commonDefaults ?? {}).map(([key, value]) => {
    const field = common[key];
    const shown =
      field === undefined ? JSON.stringify(value) : valueText({ ...field, default: value });
    return `\`${key}\` is ${shown}`;
  });
  if (changes.length > 0) part += `\nOther defaults here: ${changes.join(', ')}.\n`;
  if (spec.ticker === false) part += '\nHas no timer: `ticker_interval` is refused.\n';
  if (Object.keys(spec.fields).length > 0) part += `\n${fieldTable(spec.fields)}`;
  return part;
}

function fieldTable(fields: Readonly<Record<string, FieldSpec>>): string {
  return `| key | kind | default | |\n|---|---|---|---|\n${rows(fields, '')}`;
}

function rows(fields: Readonly<Record<string, FieldSpec>>, prefix: string): string {
  let text = '';
  for (const [key, field] of Object.entries(fields)) {
    const name = prefix + key;
    text += `| \`${cell(name)}\` | ${kindNames[field.kind]} | ${cell(valueText(field))} | ${cell(docText(field))} |\n`;
    const inner = field.kind === 'sections' ? `${name}.<name>.` : `${name}.`;
    if (field.fields !== undefined) text += rows(field.fields, inner);
  }
  return text;
}

function docText(field: FieldSpec): string {
  let text = field.doc;
  if (field.choices !== undefined)
    text += ` One of ${field.choices.map((choice) => `\`"${choice}"\``).join(', ')}.`;
  if (field.ignored !== undefined) text += ` Without effect: ${field.ignored}.`;
  if (field.refused !== undefined)
    text +=
      field.default === undefined
        ? ` Refused: ${field.refused}.`
        : ` Any other value is refused: ${field.refused}.`;
  if (field.example !== undefined) text += ` Example: \`${field.example}\`.`;
  return text;
}

function valueText(field: FieldSpec): string {
  const value: ConfigValue | undefined = readDefault(field);
  if (value === undefined) return field.required === true ? '**required**' : '–';
  if (typeof value === 'number' && field.kind === 'duration') return `\`"${durationText(value)}"\``;
  if (typeof value === 'number' && field.kind === 'bytes') {
    const size = byteSizeText(value);
    return size === String(value) ? `\`${value}\`` : `\`${value}\` (${size})`;
  }
  return `\`${JSON.stringify(value)}\``;
}

/** A vertical bar would end the cell, also inside code. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
