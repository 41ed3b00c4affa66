/**
 * Emits JavaScript for a chunk: state that all of its functions share, and the chunk's frame. The text is an expression
 * of a function that takes the global table and returns what the runtime needs to run the chunk (see EmittedChunk).
 *
 * Names in the text: a local variable is `<name>$<id>`, a temporary `$<n>`, a function `$f<id>_<line>_<name>`; everything
 * else that begins with `$` is a register or one of the runtime's functions (footer.ts). Names and strings of
 * the guest occur as parts of such identifiers or inside string literals only.
 */
import type { Chunk, Expression, FunctionNode, Local } from './ast.ts';
import { emitMain } from './functions.ts';
import { fingerprint, lineMark, property, resolveMarks, stringLiteral } from './output.ts';
import { type Numbers, numberLocals } from './types.ts';

export interface EmitOptions {
  /** Emit a generator beside each function that calls others, so that it can run in a coroutine. */
  readonly twins: boolean;
  /** Count instructions per line of the source. */
  readonly profile: boolean;
  /** The source has the word setfenv or module in it: functions may change their own environments. */
  readonly rebinds: boolean;
}

/** State of one function while it is emitted. */
export interface FunctionState {
  readonly node: FunctionNode;
  /** Inside a generator: calls go to the callee's generator if it has one. */
  readonly inGenerator: boolean;
  /** The function's own name in the text. */
  readonly self: string;
  /** The variable that holds the function's environment. */
  env: string;
  /** Inside arithmetic that is emitted step by step, beside a version in one go. */
  stepwise: boolean;
  /** Inside a loop that is emitted in two versions. */
  versioned: boolean;
  /** The variable of a main chunk that a call of setfenv changes, where there is such a call. */
  rebound: string | undefined;
  /** Has `return f()` in it that may be one of endlessly many. */
  tailCalls: boolean;
  /** Line of the statement that is being emitted, for the profile. */
  line: number;
  readonly freeTemps: string[];
  temps: number;
  variables: number;
  /** How many variables of its own a main chunk has for its environment. */
  environments: number;
}

export class Emitter {
  readonly chunk: Chunk;
  readonly options: EmitOptions;
  /** What is known of locals where code is emitted now. */
  numbers: Numbers;
  /** Factories of functions, when functions are hoisted (twins). */
  readonly factories: string[] = [];
  /** Locals that hold a closure which they are captured by: assigned after the closure exists. */
  readonly late = new Set<Local>();
  readonly #fields = new Set<string>();
  readonly #getters = new Set<string>();
  readonly #setters = new Set<string>();
  readonly #shapes: string[] = [];
  readonly #sites = new Map<string, number>([['', 0]]);

  constructor(chunk: Chunk, options: EmitOptions) {
    this.chunk = chunk;
    this.options = options;
    this.numbers = numberLocals(chunk);
  }

  /** Property access of a field, which is registered. */
  field(name: string): string {
    this.#fields.add(name);
    return property(name);
  }

  /** The function that reads a field where the quick look found nothing. */
  getter(name: string): string {
    this.#fields.add(name);
    this.#getters.add(name);
    return `g$${suffix(name)}`;
  }

  /** The function that stores a field which does not exist yet. */
  setter(name: string): string {
    this.#fields.add(name);
    this.#setters.add(name);
    return `s$${suffix(name)}`;
  }

  /** A number for what an error at this place calls its operands. */
  site(...names: readonly string[]): number {
    const text = names.every((name) => name === '') ? '' : names.join('|');
    const known = this.#sites.get(text);
    if (known !== undefined) return known;
    const number = this.#sites.size;
    this.#sites.set(text, number);
    return number;
  }

  /** A constructor function of a place that makes tables with these fields. */
  constructorOf(fields: readonly string[]): string {
    const name = `$T${this.#shapes.length}`;
    const parameters = fields.map((_, i) => `f${i}`);
    const stores = fields.map((field, i) => `this${this.field(field)}=f${i};`);
    this.#shapes.push(
      `function ${name}(${['a', ...parameters].join(',')}){this.arr=a;this.hash=null;this.mt=null;${stores.join('')}}${name}.prototype=$Table.prototype;`,
    );
    return name;
  }

  isBoxed(local: Local): boolean {
    return this.options.twins && local.captured && (local.assignments > 0 || this.late.has(local));
  }

  /** Reference to a local variable. */
  variable(local: Local): string {
    const name = `${local.name}$${local.id}`;
    return this.isBoxed(local) ? `${name}.v` : name;
  }

  emit(): string {
    const main = emitMain(this);
    const marked = `${main}}${lineMark(0)}${this.factories.join('')}${this.#access()}`;
    const { text, lines } = resolveMarks(marked);
    const fields = stringLiteral(JSON.stringify([...this.#fields]));
    const sites = stringLiteral(JSON.stringify([...this.#sites.keys()]));
    const address = fingerprint(text);
    return `(function(E,K){${this.#shapes.join('')}return{main:$main(),setGlobals:function(e){E=e;return K},fields:${fields},sites:${sites},lines:"${lines}",address:"${address}"};function $main(){return ${text}})\n//# sourceURL=lua:${address}`;
  }

  #access(): string {
    const parts: string[] = [];
    for (const name of this.#getters) {
      const field = property(name);
      const text = stringLiteral(name);
      parts.push(
        `function g$${suffix(name)}(o,s){var p,v;if(typeof o==="object"){if(o.hash===null){if((v=o.mt)===null){if(o instanceof $Table)return}else if(typeof(p=v.$__index)==="object"){if((v=p${field})!==undefined)return v;if(p.hash===null){if((v=p.mt)===null){if(p instanceof $Table)return}else if(typeof(p=v.$__index)==="object"){if((v=p${field})!==undefined)return v;if(p.hash===null&&p.mt===null&&p instanceof $Table)return}}}}}else if(typeof o==="string"&&$strings!==undefined&&typeof(p=$strings.$__index)==="object"&&(v=p${field})!==undefined)return v;return $index(o,${text},s)}`,
      );
    }
    for (const name of this.#setters) {
      const field = property(name);
      const text = stringLiteral(name);
      parts.push(
        `function s$${suffix(name)}(o,v,s){var m;if(typeof o==="object"&&o.hash===null&&((m=o.mt)===null||m.$__newindex===undefined&&m.hash===null)&&o instanceof $Table){if(v!==undefined){o${field}=v;$bytes+=24}}else $setField(o,${text},v,s)}`,
      );
    }
    return parts.join('');
  }
}

/** A part of an identifier for a field's name: itself, or its characters' numbers. */
function suffix(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  let text = '$';
  for (let i = 0; i < name.length; i++) text += `${name.charCodeAt(i).toString(36)}$`;
  return text;
}

/** PUC's name for a value in an error: what kind of variable it was read from. */
export function describe(expression: Expression, state: FunctionState): string {
  switch (expression.kind) {
    case 'local':
      return `${expression.local.owner === state.node ? 'local' : 'upvalue'} '${expression.local.name}'`;
    case 'global':
      return `global '${expression.name}'`;
    case 'index':
      return `field '${expression.key.kind === 'string' ? cString(expression.key.value) : '?'}'`;
    case 'method':
      return '';
    default:
      return '';
  }
}

export function cString(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

// ---- temporaries ----------------------------------------------------------------------------------------------

export function newTemp(state: FunctionState): string {
  return state.freeTemps.pop() ?? `$${++state.temps}`;
}

export function freeTemp(state: FunctionState, temp: string | undefined): void {
  if (temp !== undefined) state.freeTemps.push(temp);
}

/** A variable of the function that no temporary shares. */
export function newVariable(state: FunctionState): string {
  return `$v${++state.variables}`;
}

/** A variable for a main chunk's environment. The functions in the chunk read it too: their own are named otherwise. */
export function newEnvironment(state: FunctionState): string {
  return `$E${++state.environments}`;
}

/** Is it a local of another function? */
export function isUpvalueOf(node: FunctionNode): (e: Expression) => boolean {
  return (e) => e.kind === 'local' && e.local.owner !== node;
}
