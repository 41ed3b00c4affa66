/**
 * Texts of the runtime's extensions as isolates get them: memory that all isolates of the thread share, made when an
 * extension is first asked for.
 */
import { SharedText } from '../native-limits/guest-isolate.ts';

export class ExtensionTexts {
  readonly #source: Readonly<Record<string, string>>;
  readonly #shared = new Map<string, SharedText>();

  constructor(source: Readonly<Record<string, string>>) {
    this.#source = source;
  }

  /** The text of that name; undefined when there is none. */
  text(name: string): SharedText | undefined {
    const known = this.#shared.get(name);
    if (known !== undefined) return known;
    const text = Object.hasOwn(this.#source, name) ? this.#source[name] : undefined;
    if (text === undefined) return undefined;
    const shared = new SharedText(text);
    this.#shared.set(name, shared);
    return shared;
  }
}
