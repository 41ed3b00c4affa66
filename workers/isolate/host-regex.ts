/**
 * Stands in for the regular expression library where a bundle leaves it out: what a matcher asks of it is answered by
 * the shard. A sandbox's matcher only guards what it injects, and was compiled outside before, so nothing here can fail.
 */
import { latin1Text } from '../../lib/protocol/text.ts';

let search: (pattern: string, text: string) => boolean = () => false;

/** Says who answers. Called before a matcher is compiled. */
export function searchWith(host: (pattern: string, text: string) => boolean): void {
  search = host;
}

/** The members of re2js's class that lib/protocol/matcher/regex.ts uses. */
export class RE2JS {
  readonly #pattern: string;
  /** As for an expression that runs without cached states. */
  readonly onepass = true;

  private constructor(pattern: string) {
    this.#pattern = pattern;
  }

  static compile(pattern: string): RE2JS {
    return new RE2JS(pattern);
  }

  re2(): this {
    return this;
  }

  /** Its program is elsewhere: the sum that a matcher may cost was judged there. */
  programSize(): number {
    return 0;
  }

  matchUTF8(bytes: Uint8Array): boolean {
    return search(this.#pattern, latin1Text(bytes, 0, bytes.length));
  }
}
