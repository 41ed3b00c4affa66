/**
 * Errors of the parser, worded as PUC Lua 5.1 words them, and the short form of a chunk's name that stands in front of
 * messages (luaO_chunkid).
 */

/** Bytes of a chunk's short name at run time, its closing zero included: LUA_IDSIZE. */
export const NAME_SIZE = 60;
/** The same in syntax errors: MAXSRC of the lexer. */
const SYNTAX_NAME_SIZE = 80;

/** Thrown by `parse`. `text` is the whole message, position included. */
export class LuaSyntaxError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An error at a line of a chunk; `near` is the text of the offending token. */
export function syntaxError(
  chunkName: string,
  line: number,
  text: string,
  near: string | undefined,
): never {
  const where = `${chunkId(chunkName, SYNTAX_NAME_SIZE)}:${line}: ${text}`;
  throw new LuaSyntaxError(near === undefined ? where : `${where} near '${upToZero(near)}'`);
}

/**
 * What messages call a chunk: `@file` gives `file` (its end after `...` when it is long), `=name` gives `name`, and a
 * source text gives `[string "first line..."]`. The result has fewer than `size` bytes.
 */
export function chunkId(chunkName: string, size: number = NAME_SIZE): string {
  const name = upToZero(chunkName);
  if (name.startsWith('=')) return name.slice(1, size);
  if (name.startsWith('@')) {
    const room = size - " '...' ".length - 1;
    const file = name.slice(1);
    return file.length > room ? `...${file.slice(file.length - room)}` : file;
  }
  const room = size - ' [string "..."] '.length - 1;
  const lineLength = name.search(/[\n\r]/);
  const length = Math.min(lineLength < 0 ? name.length : lineLength, room);
  return length < name.length ? `[string "${name.slice(0, length)}..."]` : `[string "${name}"]`;
}

/** A text as C sees it: up to its first zero. */
export function upToZero(text: string): string {
  const zero = text.indexOf('\0');
  return zero < 0 ? text : text.slice(0, zero);
}
