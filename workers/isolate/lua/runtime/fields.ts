/**
 * The names that occur as constants in compiled code, and the property that stands for each. Only these can be fields
 * (properties) of a table; a key that no code names lives in the table's hash part.
 */

const fields = new Map<string, string>();

/** Called by each compiled chunk before it runs. */
export function registerFields(names: readonly string[]): void {
  for (const name of names) if (!fields.has(name)) fields.set(name, `$${name}`);
}

/** The property of a name, or undefined when no compiled code names it. */
export function fieldOf(name: string): string | undefined {
  return fields.get(name);
}
