/**
 * SandboxDecoder: process_message may change the message, replace it, or make several of it. Nothing of a message that
 * could not be decoded goes on.
 */
import type { MessageView } from '../../../../lib/protocol/message-view.ts';
import { GuestError } from '../../engine.ts';
import type { CallResult } from '../../host-api/call-result.ts';
import type { InboundMessage, Role, RoleParts } from '../role.ts';
import { CodecRole, type Injections } from './codec-role.ts';
import { MessageDraft } from './message-draft.ts';
import { payloadMessage } from './payload-message.ts';
import { completed } from './plain-message.ts';

/** Messages that one call may make: more is a runaway. */
const MESSAGES_LIMIT = 10_000;

class DecodedMessages implements Injections {
  readonly #parts: RoleParts;
  readonly #draft: MessageDraft;
  #made: Uint8Array[] = [];
  #madeBytes = 0;
  #loopCount = 0;

  constructor(parts: RoleParts, draft: MessageDraft) {
    this.#parts = parts;
    this.#draft = draft;
  }

  begin(message: InboundMessage): void {
    this.#made = [];
    this.#madeBytes = 0;
    this.#loopCount = message.loopCount;
  }

  /** The message that is decoded, as it is now. */
  get inherits(): MessageView {
    const { view } = this.#parts.reader;
    view.scan();
    return view;
  }

  message(bytes: Uint8Array, given: boolean): void {
    if (!given) {
      this.#add('inject_message()', bytes);
      return;
    }
    const whole = completed(bytes, this.#draft.bytes, this.#parts.random);
    if (whole === undefined) throw new GuestError('inject_message() protobuf unmarshal failed');
    this.#add('inject_message()', whole);
  }

  payload(payload: string, type: string, name: string): void {
    const base = this.#draft.bytes;
    const first = this.#made.length === 0;
    const { random } = this.#parts;
    this.#add(
      'inject_payload()',
      payloadMessage(base, { payload, type, name }, first ? undefined : random),
    );
  }

  #add(fn: string, bytes: Uint8Array): void {
    const { outbox, spec } = this.#parts;
    if (bytes.length > outbox.maximumBytes) {
      throw new GuestError(`${fn} exceeded max_message_size`);
    }
    this.#madeBytes += bytes.length;
    if (this.#made.length >= MESSAGES_LIMIT || this.#madeBytes > spec.limits.memoryBytes) {
      throw new GuestError(`${fn} exceeded InjectMessage count`);
    }
    this.#made.push(bytes);
  }

  end(result: CallResult): CallResult {
    const { outbox } = this.#parts;
    if (result.kind === 'done') {
      if (this.#made.length === 0 && this.#draft.changed) this.#made.push(this.#draft.bytes);
      for (const bytes of this.#made) outbox.commit(bytes, bytes.length, this.#loopCount);
    } else if (result.kind === 'failed' && this.#made.length > 0) {
      const text = `Failed after a successful inject_message call: ${result.text}`;
      this.#made = [];
      return { ...result, text };
    }
    this.#made = [];
    return result;
  }
}

export function createRole(parts: RoleParts): Role {
  const draft = new MessageDraft(parts.reader, parts.log, parts.outbox.maximumBytes);
  return new CodecRole(parts, draft, new DecodedMessages(parts, draft));
}
