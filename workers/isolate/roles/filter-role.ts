/**
 * A filter in Heka's flavour (SandboxFilter): reads messages, injects new ones, is called by a timer.
 */
import type { Engine, GuestOutcome, GuestValue } from '../engine.ts';
import { type CallResult, processResult, timerResult } from '../host-api/call-result.ts';
import { FILTER_DISABLED_MODULES, FILTER_REMOVED, installHekaApi } from '../host-api/heka-api.ts';
import type { InboundMessage, Role, RoleParts } from './role.ts';

const NO_ARGUMENTS: readonly GuestValue[] = [];

export class FilterRole implements Role {
  readonly removed = FILTER_REMOVED;
  readonly disabledModules = FILTER_DISABLED_MODULES;
  readonly answers = false;
  readonly #parts: RoleParts;
  /** Loop count of the message that was processed last; timer_event injects with it. */
  #loopCount = 0;

  constructor(parts: RoleParts) {
    this.#parts = parts;
  }

  install(engine: Engine): void {
    const { reader, output, injector, log, spec } = this.#parts;
    installHekaApi(engine, { reader, output, injector, log, config: spec.config });
  }

  message(engine: Engine, message: InboundMessage, injections: number): CallResult {
    const { injector, limits, reader } = this.#parts;
    this.#loopCount = message.loopCount;
    reader.open(message.bytes, message.start, message.end);
    injector.begin(injections, this.#loopCount);
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('process_message', NO_ARGUMENTS);
    } finally {
      injector.end();
      reader.close();
    }
    return processResult(outcome, limits);
  }

  timer(engine: Engine, ns: number, shutdown: boolean, injections: number): CallResult {
    const { injector, limits } = this.#parts;
    injector.begin(injections, this.#loopCount);
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('timer_event', [ns, shutdown]);
    } finally {
      injector.end();
    }
    return timerResult(outcome, limits);
  }
}
