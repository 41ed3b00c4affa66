/**
 * Table constructors. Each place that makes tables has a constructor function of its own, so that V8 learns which fields
 * such tables get.
 */
import type { Expression, TableExpression } from './ast.ts';
import { isComparison } from './costs.ts';
import { type Emitter, type FunctionState, freeTemp, newTemp } from './emitter.ts';
import { isMulti, isSettled, isSimple, valueText } from './expressions.ts';
import { lineMark, stringLiteral } from './output.ts';
import { isNumber } from './types.ts';

/** Most fields that a constructor function takes; tables with more are filled one by one. */
const CONSTRUCTOR_FIELDS = 60;

export function tableText(e: Emitter, state: FunctionState, expression: TableExpression): string {
  const { items } = expression;
  const names = new Set<string>();
  const named: Expression[] = [];
  const positional: Expression[] = [];
  let plain = true;
  for (const { key, value } of items) {
    if (key === undefined) positional.push(value);
    else if (key.kind === 'string' && !names.has(key.value)) {
      names.add(key.value);
      named.push(value);
    } else plain = false;
  }
  // The two groups are evaluated one after the other; that must make no difference.
  const busy = items.filter((item) => !isSimple(item.value, state));
  const calm =
    busy.length === 0 ||
    (busy.length === 1 && items.every((item) => item === busy[0] || isSettled(item.value, state)));
  const ordered = calm || named.length === 0 || positional.length === 0;
  if (!plain || !ordered || named.length > CONSTRUCTOR_FIELDS) {
    return mixedTableText(e, state, expression);
  }
  const name = e.constructorOf([...names]);
  const array = arrayText(e, state, positional, items.at(-1)?.key === undefined);
  const values = named.map((value) => valueText(e, state, value));
  return `new ${name}(${[array, ...values].join(',')})`;
}

/** An array part: its index 0 is a hole. `open`: all results of the last value count, since nothing comes after it. */
function arrayText(
  e: Emitter,
  state: FunctionState,
  values: readonly Expression[],
  open: boolean,
): string {
  const last = values.at(-1);
  if (last === undefined) return '$empty';
  if (!open || !isMulti(last)) {
    const array = `[${values.map((value) => `,${valueText(e, state, value)}`).join('')}]`;
    return isNeverNil(last, e) ? array : `$trimmed(${array})`;
  }
  const before = values.slice(0, -1).map((value) => `,${valueText(e, state, value)}`);
  // A list that ends in a comma has that much less: `[,a]` is two long, `[,]` one.
  const start = before.length === 0 ? ',' : before.join('');
  if (last.kind === 'dots') {
    return before.length === 0
      ? '$trimmed([,...$spread($va)])'
      : `$trimmed([${start},...$spread($va)])`;
  }
  return `$arrayOf([${start}],${valueText(e, state, last)})`;
}

function isNeverNil(expression: Expression, e: Emitter): boolean {
  switch (expression.kind) {
    case 'boolean':
    case 'number':
    case 'string':
    case 'function':
    case 'table':
      return true;
    case 'binary':
      return isComparison(expression.operator) || isNumber(expression, e.numbers);
    default:
      return isNumber(expression, e.numbers);
  }
}

/** Positional items that PUC collects before it stores them: LFIELDS_PER_FLUSH. */
const STORED_TOGETHER = 50;

/** Items in source order, one by one; those without a key are stored later than those around them, as PUC does. */
function mixedTableText(e: Emitter, state: FunctionState, expression: TableExpression): string {
  const name = e.constructorOf([]);
  const table = newTemp(state);
  const list = newTemp(state);
  const steps: string[] = [`${table}=new ${name}($empty),${list}=[]`];
  let stored = 0;
  let waiting = 0;
  const store = (): void => {
    if (waiting > 0) steps.push(`$storeList(${table},${stored + 1},${list}),${list}=[]`);
    stored += waiting;
    waiting = 0;
  };
  expression.items.forEach(({ key, value, line }, i) => {
    const isLast = i === expression.items.length - 1;
    if (key === undefined) {
      if (isLast && isMulti(value)) {
        const first = value.kind === 'dots' ? '$many($va)' : valueText(e, state, value);
        const rest = newTemp(state);
        steps.push(`${rest}=$results(${first})`);
        const at = stored + waiting + 1;
        store();
        steps.push(`$storeList(${table},${at},${rest})`);
        freeTemp(state, rest);
        return;
      }
      steps.push(`${list}.push(${valueText(e, state, value)})`);
      if (++waiting === STORED_TOGETHER) store();
    } else if (key.kind === 'string') {
      e.field(key.value);
      const text = valueText(e, state, value);
      steps.push(`$rawField(${table},${stringLiteral(key.value)},${text})`);
    } else {
      const keyText = valueText(e, state, key);
      // The error of a key that is nil or NaN has the line of its item.
      const keyTemp = newTemp(state);
      const valueTemp = newTemp(state);
      steps.push(`${keyTemp}=${keyText}`, `${valueTemp}=${valueText(e, state, value)}`);
      steps.push(`${lineMark(line)}$rawStore(${table},${keyTemp},${valueTemp})`);
      freeTemp(state, valueTemp);
      freeTemp(state, keyTemp);
    }
  });
  store();
  steps.push(table);
  freeTemp(state, list);
  freeTemp(state, table);
  return `(${steps.join(',')})`;
}
