/**
 * Files of an input or output: those below its root folder and the daemon's standard streams, by number. A failure is a negated system error number.
 */
import { GuestFiles } from '../guest-files.ts';
import type { GuestPaths } from '../guest-paths.ts';
import { Whence } from '../isolate/host-api/file-host.ts';
import type { ServiceValue } from '../isolate/modules/native-module.ts';
import { type GuestService, ServiceError, type ServiceOperation } from './guest-service.ts';
import type { Patience } from './patience.ts';

const OPEN_FILES = 256;
/** Between two looks at a standard input that has nothing yet. */
const LOOK_MS = 20;
/** The operator's own scripts read the daemon's input and write to its output. */
const STREAMS = [0, 1, 2] as const;

/** `root`: where `paths` began. */
export function fileService(root: string, paths: GuestPaths, patience: Patience): GuestService {
  const files = new GuestFiles({
    roots: [root],
    temporary: root,
    paths,
    streams: STREAMS,
    openFiles: OPEN_FILES,
    wait: () => {
      patience.sleep(LOOK_MS);
      return !patience.over;
    },
  });
  const text = (value: ServiceValue): string => {
    if (typeof value !== 'string') throw new ServiceError('a path or text is missing');
    return value;
  };
  const number = (value: ServiceValue): number => {
    if (typeof value !== 'number') throw new ServiceError('a number is missing');
    return value;
  };
  const operations: Record<string, ServiceOperation> = {
    open: ([path, mode]) => [files.open(text(path), text(mode))],
    openTemporary: () => [files.openTemporary()],
    read: ([file, bytes]) => {
      // Streams may have nothing yet.
      if (!files.isRegular(number(file))) patience.announce();
      return [files.read(number(file), number(bytes))];
    },
    write: ([file, content]) => {
      // A part may be written before the rest has to wait.
      if (!files.isRegular(number(file))) patience.announce();
      return [files.write(number(file), text(content))];
    },
    seek: ([file, whence, offset]) => {
      const from = Object.values(Whence).find((value) => value === whence);
      return [files.seek(number(file), from ?? Whence.start, number(offset))];
    },
    close: ([file]) => [files.close(number(file))],
    remove: ([path]) => [files.remove(text(path))],
    rename: ([from, to]) => [files.rename(text(from), text(to))],
    temporaryName: () => [files.temporaryName()],
  };
  return { operations, close: () => files.closeAll() };
}
