/**
 * From source text to a function: Lua 5.1's dialect, fengari's parser, then a pass over the code that puts this
 * engine's own operations in. Binary chunks are refused: their code would be trusted blindly.
 */
import { latin1Bytes } from '../../../lib/protocol/text.ts';
import { budget } from './budget.ts';
import { ARG_FUNCTION, translate } from './dialect.ts';
import { chunkName } from './error-wording.ts';
import { LuaString } from './lua-string.ts';
import { listTable } from './lua-table.ts';
import { argument, argumentCount, push } from './native.ts';
import { protectedCall } from './protected-call.ts';
import { CODE_BYTES_PER_CHARACTER, COMPILE_CHARGE } from './sizes.ts';
import { Tag, TValue } from './slot.ts';
import { CONCAT, ldo, lfunc, lopcodes, lparser, lzio, slotAt } from './vm.ts';
import type { Closure, LuaState, LuaValue, NativeFunction, Proto, Slot } from './vm-types.ts';

const { OP_CONCAT, OP_GETTABUP, OP_LOADK } = lopcodes.OpCodesI;
/** Operands from here on are constants (fengari's BITRK). */
const CONSTANT_OPERAND = 256;

/** A function, or the text of the error. */
export type Compiled = { readonly closure: Closure } | { readonly error: string };

/**
 * Compiles a chunk. `name` is a chunk name as Lua has them (`@file`, `=text` or the source itself), `globals` the
 * table its free names refer to. `free`: the text is the operator's, as a module's is.
 */
export function compile(
  L: LuaState,
  source: string,
  name: string,
  globals: LuaValue,
  free = false,
): Compiled {
  if (source.startsWith('\x1b')) return { error: `${chunkName(name)}: binary chunks are refused` };
  // The host's own scripts are free; what a guest compiles while it runs is not.
  if (!free && L.ci !== L.base_ci) budget.charge(source.length * COMPILE_CHARGE);
  budget.allocate(source.length * CODE_BYTES_PER_CHARACTER);
  const translation = translate(source);
  if (!('text' in translation)) {
    const { line, near } = translation;
    return { error: `${chunkName(name)}:${line}: unexpected symbol near '${near}'` };
  }
  const base = L.top;
  const parsed = protectedCall(L, base, 0, () => parse(L, translation.text, name));
  const { value } = slotAt(L, base);
  ldo.adjust_top(L, base);
  if (!parsed) return { error: value instanceof LuaString ? value.text : 'syntax error' };
  if (value === null || typeof value !== 'object' || !('upvals' in value)) {
    throw new Error('the parser left no function');
  }
  finish(value.p);
  value.upvals[0]?.setfrom(new TValue(Tag.table, globals));
  return { closure: value };
}

function parse(L: LuaState, source: string, name: string): void {
  let bytes: Uint8Array | null = latin1Bytes(source);
  const input = new lzio.ZIO(
    L,
    () => {
      const all = bytes;
      bytes = null;
      return all;
    },
    null,
  );
  const first = input.zgetc();
  const data = new lparser.Dyndata();
  const chunk = latin1Bytes(name);
  const closure = lparser.luaY_parser(L, input, new lzio.MBuffer(), data, chunk, first);
  lfunc.luaF_initupvals(L, closure);
}

const varargTable: NativeFunction = (L) => {
  const count = argumentCount(L);
  const values: LuaValue[] = [];
  for (let i = 1; i <= count; i++) values.push(argument(L, i) ?? null);
  const table = listTable(values);
  table.setText('n', count);
  return push(L, table);
};
const VARARG_TABLE: Slot = new TValue(Tag.nativeFunction, varargTable);

/** Puts this engine's operations into the code of a function and of those inside it. */
function finish(proto: Proto): void {
  const { k } = proto;
  for (const constant of k) if (constant.type === Tag.number + 16) constant.type = Tag.number;
  // If it is no constant among the first 256, it is reached in another way, and nobody wrote that.
  const argName = k.findIndex(
    (slot) => slot.value instanceof LuaString && slot.value.text === ARG_FUNCTION,
  );
  let concat = -1;
  let arg = -1;
  for (const instruction of proto.code) {
    if (instruction.opcode === OP_CONCAT) {
      if (concat < 0) concat = k.push(CONCAT) - 1;
      instruction.opcode = OP_LOADK;
      instruction.Bx = concat;
    } else if (
      argName >= 0 &&
      instruction.opcode === OP_GETTABUP &&
      instruction.C === CONSTANT_OPERAND + argName
    ) {
      if (arg < 0) arg = k.push(VARARG_TABLE) - 1;
      instruction.opcode = OP_LOADK;
      instruction.Bx = arg;
    }
  }
  for (const inner of proto.p) finish(inner);
}
