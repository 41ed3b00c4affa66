/**
 * The `cjson` module, version 2.2.0 of the sandbox's fork: JSON text to tables and back. Settings are the sandbox's own.
 */
import { GuestError, type GuestValue, type HostObject } from '../../engine.ts';
import { checkArgument, stringArgument } from '../../host-api/guest-arguments.ts';
import type { ModuleFactory } from '../native-module.ts';
import { type CjsonContext, defaultSettings, NULL_TYPE, settingFunctions } from './settings.ts';
import { readText } from './text-reader.ts';
import { writeText } from './text-writer.ts';
import { readTree } from './tree-reader.ts';
import { writeTree } from './tree-writer.ts';

const NAME = 'cjson';
const VERSION = '2.2.0';
/** Bytes of text for the price of one instruction. */
const BYTES_PER_CHARGE = 8;

export const createModule: ModuleFactory = (parts) => {
  // Light userdata in upstream: compared by identity, shown as a null pointer, never preserved.
  const nullObject: HostObject = {
    kind: 'object',
    type: NULL_TYPE,
    methods: { __tostring: () => 'userdata: (nil)' },
    externalBytes: 0,
  };
  const settings = defaultSettings();
  const context: CjsonContext = {
    parts,
    settings,
    nullObject,
    shapes: new Map(),
    forms: new Map(),
  };

  const decode = (source: string): GuestValue => {
    const nul = source.indexOf('\0');
    if (source.length >= 2 && (nul === 0 || nul === 1)) {
      throw new GuestError('JSON parser does not support UTF-16 or UTF-32');
    }
    parts.memory.charge(source.length / BYTES_PER_CHARGE);
    const text = nul < 0 ? source : source.slice(0, nul);
    const read = readTree(text, context);
    return read === undefined ? readText(text, context) : read[0];
  };

  const encode = (value: GuestValue): string => {
    const isTable = typeof value === 'object' && value.kind === 'table';
    return (isTable ? writeTree(value, context) : undefined) ?? writeText(value, context);
  };

  return {
    name: NAME,
    open: () => ({
      name: NAME,
      functions: {
        encode: (args) => {
          checkArgument(args.length === 1, 1, 'expected 1 argument');
          return encode(args[0]);
        },
        decode: (args) => {
          checkArgument(args.length === 1, 1, 'expected 1 argument');
          return decode(stringArgument(args, 1));
        },
        ...settingFunctions(settings),
        null: nullObject,
        _NAME: NAME,
        _VERSION: VERSION,
      },
    }),
  };
};
