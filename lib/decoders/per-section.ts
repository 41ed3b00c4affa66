/** What a section compiles to: every connection and every datagram may have a decoder of its own; they share it. */
import type { Section } from '../config/spec.ts';

/** `compile`, but once for each section. */
export function perSection<T>(compile: (section: Section) => T): (section: Section) => T {
  const compiled = new WeakMap<Section, { readonly value: T }>();
  return (section) => {
    let known = compiled.get(section);
    if (known === undefined) {
      known = { value: compile(section) };
      compiled.set(section, known);
    }
    return known.value;
  };
}
