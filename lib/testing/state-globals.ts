/**
 * The global variables in a preserved state, as plain values: lists are arrays, objects of native modules are left out.
 * _PRESERVATION_VERSION, which stands in the state's head, is one of them.
 */
import { readStateFile, type StateNode, type StateValue } from '../protocol/state-file.ts';

/** Tables inside of tables that are followed. */
const MOST_DEPTH = 32;

export function globalsOf(state: Uint8Array): Readonly<Record<string, unknown>> {
  const { nodes, version } = readStateFile(state);
  const root = tableOf(nodes[0], nodes, 0);
  const globals = Array.isArray(root) ? {} : (root as Readonly<Record<string, unknown>>); // a table that is no list
  return { ...globals, _PRESERVATION_VERSION: version };
}

function tableOf(node: StateNode | undefined, nodes: readonly StateNode[], depth: number): unknown {
  if (node?.kind !== 'table' || depth > MOST_DEPTH) return undefined;
  const entries = node.entries.map(([key, value]): [string | number | boolean, unknown] => [
    key,
    plain(value, nodes, depth),
  ]);
  const isList =
    entries.length > 0 &&
    entries.every(([key]) => typeof key === 'number' && key >= 1 && key <= entries.length);
  if (!isList) return Object.fromEntries(entries.map(([key, value]) => [String(key), value]));
  const list: unknown[] = [];
  for (const [key, value] of entries) list[Number(key) - 1] = value;
  return list;
}

function plain(value: StateValue, nodes: readonly StateNode[], depth: number): unknown {
  return typeof value === 'object' ? tableOf(nodes[value.node], nodes, depth + 1) : value;
}
