/**
 * The public edge of the library: embed a host, load sandboxes, deliver messages, read what they inject.
 */
export type { FilterEnd, FilterStatus } from './filters/filter-host.ts';
export type { HostOptions, SandboxOptions } from './host.ts';
export { createHost, Host } from './host.ts';
export type { Clock, Logger } from './plugin.ts';
export type {
  Gauge,
  GuestConfigValue,
  SandboxLimits,
  SandboxUsage,
  Termination,
} from './protocol/batch.ts';
export type { ErrorCode } from './protocol/errors.ts';
export { errorCatalogue, HekateError } from './protocol/errors.ts';
export { frame } from './protocol/framing.ts';
export { compileMatcherOf } from './protocol/matcher/api-matcher.ts';
export { compileMatcher, Matcher } from './protocol/matcher/matcher.ts';
export type { Field, FieldInit, FieldValue, MessageInit } from './protocol/message.ts';
export { Message } from './protocol/message.ts';
export {
  openUnitTest,
  type UnitTest,
  type UnitTestAnswer,
  type UnitTestOptions,
} from './testing/unit-test.ts';
