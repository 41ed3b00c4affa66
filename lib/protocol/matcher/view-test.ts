/**
 * The parts of a compiled matcher that both grammars share: chains of tests, tests of numbers, and the text headers of
 * a view. Nothing here allocates for a message.
 */
import type { MessageView } from '../message-view.ts';
import type { Operator, StringHeader } from './ast.ts';
import type { ByteTest } from './byte-test.ts';

/** A verdict on a scanned view. */
export type ViewTest = (view: MessageView) => boolean;
export type NumberTest = (value: number) => boolean;

export const neverNumber: NumberTest = () => false;
export const alwaysNumber: NumberTest = () => true;

/** True when all tests are; the tests behind a false one are not made. */
export function allOf(tests: readonly ViewTest[]): ViewTest {
  const [a, b, c] = tests;
  if (tests.length === 2 && a && b) return (view) => a(view) && b(view);
  if (tests.length === 3 && a && b && c) return (view) => a(view) && b(view) && c(view);
  return (view) => {
    for (let i = 0; i < tests.length; i++) if (!(tests[i] as ViewTest)(view)) return false; // i < length
    return true;
  };
}

/** True when one test is; the tests behind a true one are not made. */
export function someOf(tests: readonly ViewTest[]): ViewTest {
  const [a, b, c] = tests;
  if (tests.length === 2 && a && b) return (view) => a(view) || b(view);
  if (tests.length === 3 && a && b && c) return (view) => a(view) || b(view) || c(view);
  return (view) => {
    for (let i = 0; i < tests.length; i++) if ((tests[i] as ViewTest)(view)) return true; // i < length
    return false;
  };
}

/** The test for a relational operator; with a pattern's operator it is never true. */
export function comparingNumber(operator: Operator, value: number): NumberTest {
  switch (operator) {
    case '==':
      return (found) => found === value;
    case '!=':
      return (found) => found !== value;
    case '<':
      return (found) => found < value;
    case '<=':
      return (found) => found <= value;
    case '>':
      return (found) => found > value;
    case '>=':
      return (found) => found >= value;
    case '=~':
    case '!~':
      return neverNumber;
    default:
      return operator satisfies never;
  }
}

/**
 * One closure per header, so that each reads its own registers. `unset` is the verdict on a message without the
 * header. A uuid is tested as the bytes it has.
 */
export function headerTest(name: StringHeader, test: ByteTest, unset: boolean): ViewTest {
  switch (name) {
    case 'Type':
      return (v) => (v.typeStart < 0 ? unset : test(v.bytes, v.typeStart, v.typeEnd));
    case 'Logger':
      return (v) => (v.loggerStart < 0 ? unset : test(v.bytes, v.loggerStart, v.loggerEnd));
    case 'Payload':
      return (v) => (v.payloadStart < 0 ? unset : test(v.bytes, v.payloadStart, v.payloadEnd));
    case 'EnvVersion':
      return (v) =>
        v.envVersionStart < 0 ? unset : test(v.bytes, v.envVersionStart, v.envVersionEnd);
    case 'Hostname':
      return (v) => (v.hostnameStart < 0 ? unset : test(v.bytes, v.hostnameStart, v.hostnameEnd));
    case 'Uuid':
      return (v) => (v.uuidStart < 0 ? unset : test(v.bytes, v.uuidStart, v.uuidEnd));
    default:
      return name satisfies never;
  }
}
