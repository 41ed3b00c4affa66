/**
 * A message's fields for encoders that write numbers as text: integers come without loss, of all 64 bits.
 */
import type { Message } from '../protocol/message.ts';
import { type MessageView, ValueType } from '../protocol/message-view.ts';
import { utf8Text } from '../protocol/text.ts';

/** INTEGER is a bigint, DOUBLE a number. */
export type ExactValue = string | Uint8Array | bigint | number | boolean;

export interface ExactField {
  readonly name: string;
  /** "string", "bytes", "integer", "double" or "bool". */
  readonly type: string;
  readonly representation: string;
  readonly values: readonly ExactValue[];
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [ValueType.string]: 'string',
  [ValueType.bytes]: 'bytes',
  [ValueType.integer]: 'integer',
  [ValueType.double]: 'double',
  [ValueType.bool]: 'bool',
};

/** All fields in wire order. */
export function exactFields(message: Message): readonly ExactField[] {
  const view = message.view;
  const fields: ExactField[] = [];
  for (let i = 0; i < view.fieldCount; i++) {
    view.openField(i);
    const type = TYPE_NAMES[view.fieldValueType] ?? String(view.fieldValueType);
    const name = utf8Text(view.bytes, view.fieldNameStart, view.fieldNameEnd);
    const representation =
      view.fieldRepresentationStart < 0
        ? ''
        : utf8Text(view.bytes, view.fieldRepresentationStart, view.fieldRepresentationEnd);
    const values: ExactValue[] = [];
    for (let k = 0; view.locateValue(k); k++) values.push(exactValue(view));
    fields.push({ name, type, representation, values });
  }
  return fields;
}

/** The first value of the first field of that name. */
export function exactField(message: Message, name: string): ExactValue | undefined {
  return exactFields(message).find((field) => field.name === name)?.values[0];
}

/** The value that `locateValue` found, by the open field's type. */
function exactValue(view: MessageView): ExactValue {
  switch (view.fieldValueType) {
    case ValueType.string:
      return utf8Text(view.bytes, view.valueStart, view.valueEnd);
    case ValueType.bytes:
      return view.bytes.slice(view.valueStart, view.valueEnd);
    case ValueType.integer:
      return view.valueBig();
    case ValueType.bool:
      return view.valueNumber !== 0;
    default:
      return view.valueNumber;
  }
}

/** A number as Go's 'g' format writes it with the fewest digits that read back: 345.5, 1e+06, 2.5e-05. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
