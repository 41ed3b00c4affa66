/**
 * What SandboxDecoder and SandboxEncoder have in common with api "lsb": the environment that modules for inputs and outputs
 * expect, less the machine, and calls whose injections are the answer. A call that succeeds without any leaves the message
 * out (status −2).
 */
import type { Engine, GuestOutcome } from '../../engine.ts';
import { type CallResult, failedCall } from '../../host-api/call-result.ts';
import type { InboundMessage, Role, RoleParts } from '../role.ts';
import { ANALYSIS_REMOVED, LsbApi } from './lsb-api.ts';
import { installMemory } from './machine.ts';

/** Status of a message that is left out. */
const SKIP = -2;

/** What becomes of injections. */
export interface Answer {
  install(engine: Engine): void;
  /** How many a call may have; absent: any number. */
  readonly injections?: number;
  /** Before each message. */
  begin(): void;
  /** Something was injected. */
  readonly given: boolean;
  /** The call succeeded: what was injected leaves. */
  commit(loopCount: number): void;
  /** Nothing more is injected, and what did not leave is forgotten. */
  end(): void;
}

export class CodecRole implements Role {
  readonly removed: ReadonlySet<string> = new Set(
    [...ANALYSIS_REMOVED].filter((name) => name !== 'collectgarbage'),
  );
  readonly disabledModules: ReadonlySet<string> = new Set(['io']);
  readonly answers = true;
  readonly #api: LsbApi;
  readonly #answer: Answer;

  constructor(api: LsbApi, answer: Answer) {
    this.#api = api;
    this.#answer = answer;
  }

  install(engine: Engine): void {
    const { parts, reader } = this.#api;
    this.#api.install(engine);
    installMemory(engine, parts);
    engine.setGlobal('read_message', reader.readMessage);
    engine.setGlobal('add_to_payload', this.#api.appendOutput);
    this.#answer.install(engine);
  }

  message(engine: Engine, message: InboundMessage): CallResult {
    const { reader } = this.#api;
    reader.open(message.bytes, message.start, message.end);
    this.#answer.begin();
    try {
      let outcome: GuestOutcome;
      try {
        outcome = engine.call('process_message', []);
      } finally {
        reader.close();
      }
      return this.#result(
        this.#api.processResult(outcome, this.#answer.injections),
        message.loopCount,
      );
    } finally {
      this.#answer.end();
    }
  }

  #result(result: CallResult, loopCount: number): CallResult {
    const { given } = this.#answer;
    if (result.kind === 'done') {
      if (!given) return { kind: 'failed', status: SKIP, text: '' };
      this.#answer.commit(loopCount);
    } else if (result.kind === 'failed' && result.status !== SKIP && given) {
      return { ...result, text: `Failed after a successful inject_message call: ${result.text}` };
    }
    return result;
  }

  timer(): CallResult {
    return failedCall('timer_event', { kind: 'missing' }, this.#api.parts.limits);
  }

  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    return this.#api.reader.bytesOf(name, fieldIndex, arrayIndex);
  }
}

export function codecRole(parts: RoleParts, answer: (api: LsbApi) => Answer): Role {
  const api = new LsbApi(parts);
  return new CodecRole(api, answer(api));
}
