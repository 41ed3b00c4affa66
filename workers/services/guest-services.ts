/**
 * Which services a sandbox has, by its kind and what its specification lets it reach.
 */
import type { SandboxSpec } from '../../lib/protocol/batch.ts';
import { GuestPaths } from '../guest-paths.ts';
import type { PatternSearch } from '../pattern-search.ts';
import { fileService } from './file-service.ts';
import { type GuestService, GuestServices, ServiceError } from './guest-service.ts';
import { gzfileService } from './gzfile-service.ts';
import { lfsService } from './lfs-service.ts';
import { Patience } from './patience.ts';
import { socketService } from './socket-service.ts';
import { zlibService } from './zlib-service.ts';

/** Devices that the operator's own scripts may open. */
const DEVICES: readonly string[] = ['/dev/null', '/proc/kmsg'];

/**
 * Undefined for a sandbox that has none: a filter. `control`: words of ControlWord, which end what waits; `warn` gets what the
 * operator should know.
 */
export function guestServices(
  spec: SandboxSpec,
  patterns: PatternSearch,
  control: Int32Array | undefined,
  warn: (text: string) => void = () => undefined,
): GuestServices | undefined {
  const { access, kind } = spec;
  if (kind === 'filter') return undefined;
  const services = new Map<string, GuestService>([
    ['regex', regexService(patterns)],
    ['zlib', zlibService()],
  ]);
  if (access === undefined) return new GuestServices(services);
  const machine = kind === 'input' || kind === 'output';
  const patience = new Patience({
    control,
    announces: kind === 'input',
    hurries: kind === 'input',
    ...(machine ? {} : { mostMs: spec.limits.callMs }),
  });
  const { hidden, network, root } = access;
  const paths = new GuestPaths([root], DEVICES, hidden);
  services.set('file', fileService(root, paths, patience));
  services.set('gzfile', gzfileService(root, paths));
  services.set('lfs', lfsService(paths));
  services.set('socket', socketService({ network, paths, patience, warn }));
  return new GuestServices(services, patience);
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
