/**
 * Every plugin type by its name, one map per category. SandboxFilter and SandboxManagerFilter are made by the daemon
 * from their own specs: they need more than a plugin's context.
 */

import type { PluginSpec } from './config/spec.ts';
import type { DecoderType } from './decoders/decoder-context.ts';
import { multiDecoder } from './decoders/multi-decoder.ts';
import { payloadJsonDecoder } from './decoders/payload-json-decoder.ts';
import { payloadRegexDecoder } from './decoders/payload-regex-decoder.ts';
import { payloadXmlDecoder } from './decoders/payload-xml-decoder.ts';
import { protobufDecoder } from './decoders/protobuf-decoder.ts';
import { scribbleDecoder } from './decoders/scribble-decoder.ts';
import { esJsonEncoder } from './encoders/es-json-encoder.ts';
import { esLogstashEncoder } from './encoders/es-logstash-encoder.ts';
import { jsonEncoder } from './encoders/json-encoder.ts';
import { payloadEncoder } from './encoders/payload-encoder.ts';
import { protobufEncoder } from './encoders/protobuf-encoder.ts';
import { rstEncoder } from './encoders/rst-encoder.ts';
import { counterFilter } from './filters/native/counter-filter.ts';
import type { NativeFilterType } from './filters/native/native-filter.ts';
import { statFilter } from './filters/native/stat-filter.ts';
import { filePollingInput } from './inputs/file-polling-input.ts';
import { httpInput } from './inputs/http-input.ts';
import { httpListenInput } from './inputs/http-listen-input.ts';
import type { InputType } from './inputs/input-context.ts';
import { logstreamerInput } from './inputs/logstreamer-input.ts';
import { processInput } from './inputs/process-input.ts';
import { statAccumInput } from './inputs/stat-accum-input.ts';
import { statsdInput } from './inputs/statsd-input.ts';
import { stdinInput } from './inputs/stdin-input.ts';
import { tcpInput } from './inputs/tcp-input.ts';
import { udpInput } from './inputs/udp-input.ts';
import { carbonOutput } from './outputs/carbon-output.ts';
import { elasticSearchOutput } from './outputs/elasticsearch-output.ts';
import { fileOutput } from './outputs/file-output.ts';
import { httpOutput } from './outputs/http-output.ts';
import { logOutput } from './outputs/log-output.ts';
import type { OutputType } from './outputs/output-context.ts';
import { smtpOutput } from './outputs/smtp-output.ts';
import { tcpOutput } from './outputs/tcp-output.ts';
import { udpOutput } from './outputs/udp-output.ts';
import type { Encoder, PluginType } from './plugin.ts';
import { hekaFramingSplitter } from './splitters/heka-framing-splitter.ts';
import { nullSplitter } from './splitters/null-splitter.ts';
import { regexSplitter } from './splitters/regex-splitter.ts';
import type { SplitterType } from './splitters/splitter-factory.ts';
import { tokenSplitter } from './splitters/token-splitter.ts';

function byType<T extends { readonly spec: PluginSpec }>(
  types: readonly T[],
): ReadonlyMap<string, T> {
  return new Map(types.map((type) => [type.spec.type, type]));
}

export const inputTypes: ReadonlyMap<string, InputType> = byType([
  tcpInput,
  udpInput,
  stdinInput,
  logstreamerInput,
  statsdInput,
  statAccumInput,
  httpInput,
  httpListenInput,
  filePollingInput,
  processInput,
]);

export const splitterTypes: ReadonlyMap<string, SplitterType> = byType([
  hekaFramingSplitter,
  tokenSplitter,
  regexSplitter,
  nullSplitter,
]);

export const decoderTypes: ReadonlyMap<string, DecoderType> = byType([
  protobufDecoder,
  payloadRegexDecoder,
  payloadJsonDecoder,
  payloadXmlDecoder,
  multiDecoder,
  scribbleDecoder,
]);

export const nativeFilterTypes: ReadonlyMap<string, NativeFilterType> = byType([
  counterFilter,
  statFilter,
]);

export const encoderTypes: ReadonlyMap<string, PluginType<Encoder>> = byType([
  protobufEncoder,
  payloadEncoder,
  jsonEncoder,
  rstEncoder,
  esJsonEncoder,
  esLogstashEncoder,
]);

export const outputTypes: ReadonlyMap<string, OutputType> = byType([
  logOutput,
  fileOutput,
  tcpOutput,
  udpOutput,
  httpOutput,
  smtpOutput,
  carbonOutput,
  elasticSearchOutput,
]);
