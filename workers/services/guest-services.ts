/**
 * Which services a sandbox has, by its kind and what its specification lets it reach.
 */
import type { SandboxSpec } from '../../lib/protocol/batch.ts';
import type { PatternSearch } from '../pattern-search.ts';
import { fileService } from './file-service.ts';
import { type GuestService, GuestServices, ServiceError } from './guest-service.ts';

/** Undefined for a sandbox that has none: a filter. `control`: words of ControlWord, which end what waits. */
export function guestServices(
  spec: SandboxSpec,
  patterns: PatternSearch,
  _control: Int32Array | undefined,
): GuestServices | undefined {
  if (spec.kind === 'filter') return undefined;
  const services = new Map<string, GuestService>([['regex', regexService(patterns)]]);
  if (spec.access !== undefined) services.set('file', fileService(spec.access.root));
  return new GuestServices(services);
}

/** Regular expressions in RE2's syntax, in linear time. */
function regexService(patterns: PatternSearch): GuestService {
  return {
    operations: {
      search: ([pattern, text]) => {
        if (typeof pattern !== 'string' || typeof text !== 'string') {
          throw new ServiceError('regex.search takes a pattern and a text');
        }
        return [patterns.search(pattern, text)];
      },
    },
    close: () => undefined,
  };
}
