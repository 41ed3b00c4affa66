/** The specs of every plugin type that a configuration may name. */
import type { PluginSpec } from '../config/spec.ts';
import { sandboxFilterSpec } from '../filters/sandbox-filter-spec.ts';
import { sandboxManagerSpec } from '../manager/sandbox-manager-spec.ts';
import {
  decoderTypes,
  encoderTypes,
  inputTypes,
  nativeFilterTypes,
  outputTypes,
  splitterTypes,
} from '../plugin-types.ts';
import {
  sandboxDecoderSpec,
  sandboxEncoderSpec,
  sandboxInputSpec,
  sandboxOutputSpec,
} from '../sandboxes/sandbox-specs.ts';

export const pluginRegistry: ReadonlyMap<string, PluginSpec> = new Map(
  [
    ...[inputTypes, splitterTypes, decoderTypes, nativeFilterTypes].flatMap((types) =>
      [...types.values()].map((type) => type.spec),
    ),
    sandboxFilterSpec,
    sandboxDecoderSpec,
    sandboxEncoderSpec,
    sandboxInputSpec,
    sandboxOutputSpec,
    sandboxManagerSpec,
    ...[encoderTypes, outputTypes].flatMap((types) => [...types.values()].map((type) => type.spec)),
  ].map((spec) => [spec.type, spec]),
);
