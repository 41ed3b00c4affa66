/**
 * The `xxhash` module: XXH32 and XXH64 of a string, or of a number's eight bytes, with a seed. A 64-bit hash comes as the
 * nearest double.
 */
import type { GuestValue } from '../../engine.ts';
import { checkArgument, optionalNumber, typeError } from '../../host-api/guest-arguments.ts';
import { HashKey, payForText } from '../hashes/hash-key.ts';
import { xxh32 } from '../hashes/xxh32.ts';
import { xxh64 } from '../hashes/xxh64.ts';
import type { ModuleFactory, ObjectMemory } from '../native-module.ts';

const UINT32_MAX = 0xffffffff;
/** The largest 64-bit number as a double, which is one more than it; as a seed it counts as 0. */
const UINT64_MAX = 2 ** 64;
const HALF = 2 ** 32;

export const createModule: ModuleFactory = ({ memory }) => {
  const key = new HashKey();
  return {
    name: 'xxhash',
    open: () => ({
      name: 'xxhash',
      functions: {
        h32: (args) => {
          readItem(key, args, memory);
          const seed = seedArgument(args, UINT32_MAX, 'seed must be an unsigned int');
          return xxh32(key, seed | 0);
        },
        h64: (args) => {
          readItem(key, args, memory);
          const seed = seedArgument(args, UINT64_MAX, 'seed must be an unsigned long long');
          return xxh64(key, Math.floor(seed / HALF) | 0, (seed % HALF) | 0).toNumber();
        },
      },
    }),
  };
};

function readItem(key: HashKey, args: readonly GuestValue[], memory: ObjectMemory): void {
  const [item] = args;
  if (typeof item === 'number') key.number(item);
  else if (typeof item === 'string') {
    payForText(item, memory, 1);
    key.text(item);
  } else throw typeError(args, 1, 'string or number');
}

function seedArgument(args: readonly GuestValue[], largest: number, text: string): number {
  const seed = optionalNumber(args, 2, 0);
  checkArgument(seed >= 0 && seed <= largest, 2, text);
  return Math.trunc(seed);
}
