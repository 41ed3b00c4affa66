/**
 * The script that declares the engine's registers (registers.d.ts). It comes before the bundle in the same script, so
 * that the runtime and all compiled chunks share them.
 */
export const PRELUDE = `let $left=0,$bytes=0,$count=0,$second,$third,$all=[],$fenv=false,$tail,$tails=0,$coroutine,$nested=0,$depth=0,$caller,$place,$line=0,$strings;`;
