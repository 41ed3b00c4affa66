/**
 * Captures that make texts: `p / "string"` and substitutions. Inner captures of these kinds are written into the text without
 * becoming values; others give their first value.
 */
import { GuestError } from '../../engine.ts';
import { guestTypeName, stringOf } from '../../host-api/guest-arguments.ts';
import { flatten } from '../../lua-text/flat-text.ts';
import * as CaptureKind from './capture-kind.ts';
import { type Match, NO_VALUE } from './match.ts';
import { RECORD_SIZE } from './recorder.ts';

/** %0 to %9. */
const MOST_CAPTURES = 10;
const PERCENT = 37;
const ZERO = 48;
/** Substitutions within each other. */
const DEEPEST = 400;
/** Texts up to this length are made without asking. */
const UNCOUNTED = 64 * 1024;
/** Additions after which the rope that they make becomes one piece. */
const ROPE_PIECES = 1024;

/** What a `%n` stands for: a part of the subject, or the record of a capture. */
type Piece = { readonly from: number; to: number } | number;

export class CaptureText {
  readonly #match: Match;
  #text = '';
  /** What was added last. */
  #rope = '';
  #additions = 0;
  #counted = UNCOUNTED;
  #depth = 0;

  constructor(match: Match) {
    this.#match = match;
  }

  /** The text of a capture of one of the two kinds. */
  of(at: number): string {
    const outer = this.#text + this.#rope;
    this.#text = '';
    this.#rope = '';
    this.#write(at);
    const text = flatten(this.#text + this.#rope);
    this.#text = outer;
    this.#rope = '';
    return text;
  }

  #add(text: string): void {
    const length = this.#text.length + this.#rope.length + text.length;
    if (length > this.#counted) {
      this.#match.recorder.reserve(length);
      this.#counted = length * 2;
    }
    this.#rope += text;
    if (++this.#additions % ROPE_PIECES === 0) {
      this.#text += flatten(this.#rope);
      this.#rope = '';
    }
  }

  #write(at: number): void {
    if (this.#depth++ > DEEPEST) throw new GuestError('subcapture nesting too deep');
    this.#match.count();
    if (this.#match.captureAt(at).kind === CaptureKind.text) this.#format(at);
    else this.#substitute(at);
    this.#depth--;
  }

  #substitute(at: number): void {
    const match = this.#match;
    const { subject } = match;
    let from = match.offset(at);
    const end = match.innerEnd(at);
    for (let inner = at + RECORD_SIZE; inner < end; inner = match.next(inner)) {
      const start = match.offset(inner);
      this.#add(subject.substring(from, start));
      from = this.#addFirst(inner, 'replacement') ? match.stop(inner) : start;
    }
    this.#add(subject.substring(from, match.stop(at)));
  }

  #format(at: number): void {
    const match = this.#match;
    const format = String(match.captureAt(at).value);
    const pieces: Piece[] = [];
    this.#collect(at, pieces);
    let from = 0;
    for (let i = format.indexOf('%'); i >= 0; i = format.indexOf('%', from)) {
      this.#add(format.substring(from, i));
      from = i + 2;
      // As upstream: what follows a last "%" is the zero that ends the text.
      const code = i + 1 < format.length ? format.charCodeAt(i + 1) : 0;
      const index = code - ZERO;
      if (index < 0 || index >= MOST_CAPTURES) {
        this.#add(code === PERCENT ? '%' : String.fromCharCode(code));
        continue;
      }
      const piece = pieces[index];
      if (piece === undefined) throw new GuestError(`invalid capture index (${index})`);
      if (typeof piece === 'object') this.#add(match.subject.substring(piece.from, piece.to));
      else if (!this.#addFirst(piece, 'capture')) {
        throw new GuestError(`no values in capture index ${index}`);
      }
    }
    this.#add(format.substring(from));
  }

  /** What %0 and the following stand for. */
  #collect(at: number, pieces: Piece[]): void {
    const match = this.#match;
    pieces.push({ from: match.offset(at), to: match.stop(at) });
    const end = match.innerEnd(at);
    for (let inner = at + RECORD_SIZE; inner < end; inner = match.next(inner)) {
      match.count();
      if (pieces.length >= MOST_CAPTURES) return;
      const { kind, name } = match.captureAt(inner);
      if (kind === CaptureKind.simple && name === undefined) this.#collect(inner, pieces);
      else pieces.push(inner);
    }
  }

  /** Adds a capture's first value; false when it has none. */
  #addFirst(at: number, what: string): boolean {
    const { kind, name } = this.#match.captureAt(at);
    if (name !== undefined) return false;
    if (kind === CaptureKind.text || kind === CaptureKind.substitution) {
      this.#write(at);
      return true;
    }
    const value = this.#match.firstValue(at);
    if (value === NO_VALUE) return false;
    const text = stringOf(value);
    if (text === undefined) {
      throw new GuestError(`invalid ${what} value (a ${guestTypeName(value)})`);
    }
    this.#add(text);
    return true;
  }
}
