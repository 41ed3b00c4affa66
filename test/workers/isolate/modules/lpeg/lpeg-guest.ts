/**
 * Guests with the module in every way in which it runs: on both engines, patterns compiled to JavaScript from their first match
 * on, and on the machine. `m` is the module, `string`, `table` and `math` are loaded.
 */
import { createLpeg, GENERATION } from '../../../../../workers/isolate/modules/lpeg/module.ts';
import type { Generation } from '../../../../../workers/isolate/modules/lpeg/program.ts';
import { ModuleGuest, type ModuleGuestOptions, onBothEngines } from '../module-guest.ts';

export const ways: readonly (readonly [string, Generation])[] = [
  ['compiled patterns', { ...GENERATION, matches: 0 }],
  ['the machine', { generate: undefined, matches: 0 }],
];

/** Calls back once per way, with what makes a guest. */
export function everyWay(
  body: (name: string, make: (options?: ModuleGuestOptions) => ModuleGuest) => void,
): void {
  onBothEngines((engine, create) => {
    for (const [way, generation] of ways) {
      body(`${engine}, ${way}`, (options) => {
        const guest = new ModuleGuest(
          create,
          { lpeg: (parts) => createLpeg(parts, generation) },
          options,
        );
        guest.run('require "string" require "table" require "math" m = require "lpeg"');
        return guest;
      });
    }
  });
}

/** An error's text without its position. Engines differ in whether they know an operator by the name of its event. */
export function plain(text: string): string {
  return text.replace(/^guest\.lua:\d+: /, '').replace(/to '__\w+'/, "to '?'");
}
