/** A case's message: the names that scripts use, and fields by name. */

import { messageOfJson } from '../cli/json-message.ts';
import type { ConfigTable } from '../config/field-value.ts';
import type { Message } from '../protocol/message.ts';

const LONGEST = 64 * 1024 * 1024;
/** Messages without one have this uuid and time, so that runs are the same. */
const DEFAULTS = { Uuid: '00000000-0000-4000-a000-000000000001', Timestamp: 1_000_000_000 };

/** Throws HKT_TOOL_INPUT for what is no message. */
export function caseMessage(table: ConfigTable): Message {
  return messageOfJson(JSON.stringify({ ...DEFAULTS, ...table }), 1, LONGEST);
}
