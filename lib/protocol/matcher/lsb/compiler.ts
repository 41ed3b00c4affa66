/**
 * Turns a tree of lua_sandbox's grammar into nested closures over a message's offsets. Verdicts as lua_sandbox 1.4:
 * unset text headers sort before every text, an unset Pid is the smallest one, and a missing field passes no test but
 * `== NIL`. Nothing is allocated for a message.
 */
import type { MessageView } from '../../message-view.ts';
import { ValueType } from '../../message-view.ts';
import type { LsbLiteral, NumberHeader, Operator, StringHeader, Test } from '../ast.ts';
import type { ByteTest } from '../byte-test.ts';
import { always, comparing, never, not, startingWith } from '../byte-test.ts';
import type { NumberTest, ViewTest } from '../view-test.ts';
import {
  allOf,
  alwaysNumber,
  comparingNumber,
  headerTest,
  neverNumber,
  someOf,
} from '../view-test.ts';
import { MAX_PATTERN_COST } from './limits.ts';
import type { LsbExpression } from './parser.ts';
import { tooBig } from './parser.ts';
import { compilePattern } from './pattern.ts';

/** What an unset Pid counts as; a Pid that is set to it counts as unset. */
const NO_PID = -2147483648;

/** Gives the bytes that a text of the expression stands for. */
export type Encode = (text: string) => Uint8Array;

/** Throws HKT_MATCHER_LSB_TOO_BIG. */
export function compileLsbExpression(expression: LsbExpression, encode: Encode): ViewTest {
  return new Compiler(encode).node(expression);
}

class Compiler {
  readonly #encode: Encode;
  /** Sum of the costs of the patterns so far. */
  #patternCost = 0;

  constructor(encode: Encode) {
    this.#encode = encode;
  }

  node(node: LsbExpression): ViewTest {
    switch (node.kind) {
      case 'constant':
        return node.value ? () => true : () => false;
      case 'and':
        return allOf(node.terms.map((term) => this.node(term)));
      case 'or':
        return someOf(node.terms.map((term) => this.node(term)));
      case 'test':
        return this.#test(node);
      default:
        return node satisfies never;
    }
  }

  #test({ subject, operator, literal }: Test<LsbLiteral>): ViewTest {
    switch (subject.kind) {
      case 'string-header':
        return stringHeaderTest(subject.name, operator, literal, this.#byteTest(operator, literal));
      case 'number-header':
        return numberHeaderTest(subject.name, operator, literal);
      case 'field':
        return fieldTest(this.#encode(subject.name), subject.fieldIndex, subject.arrayIndex, {
          byte: this.#byteTest(operator, literal),
          number: numberTest(operator, literal),
          ...booleanVerdicts(operator, literal),
          missing: literal.kind === 'nil' && operator === '==',
        });
      default:
        return subject satisfies never;
    }
  }

  /** The test of a string or bytes value that is there. */
  #byteTest(operator: Operator, literal: LsbLiteral): ByteTest {
    switch (literal.kind) {
      case 'string':
        return comparingText(operator, this.#encode(literal.text));
      case 'pattern': {
        const { test, cost } = compilePattern(this.#encode(literal.text), literal.plain);
        this.#patternCost += cost;
        if (this.#patternCost > MAX_PATTERN_COST) {
          const what = 'the cost of its patterns';
          throw tooBig(literal.start, what, this.#patternCost, MAX_PATTERN_COST);
        }
        return operator === '!~' ? not(test) : test;
      }
      case 'nil':
        return operator === '!=' ? always : never;
      case 'number':
      case 'boolean':
        return never;
      default:
        return literal satisfies never;
    }
  }
}

/** As everywhere, but that a zero byte behind the text ends the value for `<=`, as C's comparison has it. */
function comparingText(operator: Operator, text: Uint8Array): ByteTest {
  const test = comparing(operator, text);
  if (operator !== '<=') return test;
  const ended = new Uint8Array(text.length + 1);
  ended.set(text);
  const beginsEnded = startingWith(ended);
  return (bytes, start, end) => test(bytes, start, end) || beginsEnded(bytes, start, end);
}

/** The test of an integer or double value. */
function numberTest(operator: Operator, literal: LsbLiteral): NumberTest {
  switch (literal.kind) {
    case 'number':
      return comparingNumber(operator, literal.value);
    case 'boolean':
      return comparingNumber(operator, literal.value ? 1 : 0);
    case 'nil':
      return operator === '!=' ? alwaysNumber : neverNumber;
    case 'string':
    case 'pattern':
      return neverNumber;
    default:
      return literal satisfies never;
  }
}

/** A boolean passes tests against TRUE, FALSE and NIL only. */
function booleanVerdicts(
  operator: Operator,
  literal: LsbLiteral,
): { readonly whenTrue: boolean; readonly whenFalse: boolean } {
  const isNot = operator === '!=';
  if (literal.kind === 'nil') return { whenTrue: isNot, whenFalse: isNot };
  if (literal.kind !== 'boolean') return { whenTrue: false, whenFalse: false };
  return { whenTrue: literal.value !== isNot, whenFalse: literal.value === isNot };
}

function stringHeaderTest(
  name: StringHeader,
  operator: Operator,
  literal: LsbLiteral,
  test: ByteTest,
): ViewTest {
  if (literal.kind === 'nil') return headerTest(name, test, operator === '==');
  const unset = operator === '!=' || operator === '!~' || operator === '<' || operator === '<=';
  return headerTest(name, test, unset);
}

function numberHeaderTest(name: NumberHeader, operator: Operator, literal: LsbLiteral): ViewTest {
  const test = numberTest(operator, literal);
  switch (name) {
    case 'Timestamp':
      return (v) => test(v.timestamp);
    case 'Severity':
      return (v) => test(v.severity); // 7 in a view when it is unset
    case 'Pid': {
      if (literal.kind === 'nil') {
        const unset = operator === '==';
        return (v) => (v.hasPid && v.pid !== NO_PID ? !unset : unset);
      }
      const unset = test(NO_PID);
      return (v) => (v.hasPid ? test(v.pid) : unset);
    }
    default:
      return name satisfies never;
  }
}

/** The verdicts of one field test by what is found. */
interface FieldVerdicts {
  readonly byte: ByteTest;
  readonly number: NumberTest;
  readonly whenTrue: boolean;
  readonly whenFalse: boolean;
  readonly missing: boolean;
}

function fieldTest(
  name: Uint8Array,
  fieldIndex: number,
  arrayIndex: number,
  verdicts: FieldVerdicts,
): ViewTest {
  const { byte, number, whenTrue, whenFalse, missing } = verdicts;
  return (view: MessageView) => {
    // A value of a type that nobody knows is not found either.
    if (!view.findField(name, fieldIndex) || !view.locateValue(arrayIndex)) return missing;
    const type = view.fieldValueType;
    if (type <= ValueType.bytes) return byte(view.bytes, view.valueStart, view.valueEnd);
    if (type === ValueType.bool) return view.valueNumber !== 0 ? whenTrue : whenFalse;
    return number(view.valueNumber);
  };
}
