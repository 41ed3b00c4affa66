/**
 * What an output's process_message is given to tell a message by later, in update_checkpoint: a userdata without methods, equal
 * to itself alone.
 */
import type { GuestValue, HostFunction, HostObject } from '../../engine.ts';

/** A light userdata has no metatable: only what makes it show as one. */
const METHODS: Readonly<Record<string, HostFunction>> = {
  __tostring: ([self]) =>
    self instanceof SequenceId ? `userdata: 0x${self.number.toString(16)}` : 'userdata',
};

export class SequenceId implements HostObject {
  readonly kind = 'object';
  readonly type = 'lsb.sequence_id';
  readonly methods: Readonly<Record<string, HostFunction>> = METHODS;
  readonly externalBytes = 0;
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }
}

export function isSequenceId(value: GuestValue): value is SequenceId {
  return value instanceof SequenceId;
}
