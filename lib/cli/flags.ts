/**
 * Flags in Go's style: `-x v`, `-x=v`, `--x v`, `--x=v`; a boolean stands alone or takes `=true` and `=false`.
 * Unlike Go's package, flags may also follow positional arguments; `--` ends them.
 */
import { parseDuration } from '../config/duration.ts';
import { nearestName } from '../config/nearest-name.ts';
import { HekateError } from '../protocol/errors.ts';

export interface FlagSpec {
  /** 'duration' reads Go duration text such as "250ms" and gives milliseconds. */
  readonly kind: 'string' | 'bool' | 'int' | 'uint' | 'float' | 'duration';
  /** In the form in which it would be typed for 'duration'. Absent: "", false, 0, or no entries when repeatable. */
  readonly default?: string | number | boolean;
  readonly doc: string;
  /** Word for the value in the help, such as FILE. */
  readonly placeholder?: string;
  /** May be given several times; read with `strings`. */
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
}

/** Values of a command's flags, defaults filled in. */
export interface FlagValues {
  string(name: string): string;
  number(name: string): number;
  bool(name: string): boolean;
  /** All values of a repeatable flag, in order. */
  strings(name: string): readonly string[];
  /** True when the flag was on the command line. */
  given(name: string): boolean;
  /** How many flags were on the command line. */
  readonly givenCount: number;
}

export interface ParsedFlags {
  readonly values: FlagValues;
  readonly positional: readonly string[];
  /** -h or -help was among the flags; nothing else was checked after it. */
  readonly help: boolean;
}

const TRUE_WORDS = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE_WORDS = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** Throws HKT_TOOL_FLAG, HKT_TOOL_FLAG_VALUE and HKT_TOOL_FLAG_MISSING_VALUE. */
export function parseFlags(
  specs: Readonly<Record<string, FlagSpec>>,
  args: readonly string[],
  stopAtPositional = false,
): ParsedFlags {
  const given = new Map<string, (string | number | boolean)[]>();
  const positional: string[] = [];
  let help = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      positional.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      if (stopAtPositional) {
        positional.push(...args.slice(i));
        break;
      }
      positional.push(arg);
      continue;
    }
    const body = arg.slice(arg.startsWith('--') ? 2 : 1);
    const equals = body.indexOf('=');
    const name = equals < 0 ? body : body.slice(0, equals);
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) {
      if (name === 'h' || name === 'help') {
        help = true;
        break;
      }
      const near = nearestName(name, Object.keys(specs));
      throw new HekateError('HKT_TOOL_FLAG', [
        name,
        near === undefined ? '' : `; did you mean -${near}?`,
      ]);
    }
    let text: string;
    if (equals >= 0) text = body.slice(equals + 1);
    else if (spec.kind === 'bool') text = 'true';
    else {
      const next = args[++i];
      if (next === undefined) throw new HekateError('HKT_TOOL_FLAG_MISSING_VALUE', [name]);
      text = next;
    }
    const value = readValue(name, spec, text);
    const before = given.get(name);
    if (before === undefined) given.set(name, [value]);
    else if (spec.repeatable === true) before.push(value);
    else before[0] = value; // the last one counts, as in Go
  }
  return { values: new Values(specs, given), positional, help };
}

function readValue(name: string, spec: FlagSpec, text: string): string | number | boolean {
  const fail = (why: string): never => {
    throw new HekateError('HKT_TOOL_FLAG_VALUE', [text, name, why]);
  };
  switch (spec.kind) {
    case 'bool':
      if (TRUE_WORDS.has(text)) return true;
      return FALSE_WORDS.has(text) ? false : fail('expected true or false');
    case 'int':
    case 'uint': {
      if (!/^[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) return fail('expected a whole number');
      const sign = text.startsWith('-') ? -1 : 1;
      const value = sign * Number(text.replace(/^[+-]/, ''));
      if (!Number.isSafeInteger(value)) return fail('out of range');
      return spec.kind === 'uint' && value < 0 ? fail('must not be negative') : value;
    }
    case 'float': {
      const value = Number(text);
      return text.trim() === '' || !Number.isFinite(value) ? fail('expected a number') : value;
    }
    case 'duration': {
      const ms = parseDuration(text);
      return typeof ms === 'number' ? ms : fail(`${ms}; expected one such as 5s or 250ms`);
    }
    case 'string':
      if (spec.choices !== undefined && !spec.choices.includes(text)) {
        const near = nearestName(text, spec.choices);
        fail(
          `expected ${spec.choices.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
        );
      }
      return text;
    default:
      return spec.kind satisfies never;
  }
}

class Values implements FlagValues {
  readonly #specs: Readonly<Record<string, FlagSpec>>;
  readonly #given: ReadonlyMap<string, readonly (string | number | boolean)[]>;

  constructor(
    specs: Readonly<Record<string, FlagSpec>>,
    given: ReadonlyMap<string, readonly (string | number | boolean)[]>,
  ) {
    this.#specs = specs;
    this.#given = given;
  }

  get givenCount(): number {
    return this.#given.size;
  }

  given(name: string): boolean {
    return this.#given.has(name);
  }

  string(name: string): string {
    return String(this.#value(name) ?? '');
  }

  number(name: string): number {
    const value = this.#value(name) ?? 0;
    // Text is a duration's default.
    return Number(typeof value === 'string' ? parseDuration(value) : value);
  }

  bool(name: string): boolean {
    return this.#value(name) === true;
  }

  strings(name: string): readonly string[] {
    return (this.#given.get(name) ?? []).map(String);
  }

  #value(name: string): string | number | boolean | undefined {
    const spec = this.#specs[name];
    if (spec === undefined) throw new RangeError(`no flag ${name}`);
    return this.#given.get(name)?.[0] ?? spec.default;
  }
}
