/**
 * The programs of lua/programs, each with its argument: large for timing (about 0.1 s in Lua 5.1), small for counting
 * instructions. A program file returns a function that does one iteration and returns a checksum.
 */
import { join } from 'node:path';

export interface Program {
  readonly name: string;
  /** Absolute path of the program's text. */
  readonly file: string;
  readonly large: number;
  readonly small: number;
}

const FOLDER = join(import.meta.dirname, 'lua', 'programs');

function program(name: string, large: number, small: number): Program {
  return { name, file: join(FOLDER, `${name}.lua`), large, small };
}

export const programs: readonly Program[] = [
  program('concat', 1000, 10),
  program('format', 60_000, 300),
  program('gsub', 11_000, 50),
  program('match', 25_000, 100),
  program('word-count', 700, 3),
  program('closures', 2500, 20),
  program('varargs', 100_000, 1000),
  program('pcall', 480_000, 2000),
  program('message-filter', 80_000, 1000),
  program('lexer', 3000, 10),
  program('matrix', 160, 20),
  program('sort', 45_000, 400),
  program('fib', 31, 15),
  program('binary-trees', 13, 6),
  program('fannkuch', 9, 6),
  program('spectral-norm', 250, 15),
  program('deque', 180_000, 1000),
  program('string-keys', 200_000, 2000),
  program('classes', 100_000, 1000),
  program('coroutines', 7000, 5),
  program('access-log', 50_000, 200),
  program('statistics', 13_000, 40),
  program('json', 5000, 20),
];
