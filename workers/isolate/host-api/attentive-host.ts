/**
 * The host as an input sees it: what the script gathered leaves before an operation makes it wait, however long that takes.
 */
import { type HostCalls, WAIT_FIRST } from '../contract.ts';

export function attentiveHost(host: HostCalls): HostCalls {
  let handOver: (waits: boolean) => void = () => undefined;
  return {
    ...host,
    onService: (listener) => {
      handOver = listener;
    },
    service: (operation, ...args) => {
      handOver(false);
      const result = host.service(operation, ...args);
      if (!('error' in result) || result.error !== WAIT_FIRST) return result;
      handOver(true);
      return host.service(operation, ...args);
    },
  };
}
