/**
 * The tree of a message_matcher. Every node keeps its place in the source text (`start` inclusive, `end` exclusive, in
 * UTF-16 units), so that a verdict can be explained term by term. `Type == 'a' && (Pid > 1 || TRUE)` is
 *
 *   and ─┬─ test Type == 'a'
 *        └─ or ─┬─ test Pid > 1
 *               └─ constant TRUE
 */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

export const stringHeaders = [
  'Uuid',
  'Type',
  'Logger',
  'Payload',
  'EnvVersion',
  'Hostname',
] as const;
export const numberHeaders = ['Timestamp', 'Severity', 'Pid'] as const;

export type StringHeader = (typeof stringHeaders)[number];
export type NumberHeader = (typeof numberHeaders)[number];

export type Operator = '==' | '!=' | '>' | '>=' | '<' | '<=' | '=~' | '!~';

/** What a test looks at. A field is the `fieldIndex`-th one of that name, and its `arrayIndex`-th value. */
export type Subject =
  | { readonly kind: 'string-header'; readonly name: StringHeader }
  | { readonly kind: 'number-header'; readonly name: NumberHeader }
  | {
      readonly kind: 'field';
      readonly name: string;
      readonly fieldIndex: number;
      readonly arrayIndex: number;
    };

/** What a test of Heka's compares with. */
export type Literal = SourceRange &
  (
    | { readonly kind: 'string'; readonly text: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'regex'; readonly pattern: string }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'nil' }
  );

/** What a test of lua_sandbox's compares with; `plain` is a pattern to be searched for as it is. */
export type LsbLiteral = SourceRange &
  (
    | { readonly kind: 'string'; readonly text: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'pattern'; readonly text: string; readonly plain: boolean }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'nil' }
  );

/** `L` is what the grammar compares with. */
export interface Test<L = Literal> extends SourceRange {
  readonly kind: 'test';
  readonly subject: Subject;
  readonly operator: Operator;
  readonly literal: L;
}

/** TRUE or FALSE as an expression of its own. */
export interface Constant extends SourceRange {
  readonly kind: 'constant';
  readonly value: boolean;
}

/** Two or more terms of one chain, tested from left to right until the verdict is known. */
export interface Chain<L = Literal> extends SourceRange {
  readonly kind: 'and' | 'or';
  readonly terms: readonly Expression<L>[];
}

export type Expression<L = Literal> = Test<L> | Constant | Chain<L>;
