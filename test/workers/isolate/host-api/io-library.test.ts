import t from 'tap';
import {
  GuestArgumentError,
  GuestError,
  type GuestFunction,
  type GuestValue,
  type HostFunction,
} from '../../../../workers/isolate/engine.ts';
import { IoFile } from '../../../../workers/isolate/host-api/io-file.ts';
import { createIoLibrary } from '../../../../workers/isolate/host-api/io-library.ts';
import { MemoryFiles } from './memory-files.ts';

/** The library as a guest would use it. Results are lists, errors are their texts. */
function library(files: Readonly<Record<string, string>> = {}, stringLimit = 1e6) {
  const host = new MemoryFiles(files);
  const made = new Map<object, HostFunction>();
  const io = createIoLibrary({
    host,
    stringLimit,
    createFunction: (_name, call): GuestFunction => {
      const identity = {};
      made.set(identity, call);
      return { kind: 'function', identity };
    },
  });
  const call = (f: HostFunction | undefined, args: readonly GuestValue[]): unknown => {
    try {
      const result = f?.(args);
      return Array.isArray(result) ? result : [result];
    } catch (error) {
      if (error instanceof GuestArgumentError) return `#${error.argument} ${error.text}`;
      if (error instanceof GuestError) return error.text;
      throw error;
    }
  };
  const run = (name: string, ...args: readonly GuestValue[]) => call(io.functions[name], args);
  return {
    host,
    io,
    run,
    open: (path: string, mode = 'r'): IoFile => {
      const file = io.functions.open?.([path, mode]);
      if (file instanceof IoFile) return file;
      throw new Error(`no file ${path}`);
    },
    on: (file: IoFile, name: string, ...args: readonly GuestValue[]) =>
      call(file.methods[name], [file, ...args]),
    /** Calls an iterator that io.lines or file:lines returned. */
    step: (iterator: unknown) => {
      const [f] = iterator as readonly GuestFunction[];
      return call(f === undefined ? undefined : made.get(f.identity), []);
    },
  };
}

t.test('reads all formats, several at once, and stops at the first that finds nothing', (t) => {
  const { open, on } = library({ f: 'line1\n12.5 0x10 -7 abc\n\nlast' });
  const file = open('f');
  t.same(on(file, 'read', '*l', '*n', '*n', '*n', '*n', '*l'), ['line1', 12.5, 16, -7, undefined]);
  t.same(on(file, 'read'), ['abc']);
  t.same(on(file, 'read', 0), ['']);
  t.same(on(file, 'read', '*a'), ['\nlast']);
  t.same(on(file, 'read', '*a'), ['']);
  t.same(on(file, 'read', '*l'), [undefined]);
  t.same(on(file, 'read', 0), [undefined]);
  t.same(on(file, 'read', 5), [undefined]);
  t.same(on(file, 'read', '*n'), [undefined]);
  t.end();
});

t.test('values that lie across blocks are whole', (t) => {
  const { host, open, on } = library({ f: `${'x'.repeat(10)}\n123456.5e2 rest` });
  host.blockBytes = 3;
  const file = open('f');
  t.same(on(file, 'read', '*l', '*n', 3, '*a'), ['x'.repeat(10), 12345650, ' re', 'st']);
  t.end();
});

t.test('numbers are read as scanf reads them', (t) => {
  for (const [text, number, rest] of [
    ['  +5x', 5, 'x'],
    ['.5.5', 0.5, '.5'],
    ['1e2e3', 100, 'e3'],
    ['-0x1F,', -31, ','],
    ['inf ', Number.POSITIVE_INFINITY, ' '],
    ['1e', undefined, ''],
    ['-', undefined, ''],
    ['e5', undefined, 'e5'],
    ['', undefined, ''],
  ] as const) {
    const { open, on } = library({ f: text });
    const file = open('f');
    t.same(on(file, 'read', '*n'), [number], text);
    t.same(on(file, 'read', '*a'), [rest], text);
  }
  t.end();
});

t.test('bytes of all values pass unchanged', (t) => {
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
  const { host, open, on } = library();
  const file = open('f', 'wb');
  t.same(on(file, 'write', bytes, 1.5, 1e100), [true]);
  t.same(on(file, 'close'), [true]);
  t.equal(host.contents.get('f'), `${bytes}1.51e+100`);
  t.same(on(open('f'), 'read', 256), [bytes]);
  t.end();
});

t.test('small reads and writes cross to the host in blocks', (t) => {
  const { host, open, on } = library({ f: 'a line\n'.repeat(10_000) });
  const file = open('f');
  let lines = 0;
  while ((on(file, 'read', '*l') as unknown[])[0] !== undefined) lines++;
  t.equal(lines, 10_000);
  t.ok(host.calls < 10, `${host.calls} reads`);
  host.calls = 0;
  const out = open('g', 'w');
  for (let i = 0; i < 10_000; i++) on(out, 'write', 'seven b');
  t.same(on(out, 'flush'), [true]);
  t.ok(host.calls < 10, `${host.calls} writes`);
  t.equal(host.contents.get('g')?.length, 70_000);
  t.end();
});

t.test('buffering: none, by line, full', (t) => {
  const { host, open, on } = library();
  const file = open('f', 'w');
  on(file, 'write', 'held\n');
  t.equal(host.contents.get('f'), '');
  t.same(on(file, 'setvbuf', 'line'), [true]);
  on(file, 'write', 'x');
  t.equal(host.contents.get('f'), '');
  on(file, 'write', '\n');
  t.equal(host.contents.get('f'), 'held\nx\n');
  t.same(on(file, 'setvbuf', 'no'), [true]);
  on(file, 'write', 'y');
  t.equal(host.contents.get('f'), 'held\nx\ny');
  t.same(on(file, 'setvbuf', 'full', 4), [true]);
  on(file, 'write', 'abc');
  on(file, 'write', 'd');
  t.equal(host.contents.get('f'), 'held\nx\nyabcd');
  t.equal(on(file, 'setvbuf', 'often'), "#2 invalid option 'often'");
  t.end();
});

t.test('seek minds what is buffered, and a file is written where it was read to', (t) => {
  const { host, open, on } = library({ f: '0123456789' });
  const file = open('f', 'r+');
  t.same(on(file, 'read', 2), ['01']);
  t.same(on(file, 'seek'), [2]);
  t.same(on(file, 'seek', 'cur', 3), [5]);
  t.same(on(file, 'read', 1), ['5']);
  on(file, 'write', 'AB');
  t.same(on(file, 'read', 1), ['8']);
  t.same(on(file, 'seek', 'end', -1), [9]);
  t.same(on(file, 'read', 5), ['9']);
  t.same(on(file, 'seek', 'set', -1), [undefined, 'Invalid argument', 22]);
  t.equal(on(file, 'seek', 'start'), "#2 invalid option 'start'");
  on(file, 'close');
  t.equal(host.contents.get('f'), '012345AB89');
  t.end();
});

t.test('failures are nil, text and number', (t) => {
  const { run, open, on, host } = library({ f: 'x' });
  t.same(run('open', 'none'), [undefined, 'none: No such file or directory', 2]);
  t.same(on(open('f'), 'write', 'x'), [undefined, 'Bad file descriptor', 9]);
  t.same(on(open('g', 'w'), 'read'), [undefined, 'Bad file descriptor', 9]);
  const file = open('g', 'w');
  host.full = true;
  t.same(on(file, 'write', 'x'), [true], 'buffered');
  t.same(on(file, 'flush'), [undefined, 'No space left on device', 28]);
  on(file, 'write', 'x');
  t.same(on(file, 'close'), [undefined, 'No space left on device', 28]);
  t.equal(file.closed, true);
  t.end();
});

t.test('wrong arguments are errors with their position', (t) => {
  const { run, open, on } = library({ f: 'x' });
  const file = open('f');
  t.equal(on(file, 'read', '*x'), '#2 invalid format');
  t.equal(on(file, 'read', 'l'), '#2 invalid option');
  t.equal(run('read', {} as unknown as GuestValue), '#1 invalid option');
  t.equal(on(file, 'write', undefined), '#2 string expected, got nil');
  t.equal(run('open'), '#1 string expected, got no value');
  t.equal(run('lines', 'none'), '#1 none: No such file or directory');
  t.equal(run('input', 'none'), '#1 none: No such file or directory');
  t.equal(run('type'), '#1 value expected');
  t.equal(run('popen', 'ls'), "'popen' not supported");
  t.equal(run('close', 1), '#1 FILE* expected, got number');
  t.end();
});

t.test('a closed file can only be named', (t) => {
  const { run, open, on } = library({ f: 'x' });
  const file = open('f');
  t.match(on(file, '__tostring'), [/^file \(0x[0-9a-f]+\)$/]);
  t.same(run('type', file), ['file']);
  t.same(on(file, 'close'), [true]);
  for (const name of ['read', 'write', 'lines', 'seek', 'flush', 'close', 'setvbuf']) {
    t.equal(on(file, name), 'attempt to use a closed file', name);
  }
  t.same(on(file, '__tostring'), ['file (closed)']);
  t.same(run('type', file), ['closed file']);
  t.same(run('type', 1), [undefined]);
  t.end();
});

t.test('io.lines closes its file at the end, file:lines does not', (t) => {
  const { run, open, on, step, host } = library({ f: 'a\nb\n' });
  const iterator = run('lines', 'f');
  t.same(step(iterator), ['a']);
  t.same(step(iterator), ['b']);
  t.equal(host.openCount, 1);
  t.same(step(iterator), []);
  t.equal(host.openCount, 0);
  t.equal(step(iterator), 'file is already closed');
  const file = open('f');
  const own = on(file, 'lines');
  step(own);
  step(own);
  t.same(step(own), []);
  t.equal(file.closed, false);
  t.end();
});

t.test('the default files can be changed; the standard ones are never closed', (t) => {
  const { run, host, io } = library({ f: 'text', '<in>': 'typed\n' });
  t.same(run('read'), ['typed']);
  t.same(run('close'), [undefined, 'cannot close standard file']);
  t.same(run('input'), [io.stdin]);
  run('input', 'f');
  t.same(run('read', '*a'), ['text']);
  run('output', 'g');
  t.same(run('write', 'to g'), [true]);
  t.same(run('close'), [true]);
  t.equal(host.contents.get('g'), 'to g');
  t.equal(run('write', 'x'), 'standard output file is closed');
  run('output', io.stdout);
  run('write', 'shown');
  io.flushAll();
  t.equal(host.contents.get('<out>'), 'shown');
  t.end();
});

t.test('standard output is passed on before input is waited for; standard error at once', (t) => {
  const { run, host, io } = library({ '<in>': 'me\n' });
  run('write', 'name? ');
  t.equal(host.contents.get('<out>'), '');
  t.same(run('read'), ['me']);
  t.equal(host.contents.get('<out>'), 'name? ');
  io.stderr.write('oops');
  t.equal(host.contents.get('<err>'), 'oops');
  t.end();
});

t.test('no read makes a text longer than the limit', (t) => {
  const { open, on } = library({ f: 'x'.repeat(100_000) }, 50_000);
  for (const format of ['*l', '*a', 90_000, -1]) {
    t.equal(on(open('f'), 'read', format), 'not enough memory', String(format));
  }
  t.end();
});
