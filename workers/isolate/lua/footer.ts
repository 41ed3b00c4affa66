/**
 * The script behind the bundle: makes the runtime's functions constants at script level. The bundle leaves what
 * compiled-entry.ts exports in the variable `hekateRuntime`.
 */

/** Kept in step with runtime/emitted.ts by a test. */
export const EMITTED_NAMES = [
  '$Table',
  '$empty',
  '$floor',
  '$power',
  '$safepoint',
  '$enter',
  '$env',
  '$inherit',
  '$aware',
  '$index',
  '$setIndex',
  '$setField',
  '$rawStore',
  '$rawField',
  '$storeList',
  '$trimmed',
  '$arrayOf',
  '$add',
  '$sub',
  '$mul',
  '$div',
  '$mod',
  '$pow',
  '$minus',
  '$length',
  '$eq',
  '$sameText',
  '$lt',
  '$le',
  '$concat',
  '$concat3',
  '$concatAll',
  '$callable',
  '$call0',
  '$call1',
  '$call2',
  '$callAll',
  '$defer',
  '$bounce',
  '$results',
  '$spread',
  '$many',
  '$manyMore',
  '$cursor',
  '$forNumber',
  '$arg',
  '$twin',
  '$generator',
  '$yield',
  '$chain',
  '$select',
  '$error',
  '$profileLine',
] as const;

/** `runtime` is an expression of the object with these names. */
export function footerFor(runtime: string): string {
  return `const {${EMITTED_NAMES.join(',')}}=${runtime};`;
}

export const FOOTER = footerFor('hekateRuntime.emitted');
