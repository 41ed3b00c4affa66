/** Heka's framing as guests see it: byte strings, headers without signatures. */
import {
  encodeHeader,
  RECORD_SEPARATOR,
  UNIT_SEPARATOR,
} from '../../../../lib/protocol/framing.ts';
import { latin1Text } from '../../../../lib/protocol/text.ts';

/** What stands in front of a message of `length` bytes. */
export function frameHead(length: number): string {
  const header = encodeHeader(length);
  const before = String.fromCharCode(RECORD_SEPARATOR, header.length);
  return before + latin1Text(header, 0, header.length) + String.fromCharCode(UNIT_SEPARATOR);
}
