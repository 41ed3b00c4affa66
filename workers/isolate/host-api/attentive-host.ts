/**
 * The host as an input sees it: what the script gathered and what it logged leaves before an operation makes it wait, however
 * long that takes.
 */
import { type HostCalls, WAIT_FIRST } from '../contract.ts';
import type { LogBook } from './log-book.ts';

export function attentiveHost(host: HostCalls, log: LogBook): HostCalls {
  let handOver: (waits: boolean) => void = () => undefined;
  const deliver: HostCalls['deliver'] = (checkpoint) =>
    log.empty ? host.deliver(checkpoint) : host.deliver(checkpoint, log.take());
  return {
    ...host,
    deliver,
    onService: (listener) => {
      handOver = listener;
    },
    service: (operation, ...args) => {
      handOver(false);
      const result = host.service(operation, ...args);
      if (!('error' in result) || result.error !== WAIT_FIRST) return result;
      handOver(true);
      if (!log.empty) deliver(undefined);
      return host.service(operation, ...args);
    },
  };
}
