/**
 * The sequences of names that the tables of one capture had: the tables of a sequence that comes again are made by one maker
 * of the engine's. Bounded: a guest may give a table any names in any order.
 */
import type { GuestTable, GuestValue, RecordMaker } from '../../engine.ts';
import type { ModuleParts } from '../native-module.ts';
import type { Capture } from './capture.ts';

/** Sequences of one capture that are known, those that are a part of others too. */
const MOST_STEPS = 100;
/** Names of one table. */
const MOST_NAMES = 60;
/** Tables of a sequence before a maker is asked for, and what that costs. */
const TABLES_BEFORE = 4;
const MAKER_CHARGE = 500;
/** Sequences of names out of subjects that are known. */
const MOST_SEQUENCES = 12;

/** A sequence of names. */
export class Shape {
  readonly names: readonly string[];
  readonly #shapes: RecordShapes;
  /** The groups that came next so far, and what became of the sequence with each. */
  readonly #groups: Capture[] = [];
  readonly #longer: Shape[] = [];
  #tables = 0;
  #maker: RecordMaker | undefined = undefined;

  constructor(shapes: RecordShapes, names: readonly string[]) {
    this.#shapes = shapes;
    this.names = names;
  }

  /** The sequence with one more name, that of a group. Undefined: it is not to be kept. */
  with(group: Capture): Shape | undefined {
    const groups = this.#groups;
    for (let i = 0; i < groups.length; i++) if (groups[i] === group) return this.#longer[i];
    const { name } = group;
    if (typeof name !== 'string' || this.names.includes(name)) return undefined;
    if (this.names.length >= MOST_NAMES || !this.#shapes.take()) return undefined;
    const shape = new Shape(this.#shapes, [...this.names, name]);
    groups.push(group);
    this.#longer.push(shape);
    return shape;
  }

  /** A table with these values under the names; the array is given away. */
  table(values: GuestValue[], parts: ModuleParts): GuestTable {
    if (this.#maker !== undefined) return this.#maker(values);
    if (++this.#tables > TABLES_BEFORE) {
      parts.memory.charge(MAKER_CHARGE);
      this.#maker = parts.recordMaker(this.names);
      return this.#maker(values);
    }
    const table = parts.createTable();
    this.names.forEach((name, i) => {
      table.set(name, values[i]);
    });
    return table;
  }
}

export class RecordShapes {
  readonly root: Shape = new Shape(this, []);
  #left = MOST_STEPS;

  take(): boolean {
    return --this.#left >= 0;
  }
}

/** Names that came out of a subject, one after the other. */
class Sequence {
  readonly names: readonly string[];
  /** No name is there twice. */
  readonly plain: boolean;
  tables = 0;
  maker: RecordMaker | undefined = undefined;

  constructor(names: readonly string[]) {
    this.names = names;
    this.plain = new Set(names).size === names.length;
  }

  equals(names: readonly string[]): boolean {
    const own = this.names;
    if (own.length !== names.length) return false;
    for (let i = 0; i < own.length; i++) if (own[i] !== names[i]) return false;
    return true;
  }
}

/** Tables that are filled with pairs of a name and a value, as by a fold with rawset. */
export class PairShapes {
  readonly #sequences: Sequence[] = [];

  /** A table with these values, later ones in the place of earlier ones; both arrays are given away. */
  table(names: string[], values: GuestValue[], parts: ModuleParts): GuestTable {
    const sequence = this.#find(names);
    if (sequence?.maker !== undefined) return sequence.maker(values);
    if (sequence?.plain === true && ++sequence.tables > TABLES_BEFORE) {
      parts.memory.charge(MAKER_CHARGE);
      sequence.maker = parts.recordMaker(sequence.names);
      return sequence.maker(values);
    }
    const table = parts.createTable();
    table.fill(names, values, sequence?.plain === true && !values.includes(undefined));
    return table;
  }

  #find(names: readonly string[]): Sequence | undefined {
    const sequences = this.#sequences;
    for (const sequence of sequences) if (sequence.equals(names)) return sequence;
    if (sequences.length >= MOST_SEQUENCES || names.length > MOST_NAMES) return undefined;
    sequences.push(new Sequence([...names]));
    return sequences.at(-1);
  }
}
