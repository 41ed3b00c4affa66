/**
 * The script that declares the engine's registers (registers.d.ts). It comes before the bundle in the same script, so
 * that the runtime and all compiled chunks share them.
 */

const NUMBERS = ['$left', '$bytes', '$count', '$tails', '$nested', '$depth', '$line'];
const VALUES = ['$second', '$third', '$tail', '$coroutine', '$caller', '$place', '$strings'];

const declared = [
  ...NUMBERS.map((name) => `${name}=0`),
  ...VALUES,
  '$all=[]',
  // Never stored to again in most isolates: V8 takes it for a constant.
  '$fenv=false',
].join(',');

/**
 * V8 compiles code for what it has seen of a variable, and throws that code away when it sees more. So each register gets
 * to see at once what it will hold: small integers, or values of any type.
 */
const settled = [
  ...NUMBERS.map((name) => `${name}=1;${name}=2;${name}=0;`),
  ...VALUES.map((name) => `${name}=1;${name}={};${name}="";${name}=undefined;`),
  '$all=[1];$all=[];',
].join('');

export const PRELUDE = `let ${declared};${settled}`;
