/**
 * A hostile program and what must come of it, read from its file. Its first comment line says in a sentence what is
 * contained; lines of `-- key: value` say how it is run and how it ends:
 *
 *   -- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
 *              when    code                     upstream's text; `*` in either is any characters
 *   -- expect: lives                            it is not ended and no call fails: the attack came to nothing
 *   -- expect(interpreted): …                   the same for one engine, where the engines rightly differ
 *   -- memory: 1048576                          memory_limit, bytes; default 8 MiB
 *   -- instructions: 10000000                  instruction_limit; default 1,000,000
 *   -- time: 250                               wall clock of a call, milliseconds; see arena.ts for the default
 *   -- preserve: true                           preserve_data; the sandbox is unloaded and loaded again at the end
 *   -- logs: <text>                             a line that must be logged, `*` as above
 *   -- matcher: <expression>                    message_matcher; default is the type of the messages that are sent
 *   -- answers: <type> <type>                   an accomplice answers each message of the one type with one of the other
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EngineName } from '../../lib/protocol/batch.ts';

/** Type of the messages that every attack and its neighbours get. */
export const ATTACK_TYPE = 'attack';

const PHASES = ['load', 'message', 'timer'] as const;

export type Expectation =
  | { readonly kind: 'lives' }
  | {
      readonly kind: 'ends';
      readonly phase: (typeof PHASES)[number];
      readonly code: RegExp;
      readonly text: RegExp;
      /** Wall clock or another limit, whichever strikes first on this machine. */
      readonly anyLimit: boolean;
    };

export interface Attack {
  readonly name: string;
  readonly sentence: string;
  readonly script: Uint8Array;
  readonly expect: Expectation;
  readonly memoryBytes: number | undefined;
  readonly instructions: number | undefined;
  readonly callMs: number | undefined;
  readonly preserve: boolean;
  readonly logs: RegExp | undefined;
  readonly matcher: string;
  readonly answers: readonly [string, string] | undefined;
}

/** All attacks of a folder beside this file, with what is expected of an engine. */
export function attacksIn(folder: string, engine: EngineName): readonly Attack[] {
  const path = join(import.meta.dirname, folder);
  const files = readdirSync(path).filter((file) => file.endsWith('.lua'));
  return files.sort().map((file) => attackOf(join(path, file), engine));
}

function attackOf(path: string, engine: EngineName): Attack {
  const script = readFileSync(path);
  const [first = '', ...rest] = script.toString('utf8').split('\n');
  const values = new Map<string, string>();
  for (const line of rest) {
    const [, key, value] = /^-- ([\w()]+): (.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) break;
    values.set(key, value);
  }
  const memory = values.get('memory');
  const instructions = values.get('instructions');
  const time = values.get('time');
  const logs = values.get('logs');
  const [from, to] = values.get('answers')?.split(' ') ?? [];
  return {
    name: basename(path, '.lua'),
    sentence: first.replace(/^-- /, ''),
    script,
    expect: expectationOf(path, values.get(`expect(${engine})`) ?? values.get('expect') ?? ''),
    memoryBytes: memory === undefined ? undefined : Number(memory),
    instructions: instructions === undefined ? undefined : Number(instructions),
    callMs: time === undefined ? undefined : Number(time),
    preserve: values.get('preserve') === 'true',
    logs: logs === undefined ? undefined : textPattern(logs),
    matcher: values.get('matcher') ?? `Type == '${ATTACK_TYPE}'`,
    answers: from === undefined || to === undefined ? undefined : [from, to],
  };
}

function expectationOf(path: string, line: string): Expectation {
  if (line === 'lives') return { kind: 'lives' };
  const [, when, code, text] = /^(\w+) (HKT_[\w*]+) ?(.*)$/.exec(line) ?? [];
  const phase = PHASES.find((name) => name === when);
  if (phase === undefined || code === undefined || text === undefined) {
    throw new Error(`${path}: no expectation in "${line}"`);
  }
  return {
    kind: 'ends',
    phase,
    code: textPattern(code),
    text: textPattern(text),
    anyLimit: code.includes('*'),
  };
}

function textPattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`);
}
