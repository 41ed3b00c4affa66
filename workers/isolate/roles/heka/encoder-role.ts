/**
 * SandboxEncoder: what the script injects last is what the output writes; without an injection it is the message itself,
 * with what write_message changed (Heka 0.11). Status −2 leaves the message out.
 */

import { latin1Bytes } from '../../../../lib/protocol/text.ts';
import { GuestError } from '../../engine.ts';
import type { CallResult } from '../../host-api/call-result.ts';
import type { InboundMessage, Role, RoleParts } from '../role.ts';
import { CodecRole, type Injections } from './codec-role.ts';
import { MessageDraft } from './message-draft.ts';

class EncodedOutput implements Injections {
  readonly inherits = undefined;
  readonly #parts: RoleParts;
  readonly #draft: MessageDraft;
  #output: Uint8Array | undefined;
  #loopCount = 0;

  constructor(parts: RoleParts, draft: MessageDraft) {
    this.#parts = parts;
    this.#draft = draft;
  }

  begin(message: InboundMessage): void {
    this.#output = undefined;
    this.#loopCount = message.loopCount;
  }

  message(bytes: Uint8Array): void {
    this.#set('inject_message()', bytes);
  }

  payload(payload: string): void {
    this.#set('inject_payload()', latin1Bytes(payload));
  }

  #set(fn: string, bytes: Uint8Array): void {
    if (bytes.length > this.#parts.outbox.maximumBytes) {
      throw new GuestError(`${fn} exceeded max_message_size`);
    }
    this.#output = bytes;
  }

  end(result: CallResult): CallResult {
    if (result.kind === 'done') {
      const bytes = this.#output ?? this.#draft.bytes;
      this.#parts.outbox.commit(bytes, bytes.length, this.#loopCount);
    }
    this.#output = undefined;
    return result;
  }
}

export function createRole(parts: RoleParts): Role {
  const draft = new MessageDraft(parts.reader, parts.log, parts.outbox.maximumBytes);
  return new CodecRole(parts, draft, new EncodedOutput(parts, draft));
}
