/**
 * The `cjson` module, version 2.2.0 of the sandbox's fork: JSON text to tables and back. Settings are the sandbox's own.
 */
import type { HostObject } from '../../engine.ts';
import { checkArgument, stringArgument } from '../../host-api/guest-arguments.ts';
import type { ModuleFactory } from '../native-module.ts';
import { Decoder } from './decoder.ts';
import { Encoder, NULL_TYPE } from './encoder.ts';
import { defaultSettings, settingFunctions } from './settings.ts';

const NAME = 'cjson';
const VERSION = '2.2.0';

export const createModule: ModuleFactory = (parts) => {
  // Light userdata in upstream: compared by identity, shown as a null pointer, never preserved.
  const nullObject: HostObject = {
    kind: 'object',
    type: NULL_TYPE,
    methods: { __tostring: () => 'userdata: (nil)' },
    externalBytes: 0,
  };
  const settings = defaultSettings();
  const decoder = new Decoder(parts, settings, nullObject);
  const encoder = new Encoder(parts, settings);
  return {
    name: NAME,
    open: () => ({
      name: NAME,
      functions: {
        encode: (args) => {
          checkArgument(args.length === 1, 1, 'expected 1 argument');
          return encoder.encode(args[0]);
        },
        decode: (args) => {
          checkArgument(args.length === 1, 1, 'expected 1 argument');
          return decoder.decode(stringArgument(args, 1));
        },
        ...settingFunctions(settings),
        null: nullObject,
        _NAME: NAME,
        _VERSION: VERSION,
      },
    }),
  };
};
