/**
 * Tables of one shape made by the host: their fields are properties, as if compiled code had made them, so that such code
 * reads them the quick way.
 */
import { evaluate } from './evaluate.ts';
import { registerFields } from './fields.ts';
import { LuaTable, type LuaValue } from './values.ts';

type Constructor = (values: readonly LuaValue[]) => LuaTable;

/** A function that makes tables with these fields of values in their order. */
export function recordConstructor(names: readonly string[]): Constructor {
  registerFields(names);
  const stores = names.map((name, i) => `t[${JSON.stringify(`$${name}`)}]=v[${i}];`).join('');
  const made = evaluate(`(T)=>(v)=>{const t=new T();${stores}return t}`);
  return (made as (table: typeof LuaTable) => Constructor)(LuaTable); // what the text says
}
