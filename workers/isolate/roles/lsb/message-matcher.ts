/**
 * create_message_matcher: a matcher over the message that is processed when it is asked. Compiling it and what a pattern may
 * cost at its worst are charged, because a script chooses both.
 */
import { HekateError } from '../../../../lib/protocol/errors.ts';
import { compileLsbMatcher } from '../../../../lib/protocol/matcher/lsb/matcher.ts';
import { latin1Bytes } from '../../../../lib/protocol/text.ts';
import { GuestError, type GuestValue, type HostFunction, type HostObject } from '../../engine.ts';
import { stringArgument, typeError } from '../../host-api/guest-arguments.ts';
import type { MessageTest } from '../../host-api/injector.ts';
import type { LsbApi } from './lsb-api.ts';

/** Upstream's name of the type. */
export const MATCHER_TYPE = 'lsb.heka_message_matcher';

/** Instructions and bytes per character of an expression, and instructions of an evaluation. */
const COMPILE_CHARGE = 10;
const BYTES_PER_CHARACTER = 64;
const EVALUATION_CHARGE = 20;
/** A pattern costs at most about a step per character of it and byte of the message; so many steps are an instruction. */
const STEPS_PER_INSTRUCTION = 64;

/** `create_message_matcher`. */
export function createMessageMatcher(args: readonly GuestValue[], api: LsbApi): MessageMatcher {
  const expression = stringArgument(args, 1);
  const { memory } = api.parts;
  const bytes = expression.length * BYTES_PER_CHARACTER;
  api.engine.charge(expression.length * COMPILE_CHARGE);
  if (!memory.reserve(bytes)) throw new GuestError('not enough memory');
  try {
    const test = compileLsbMatcher(expression, latin1Bytes);
    return new MessageMatcher(api, expression, test, bytes, memory.add(bytes));
  } catch (error) {
    if (!(error instanceof HekateError)) throw error;
    throw new GuestError('invalid message matcher expression');
  }
}

export class MessageMatcher implements HostObject {
  readonly kind = 'object';
  readonly type = MATCHER_TYPE;
  readonly methods: Readonly<Record<string, HostFunction>> = METHODS;
  readonly externalBytes: number;
  /** Keeps its bytes in the count of memory. */
  readonly token: object;
  readonly #api: LsbApi;
  readonly #test: MessageTest;
  /** Steps that patterns may take per byte. */
  readonly #steps: number;

  constructor(api: LsbApi, expression: string, test: MessageTest, bytes: number, token: object) {
    this.#api = api;
    this.#test = test;
    this.#steps = expression.includes('~') ? expression.length : 0;
    this.externalBytes = bytes;
    this.token = token;
  }

  eval(): boolean {
    const { engine, parts, reader } = this.#api;
    if (!reader.active) throw new GuestError('no active message');
    const { view } = parts.reader;
    const steps = (view.end - view.start) * this.#steps;
    engine.charge(EVALUATION_CHARGE + steps / STEPS_PER_INSTRUCTION);
    try {
      return this.#test.matches(view);
    } catch (error) {
      if (error instanceof HekateError) return false; // a damaged field passes no test
      throw error;
    }
  }
}

/** One table for all matchers, which makes them share a metatable. */
const METHODS: Readonly<Record<string, HostFunction>> = {
  eval: (args) => {
    const [self] = args;
    if (self instanceof MessageMatcher) return self.eval();
    throw typeError(args, 1, MATCHER_TYPE);
  },
};
