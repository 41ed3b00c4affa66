/** The table of one subject, and the page of all: every figure with its spread, its aim and its conditions. */
import type { Aim, Ratio, Sample } from './benchmark.ts';
import type { Conditions } from './machine.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What a run of one benchmark gave, as it is written to results/<subject>.json. */
export interface Result {
  readonly subject: string;
  readonly conditions: Conditions;
  readonly description: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly processes: number;
  readonly layout?: 'by case';
  readonly ratios: readonly Ratio[];
  readonly aims: readonly Aim[];
  /** All samples, one list per process. */
  readonly rounds: readonly (readonly Sample[])[];
}

interface Figure {
  readonly sample: Sample;
  readonly spread: Spread;
}

function figuresOf(result: Result): Map<string, Figure> {
  const values = new Map<string, { sample: Sample; values: number[] }>();
  for (const sample of result.rounds.flat()) {
    const key = keyOf(sample.case, sample.measure);
    const known = values.get(key);
    if (known === undefined) values.set(key, { sample, values: [sample.value] });
    else known.values.push(sample.value);
  }
  return new Map(
    [...values].map(([key, { sample, values }]) => [key, { sample, spread: spreadOf(values) }]),
  );
}

function keyOf(name: string, measure: string): string {
  return `${name}\n${measure}`;
}

export function resultTable(result: Result): string {
  const figures = figuresOf(result);
  const lines = (result.layout === 'by case' ? linesByCase : linesByFigure)(figures, result.aims);
  const ratios: string[] = [];
  for (const { name, of, to } of result.ratios) {
    const dividend = figures.get(keyOf(...of));
    const divisor = figures.get(keyOf(...to));
    if (dividend === undefined || divisor === undefined)
      ratios.push(`- ${name}: not measured in this run`);
    else ratios.push(`- ${name}: ${numberText(dividend.spread.median / divisor.spread.median)}`);
  }
  return [
    ...lines,
    ...(ratios.length > 0 ? ['', 'Ratios in the same run:', '', ...ratios] : []),
  ].join('\n');
}

const HEAD = ['case', 'measure', 'median', 'least', 'most', 'unit', 'aim'];
/** Columns of figures. */
const RIGHT: ReadonlySet<number> = new Set([2, 3, 4]);

function linesByFigure(figures: ReadonlyMap<string, Figure>, aims: readonly Aim[]): string[] {
  const rows = [...figures.values()].map(({ sample, spread }) => [
    sample.case,
    sample.measure,
    numberText(spread.median),
    numberText(spread.min),
    numberText(spread.max),
    sample.unit,
    aimText(aims, sample, spread.median),
  ]);
  return alignedTable(HEAD, RIGHT, rows);
}

/** One table for all cases with the same measures; a cell is the median, and the spread when there is one. */
function linesByCase(figures: ReadonlyMap<string, Figure>, aims: readonly Aim[]): string[] {
  const cases = Map.groupBy(figures.values(), ({ sample }) => sample.case);
  const tables = Map.groupBy(cases.values(), (row) =>
    row.map(({ sample }) => `${sample.measure} (${sample.unit})`).join('\n'),
  );
  const lines: string[] = [];
  for (const [heads, rows] of tables) {
    const aimed = rows.some((row) => row.some(({ sample }) => aimOf(aims, sample) !== undefined));
    const columns = heads.split('\n');
    const head = ['case', ...columns, ...(aimed ? ['aim'] : [])];
    const cells = rows.map((row) => [
      row[0]?.sample.case ?? '',
      ...row.map(({ spread }) => spreadText(spread)),
      row
        .map(({ sample, spread }) => aimText(aims, sample, spread.median))
        .join(' ')
        .trim(),
    ]);
    if (lines.length > 0) lines.push('');
    lines.push(...alignedTable(head, new Set(columns.keys().map((column) => column + 1)), cells));
  }
  return lines;
}

function spreadText({ median, min, max }: Spread): string {
  const text = numberText(median);
  return min === max ? text : `${text} (${numberText(min)}–${numberText(max)})`;
}

/** A Markdown table whose columns stand below each other in plain text too. */
function alignedTable(
  head: readonly string[],
  rights: ReadonlySet<number>,
  rows: readonly (readonly string[])[],
): string[] {
  const widths = head.map((text, i) =>
    Math.max(3, text.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => pad(cells[i] ?? '', width, rights.has(i))).join(' | ')} |`;
  const rule = widths.map((width, i) =>
    rights.has(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(head), line(rule), ...rows.map(line)];
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}

function aimOf(aims: readonly Aim[], sample: Sample): Aim | undefined {
  return aims.find((aim) => aim.case === sample.case && aim.measure === sample.measure);
}

function aimText(aims: readonly Aim[], sample: Sample, median: number): string {
  const aim = aimOf(aims, sample);
  if (aim === undefined) return '';
  const { atMost, atLeast } = aim;
  const met = median <= (atMost ?? Number.POSITIVE_INFINITY) && median >= (atLeast ?? 0);
  const text = atMost === undefined ? `≥ ${numberText(atLeast ?? 0)}` : `≤ ${numberText(atMost)}`;
  return `${text}: ${met ? 'met' : 'missed'}`;
}

function numberText(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function resultsPage(results: readonly Result[]): string {
  return `# Results of the benchmarks

Written by \`npm run bench\`. Each benchmark runs in several processes; median, least and most are over the processes.
All samples are in \`results/\`.

${results.map(section).join('\n')}`;
}

function section(result: Result): string {
  const { conditions, parameters } = result;
  const versions = Object.entries(conditions.versions).map(
    ([name, version]) => `${name} ${version}`,
  );
  const inputs = Object.entries(parameters).map(([name, value]) => `${name} ${String(value)}`);
  return `## ${result.subject}

${result.description.map((line) => `- ${line}`).join('\n')}
- Conditions: ${conditions.cpu}, ${conditions.cores} cores, ${conditions.memoryMiB} MiB, ${conditions.system}, load average before
  ${conditions.loadBefore}; ${versions.join(', ')}; commit ${conditions.commit}; ${conditions.date}; ${result.processes} processes.
- Inputs: ${inputs.join('; ')}.

${resultTable(result)}
`;
}
