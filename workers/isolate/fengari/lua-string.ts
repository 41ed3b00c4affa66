/**
 * The engine's string value: one latin1 text, a character per byte. Takes the place of fengari's TString, whose
 * bytes cost three times the memory and whose table key is not injective. Never changes what it says;
 * only how V8 holds it (`flatten`, `settle`).
 */
import { latin1Bytes } from '../../../lib/protocol/text.ts';

/** V8 copies shorter pieces anyway instead of keeping a reference to their parent. */
const SLICE_MINIMUM = 13;
/** A rope of more nodes than this is flattened: a node is 32 bytes, however short its text. */
const ROPE_NODES = 64;

export class LuaString {
  text: string;
  /** Rope nodes the text may hang on. */
  nodes: number;
  /** The text may be a slice that keeps a much longer parent alive. */
  slice: boolean;

  constructor(text: string, nodes = 0, slice = false) {
    this.text = text;
    this.nodes = nodes;
    this.slice = slice;
    if (nodes > ROPE_NODES) this.flatten();
  }

  /** A text cut out of `parentLength` characters. */
  static cut(text: string, parentLength: number): LuaString {
    return new LuaString(text, 0, parentLength > 8 * text.length && text.length >= SLICE_MINIMUM);
  }

  /** Copies a rope into one piece. */
  flatten(): void {
    flattened = this.text.charCodeAt(this.text.length >> 1);
    this.nodes = 0;
  }

  /** Called when the string is stored in a table: from then on it may outlive its parent, so it lets go of it. */
  settle(): void {
    this.slice = false;
    if (this.text.length >= SLICE_MINIMUM) this.text = `\0${this.text}`.slice(1);
  }

  /** fengari's name; wanted by its lexer and its error messages only. */
  getstr(): Uint8Array {
    return latin1Bytes(this.text);
  }

  /** fengari's name for the length. */
  tsslen(): number {
    return this.text.length;
  }
}

/** Written by `flatten` so that V8 cannot drop the read that does the work. */
export let flattened = 0;
