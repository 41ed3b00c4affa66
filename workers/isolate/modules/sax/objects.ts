/**
 * Windows and words as the guest holds them. Both have the same methods, hence one metatable: else Lua would not ask
 * `__eq` about a window and a word. Preserved as
 *
 *   version u8 = 1 │ kind u8: 0 window, 1 word │ cardinality u8 │ values u16 │ frames u32
 *   │ window: mean f64, squared deviations f64, values f64 from the oldest on │ word: symbols u8
 */
import { GuestError, type HostFunction, type HostObject } from '../../engine.ts';
import { OUTPUT_LIMIT_TEXT } from '../../host-api/output-buffer.ts';
import { type ObjectMemory, RestoreError } from '../native-module.ts';
import { StateReader, StateWriter } from '../object-state.ts';
import { LARGEST_CARDINALITY, SMALLEST_CARDINALITY } from './bands.ts';
import { SaxWindow } from './window.ts';
import { type SaxWord, wordText } from './word.ts';

export const NAME = 'sax';
export const WINDOW_TYPE = 'mozsvc.sax.window';
export const MOST_VALUES = 4096;
export const MOST_FRAMES = 2048;

type Methods = Readonly<Record<string, HostFunction>>;

const STATE_VERSION = 1;
const STATE_FIXED_BYTES = 9;
const Kind = { window: 0, word: 1 } as const;
/** What an object takes beside values and symbols. */
const OBJECT_BYTES = 192;

function limitedText(word: SaxWord, limitBytes: number): string {
  if (word.symbols.length > limitBytes) throw new GuestError(OUTPUT_LIMIT_TEXT);
  return wordText(word);
}

function count(bytes: number, memory: ObjectMemory): object {
  if (!memory.reserve(bytes)) throw new GuestError('not enough memory');
  memory.charge(bytes / 64);
  return memory.add(bytes);
}

function windowBytes(length: number, frames: number): number {
  return OBJECT_BYTES + length * 8 + frames;
}

export class WindowObject implements HostObject {
  readonly kind = 'object';
  readonly type = WINDOW_TYPE;
  readonly methods: Methods;
  readonly externalBytes: number;
  /** Keeps the ledger's entry alive. */
  readonly token: object;
  readonly window: SaxWindow;

  constructor(
    length: number,
    frames: number,
    cardinality: number,
    memory: ObjectMemory,
    methods: Methods,
  ) {
    this.externalBytes = windowBytes(length, frames);
    this.token = count(this.externalBytes, memory);
    this.window = new SaxWindow(length, frames, cardinality);
    this.methods = methods;
  }

  get word(): SaxWord {
    return this.window.word;
  }

  output(limitBytes: number): string {
    return limitedText(this.word, limitBytes);
  }

  preserve(): { readonly module: string; readonly data: string } {
    const { window } = this;
    const state = new StateWriter(STATE_FIXED_BYTES + 16 + window.length * 8);
    state.u8(STATE_VERSION);
    state.u8(Kind.window);
    state.u8(window.cardinality);
    state.u16(window.length);
    state.u32(window.frames);
    state.f64(window.mean);
    state.f64(window.squares);
    state.doubles(window.inOrder());
    return { module: NAME, data: state.take() };
  }
}

export class WordObject implements HostObject {
  readonly kind = 'object';
  readonly type = WINDOW_TYPE;
  readonly methods: Methods;
  readonly #memory: ObjectMemory;
  externalBytes: number;
  /** Keeps the ledger's entry alive. */
  token: object;
  word: SaxWord;

  constructor(word: SaxWord, memory: ObjectMemory, methods: Methods) {
    this.externalBytes = OBJECT_BYTES + word.symbols.length;
    this.token = count(this.externalBytes, memory);
    this.#memory = memory;
    this.word = word;
    this.methods = methods;
  }

  /** Takes over another word: only when a state is restored. */
  replace(word: SaxWord): void {
    this.externalBytes = OBJECT_BYTES + word.symbols.length;
    this.token = count(this.externalBytes, this.#memory);
    this.word = word;
  }

  output(limitBytes: number): string {
    return limitedText(this.word, limitBytes);
  }

  preserve(): { readonly module: string; readonly data: string } {
    const { cardinality, symbols, values } = this.word;
    const state = new StateWriter(STATE_FIXED_BYTES + symbols.length);
    state.u8(STATE_VERSION);
    state.u8(Kind.word);
    state.u8(cardinality);
    state.u16(values);
    state.u32(symbols.length);
    state.bytes(symbols);
    return { module: NAME, data: state.take() };
  }
}

/** Rebuilds a window or word, or fills the script's own one. */
export function restoreSax(
  data: string,
  existing: HostObject | undefined,
  memory: ObjectMemory,
  methods: Methods,
): HostObject {
  const state = new StateReader(data, NAME, STATE_VERSION);
  const kind = state.u8();
  const cardinality = state.u8();
  const values = state.u16();
  const frames = state.u32();
  if (cardinality < SMALLEST_CARDINALITY || cardinality > LARGEST_CARDINALITY) {
    throw state.damaged();
  }
  const known = values !== 0;
  if (known && (values > MOST_VALUES || frames === 0 || values % frames !== 0)) {
    throw state.damaged();
  }
  if (kind === Kind.word) {
    const symbols = state.bytes(frames);
    state.end();
    if (frames === 0 || symbols.some((symbol) => symbol > cardinality)) throw state.damaged();
    const word = { values, cardinality, symbols: symbols.slice() };
    reserve(OBJECT_BYTES + frames, memory);
    if (!(existing instanceof WordObject)) return new WordObject(word, memory, methods);
    existing.replace(word);
    return existing;
  }
  if (kind !== Kind.window || values < 2 || frames < 2) throw state.damaged();
  const mean = state.f64();
  const squares = state.f64();
  const series = state.doubles(values);
  state.end();
  if (!(existing instanceof WindowObject)) {
    reserve(windowBytes(values, frames), memory);
    const object = new WindowObject(values, frames, cardinality, memory, methods);
    object.window.fill(series, mean, squares);
    return object;
  }
  const { window } = existing;
  if (window.length === values && window.frames === frames && window.cardinality === cardinality) {
    window.fill(series, mean, squares);
  } else {
    // A window of another shape keeps it, and the newest values that fit.
    window.clear();
    for (const value of series) window.add(value);
  }
  return existing;
}

function reserve(bytes: number, memory: ObjectMemory): void {
  if (!memory.reserve(bytes)) throw new RestoreError('not enough memory');
}
