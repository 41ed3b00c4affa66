/**
 * Names while parsing: which local variable a name means, which functions capture it, and PUC's limits on both.
 * A name is found in one look-up, however many variables are in scope.
 */
import type { Block, FunctionNode, Local } from './ast.ts';
import type { Lexer } from './lexer.ts';
import { LuaSyntaxError } from './syntax-error.ts';

/** Active local variables of one function: LUAI_MAXVARS. */
const MAX_LOCALS = 200;
/** Declarations of local variables in one function, scopes that have ended included. */
const MAX_DECLARATIONS = 32_767;
/** LUAI_MAXUPVALUES. */
const MAX_UPVALUES = 60;
/** Constants, and functions inside, of one function: MAXARG_Bx. */
const MAX_CONSTANTS = 262_143;
/** A source below this length cannot have too many different constants: most need three bytes, and one between. */
const CONSTANTS_LENGTH = 3 * MAX_CONSTANTS;

/** A function that is being parsed. */
export interface FunctionScope {
  readonly node: FunctionNode;
  readonly parent: FunctionScope | undefined;
  /** Active local variables, with the hidden ones of `for`. */
  active: number;
  declared: number;
  /** Loops around the current place. */
  loops: number;
  /** Registers of PUC's machine that are in use here; see registers.ts. */
  registers: number;
  /** The constant zero of the function: see registers.ts. */
  zero: number | undefined;
  /** The variable `arg` of a vararg function. */
  argument: Local | undefined;
  readonly upvalues: Set<Local>;
  readonly constants: Set<string | number> | undefined;
}

/** What `closeBlock` needs to know. */
export interface BlockMark {
  readonly visible: number;
  readonly active: number;
}

export class Scope {
  current: FunctionScope;
  readonly functions: FunctionNode[] = [];
  localCount = 0;
  readonly #lexer: Lexer;
  readonly #countsConstants: boolean;
  /** The innermost variable of each name. */
  readonly #names = new Map<string, Local | undefined>();
  /** Variables in scope, innermost last, and what each of them hides. */
  readonly #visible: Local[] = [];
  readonly #hidden: (Local | undefined)[] = [];

  constructor(lexer: Lexer, sourceLength: number) {
    this.#lexer = lexer;
    this.#countsConstants = sourceLength > CONSTANTS_LENGTH;
    this.current = this.#newFunction(undefined, 0);
  }

  openFunction(line: number): FunctionNode {
    const parent = this.current;
    if (parent.node.functions.length >= MAX_CONSTANTS) tooManyConstants();
    this.current = this.#newFunction(parent, line);
    parent.node.functions.push(this.current.node);
    return this.current.node;
  }

  closeFunction(mark: BlockMark): void {
    this.closeBlock(mark);
    if (this.current.parent !== undefined) this.current = this.current.parent;
  }

  #newFunction(parent: FunctionScope | undefined, line: number): FunctionScope {
    const body: Block = { statements: [] };
    const node: FunctionNode = {
      kind: 'function',
      id: this.functions.length,
      name: undefined,
      parent: parent?.node,
      line,
      endLine: line,
      parameters: [],
      isVararg: parent === undefined,
      argTable: undefined,
      usesDots: false,
      body,
      upvalues: [],
      functions: [],
    };
    this.functions.push(node);
    return {
      node,
      parent,
      active: 0,
      declared: 0,
      loops: 0,
      registers: 0,
      zero: undefined,
      argument: undefined,
      upvalues: new Set(),
      constants: this.#countsConstants ? new Set() : undefined,
    };
  }

  openBlock(): BlockMark {
    return { visible: this.#visible.length, active: this.current.active };
  }

  closeBlock(mark: BlockMark): void {
    while (this.#visible.length > mark.visible) {
      const local = this.#visible.pop();
      const hidden = this.#hidden.pop();
      if (local !== undefined) this.#names.set(local.name, hidden);
    }
    this.current.active = mark.active;
    this.current.registers = mark.active;
  }

  /**
   * Makes a local variable that is not in scope yet. `pending` is how many were made before it in the same statement.
   */
  declare(name: string, pending: number): Local {
    this.#count(pending);
    const { node, loops } = this.current;
    return {
      name,
      id: this.localCount++,
      owner: node,
      line: this.#lexer.lastLine,
      loops,
      captured: false,
      assignments: 0,
    };
  }

  /** Counts the three hidden variables of a `for` loop. */
  declareHidden(): void {
    for (let pending = 0; pending < 3; pending++) this.#count(pending);
  }

  #count(pending: number): void {
    const { current } = this;
    if (current.active + pending + 1 > MAX_LOCALS)
      this.#tooMany(current, MAX_LOCALS, 'local variables');
    if (++current.declared > MAX_DECLARATIONS) throw new LuaSyntaxError('too many local variables');
  }

  activateHidden(): void {
    this.current.active += 3;
  }

  /** Brings variables into scope. */
  activate(locals: readonly Local[]): void {
    for (const local of locals) {
      this.#visible.push(local);
      this.#hidden.push(this.#names.get(local.name));
      this.#names.set(local.name, local);
    }
    this.current.active += locals.length;
  }

  /** The local variable a name means here, or undefined for a global. */
  resolve(name: string): Local | undefined {
    const local = this.#names.get(name);
    if (local === undefined) {
      this.constant(name);
      return undefined;
    }
    if (local.owner !== this.current.node) {
      local.captured = true;
      this.#capture(this.current, local);
    }
    if (name === 'arg') this.#noteArgument(local);
    return local;
  }

  /** Outer functions first, as PUC finds them; whoever has it, has it from all around. */
  #capture(scope: FunctionScope, local: Local): void {
    if (scope.node === local.owner || scope.upvalues.has(local)) return;
    if (scope.parent !== undefined) this.#capture(scope.parent, local);
    if (scope.upvalues.size >= MAX_UPVALUES) this.#tooMany(scope, MAX_UPVALUES, 'upvalues');
    scope.upvalues.add(local);
    scope.node.upvalues.push(local);
  }

  #noteArgument(local: Local): void {
    let scope: FunctionScope | undefined = this.current;
    while (scope !== undefined && scope.node !== local.owner) scope = scope.parent;
    if (scope !== undefined && scope.argument === local) local.owner.argTable = local;
  }

  /** Counts a constant of the current function. */
  constant(value: string | number): void {
    const { constants } = this.current;
    if (constants === undefined) return;
    if (constants.size >= MAX_CONSTANTS && !constants.has(value)) tooManyConstants();
    constants.add(value);
  }

  /** Raises an error unless an assignment may have so many targets. */
  checkTargets(count: number, limit: number): void {
    if (count > limit) this.#tooMany(this.current, limit, 'variables in assignment');
  }

  #tooMany(scope: FunctionScope, limit: number, what: string): never {
    const { line, parent } = scope.node;
    const who = parent === undefined ? 'main function' : `function at line ${line}`;
    return this.#lexer.fail(`${who} has more than ${limit} ${what}`);
  }
}

function tooManyConstants(): never {
  throw new LuaSyntaxError('constant table overflow');
}
