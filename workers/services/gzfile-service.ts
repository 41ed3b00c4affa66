/**
 * Plain and gzip files below the guest's root, read block by block. A guest has a bounded number of them open.
 */
import { statSync } from 'node:fs';
import { GuestFiles } from '../guest-files.ts';
import { type GuestPaths, pathBytes, systemCode } from '../guest-paths.ts';
import { Whence } from '../isolate/host-api/file-host.ts';
import { systemErrorText } from '../isolate/host-api/system-error.ts';
import type { ServiceValue } from '../isolate/modules/native-module.ts';
import { type GuestService, ServiceError, type ServiceOperation } from './guest-service.ts';
import { GzipReader } from './gzip-reader.ts';
import { ZlibError } from './sync-zlib.ts';

const OPEN_FILES = 64;
const STREAMS = [0, 1, 2] as const;

interface OpenGzip {
  readonly name: string;
  readonly reader: GzipReader;
}

/** `root`: where `paths` began. */
export function gzfileService(root: string, paths: GuestPaths): GuestService {
  const files = new GuestFiles({ roots: [root], paths, streams: STREAMS, openFiles: OPEN_FILES });
  const open = new Map<number, OpenGzip>();
  const file = (value: ServiceValue): OpenGzip => {
    const found = typeof value === 'number' ? open.get(value) : undefined;
    if (found === undefined) throw new ServiceError('there is no such file');
    return found;
  };
  const operations: Record<string, ServiceOperation> = {
    /** [path] → [number], or [] when there is no such file, or [undefined] when the guest has too many. */
    open: ([path]) => {
      if (typeof path !== 'string') throw new ServiceError('a path is missing');
      if (open.size >= OPEN_FILES) return [undefined];
      if (!isReadable(paths, path)) return [];
      const number = files.open(path, 'r');
      if (number < 0) return [];
      const reader = new GzipReader({
        read: (bytes) => block(files, number, bytes, path),
        seek: (position) => files.seek(number, Whence.start, position),
      });
      open.set(number, { name: path, reader });
      return [number];
    },
    /** [number] → [bytes]; "" at the end, undefined when it is to be asked again. */
    read: ([number]) => {
      const { name, reader } = file(number);
      try {
        const bytes = reader.read();
        if (bytes === undefined) return [undefined];
        return [Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')];
      } catch (error) {
        if (!(error instanceof ZlibError)) throw error;
        throw new ServiceError(`${name}: ${error.message === '' ? 'data error' : error.message}`);
      }
    },
    /** [number, relative, offset] → [new position], −1 for one that there is not. */
    seek: ([number, relative, offset]) => {
      const from = relative === true ? 'here' : 'start';
      return [file(number).reader.seek(from, typeof offset === 'number' ? offset : Number.NaN)];
    },
    /** [number] → [whether it ended in the middle of compressed data]. */
    close: ([number]) => {
      const { reader } = file(number);
      open.delete(Number(number));
      files.close(Number(number));
      return [reader.incomplete];
    },
  };
  return {
    operations,
    close: () => {
      open.clear();
      files.closeAll();
    },
  };
}

/** A pipe would make the guest wait as it opens it. */
function isReadable(paths: GuestPaths, name: string): boolean {
  try {
    const real = paths.resolve(name);
    return real !== undefined && statSync(pathBytes(real)).isFile();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

function block(files: GuestFiles, number: number, bytes: number, name: string): Buffer {
  const text = files.read(number, bytes);
  if (typeof text === 'number') throw new ServiceError(`${name}: ${systemErrorText(-text)}`);
  return Buffer.from(text, 'latin1');
}
