/**
 * A generated program as a tree of statements: enough to write it down and to make it smaller.
 */

/** Pieces of text and blocks by turns: `['if x then', block, 'else', block, 'end']`. */
export interface Statement {
  readonly pieces: readonly (string | Block)[];
}

export type Block = readonly Statement[];

export function statement(...pieces: (string | Block)[]): Statement {
  return { pieces };
}

/** A statement a line. */
export function programText(block: Block): string {
  const lines: string[] = [];
  write(block, '', lines);
  return `${lines.join('\n')}\n`;
}

function write(block: Block, indent: string, lines: string[]): void {
  for (const { pieces } of block) {
    for (const piece of pieces) {
      if (typeof piece === 'string') lines.push(indent + piece);
      else write(piece, `${indent}  `, lines);
    }
  }
}

/**
 * The smallest program that is still `wanted`, by leaving out statements and by putting blocks in place of the statements
 * they belong to. Tries at most `attempts` programs.
 */
export function shrink(program: Block, wanted: (smaller: Block) => boolean, attempts = 400): Block {
  let best = program;
  let left = attempts;
  for (let progress = true; progress && left > 0; ) {
    progress = false;
    for (const smaller of reductions(best)) {
      if (left-- <= 0) break;
      if (!wanted(smaller)) continue;
      best = smaller;
      progress = true;
      break;
    }
  }
  return best;
}

/** Programs with a little less than this one, those with much less first. */
function* reductions(block: Block): Generator<Block> {
  for (let size = block.length >> 1; size >= 1; size >>= 1) {
    for (let at = block.length - size; at >= 0; at -= size) {
      yield [...block.slice(0, at), ...block.slice(at + size)];
    }
  }
  for (let at = block.length - 1; at >= 0; at--) {
    const { pieces } = block[at] ?? { pieces: [] };
    const before = block.slice(0, at);
    const after = block.slice(at + 1);
    for (const piece of pieces) {
      if (typeof piece !== 'string') yield [...before, ...piece, ...after];
    }
    for (const [index, piece] of pieces.entries()) {
      if (typeof piece === 'string') continue;
      for (const smaller of reductions(piece)) {
        yield [...before, { pieces: pieces.with(index, smaller) }, ...after];
      }
    }
  }
}
