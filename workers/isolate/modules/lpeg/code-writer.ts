/**
 * Writes a whole pattern as JavaScript: an expression that gives the function `(s, p) => offset or -1`. Beside the units
 * (unit-writer.ts) it has
 *
 *     m              the recorder
 *     k, t, z        its list of captures, where the next one is recorded, and from where on there may be no room
 *     K              stands for the list while there is no match, which must not keep one alive
 *     w              steps that are paid for; Q pays for more
 *     d, D           entries of upstream's stack, and how many units may be active before the machine takes over
 *     e              where a rule goes on that another one ended with
 *     S, G, R        begin or go on with a match, make room for captures; all units
 *     P, O, C        record a capture, the beginning of one, its end
 *     N, b, g, f     searches for a byte; the bytes, where each was searched from, where it was found
 *     M, V, Y        call a match-time function, the machine, what a rule ended with
 *
 * Nothing of the pattern's text gets into the code: bytes are numbers, texts and tables come as arguments.
 */
import type { ByteSet } from './byte-set.ts';
import { ByteTests } from './byte-tests.ts';
import type { CodeParts } from './byte-writer.ts';
import type { Plan } from './plan.ts';
import { UnitWriter } from './unit-writer.ts';

/** Integers of one record. */
const RECORD = 4;

/** `begin` is what a match begins with, beside what all do. */
function support(begin: string): string {
  const room = `z=k.length-${2 * RECORD}`;
  return `let k=m.list,${room},t=0,d=0,w=0,D=0,e=0;
const B=m.advance,K=new Int32Array(0);
function Q(){m.pay(B-w);w=B}
function S(){k=m.list;${room};t=m.top;w=B;${begin}}
function G(){m.top=t;m.grow();k=m.list;${room}}
function P(i,a,b){if(t>z)G();k[t]=i;k[t+1]=a;k[t+2]=b;k[t+3]=t+=4}
function O(i,a){if(t>z)G();const o=t;k[t]=i;k[t+1]=a;k[t+2]=0;k[t+3]=0;t+=4;return o}
function C(o,b){k[o+2]=b;if(t===o+4){k[o+3]=t;return}if(t>z)G();k[t]=0;k[t+1]=o;k[t+2]=b;k[t+3]=t+=4;k[o+3]=t}
function M(o,s,p){Q();m.top=t;const x=d;p=m.runtime(o,p,d);S();d=x;return p}
function V(i,s,p){Q();m.top=t;const x=d;p=m.deep(i,s,p,d);S();d=x;return p}
function Y(s,p){do p=R[-2-p](s,e);while(p<-1);return p}
`;
}

export interface Code {
  /** Wants `m`, `T` and `X`. */
  readonly text: string;
  readonly sets: readonly ByteSet[];
  readonly texts: readonly string[];
}

export function writeCode(plan: Plan): Code {
  const parts: CodeParts = { tests: new ByteTests(), texts: [], stops: [] };
  const units: string[] = [];
  // Units that are asked for are added to the list.
  for (const unit of plan.units) units.push(new UnitWriter(plan, unit, parts).write());
  const { texts, stops } = parts;
  const { tables } = parts.tests;
  const constants = [
    ...tables.map((_, i) => `T${i}=T[${i}]`),
    ...texts.map((_, i) => `X${i}=X[${i}]`),
    `R=[${units.map((_, i) => `u${i}`).join(',')}]`,
  ];
  const begin = stops.map((_, i) => `f[${i}]=-1;`).join('');
  const text = `"use strict";${support(begin)}${searchFor(stops)}${units.join('\n')}
const ${constants.join(',')};
return function(s,p){S();d=1;D=m.frames(${plan.frames});p=u0(s,p);m.pay(B-w);m.top=t;k=K;return p}`;
  return { text, sets: tables, texts };
}

/**
 * N: the offset of the next byte of a kind from `p` on. It is kept for as long as `p` is between where it was searched from
 * and where it was found.
 */
function searchFor(stops: readonly number[]): string {
  if (stops.length === 0) return '';
  const list = stops.map((byte) => `String.fromCharCode(${byte})`).join(',');
  return `const b=[${list}],g=new Int32Array(${stops.length}),f=new Int32Array(${stops.length});
function N(i,s,p){let r=f[i];if(p<=r&&p>=g[i])return r;r=s.indexOf(b[i],p);if(r<0)r=s.length;g[i]=p;f[i]=r;w-=(r-p)>>4;return r}
`;
}
