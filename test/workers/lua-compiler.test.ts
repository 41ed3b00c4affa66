import t from 'tap';
import { GuestIsolate, IsolateSnapshot } from '../../native-limits/guest-isolate.ts';
import { limits } from '../../native-limits/limits.ts';
import { CompiledFiles } from '../../workers/compiled-files.ts';
import {
  type CompileRequest,
  type CompilerOptions,
  LuaCompiler,
} from '../../workers/lua-compiler.ts';
import { FAKE_COMPILER } from '../fake-compiler.ts';

const MIB = 1024 * 1024;
const snapshot = IsolateSnapshot.make(FAKE_COMPILER);

type Tap = { teardown(action: () => unknown): void };

function compilerOf(t: Tap, more: Partial<CompilerOptions> = {}): LuaCompiler {
  const compiler = new LuaCompiler({ snapshot, version: 'one', ...more });
  t.teardown(() => compiler.dispose());
  return compiler;
}

/** The code, or "error: " and the text. */
function compile(compiler: LuaCompiler, source: string, more: Partial<CompileRequest> = {}) {
  const request = { source, chunkName: 'a.lua', coroutines: false, lasting: true, ...more };
  const result = compiler.compile(request);
  if ('error' in result) return `error: ${result.error}`;
  return result.code.toString();
}

t.test('a source is compiled once, whatever its chunks are called', (t) => {
  const compiler = compilerOf(t);
  for (let i = 0; i < 1000; i++) {
    t.equal(compile(compiler, 'x = 1', { chunkName: `sandbox ${i}` }), 'plain x = 1');
  }
  t.equal(compiler.runs, 1);
  t.equal(compile(compiler, 'x = 1', { lasting: false }), 'plain x = 1');
  t.equal(compiler.runs, 1, 'a guest that compiles the same gets the same');
  t.equal(compile(compiler, 'x = 1', { coroutines: true }), 'coroutines x = 1');
  t.equal(compiler.runs, 2);
  t.end();
});

t.test('an error names the chunk that was asked for and is not kept for another', (t) => {
  const compiler = compilerOf(t);
  t.equal(compile(compiler, 'wrong'), "error: a.lua:1: '=' expected near '<eof>'");
  t.match(compile(compiler, 'wrong', { chunkName: 'b.lua' }), /^error: b\.lua:1/);
  t.end();
});

for (const [source, text] of [
  ['spin', 'a.lua: chunk takes too long to compile'],
  ['hoard', 'a.lua: not enough memory to compile the chunk'],
  ['fault', 'a.lua: chunk cannot be compiled (internal fault of the compiler)'],
] as const) {
  t.test(
    `a source that kills the compiler (${source}) gets an error, and the others go on`,
    (t) => {
      const compiler = compilerOf(t, {
        timeoutMs: source === 'spin' ? 50 : 30_000,
        memoryBytes: 16 * MIB,
      });
      const living = GuestIsolate.living;
      t.equal(compile(compiler, 'count'), 'compiled 1');
      t.equal(compile(compiler, source), `error: ${text}`);
      t.equal(GuestIsolate.living, living, 'its isolate is gone');
      t.equal(compile(compiler, 'x = 1'), 'plain x = 1');
      t.equal(compile(compiler, 'count', { coroutines: true }), 'compiled 2', 'a new isolate');
      const { runs } = compiler;
      t.match(compile(compiler, source, { chunkName: 'b.lua' }), /^error: b\.lua: /);
      t.equal(compiler.runs, runs, 'it is not tried again');
      t.end();
    },
  );
}

t.test('a source that is too long is refused before it is looked at', (t) => {
  const compiler = compilerOf(t);
  const longest = limits.compileSource.value;
  t.match(compile(compiler, 'x'.repeat(longest + 1)), /^error: a\.lua: chunk is longer than/);
  t.equal(compiler.runs, 0);
  t.end();
});

t.test('scripts are in files, what guests compile is not', (t) => {
  const folder = t.testdir({});
  const files = () => {
    const opened = CompiledFiles.open(folder, 'one', { count: 100, bytes: MIB });
    if (typeof opened === 'string') throw new Error(opened);
    return opened;
  };
  const first = compilerOf(t, { files: files() });
  compile(first, 'script');
  compile(first, 'secret', { lasting: false });
  compile(first, 'wrong');
  const next = compilerOf(t, { files: files() });
  t.equal(compile(next, 'script'), 'plain script');
  t.equal(next.runs, 0, 'a new process finds it');
  t.equal(compile(next, 'secret', { lasting: false }), 'plain secret');
  t.match(compile(next, 'wrong'), /^error/);
  t.equal(next.runs, 2);
  const newer = compilerOf(t, { files: files(), version: 'two' });
  t.equal(compile(newer, 'script'), 'plain script');
  t.equal(newer.runs, 1, 'another version of the compiler does not use it');
  t.end();
});

t.test('what guests compile does not push scripts out of memory', (t) => {
  const compiler = compilerOf(t);
  compile(compiler, 'script');
  const filler = 'x'.repeat(100_000);
  for (let i = 0; i < 50; i++) compile(compiler, `${i} ${filler}`, { lasting: false });
  const { runs } = compiler;
  compile(compiler, 'script');
  t.equal(compiler.runs, runs);
  compile(compiler, `0 ${filler}`, { lasting: false });
  t.equal(compiler.runs, runs + 1, 'the oldest of the guests made room');
  t.end();
});
