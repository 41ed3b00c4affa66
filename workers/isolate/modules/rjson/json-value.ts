/**
 * A value of a document, apart from the guest's tables. What a value is may change (a document that is parsed again keeps its
 * root), which value it is does not: handles refer to it.
 *
 *   null, true, "text"      themselves (strings are bytes)
 *   -12, 9007199254740993   number, bigint: written without fraction and exponent, within 64 bits
 *   1.0, 1e9                Double
 *   [ … ], { … }            JsonValue[], Members
 */

export type JsonContent =
  | null
  | boolean
  | number
  | bigint
  | string
  | Double
  | JsonValue[]
  | Members;

export class JsonValue {
  content: JsonContent;

  constructor(content: JsonContent) {
    this.content = content;
  }
}

/** A number that was written with a fraction or an exponent, or is too long for an integer of 64 bits. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Objects of more members than this get an index. */
const FEW_MEMBERS = 16;

/** The members of an object, in order. A name may be there more than once: the first one counts. */
export class Members {
  readonly names: string[] = [];
  readonly values: JsonValue[] = [];
  /** First place by name; made when it pays, gone when members move. */
  #places: Map<string, number> | undefined;

  get count(): number {
    return this.names.length;
  }

  add(name: string, value: JsonValue): void {
    this.names.push(name);
    this.values.push(value);
    this.#places = undefined;
  }

  /** The place of a member, or -1. */
  placeOf(name: string): number {
    if (this.names.length <= FEW_MEMBERS) return this.names.indexOf(name);
    if (this.#places === undefined) {
      const places = new Map<string, number>();
      for (const [place, each] of this.names.entries()) {
        if (!places.has(each)) places.set(each, place);
      }
      this.#places = places;
    }
    return this.#places.get(name) ?? -1;
  }

  get(name: string): JsonValue | undefined {
    return this.values[this.placeOf(name)];
  }

  /** Takes a member out; the last one takes its place. */
  removeAt(place: number): void {
    const lastName = this.names.pop();
    const lastValue = this.values.pop();
    this.#places = undefined;
    if (place === this.names.length || lastName === undefined || lastValue === undefined) return;
    this.names[place] = lastName;
    this.values[place] = lastValue;
  }
}

/** The number that a value is, if it is one. Integers beyond 2^53 are rounded. */
export function numberOf(content: JsonContent): number | undefined {
  if (typeof content === 'number') return content;
  if (typeof content === 'bigint') return Number(content);
  return content instanceof Double ? content.value : undefined;
}

/** A member of an object by name; undefined for other values. */
export function memberOf(value: JsonValue, name: string): JsonValue | undefined {
  return value.content instanceof Members ? value.content.get(name) : undefined;
}

/** What a value takes in memory, with its place in a container. */
export const VALUE_BYTES = 56;

/** A copy with all that is in it, and the bytes it takes. The depth of documents is bounded, and so is that of this. */
export function copyOf(value: JsonValue): readonly [JsonValue, number] {
  let bytes = 0;
  const copy = ({ content }: JsonValue): JsonValue => {
    bytes += VALUE_BYTES;
    if (typeof content === 'string') bytes += content.length;
    if (Array.isArray(content)) return new JsonValue(content.map(copy));
    if (!(content instanceof Members)) return new JsonValue(content);
    const members = new Members();
    for (const [place, each] of content.values.entries()) {
      const name = content.names[place] ?? '';
      bytes += name.length;
      members.add(name, copy(each));
    }
    return new JsonValue(members);
  };
  return [copy(value), bytes];
}
