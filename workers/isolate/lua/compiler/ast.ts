/**
 * The syntax tree of a Lua 5.1 chunk. The parser resolves names as it goes, as PUC's does: every name in the tree is a
 * local variable of some function, or a global. Lines count from 1.
 */

/** A local variable or parameter. The parser fills in how it is used once its scope is closed. */
export interface Local {
  readonly name: string;
  /** Unique within the chunk. */
  readonly id: number;
  readonly owner: FunctionNode;
  /** Line of its declaration. */
  readonly line: number;
  /** Loops of its own function around the declaration: above 0 each turn has a variable of its own. */
  readonly loops: number;
  /** Used by a function inside the owner. */
  captured: boolean;
  /** Stores after the declaration (a `local` statement's and a parameter's first value does not count). */
  assignments: number;
}

export interface FunctionNode {
  readonly kind: 'function';
  /** 0 is the main chunk; others in the order of their `function` keywords. */
  readonly id: number;
  /**
   * What a traceback calls it: "global 'f'", "field 'a.b'", "method 'm'", "local 'f'", "upvalue 'f'"; undefined for the main
   * chunk and where no statement or constructor names it.
   */
  name: string | undefined;
  readonly parent: FunctionNode | undefined;
  /** Line of `function` in a statement, else of the parenthesis behind it; 0 for the main chunk. */
  readonly line: number;
  /** Line of its `end`. */
  endLine: number;
  /** With `self` in front for a method. */
  readonly parameters: Local[];
  isVararg: boolean;
  /**
   * The variable `arg` of LUA_COMPAT_VARARG, in vararg functions that use it (never in the main chunk). It is a table of the
   * further arguments with their number as `n`; but where `usesDots` is set, it is nil at first.
   */
  argTable: Local | undefined;
  usesDots: boolean;
  readonly body: Block;
  /** Locals of functions around it that it, or a function inside it, uses; at most 60. */
  readonly upvalues: Local[];
  /** Functions directly inside it. */
  readonly functions: FunctionNode[];
}

export interface Block {
  readonly statements: Statement[];
}

export interface Chunk {
  readonly main: FunctionNode;
  /** Locals in all. */
  readonly localCount: number;
  /** Functions in all, by id. */
  readonly functions: readonly FunctionNode[];
  /** The word `coroutine` occurs as a name or in a string. */
  readonly mentionsCoroutines: boolean;
}

// ---- expressions ----------------------------------------------------------------------------------------------

export type Expression =
  | NilExpression
  | BooleanExpression
  | NumberExpression
  | StringExpression
  | DotsExpression
  | FunctionNode
  | LocalExpression
  | GlobalExpression
  | IndexExpression
  | CallExpression
  | MethodCallExpression
  | BinaryExpression
  | LogicalExpression
  | UnaryExpression
  | TableExpression
  | ParenthesizedExpression;

export interface NilExpression {
  readonly kind: 'nil';
}

export interface BooleanExpression {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface NumberExpression {
  readonly kind: 'number';
  readonly value: number;
}

/** A byte string: one character (0–255) per byte. */
export interface StringExpression {
  readonly kind: 'string';
  readonly value: string;
}

/** `...` */
export interface DotsExpression {
  readonly kind: 'dots';
  readonly line: number;
}

export interface LocalExpression {
  readonly kind: 'local';
  readonly local: Local;
  readonly line: number;
}

export interface GlobalExpression {
  readonly kind: 'global';
  readonly name: string;
  readonly line: number;
}

export interface IndexExpression {
  readonly kind: 'index';
  readonly object: Expression;
  /** `a.b` has a string key. */
  readonly key: Expression;
  /**
   * Line where PUC reads it: where it ends, or that of an operator, comma or closing parenthesis right behind. Of a target:
   * where the assignment's values end.
   */
  readonly line: number;
}

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Expression[];
  /** Line of the opening parenthesis (or of the string or table), which is what PUC reports. */
  readonly line: number;
}

export interface MethodCallExpression {
  readonly kind: 'method';
  readonly object: Expression;
  readonly name: string;
  /** Line of the name, where the method is looked up. */
  readonly nameLine: number;
  readonly arguments: readonly Expression[];
  /** As that of a call. */
  readonly line: number;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '..'
  | '=='
  | '~='
  | '<'
  | '<='
  | '>'
  | '>=';

export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  /** Line where the right side ends, which is what PUC reports. */
  readonly line: number;
}

export interface LogicalExpression {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
  readonly line: number;
}

export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: '-' | 'not' | '#';
  readonly operand: Expression;
  /** Line where the operand ends. */
  readonly line: number;
}

export interface TableExpression {
  readonly kind: 'table';
  /** In source order; a positional item has no key. */
  readonly items: readonly TableItem[];
  readonly line: number;
}

export interface TableItem {
  readonly key: Expression | undefined;
  readonly value: Expression;
  /** Where the value ends; PUC reports it for a key that is nil or NaN. */
  readonly line: number;
}

/** Cuts several results to one; kept only where the inner expression is a call or `...`. */
export interface ParenthesizedExpression {
  readonly kind: 'parenthesized';
  readonly inner: Expression;
}

// ---- statements -----------------------------------------------------------------------------------------------

export type Statement =
  | LocalStatement
  | LocalFunctionStatement
  | AssignStatement
  | CallStatement
  | DoStatement
  | WhileStatement
  | RepeatStatement
  | IfStatement
  | NumericForStatement
  | GenericForStatement
  | ReturnStatement
  | BreakStatement;

export interface LocalStatement {
  readonly kind: 'localStatement';
  readonly locals: readonly Local[];
  readonly values: readonly Expression[];
  readonly line: number;
}

export interface LocalFunctionStatement {
  readonly kind: 'localFunction';
  readonly local: Local;
  readonly value: FunctionNode;
  readonly line: number;
}

export type Target = LocalExpression | GlobalExpression | IndexExpression;

/** Also `function a.b.c:m()`: one target, one function. */
export interface AssignStatement {
  readonly kind: 'assign';
  readonly targets: readonly Target[];
  readonly values: readonly Expression[];
  readonly line: number;
}

export interface CallStatement {
  readonly kind: 'callStatement';
  readonly call: CallExpression | MethodCallExpression;
  readonly line: number;
}

export interface DoStatement {
  readonly kind: 'do';
  readonly body: Block;
}

export interface WhileStatement {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: Block;
  readonly line: number;
}

/** The condition sees the body's locals. */
export interface RepeatStatement {
  readonly kind: 'repeat';
  readonly body: Block;
  readonly condition: Expression;
  readonly line: number;
}

export interface IfStatement {
  readonly kind: 'if';
  readonly clauses: readonly { readonly condition: Expression; readonly body: Block }[];
  readonly otherwise: Block | undefined;
  readonly line: number;
}

export interface NumericForStatement {
  readonly kind: 'numericFor';
  readonly variable: Local;
  readonly start: Expression;
  readonly limit: Expression;
  readonly step: Expression | undefined;
  readonly body: Block;
  /** Line of the `do`, which PUC reports for a start, limit or step that is no number. */
  readonly line: number;
}

export interface GenericForStatement {
  readonly kind: 'genericFor';
  readonly variables: readonly Local[];
  readonly values: readonly Expression[];
  readonly body: Block;
  /** Line of what follows `in`, which PUC reports for the calls of the iterator. */
  readonly line: number;
}

export interface ReturnStatement {
  readonly kind: 'return';
  readonly values: readonly Expression[];
  readonly line: number;
}

export interface BreakStatement {
  readonly kind: 'break';
  readonly line: number;
}
