/**
 * Plugin types that need no section, and types of Heka 0.11 that are known but not built. A known type gets an error of
 * its own: "No registered plugin type" would send its user looking for a spelling mistake.
 */
import type { Category } from './spec.ts';

/** Available under their own name without a section; a section of that name overrides them. */
export const automaticTypes: readonly string[] = [
  'ProtobufDecoder',
  'ProtobufEncoder',
  'TokenSplitter',
  'HekaFramingSplitter',
  'NullSplitter',
];

const later = 'this version does not build it yet';
const outside = 'it is outside of what Hekate does';

/** The reason by type. */
export const unbuiltTypes: ReadonlyMap<string, string> = new Map([
  ...['DashboardOutput', 'PatternGroupingSplitter'].map((type): [string, string] => [type, later]),
  ...[
    'AMQPInput',
    'AMQPOutput',
    'DockerEventInput',
    'DockerLogInput',
    'DockerStatsInput',
    'GeoIpDecoder',
    'IrcOutput',
    'KafkaInput',
    'KafkaOutput',
    'NagiosOutput',
    'ProcessDirectoryInput',
    'StatsToFieldsDecoder',
    'WhisperOutput',
  ].map((type): [string, string] => [type, outside]),
]);

/** The category that a type's name ends in, as upstream tells them apart. */
export function categoryOf(type: string): Category | undefined {
  const match = /(Input|Splitter|Decoder|Filter|Encoder|Output)$/.exec(type);
  switch (match?.[1]) {
    case 'Input':
      return 'input';
    case 'Splitter':
      return 'splitter';
    case 'Decoder':
      return 'decoder';
    case 'Filter':
      return 'filter';
    case 'Encoder':
      return 'encoder';
    case 'Output':
      return 'output';
    default:
      return undefined;
  }
}
