/**
 * The report that SIGUSR1 prints, in the shape of hekad's text report: a heading, then per filter its name and indented
 * fields. Limits are shown as used / maximum / limit.
 */
import type { FilterStatus } from '../filters/filter-host.ts';
import type { Gauge } from '../protocol/batch.ts';

export function textReport(
  filters: readonly FilterStatus[],
  counters: Readonly<Record<string, number>>,
): string {
  const lines = ['========[heka.all-report]========', '', '====Globals===='];
  for (const [name, value] of Object.entries(counters)) lines.push(`    ${name}: ${value}`);
  lines.push('', '====Filters====');
  for (const filter of filters) {
    lines.push(
      `${filter.name}:`,
      `    Shard: ${filter.shard}`,
      `    ProcessMessageCount: ${filter.processed}`,
      `    ProcessMessageFailures: ${filter.failed}`,
      `    InjectMessageCount: ${filter.injected}`,
      `    Memory: ${gauge(filter.usage.memory)}`,
      `    Instructions: ${gauge(filter.usage.instructions)}`,
      `    Output: ${gauge(filter.usage.output)}`,
      `    ProcessMessageAvgDuration: ${Math.round(filter.averageNs)}`,
    );
  }
  if (filters.length === 0) lines.push('NONE');
  lines.push('========', '');
  return lines.join('\n');
}

function gauge({ used, maximum, limit }: Gauge): string {
  return `${used} / ${maximum} / ${limit}`;
}
