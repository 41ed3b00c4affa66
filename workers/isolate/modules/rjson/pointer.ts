/** JSON pointers as fragments of URIs: `#/definitions/a~1b%20c`. */
import { type JsonValue, Members } from './json-value.ts';

const FRAGMENT = /^#(?:\/(?:[\w.~-]|%[\da-f]{2})*)*$/i;
const BAD_ESCAPE = /~(?![01])/;
const ENCODED = /[^\w.~-]/g;
const INDEX = /^(?:0|[1-9]\d*)$/;

export function fragment(tokens: readonly string[]): string {
  return `#${tokens.map((token) => `/${encoded(token)}`).join('')}`;
}

/** One token as it stands between slashes. */
function encoded(token: string): string {
  return token
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replace(
      ENCODED,
      (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}

/** The tokens of a fragment; undefined if it is no pointer. */
export function tokensOf(text: string): string[] | undefined {
  if (!FRAGMENT.test(text)) return undefined;
  const tokens = text
    .split('/')
    .slice(1)
    .map((token) =>
      token.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      ),
    );
  if (tokens.some((token) => BAD_ESCAPE.test(token))) return undefined;
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value that tokens lead to. */
export function valueAt(root: JsonValue, tokens: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const token of tokens) {
    const content: JsonValue['content'] | undefined = value?.content;
    if (content instanceof Members) value = content.get(token);
    else if (Array.isArray(content) && INDEX.test(token)) value = content[Number(token)];
    else return undefined;
  }
  return value;
}
