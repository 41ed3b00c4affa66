/**
 * `decode_message` of lua_sandbox 1.x: as Heka's, with other texts for wrong arguments, and with zero-copy objects. What the
 * bytes cost is charged before they are looked at.
 */
import { GuestArgumentError, type GuestTable, type GuestValue } from '../../engine.ts';
import { typeError } from '../guest-arguments.ts';
import { decodeBytes } from '../message-decoder.ts';
import { zeroCopyBytes } from './zero-copy.ts';

/** Bytes that are decoded for the price of one instruction. */
const BYTES_PER_INSTRUCTION = 8;

/** The part of an engine that decoding needs. */
export interface DecoderParts {
  createTable(): GuestTable;
  charge(instructions: number): void;
}

export function decodeLsbMessage(args: readonly GuestValue[], parts: DecoderParts): GuestTable {
  const text = encodedArgument(args);
  parts.charge(text.length / BYTES_PER_INSTRUCTION);
  return decodeBytes(text, () => parts.createTable());
}

function encodedArgument(args: readonly GuestValue[]): string {
  const [value] = args;
  if (args.length !== 1) {
    throw new GuestArgumentError(args.length, 'incorrect number of arguments');
  }
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || (value.kind !== 'object' && value.kind !== 'userdata')) {
    throw typeError(args, 1, 'string or userdata');
  }
  return zeroCopyBytes(value, 1) ?? ''; // nothing is too short
}
