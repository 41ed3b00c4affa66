/**
 * Finds and reads the files of a configuration, and tells the daemon's from those that only lie beside them. Knows
 * nothing of plugins; what cannot be read is a fault, never an exception.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../atomic-file.ts';
import { type ConfigTable, isTable } from './field-value.ts';
import { type Fault, faultAt } from './place.ts';
import type { ConfigValue } from './spec.ts';
import { maxConfigBytes } from './toml-reader.ts';

/** The text of one configuration file. */
export interface ConfigText {
  readonly file: string;
  readonly text: string;
}

/** Where texts come from. */
export interface ConfigOrigin {
  /** The file or directory, for what is wrong with the configuration as a whole. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Found while reading. */
  readonly faults: readonly Fault[];
}

/** A file, or every *.toml directly in a directory, in the order of their names. */
export async function readTexts(path: string): Promise<ConfigOrigin & { texts: ConfigText[] }> {
  const texts: ConfigText[] = [];
  const faults: Fault[] = [];
  let files: string[];
  let isDirectory = false;
  try {
    files = [path];
    isDirectory = (await stat(path)).isDirectory();
    if (isDirectory) {
      const names = await readdir(path);
      // The default order goes by code units, whatever the machine's language.
      const tomls = names.filter((name) => name.endsWith('.toml')).sort();
      files = tomls.map((name) => join(path, name));
    }
  } catch (error) {
    return { texts, path, isDirectory, faults: [unreadable(path, error)] };
  }
  for (const file of files) {
    try {
      const { size } = await stat(file);
      if (size > maxConfigBytes) {
        const place = { file, line: 0, column: 0 };
        faults.push(faultAt(place, 'HKT_CONFIG_TOO_BIG', [size, maxConfigBytes]));
        continue;
      }
      const bytes = await readFile(file);
      texts.push({ file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) });
    } catch (error) {
      faults.push(
        error instanceof TypeError
          ? faultAt({ file, line: 0, column: 0 }, 'HKT_CONFIG_ENCODING', [])
          : unreadable(file, error),
      );
    }
  }
  return { texts, path, isDirectory, faults };
}

function unreadable(file: string, error: unknown): Fault {
  const place = { file, line: 0, column: 0 };
  return faultAt(place, 'HKT_CONFIG_UNREADABLE', [file, systemCode(error)]);
}

/** Purposes of files that are not for the daemon. */
const forTools = 'a tool such as heka-sbmgr';
export const forManagers = 'a filter for heka-sbmgr to load, since it has no filename';

/** What a file in a directory is for, when it is plainly not for the daemon. */
export function otherPurpose(tables: ConfigTable): string | undefined {
  const values = Object.values(tables);
  const hasTarget = (table: ConfigValue): boolean =>
    isTable(table) && typeof table['ip_address'] === 'string';
  if (hasTarget(tables) || (values.length > 0 && values.every(hasTarget))) return forTools;
  const [only, ...more] = values;
  if (only === undefined || more.length > 0 || !isTable(only)) return undefined;
  const setting = (name: string): ConfigValue | undefined =>
    Object.entries(only).find(([key]) => key.toLowerCase() === name)?.[1];
  const isFilter = setting('type') === 'SandboxFilter' && (setting('filename') ?? '') === '';
  return isFilter ? forManagers : undefined;
}
