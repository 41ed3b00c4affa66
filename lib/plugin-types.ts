/**
 * Every plugin type by its name, one map per category. SandboxFilter and SandboxManagerFilter are made by the daemon
 * from their own specs: they need more than a plugin's context.
 */

import type { PluginSpec } from './config/spec.ts';
import { payloadRegexDecoder } from './decoders/payload-regex-decoder.ts';
import { protobufDecoder } from './decoders/protobuf-decoder.ts';
import { jsonEncoder } from './encoders/json-encoder.ts';
import { payloadEncoder } from './encoders/payload-encoder.ts';
import { protobufEncoder } from './encoders/protobuf-encoder.ts';
import { logstreamerInput } from './inputs/logstreamer-input.ts';
import { stdinInput } from './inputs/stdin-input.ts';
import { tcpInput } from './inputs/tcp-input.ts';
import { udpInput } from './inputs/udp-input.ts';
import { fileOutput } from './outputs/file-output.ts';
import { logOutput } from './outputs/log-output.ts';
import type { OutputType } from './outputs/output-context.ts';
import { tcpOutput } from './outputs/tcp-output.ts';
import type { Decoder, Encoder, Input, PluginType } from './plugin.ts';
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

export const inputTypes: ReadonlyMap<string, PluginType<Input>> = byType([
  tcpInput,
  udpInput,
  stdinInput,
  logstreamerInput,
]);

export const splitterTypes: ReadonlyMap<string, SplitterType> = byType([
  hekaFramingSplitter,
  tokenSplitter,
  regexSplitter,
  nullSplitter,
]);

export const decoderTypes: ReadonlyMap<string, PluginType<Decoder>> = byType([
  protobufDecoder,
  payloadRegexDecoder,
]);

export const encoderTypes: ReadonlyMap<string, PluginType<Encoder>> = byType([
  protobufEncoder,
  payloadEncoder,
  jsonEncoder,
]);

export const outputTypes: ReadonlyMap<string, OutputType> = byType([
  logOutput,
  fileOutput,
  tcpOutput,
]);
