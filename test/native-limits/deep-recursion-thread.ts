/**
 * A worker thread with the stack of a shard's that lets an isolate recurse in many ways, as deep as it can. Posts for each way
 * how it ended; the thread's and the process's survival is what is tested.
 */
import { parentPort } from 'node:worker_threads';
import { GuestIsolate, IsolateSnapshot } from '../../native-limits/guest-isolate.ts';
import { enlargeGuestStack } from '../../native-limits/guest-stack.ts';

const DEEP = 1_000_000;
const ways: Readonly<Record<string, string>> = {
  'plain calls': 'const f = (a) => f(a + 1) + 1; f(0)',
  'calls with many values':
    'const f = (a,b,c,d,e,g) => { const h=a+b,i=c+d,j=e+g; return f(h,i,j,a,b,c)+h+i+j }; f(1,2,3,4,5,6)',
  'spread arguments': 'const f = (...a) => f(...a, 1) + 1; f(1)',
  'protected calls': 'const f = () => { try { return f() + 1 } catch (e) { throw e } }; f()',
  'clean-up that recurses': 'const f = () => { try { return f() + 1 } finally { f() } }; f()',
  generators: 'const f = function* () { yield* f() }; [...f()]',
  'generators that resume each other':
    'const f = () => { const g = (function* () { yield f() })(); return g.next().value }; f()',
  getters: 'const o = { get x() { return o.x + 1 } }; o.x',
  'conversions to text': "const o = { toString() { return '' + o } }; '' + o",
  'sort callbacks': 'const f = () => { [2, 1].sort(f); return 0 }; f()',
  'replace callbacks': "const f = () => 'a'.replace(/a/, f); f()",
  'array callbacks': 'const f = () => [1].map(f)[0]; f()',
  'code from strings': "const f = () => (0, eval)('(g) => g()')(f); f()",
  'optimised code':
    'const f = (n) => n === 0 ? 0 : f(n - 1) + 1; for (let i = 0; i < 30000; i++) f(50); f(1e9)',
  'deep JSON text': `JSON.parse('['.repeat(${DEEP}) + ']'.repeat(${DEEP}))`,
  'deep values to JSON': `let o = []; for (let i = 0; i < ${DEEP}; i++) o = [o]; JSON.stringify(o)`,
  'deep expressions': "(0, eval)('('.repeat(500000) + '1' + ')'.repeat(500000))",
  'deep functions': "(0, eval)('()=>{'.repeat(100000) + '}'.repeat(100000))",
  'long sums': "(0, eval)('var a=1;1' + '+a'.repeat(300000))",
  'deep groups of an expression': "new RegExp('('.repeat(5000) + 'a' + ')'.repeat(5000)).test('a')",
  'backtracking of an expression': "/^(?:a|ab)*c/.test('ab'.repeat(200000))",
  'deep ropes': "let s = 'x'; for (let i = 0; i < 1e6; i++) s = 'a' + s; s.charCodeAt(5)",
};

enlargeGuestStack();
const code = `globalThis.entry = { run: (text) => { try { (0, eval)('{' + text + '}'); return 'ended'; }
  catch (error) { return error instanceof RangeError || error instanceof SyntaxError ? 'refused' : 'wrong ' + error; } },
  depth: () => { let n = 0; const f = (a) => { n++; return f(a + 1) + 1; }; try { f(0); } catch {} return n; } }`;
const snapshot = IsolateSnapshot.make(code);
const make = () =>
  new GuestIsolate({
    snapshot,
    backstopBytes: 256 * 1024 * 1024,
    entry: 'entry',
    functions: ['run', 'depth'],
  });
const neighbour = make();
for (const [name, text] of Object.entries(ways)) {
  using isolate = make();
  const outcome = isolate.enter('run', [text], 2000);
  parentPort?.postMessage([name, outcome.kind === 'value' ? outcome.value : outcome.kind]);
}
parentPort?.postMessage(['depth', neighbour.enter('depth', [], 1000)]);
GuestIsolate.disposeAll();
