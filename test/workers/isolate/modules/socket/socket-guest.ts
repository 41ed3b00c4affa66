/**
 * Guests with the socket library of the package, its Lua modules and real services, on both engines.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { GuestPaths } from '../../../../../workers/guest-paths.ts';
import { createModule as createMime } from '../../../../../workers/isolate/modules/mime/module.ts';
import { createModule as createSocket } from '../../../../../workers/isolate/modules/socket/module.ts';
import { Patience } from '../../../../../workers/services/patience.ts';
import { socketService } from '../../../../../workers/services/socket-service.ts';
import { ModuleGuest, type ModuleGuestOptions, onBothEngines } from '../module-guest.ts';
import { serviceHost } from '../service-host.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../../../lua/socket/io_modules');
const LIBRARIES = ['string', 'table', 'math', 'os', 'coroutine'];

/** The package's Lua modules, by name. */
function luaModules(): Record<string, string> {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    files
      .filter((file) => file.endsWith('.lua'))
      .map((file) => [
        file.slice(0, -'.lua'.length).split(path.sep).join('.'),
        readFileSync(path.join(FOLDER, file), 'latin1'),
      ]),
  );
}

export interface SocketGuestOptions extends ModuleGuestOptions {
  readonly network?: boolean;
  /** Folder of sockets in the file system. */
  readonly root?: string;
}

/** Calls back once per engine with what makes a guest. */
export function onSockets(
  body: (name: string, opened: (t: Test, options?: SocketGuestOptions) => ModuleGuest) => void,
): void {
  const files = luaModules();
  onBothEngines((name, create) => {
    body(name, (t, options = {}) => {
      const { network = true, root = t.testdir({}), ...others } = options;
      const service = socketService({
        network,
        paths: new GuestPaths([root]),
        patience: new Patience(),
        warn: () => undefined,
      });
      t.teardown(() => service.close());
      const guest = new ModuleGuest(
        create,
        { 'socket.core': createSocket, 'mime.core': createMime },
        { files, host: serviceHost({ socket: service }), ...others },
      );
      guest.run(LIBRARIES.map((library) => `require "${library}"`).join(' '));
      return guest;
    });
  });
}
