/**
 * Reads a preserved state back (the format is in preservation.ts). The whole file is checked before the first global
 * is set, and every count and reference in it is bounded by what is there, so a damaged or hostile file is an error and
 * never half a state.
 */
import {
  readStateFile,
  StateFileError,
  type StateKey,
  type StateNode,
  type StateValue,
} from '../../../lib/protocol/state-file.ts';
import type { GuestTable, GuestValue, HostObject } from '../engine.ts';
import { type NativeModule, RestoreError } from '../modules/native-module.ts';
import { preservationVersion, VERSION_GLOBAL } from './preservation.ts';

export interface RestoreTarget {
  readonly globals: GuestTable;
  createTable(): GuestTable;
  /** What rebuilds the objects of a module; undefined when the sandbox may not have it. */
  module(name: string): NativeModule | undefined;
}

/**
 * Sets the globals that `bytes` hold. Returns false, and changes nothing, when the script asks for another
 * preservation version. Throws RestoreError.
 */
export function restoreState(bytes: Uint8Array, target: RestoreTarget): boolean {
  const { nodes, version } = readChecked(bytes);
  const wanted = target.globals.get(VERSION_GLOBAL);
  if (wanted !== undefined && preservationVersion(wanted) !== version) return false;
  const [root] = nodes;
  if (root?.kind !== 'table') throw new RestoreError('damaged state file: no table of globals');
  const made = makeNodes(nodes, root.entries, target);
  for (let i = 1; i < nodes.length; i++) {
    const node = nodes[i];
    const table = made[i];
    if (node?.kind !== 'table' || table?.kind !== 'table') continue;
    for (const [key, value] of node.entries) table.set(key, materialize(value, made));
  }
  for (const [key, value] of root.entries) target.globals.set(key, materialize(value, made));
  return true;
}

function readChecked(bytes: Uint8Array): ReturnType<typeof readStateFile> {
  try {
    return readStateFile(bytes);
  } catch (error) {
    throw error instanceof StateFileError ? new RestoreError(error.text) : error;
  }
}

/** Makes every table (empty) and object. Objects that are globals fill the script's own object of that name. */
function makeNodes(
  nodes: readonly StateNode[],
  globals: readonly (readonly [StateKey, StateValue])[],
  target: RestoreTarget,
): (GuestTable | HostObject)[] {
  const existing = new Map<number, HostObject>();
  const taken = new Set<HostObject>();
  for (const [key, value] of globals) {
    if (typeof value !== 'object' || existing.has(value.node)) continue;
    const current = target.globals.get(key);
    if (typeof current !== 'object' || current.kind !== 'object' || taken.has(current)) continue;
    existing.set(value.node, current);
    taken.add(current);
  }
  return nodes.map((node, i) => {
    if (node.kind === 'table') return i === 0 ? target.globals : target.createTable();
    const module = target.module(node.module);
    if (module?.restore === undefined)
      throw new RestoreError(`module '${node.module.slice(0, 64)}' not found`);
    return module.restore(node.data, existing.get(i));
  });
}

function materialize(value: StateValue, made: readonly (GuestTable | HostObject)[]): GuestValue {
  return typeof value === 'object' ? made[value.node] : value;
}
