/**
 * A filter of lua_sandbox 1.x (Hindsight's analysis plugin): reads messages, injects tables and payloads, is called by a
 * timer. Nothing of the machine is there. While the script loads nothing can be injected, as with Hindsight.
 */
import type { Engine, GuestOutcome, GuestValue } from '../../engine.ts';
import type { CallResult } from '../../host-api/call-result.ts';
import { LogLevel } from '../../host-api/log-book.ts';
import type { InboundMessage, Role, RoleParts } from '../role.ts';
import { ANALYSIS_REMOVED, LsbApi } from './lsb-api.ts';
import { TableInjection } from './table-injection.ts';

const NO_ARGUMENTS: readonly GuestValue[] = [];
/** The one status that counts as a failure. */
const FAILED = -1;

class AnalysisRole implements Role {
  readonly removed = ANALYSIS_REMOVED;
  readonly disabledModules: ReadonlySet<string> = new Set(['io', 'coroutine']);
  readonly answers = false;
  readonly #api: LsbApi;
  readonly #injection: TableInjection;
  /** Loop count of the message that was processed last; timer_event injects with it. */
  #loopCount = 0;

  constructor(parts: RoleParts) {
    this.#api = new LsbApi(parts);
    this.#injection = new TableInjection(this.#api);
  }

  install(engine: Engine): void {
    this.#api.install(engine);
    engine.setGlobal('read_message', this.#api.reader.readMessage);
    engine.setGlobal('add_to_payload', this.#api.appendOutput);
    engine.setGlobal('inject_message', this.#injection.injectMessage);
    engine.setGlobal('inject_payload', this.#injection.injectPayload);
  }

  message(engine: Engine, message: InboundMessage, injections: number): CallResult {
    const { reader } = this.#api;
    this.#loopCount = message.loopCount;
    reader.open(message.bytes, message.start, message.end);
    this.#injection.begin(injections, this.#loopCount);
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('process_message', NO_ARGUMENTS);
    } finally {
      this.#injection.end();
      reader.close();
    }
    const result = this.#api.processResult(outcome);
    return result.kind === 'failed' ? this.#failure(result.status, result.text) : result;
  }

  #failure(status: number, text: string): CallResult {
    if (text !== '') {
      this.#api.parts.log.write(LogLevel.warning, `received: ${status} msg: ${text}`);
    }
    return status === FAILED ? { kind: 'failed', status, text: '' } : { kind: 'done' };
  }

  timer(engine: Engine, ns: number, shutdown: boolean, injections: number): CallResult {
    this.#injection.begin(injections, this.#loopCount);
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('timer_event', [ns, shutdown]);
    } finally {
      this.#injection.end();
    }
    return this.#api.timerResult(outcome, shutdown);
  }

  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    return this.#api.reader.bytesOf(name, fieldIndex, arrayIndex);
  }
}

export function createRole(parts: RoleParts): Role {
  return new AnalysisRole(parts);
}
